"""Comments, instructions, CDATA, entities, ids: what makes text seen differ from text signed."""

from __future__ import annotations

import random
import re

import pytest
from lxml import etree

from axis.errors import AxisError, Fault
from axis.trust.sign import sign
from axis.trust.values import Shape
from axis.trust.verify import verify
from tests.trust.material import DS, Office, package, read_fields, tree


def verdict(body: bytes) -> str:
    try:
        verify(tree(body))
    except AxisError as error:
        return error.code if error.fault is Fault.INPUT else f"{error.code} {error.fault}"
    return "passed"


def texts(body: bytes) -> list[tuple[int, int]]:
    """Return where texts stand, between two tags."""
    first = body.index(b"<edXML ")
    return [m.span(1) for m in re.finditer(rb">([^<>]+)<", body) if m.start() > first]


@pytest.mark.parametrize(
    "inserted", [b"<!---->", b"<!-- x -->", b"<?x?>", b"<?x y?>"], ids=["c1", "c2", "p1", "p2"]
)
def test_a_comment_or_instruction_at_every_text_of_every_field_is_refused(
    office: Office, shape: Shape, inserted: bytes
) -> None:
    body = sign(package(), office.signer, shape)
    places = {at for start, end in texts(body) for at in (start, (start + end) // 2, end)}
    assert len(places) > 100
    for at in sorted(places):
        if body[at] & 0xC0 == 0x80:  # within a letter
            continue
        assert verdict(body[:at] + inserted + body[at:]) == "signature.foreign-node", at


@pytest.mark.parametrize("inserted", [b"<!-- x -->", b"<?x?>"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_nothing_stands_beside_the_root(
    office: Office, shape: Shape, inserted: bytes, where: str
) -> None:
    body = sign(package(), office.signer, shape)
    if where == "after":
        changed = body + inserted
    else:
        changed = body.replace(b"<edXML xmlns", inserted + b"<edXML xmlns", 1)
    assert verdict(changed) == "signature.foreign-node"


def test_a_document_type_is_refused(office: Office, shape: Shape) -> None:
    body = sign(package(), office.signer, shape)
    changed = body.replace(b"<edXML xmlns", b'<!DOCTYPE edXML [<!ENTITY a "b">]><edXML xmlns', 1)
    assert verdict(changed) == "signature.foreign-node"


def test_an_entity_in_a_field_is_refused(office: Office, shape: Shape) -> None:
    body = sign(package(), office.signer, shape)
    changed = body.replace(b"<edXML xmlns", b'<!DOCTYPE edXML [<!ENTITY a "b">]><edXML xmlns', 1)
    changed = changed.replace(b"<edXML:OrganId>G22", b"<edXML:OrganId>G22&a;", 1)
    assert verdict(changed) == "signature.foreign-node"


def test_cdata_is_text_and_reads_as_what_was_signed(office: Office, shape: Shape) -> None:
    body = sign(package(), office.signer, shape)
    fields = read_fields(tree(body))
    for start, end in texts(body):
        if b"&" in body[start:end]:
            continue
        middle = start
        for cut in (start, (start + end) // 2):
            middle = cut
            while body[middle] & 0xC0 == 0x80:
                middle += 1
            changed = body[:middle] + b"<![CDATA[" + body[middle:end] + b"]]>" + body[end:]
            assert verdict(changed) == "passed"
            assert read_fields(tree(changed)) == fields


def test_a_comment_between_two_cdata_is_refused(office: Office, shape: Shape) -> None:
    body = sign(package(), office.signer, shape)
    changed = body.replace(b">H49<", b"><![CDATA[H]]><!-- --><![CDATA[49]]><", 1)
    assert verdict(changed) == "signature.foreign-node"


@pytest.mark.parametrize(
    "attribute",
    [
        b'id="x"',
        b'Id="x"',
        b'ID="x"',
        b'iD="x"',
        b'xml:id="x"',
        b'xmlns:foo="urn:x" foo:Id="x"',
        b'xmlns:foo="urn:x" foo:ID="envelope"',
        b'Id="envelope"',
        b'id="envelope"',
    ],
)
def test_a_second_id_anywhere_is_refused_in_the_manifest_shape(
    office: Office, attribute: bytes
) -> None:
    body = sign(package(), office.signer, Shape.MANIFEST)
    starts = [m.end() for m in re.finditer(rb"<[A-Za-z:]+(?=[ >/])", body)]
    chance = random.Random(attribute)
    envelope = re.search(rb"<edXML:edXMLEnvelope", body)
    assert envelope is not None
    for at in chance.sample(starts, 40):
        if at == envelope.end() and attribute.startswith(b"Id="):
            continue  # the same attribute twice: not well-formed
        changed = body[:at] + b" " + attribute + body[at:]
        # Within the signature the exact form may refuse it first.
        got = verdict(changed)
        inside = body.rfind(b"<ds:Signature", 0, at) > 0 and at < body.find(b"</ds:Signature>")
        assert got == "signature.ambiguous-id" or (inside and got.startswith("signature.")), at


def test_an_id_of_another_name_than_the_reference_is_refused(office: Office) -> None:
    body = sign(package(), office.signer, Shape.MANIFEST)
    assert verdict(body.replace(b' Id="envelope"', b' Id="other"')) == "signature.reference"
    assert verdict(body.replace(b' Id="envelope"', b"")) == "signature.reference"
    assert verdict(body.replace(b' Id="envelope"', b' ID="envelope"')) == "signature.reference"
    moved = body.replace(b' Id="envelope"', b"").replace(b"<edXML ", b'<edXML Id="envelope" ', 1)
    assert verdict(moved) == "signature.reference"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">G22<", b">G23<"),
        (b"a-1.pdf", b"a-2.pdf"),
        (b">1</edXML:Priority>", b">4</edXML:Priority>"),
        (b"<edXML:OtherInfo>", b"<edXML:OtherInfo><edXML:Direction>true</edXML:Direction>"),
        (b'Manifest version="1.0"', b'Manifest version="1.1"'),
        (b"<edXML:Fax/>", b""),
        (b"Nguy\xe1\xbb\x85n", b"Nguye\xcc\x82\xcc\x83n"),  # the same to the eye
        (b"<edXML:SteeringType>", b"<edXML:SteeringType> "),
    ],
)
def test_what_was_changed_after_signing_is_refused(
    office: Office, shape: Shape, old: bytes, new: bytes
) -> None:
    body = sign(package(), office.signer, shape)
    changed = body.replace(old, new, 1)
    if changed != body:
        assert verdict(changed) == "signature.digest-mismatch"


def test_redeclared_prefixes_that_mean_the_same_change_the_canonical_form(
    office: Office, shape: Shape
) -> None:
    body = sign(package(), office.signer, shape)
    changed = body.replace(b"edXML:", b"q:").replace(b"xmlns:edXML=", b"xmlns:q=")
    assert verdict(changed) == "signature.digest-mismatch"


def test_an_unused_namespace_declaration_changes_nothing(office: Office, shape: Shape) -> None:
    body = sign(package(), office.signer, shape)
    changed = body.replace(b"<edXML xmlns", b'<edXML xmlns:unused="urn:x" xmlns', 1)
    assert verdict(changed) == "passed"


# --- attachments of the manifest shape -----------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"<ContentId>a-1<", b"<ContentId>a-2<", "signature.attachment"),
        (b"<ContentId>a-1<", b"<ContentId>a-3<", "signature.attachment"),
        (b"<ContentId>a-1<", b"<ContentId> a-1 <", "passed"),
        (b"<ContentId>a-1<", b"<ContentId>cid:a-1<", "passed"),
        (b"<ContentId>a-1<", b"<ContentId>cid:cid:a-1<", "signature.attachment"),
        (b"<ContentId>a-1<", b"<ContentId><", "signature.attachment"),
        (b"<AttachmentName>a-1.pdf<", b"<AttachmentName>b.exe<", "signature.attachment"),
        (b"<AttachmentName>a-1.pdf</AttachmentName>", b"", "passed"),
        (b"<ContentType>application/pdf<", b"<ContentType>application/zip<", "passed"),
        (b"JVBERi0xLjcgAP8=", b"JVBERi0xLjcgAP4=", "signature.digest-mismatch"),
        (b"JVBERi0xLjcgAP8=", b"", "signature.digest-mismatch"),
        (b"JVBERi0xLjcgAP8=", b"JVBERi0xLjcgAP8", "attachment.not-base64"),
        (b"JVBERi0xLjcgAP8=", b"JVBE*i0xLjcgAP8=", "attachment.not-base64"),
    ],
)
def test_attachments_of_the_manifest_shape_are_bound_by_their_content(
    office: Office, old: bytes, new: bytes, expected: str
) -> None:
    body = sign(package(), office.signer, Shape.MANIFEST)
    assert old in body
    assert verdict(body.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<edXML xmlns", b'<edXML version="9" xmlns'),
        (b"<AttachmentEncoded>", b'<AttachmentEncoded kind="x">'),
        (b"<AttachmentEncoded>", b"<Extra/><AttachmentEncoded>"),
        (b"<AttachmentEncoded>", b"<AttachmentEncoded/><AttachmentEncoded>"),
        (b"<AttachmentEncoded>", b"<AttachmentEncoded>text"),
        (b"<AttachmentEncoded>", b"<AttachmentEncoded><Other/>"),
        (b"<AttachmentEncoded>", b"text<AttachmentEncoded>"),
        (b"<Attachment>", b'<Attachment Priority="4">'),
        (b"<Attachment>", b"<Attachment>text"),
        (b"<Attachment>", b"<Attachment><OrganId>H49</OrganId>"),
        (b"<ContentType>", b"<ContentType><OrganId>H49</OrganId>"),
    ],
)
def test_beside_the_envelope_nothing_stands_that_is_not_covered(
    office: Office, old: bytes, new: bytes
) -> None:
    body = sign(package(), office.signer, Shape.MANIFEST)
    assert verdict(body.replace(old, new, 1)) == "signature.uncovered"


def test_a_second_attachment_of_the_same_id_is_refused(office: Office) -> None:
    body = sign(package(), office.signer, Shape.MANIFEST)
    start, end = body.index(b"<Attachment>"), body.index(b"</Attachment>") + len(b"</Attachment>")
    assert verdict(body[:end] + body[start:end] + body[end:]) == "signature.attachment"
    extra = body[start:end].replace(b"a-1", b"a-7")
    assert verdict(body[:end] + extra + body[end:]) == "signature.attachment"


def test_an_attachment_listed_and_not_signed_is_refused(office: Office) -> None:
    """Who leaves a ``cid:`` reference out signs another SignedInfo: the forms come first."""
    body = sign(package(), office.signer, Shape.MANIFEST)
    cut = re.sub(rb'<ds:Reference URI="cid:a-2">.*?</ds:Reference>', b"", body, flags=re.DOTALL)
    assert cut != body
    assert verdict(cut) == "signature.value-mismatch"


@pytest.mark.parametrize("end", [f"</{DS}>".encode(), b""])
def test_a_truncated_package_is_not_well_formed(office: Office, end: bytes) -> None:
    body = sign(package(), office.signer)
    with pytest.raises(etree.XMLSyntaxError):
        tree(body[: len(body) // 2] + end)
