"""Packages of today are read as they are, with all their quirks."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from axis.envelope.errors import AttachmentMissingError, EnvelopeError
from axis.envelope.package import parse
from axis.envelope.reader import attachment_bytes, read
from axis.envelope.tree import parse_tree
from axis.envelope.values import (
    BusinessType,
    DocumentEnvelope,
    ResponseFor,
    SignatureKind,
    StatusCode,
    StatusEnvelope,
)
from axis.envelope.writer import Order
from envelope.papers import (
    EARLIER,
    PDF,
    ZIP,
    document,
    document_bytes,
    put,
    signature,
    status,
    status_bytes,
    swap,
)


def read_document(body: bytes) -> DocumentEnvelope:
    envelope = parse(body).envelope
    assert isinstance(envelope, DocumentEnvelope)
    return envelope


def read_status(body: bytes) -> StatusEnvelope:
    envelope = parse(body).envelope
    assert isinstance(envelope, StatusEnvelope)
    return envelope


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("kind", BusinessType)
def test_every_type_of_document_is_read_in_every_order(kind: BusinessType, order: Order):
    assert read_document(document_bytes(kind, order=order)) == document(kind)


@pytest.mark.parametrize("code", StatusCode)
def test_every_status_is_read(code: StatusCode):
    assert read_status(status_bytes(code)) == status(code)


def test_the_order_of_elements_in_a_header_is_free():
    lines = document_bytes().decode().splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if "<edXML:MessageHeader>" in line) + 1
    end = next(n for n, line in enumerate(lines) if "</edXML:MessageHeader>" in line)
    blocks: list[list[str]] = []
    for line in lines[start:end]:
        if line.startswith("        <edXML:"):
            blocks.append([])
        blocks[-1].append(line)
    backwards = [line for block in reversed(blocks) for line in block]
    body = "".join([*lines[:start], *backwards, *lines[end:]]).encode()
    turned = read_document(body)
    assert turned.subject == document().subject
    assert turned.recipients == document().recipients[::-1]


def test_the_default_namespace_serves_as_well_as_the_prefix():
    body = document_bytes().replace(b"edXML:", b"").replace(b"xmlns:edXML", b"xmlns:unused")
    assert read_document(body) == document()


def test_an_absent_business_means_a_new_document():
    body = document_bytes()
    first = body.index(b"<edXML:Bussiness>")
    last = body.index(b"</edXML:Bussiness>") + len(b"</edXML:Bussiness>")
    assert read_document(body[:first] + body[last:]).business.doc_type is BusinessType.NEW


def test_a_content_id_is_the_same_with_cid_and_without():
    body = document_bytes()
    for manifest, attachment in (("cid:209", "209"), ("209", "cid:209"), ("CID:209", "209")):
        written = swap(body, "<edXML:ContentId>cid:209", f"<edXML:ContentId>{manifest}")
        written = swap(written, "<ContentId>cid:209", f"<ContentId>{attachment}")
        envelope = read_document(written)
        assert envelope.manifest[0].content_id == envelope.attachments[0].content_id == "209"


def test_a_zip_wrapped_attachment_is_known_by_its_first_bytes_and_not_opened():
    encoded = base64.b64encode(PDF).decode()
    body = swap(document_bytes(), encoded, base64.b64encode(ZIP).decode())
    attachment = read_document(body).attachments[0]
    assert attachment.is_zip
    assert attachment.size_bytes == len(ZIP)
    assert attachment.sha256 == hashlib.sha256(ZIP).digest()
    assert not read_document(document_bytes()).attachments[0].is_zip


def test_the_bytes_of_an_attachment_are_yielded():
    tree = parse_tree(document_bytes())
    assert b"".join(attachment_bytes(tree, "209")) == PDF
    with pytest.raises(AttachmentMissingError) as caught:
        list(attachment_bytes(tree, "210"))
    assert caught.value.code == "attachment.missing"


def test_a_day_that_no_calendar_has_does_not_refuse_the_package():
    body = swap(
        document_bytes(),
        "<edXML:PromulgationDate>2015/09/30",
        "<edXML:PromulgationDate>2014/02/30",
    )
    written = read_document(body).promulgation_info.promulgation_date
    assert written.raw == "2014/02/30"
    assert written.date is None


def test_a_date_in_another_form_is_understood():
    body = swap(document_bytes(), "<edXML:DueDate>2015/10/30", "<edXML:DueDate>2015-10-30")
    due = read_document(body).due_date
    assert due is not None
    assert due.date == date(2015, 10, 30)


def test_the_code_null_is_left_to_the_directory():
    body = swap(document_bytes(), "<edXML:OrganId>000.00.00.H41", "<edXML:OrganId>null")
    assert read_document(body).recipients[0].organ_id == "null"


def test_a_code_of_any_form_is_read():
    for code in ("vxp.saas.03", "01.02.G22", "H37.DN.001", "W00", "777.77.04.D77"):
        body = swap(document_bytes(), "<edXML:OrganId>000.00.00.H41", f"<edXML:OrganId>{code}")
        assert read_document(body).recipients[0].organ_id == code


def test_a_trace_header_needs_no_organ_id():
    body = put(
        document_bytes(),
        "      </edXML:TraceHeaderList>",
        "<edXML:TraceHeader><edXML:Timestamp>2025/10/01 08:00:01</edXML:Timestamp>"
        "</edXML:TraceHeader>",
    )
    hop = read_document(body).trace[1]
    assert hop.organ_id is None
    assert hop.timestamp is not None
    assert hop.timestamp.at == datetime(2025, 10, 1, 1, 0, 1, tzinfo=UTC)


def test_the_business_may_stand_before_or_behind_the_hops():
    assert (
        read_document(document_bytes(order=Order.JAVA)).trace
        == read_document(document_bytes(order=Order.STANDARD)).trace
    )


def test_soap_attributes_of_a_trace_header_list_are_no_fault():
    for attributes in (
        'id="t" version="1.0" mustUnderstand="1" actor="http://schemas.xmlsoap.org/soap/actor/next"',
        'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:mustUnderstand="1"',
        'edXML:version="1.0"',
    ):
        written = f"<edXML:TraceHeaderList {attributes}>"
        body = swap(document_bytes(), "<edXML:TraceHeaderList>", written)
        assert read_document(body).trace == document().trace


def test_xlink_attributes_of_a_reference_are_no_fault():
    body = swap(
        document_bytes(),
        "<edXML:Reference>",
        '<edXML:Reference xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="cid:209"'
        ' xlink:role="XLinkRole" xlink:type="simple">',
    )
    assert read_document(body).manifest == document().manifest


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("", SignatureKind.NONE),
        ("<edXML:DigitalSignature/>", SignatureKind.PLACEHOLDER),
        ("<edXML:Signature><edXML:SignedInfo/></edXML:Signature>", SignatureKind.PLACEHOLDER),
        (signature().decode(), SignatureKind.XMLDSIG),
        (f"<edXML:DigitalSignature/>{signature().decode()}", SignatureKind.XMLDSIG),
    ],
)
def test_a_signature_is_told_from_a_placeholder_for_one(written: str, kind: SignatureKind):
    for make in (document_bytes, status_bytes):
        for place in ("</edXML:edXMLHeader>", "      <edXML:MessageHeader>"):
            assert parse(put(make(), place, written)).envelope.signature is kind


def test_the_envelope_may_have_an_id_for_a_manifest_signature():
    body = swap(document_bytes(), "<edXML:edXMLEnvelope ", '<edXML:edXMLEnvelope Id="envelope" ')
    package = parse(body)
    assert package.scan.id_attributes == 1
    assert package.envelope == document()


def test_cdata_and_a_byte_order_mark_are_accepted():
    body = swap(document_bytes(), "<edXML:Subject>V/v", "<edXML:Subject><![CDATA[V/v]]>")
    assert read_document(b"\xef\xbb\xbf" + body) == document()
    no_declaration = document_bytes().partition(b"?>\n")[2]
    assert read_document(b"\xef\xbb\xbf" + no_declaration) == document()


def test_an_attachment_in_cdata_is_read_and_counts_as_an_attachment():
    encoded = base64.b64encode(PDF).decode()
    body = swap(document_bytes(), encoded, f"<![CDATA[{encoded}]]>")
    package = parse(body)
    assert package.envelope == document()
    plain = parse(document_bytes()).scan
    marks = len("<![CDATA[]]>")
    assert abs(package.scan.envelope_bytes - plain.envelope_bytes) <= marks


def test_white_space_around_values_and_in_base64_is_no_part_of_them():
    encoded = base64.b64encode(PDF).decode()
    wrapped = "\n" + "\n".join(encoded[at : at + 20] for at in range(0, len(encoded), 20)) + "\n"
    body = swap(document_bytes(), encoded, wrapped)
    body = swap(body, "<edXML:Subject>V/v", "<edXML:Subject>\n\t V/v")
    assert read_document(body) == document()


def test_empty_optional_elements_are_none():
    body = swap(document_bytes(), "<edXML:DueDate>2015/10/30", "<edXML:DueDate>")
    body = swap(body, "<edXML:SteeringType>1", "<edXML:SteeringType>")
    body = swap(body, "<edXML:Priority>2", "<edXML:Priority> ")
    envelope = read_document(body)
    assert (envelope.due_date, envelope.steering_type, envelope.priority) == (None, None, 0)


def test_an_empty_response_for_is_kept():
    answers = read_document(document_bytes()).response_for
    assert answers[0].document_id == EARLIER
    assert answers[1] == ResponseFor()
    assert answers[1].is_empty


def test_attachments_may_travel_apart_where_the_signature_names_each():
    body = document_bytes()
    first = body.index(b"  <AttachmentEncoded")
    last = body.index(b"</AttachmentEncoded>") + len(b"</AttachmentEncoded>")
    apart = body[:first] + body[last:]
    with pytest.raises(EnvelopeError) as caught:
        parse(apart)
    assert caught.value.code == "attachment.missing"
    assert parse(apart, attachments_apart=True).envelope.attachments == ()  # type: ignore[union-attr]
    whole = put(apart, "</edXML:edXMLHeader>", signature("").decode())
    with pytest.raises(EnvelopeError) as caught:
        parse(whole)
    assert caught.value.code == "attachment.missing"
    manifest = put(apart, "</edXML:edXMLHeader>", signature("#envelope", "cid:209").decode())
    assert parse(manifest).envelope.manifest == document().manifest  # type: ignore[union-attr]


def test_a_name_may_hold_a_slash_and_200_bytes():
    name = "7816/VPCP-TTĐT ngày 30/9.pdf"
    body = swap(document_bytes(), "7816 công văn.pdf", name, times=2)
    assert read_document(body).manifest[0].attachment_name == name


def test_a_name_may_stand_in_one_place_only():
    body = document_bytes()
    for prefix in ("", "edXML:"):
        element = f"<{prefix}AttachmentName>7816 công văn.pdf</{prefix}AttachmentName>"
        assert parse(swap(body, element, "")).envelope is not None


def test_a_document_may_have_no_attachment_and_no_trace():
    body = document_bytes()
    for start, end in (
        (b"  <AttachmentEncoded", b"</AttachmentEncoded>"),
        (b"<edXML:edXMLBody>", b"</edXML:edXMLBody>"),
        (b"<edXML:TraceHeaderList>", b"</edXML:TraceHeaderList>"),
    ):
        first = body.index(start)
        body = body[:first] + body[body.index(end) + len(end) :]
    envelope = read_document(body)
    assert (envelope.manifest, envelope.attachments, envelope.trace) == ((), (), ())


def test_the_reader_is_safe_without_the_gate():
    for body in (
        b"<edXML/>",
        document_bytes().replace(b"QCVN_102_2016", b"other"),
        swap(document_bytes(), "<edXML:Type>1", "<edXML:Type>x"),
        swap(document_bytes(), "<edXML:Paper>0", "<edXML:Paper>x"),
        swap(document_bytes(), "<edXML:BussinessDocType>0", "<edXML:BussinessDocType>9"),
        swap(document_bytes(BusinessType.UPDATE), "ReceiverType>0", "ReceiverType>9"),
        swap(document_bytes(), "<edXML:DueDate>2015", "<edXML:DueDate>x"),
        swap(document_bytes(), "<edXML:Timestamp>2015", "<edXML:Timestamp>x"),
        swap(document_bytes(), "<edXML:CodeNumber>7816", "<edXML:CodeNumber>"),
        swap(
            document_bytes(),
            "<edXML:CodeNumber>",
            "<edXML:CodeNumber>1</edXML:CodeNumber><edXML:CodeNumber>",
        ),
        swap(
            document_bytes(),
            "<edXML:Bussiness>",
            "<edXML:Bussiness><edXML:BussinessDocType>1"
            "</edXML:BussinessDocType></edXML:Bussiness><edXML:Bussiness>",
        ),
        swap(status_bytes(), "<edXML:StatusCode>01", "<edXML:StatusCode>99"),
        swap(status_bytes(), "<edXML:StatusCode>01", "<edXML:StatusCode>"),
        swap(
            status_bytes(),
            "<edXML:Description>",
            "<edXML:StatusCode>01</edXML:StatusCode><edXML:Description>",
        ),
    ):
        with pytest.raises(EnvelopeError):
            read(parse_tree(body))


# --- the samples that ship with today's client ----------------------------------------------------

SAMPLES = {
    "edoc_new": BusinessType.NEW,
    "edoc_revocation": BusinessType.RECALL,
    "edoc_update": BusinessType.UPDATE,
    "edoc_replacement": BusinessType.REPLACE,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_documents_are_read(name: str, shared: Path):
    envelope = read_document((shared / "data" / "edxml" / f"{name}.edxml").read_bytes())
    assert envelope.business.doc_type is SAMPLES[name]
    assert envelope.signature is SignatureKind.PLACEHOLDER
    assert envelope.code.notation == "VPCP-TTĐT"
    assert envelope.attachments[0].is_zip
    assert envelope.attachments[0].size_bytes == 270_823
    assert (len(envelope.recipients) == 1) == (name == "edoc_new")


def test_every_sample_status_is_read(shared: Path):
    codes = set()
    for path in sorted((shared / "data" / "edxml").glob("status*.edxml")):
        envelope = read_status(path.read_bytes())
        codes.add(envelope.status_code)
        assert envelope.response_for.document_id == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    assert codes == set(StatusCode)


def test_the_broken_sample_is_refused_where_its_first_fault_is(shared: Path):
    with pytest.raises(EnvelopeError) as caught:
        parse((shared / "data" / "edxml" / "edoc.edxml").read_bytes())
    assert caught.value.code == "envelope.comment"
    assert caught.value.place is not None
    assert caught.value.place.line == 4
