"""What the signer makes, the verifiers accept; what it cannot make right, it refuses."""

from __future__ import annotations

import base64

import pytest
from lxml import etree

from axis.trust.errors import AttachmentMismatchError, KeyUnreadableError, NotSignableError
from axis.trust.keys import load_key, write_key
from axis.trust.pki import KeyKind, generate_key, issue
from axis.trust.second_opinion import ask_signxml
from axis.trust.sign import sign, signer_of
from axis.trust.values import Shape
from axis.trust.verify import verify
from tests.trust.conftest import NOW
from tests.trust.material import CONTENT, DS, Office, Q, package, read_fields, tree


@pytest.mark.parametrize("kind", list(KeyKind))
def test_what_is_signed_verifies_with_every_kind_of_key(
    offices: dict[KeyKind, Office], kind: KeyKind, shape: Shape
) -> None:
    signed = sign(package(), offices[kind].signer, shape)
    verified = verify(tree(signed))
    assert verified.shape is shape
    assert verified.certificate_sha256 == offices[kind].certificate.sha256
    assert verified.spki_sha256 == offices[kind].certificate.spki_sha256
    assert verified.weak is None
    ask_signxml(signed, verified)


def test_an_rsa_key_signs_with_pss_too(authority, shape: Shape) -> None:
    key, certificate = issue(authority, name="PSS", now=NOW)
    signed = sign(package(), signer_of(key, certificate, pss=True), shape)
    verified = verify(tree(signed))
    assert verified.algorithm.endswith("sha256-rsa-MGF1")
    ask_signxml(signed, verified)


def test_signing_changes_no_field(office: Office, shape: Shape) -> None:
    before, after = tree(package()), tree(sign(package(), office.signer, shape))
    assert read_fields(before) == read_fields(after)


def test_the_signature_is_the_last_child_of_the_header(office: Office, shape: Shape) -> None:
    header = tree(sign(package(), office.signer, shape)).find(f".//{{{Q}}}edXMLHeader")
    assert header is not None
    assert header[-1].tag == f"{{{DS}}}Signature"


@pytest.mark.parametrize(
    "placeholder",
    [
        "<Signature/>",
        f'<Signature xmlns="{DS}"><SignedInfo/></Signature>',
        "<edXML:DigitalSignature/>",
        "<edXML:Signature><edXML:SignedInfo/></edXML:Signature>",
    ],
)
def test_a_placeholder_or_an_old_signature_is_replaced(
    office: Office, shape: Shape, placeholder: str
) -> None:
    signed = tree(sign(package(signature=placeholder), office.signer, shape))
    verify(signed)
    assert len(list(signed.iter("{*}Signature"))) == 1
    assert next(signed.iter("{*}DigitalSignature"), None) is None


def test_signing_twice_leaves_one_signature(office: Office, shape: Shape) -> None:
    again = sign(sign(package(), office.signer, shape), office.signer, shape)
    verify(tree(again))
    assert len(list(tree(again).iter(f"{{{DS}}}Signature"))) == 1


def test_comments_are_dropped_and_the_text_around_them_becomes_one(office: Office) -> None:
    unsigned = package().replace(b"<edXML:OrganId>H49<", b"<edXML:OrganId>H<!-- x -->49<", 1)
    unsigned = unsigned.replace(b"<edXML xmlns", b"<!-- top --><edXML xmlns", 1) + b"<!-- end -->"
    root = tree(sign(unsigned, office.signer))
    verify(root)
    assert [each.text for each in root.iter(f"{{{Q}}}OrganId")][1] == "H49"


@pytest.mark.parametrize(
    "unsigned",
    [
        b"",
        b"not xml",
        b"<edXML/>",
        package().replace(b"<edXML xmlns", b"<!DOCTYPE edXML><edXML xmlns", 1),
        package().replace(b"<edXML xmlns", b"<?go now?><edXML xmlns", 1),
        package().replace(b"<edXML:edXMLBody>", b"<?go?><edXML:edXMLBody>", 1),
        package().replace(b"<edXML:edXMLBody>", b"<edXML:edXMLHeader/><edXML:edXMLBody>", 1),
    ],
    ids=["empty", "text", "root", "doctype", "instruction", "inner instruction", "two headers"],
)
def test_what_the_axis_would_refuse_is_not_signed(office: Office, unsigned: bytes) -> None:
    with pytest.raises(NotSignableError):
        sign(unsigned, office.signer)


def test_the_manifest_shape_covers_each_attachment_by_its_decoded_bytes(office: Office) -> None:
    verified = verify(tree(sign(package(), office.signer, Shape.MANIFEST)))
    assert [each.content_id for each in verified.attachments] == ["a-1", "a-2"]
    assert all(each.inline for each in verified.attachments)
    assert verified.apart == ()


def test_attachments_may_leave_the_package_and_the_signature_still_holds(office: Office) -> None:
    root = tree(sign(package(), office.signer, Shape.MANIFEST))
    for each in list(root.iter(f"{{{Q}}}Attachment")):
        parent = each.getparent()
        assert parent is not None
        parent.remove(each)
    verified = verify(root)
    assert [each.content_id for each in verified.apart] == ["a-1", "a-2"]


def test_line_breaks_in_base64_are_no_part_of_an_attachment(office: Office) -> None:
    text = base64.b64encode(CONTENT)
    signed = sign(package(), office.signer, Shape.MANIFEST)
    folded = signed.replace(text, b"\n".join(text[i : i + 76] for i in range(0, len(text), 76)))
    assert folded != signed
    verify(tree(folded))


def test_an_attachment_that_is_not_listed_is_not_signed(office: Office) -> None:
    unsigned = package().replace(b"<ContentId>a-2<", b"<ContentId>a-9<")
    with pytest.raises(AttachmentMismatchError):
        sign(unsigned, office.signer, Shape.MANIFEST)


def test_a_key_that_does_not_belong_to_the_certificate_is_refused(office: Office) -> None:
    with pytest.raises(KeyUnreadableError):
        signer_of(generate_key(KeyKind.RSA2048), office.certificate)


def test_a_key_file_that_others_may_read_is_refused(tmp_path) -> None:
    path = tmp_path / "office.key"
    write_key(path, generate_key(KeyKind.P256))
    assert path.stat().st_mode & 0o777 == 0o600
    load_key(path)
    path.chmod(0o640)
    with pytest.raises(Exception, match=r"key\.permissions"):
        load_key(path)


def test_verifying_leaves_the_tree_as_it_was(office: Office, shape: Shape) -> None:
    root = tree(sign(package(), office.signer, shape))
    before = etree.tostring(root)
    verify(root)
    verify(root)
    assert etree.tostring(root) == before
