"""Every remark has a package that draws it, and a plain package draws none but its own."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from axis.envelope.errors import EnvelopeError
from axis.envelope.lint import VENDOR_BYTES, lint
from axis.envelope.remarks import REMARKS
from axis.envelope.values import BusinessType, StatusCode
from axis.envelope.writer import Order
from envelope.make_bad import cut
from envelope.papers import (
    PDF,
    ZIP,
    document_bytes,
    put,
    signature,
    status_bytes,
    swap,
)

SIGNED = signature().decode()


def good() -> bytes:
    body = put(document_bytes(), "</edXML:edXMLHeader>", SIGNED)
    return swap(body, "        <edXML:ResponseFor>\n        </edXML:ResponseFor>\n", "")


def named(name: str) -> bytes:
    return swap(good(), "7816 công văn.pdf", name, times=2)


def encoded(data: bytes) -> bytes:
    return swap(good(), base64.b64encode(PDF).decode(), base64.b64encode(data).decode())


MAKE: dict[str, Callable[[], bytes]] = {
    "lint.attachment-apart": lambda: put(
        cut(document_bytes(), "  <AttachmentEncoded", "</AttachmentEncoded>\n"),
        "</edXML:edXMLHeader>",
        signature("#e", "cid:209").decode(),
    ),
    "lint.attachment-empty": lambda: encoded(b""),
    "lint.attachment-zipped": lambda: encoded(ZIP),
    "lint.base64-line-breaks": lambda: swap(good(), "JVBERi", "JVBE\nRi"),
    "lint.business-missing": lambda: cut(good(), "<edXML:Bussiness>", "</edXML:Bussiness>"),
    "lint.business-extra": lambda: swap(
        document_bytes(BusinessType.UPDATE), "BussinessDocType>2", "BussinessDocType>0"
    ),
    "lint.byte-order-mark": lambda: b"\xef\xbb\xbf" + good(),
    "lint.cdata": lambda: swap(good(), "<edXML:Subject>V/v", "<edXML:Subject><![CDATA[V/v]]>"),
    "lint.content-id-mixed": lambda: document_bytes(order=Order.DOTNET),
    "lint.content-type": lambda: swap(
        good(), "<ContentType>application/pdf", "<ContentType>application/zip"
    ),
    "lint.date-form": lambda: swap(good(), "DueDate>2015/10/30", "DueDate>2015-10-30"),
    "lint.date-impossible": lambda: swap(good(), "DueDate>2015/10/30", "DueDate>2015/10/32"),
    "lint.document-id-differs": lambda: swap(good(), "CodeNumber>7816", "CodeNumber>7817"),
    "lint.document-id-form": lambda: swap(
        good(),
        "<edXML:DocumentId>000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
        "<edXML:DocumentId>9fbfbad2-f1f8-4256-a2eb-50fb1061cddb",
    ),
    "lint.due-before-issue": lambda: swap(good(), "DueDate>2015/10/30", "DueDate>2015/09/01"),
    "lint.name-invisible": lambda: named("công\u200bvăn.pdf"),
    "lint.name-not-nfc": lambda: named(unicodedata.normalize("NFD", "công văn.pdf")),
    "lint.name-slash": lambda: named("7816/VPCP.pdf"),
    "lint.name-unlisted": lambda: cut(good(), "<edXML:AttachmentName>", "</edXML:AttachmentName>"),
    "lint.organ-id-form": lambda: swap(good(), "OrganId>000.00.00.H41", "OrganId>01.02.G22"),
    "lint.organ-id-null": lambda: swap(good(), "OrganId>000.00.00.H41", "OrganId>null"),
    "lint.organ-name-missing": lambda: cut(good(), "<edXML:OrganName>", "</edXML:OrganName>"),
    "lint.reason-missing": lambda: swap(
        status_bytes(StatusCode.REFUSED), "Description>Văn thư: đã đến", "Description>"
    ),
    "lint.recipient-repeated": lambda: swap(good(), "OrganId>H14.12", "OrganId>000.00.00.H41"),
    "lint.response-for-empty": document_bytes,
    "lint.signature-missing": document_bytes,
    "lint.signature-placeholder": lambda: put(
        document_bytes(), "</edXML:edXMLHeader>", "<edXML:DigitalSignature/>"
    ),
    "lint.signature-weak": lambda: swap(
        good(),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    ),
    "lint.size": lambda: encoded(bytes(VENDOR_BYTES * 4 // 5)),
    "lint.steering-type": lambda: swap(good(), "SteeringType>1", "SteeringType>3"),
    "lint.text-invisible": lambda: swap(good(), "Subject>V/v", "Subject>V/v\u202e"),
    "lint.text-not-nfc": lambda: swap(
        good(), "Subject>V/v kết", "Subject>" + unicodedata.normalize("NFD", "V/v kết")
    ),
    "lint.trace-missing": lambda: cut(good(), "<edXML:TraceHeader>", "</edXML:TraceHeader>"),
    "lint.trace-organ-missing": lambda: put(
        good(),
        "        <edXML:TraceHeader>",
        "<edXML:TraceHeader><edXML:Timestamp/></edXML:TraceHeader>",
    ),
}


def codes(body: bytes) -> set[str]:
    return {remark.code for remark in lint(body)}


def test_every_remark_is_tested():
    assert MAKE.keys() == REMARKS.keys()


@pytest.mark.parametrize("code", MAKE)
def test_a_remark_is_made_in_both_languages(code: str):
    [remark, *_] = [one for one in lint(MAKE[code]()) if one.code == code]
    assert remark.text("en")
    assert not remark.text("vi").isascii()
    assert "{" not in remark.text("en") + remark.text("vi")


def test_a_plain_package_draws_no_remark():
    assert codes(good()) == set()


@pytest.mark.parametrize("kind", BusinessType)
def test_our_own_packages_draw_no_remark_but_what_they_show(kind: BusinessType):
    assert codes(document_bytes(kind)) == {"lint.response-for-empty", "lint.signature-missing"}


@pytest.mark.parametrize("code", sorted(StatusCode))
def test_our_own_statuses_are_only_unsigned(code: StatusCode):
    assert codes(status_bytes(code)) == {"lint.signature-missing"}


def test_a_refused_package_is_more_than_a_remark():
    with pytest.raises(EnvelopeError):
        lint(b"<edXML/>")


def test_an_impossible_day_in_a_document_id_is_remarked():
    body = swap(document_bytes(BusinessType.RECALL), "2015/09/30,7806", "2014/02/30,7806", times=2)
    assert "lint.date-impossible" in codes(body)


def test_the_samples_are_remarked_on_where_they_are_odd(shared: Path):
    folder = shared / "data" / "edxml"
    found = codes((folder / "edoc_new.edxml").read_bytes())
    assert {"lint.date-impossible", "lint.signature-placeholder", "lint.attachment-zipped"} <= found
    assert codes((folder / "status.edxml").read_bytes()) == {"lint.signature-missing"}
