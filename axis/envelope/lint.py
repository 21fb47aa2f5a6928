"""Looks for what is legal and known to break others; refuses nothing itself.

The looks at attachments are in :mod:`axis.envelope.lint_attachments`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from axis.envelope.dates import parse_date, parse_time
from axis.envelope.elements import Q, text_of
from axis.envelope.limits import DEFAULT, Limits
from axis.envelope.lint_attachments import look_at_attachments
from axis.envelope.package import Package, parse
from axis.envelope.remarks import INVISIBLE, Remark, remark
from axis.envelope.tree import XMLDSIG
from axis.envelope.values import (
    BusinessType,
    DocumentEnvelope,
    Message,
    SignatureKind,
    StatusCode,
    StatusEnvelope,
)
from axis.errors import Place

VENDOR_BYTES: Final = 50 * 1024 * 1024  #: where several eOffice systems stop

_OLD_CODE: Final = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}", re.ASCII)
_NEW_CODE: Final = re.compile(r"(?=.{1,35}$)[A-Z]\d{2}(\.[0-9A-Z]+)*", re.ASCII)
_NOTHING: Final = frozenset({"null", "nil", "none", "undefined", "n/a"})
_DOCUMENT_ID: Final = re.compile(r"[^,]+,(\d{4}/\d{1,2}/\d{1,2}),.+", re.ASCII)
_REASONED: Final = frozenset(
    {StatusCode.REFUSED, StatusCode.RECALL_REQUESTED, StatusCode.CHANGE_REFUSED}
)


def lint(body: bytes, limits: Limits = DEFAULT) -> list[Remark]:
    """Return what may trouble others, by line.

    Raises:
        EnvelopeError: the package is refused, which is more than a remark.
    """
    package = parse(body, limits)
    remarks = [found for look in LOOKS for found in look(body, package)]
    return sorted(remarks, key=lambda one: (one.place.line or 0) if one.place else 0)


def _bytes(body: bytes, package: Package) -> Iterator[Remark]:
    if body.startswith(b"\xef\xbb\xbf"):
        yield Remark(code="lint.byte-order-mark", place=Place(line=1))
    if b"<![CDATA[" in body:
        line = body.count(b"\n", 0, body.find(b"<![CDATA[")) + 1
        yield Remark(code="lint.cdata", place=Place(line=line))
    if package.scan.size_bytes > VENDOR_BYTES:
        facts = {"got": len(body), "expected": VENDOR_BYTES}
        yield Remark(code="lint.size", facts=facts)


def _codes(body: bytes, package: Package) -> Iterator[Remark]:
    for element in package.tree.iter(Q + "OrganId"):
        code = text_of(element) or ""
        if code.lower() in _NOTHING:
            yield remark("lint.organ-id-null", element, got=code)
        elif code and not (_OLD_CODE.fullmatch(code) or _NEW_CODE.fullmatch(code)):
            yield remark("lint.organ-id-form", element, got=code)


def _organizations(body: bytes, package: Package) -> Iterator[Remark]:
    addressed: set[str] = set()
    for element in package.tree.iter(Q + "From", Q + "To"):
        code = _text(element, "OrganId")
        if not _text(element, "OrganName"):
            yield remark("lint.organ-name-missing", element, got=code)
        if element.tag == Q + "To":
            if code in addressed:
                yield remark("lint.recipient-repeated", element, got=code)
            addressed.add(code)


def _texts(body: bytes, package: Package) -> Iterator[Remark]:
    names = ("OrganName", "Subject", "Content", "FullName")
    for element in package.tree.iter(*(Q + name for name in names)):
        text = text_of(element) or ""
        invisible = INVISIBLE.search(text)
        if invisible is not None:
            got = f"U+{ord(invisible[0]):04X}"
            yield remark("lint.text-invisible", element, got=got)
        if not unicodedata.is_normalized("NFC", text):
            yield remark("lint.text-not-nfc", element)


def _dates(body: bytes, package: Package) -> Iterator[Remark]:
    for element in package.tree.iter(Q + "PromulgationDate", Q + "DueDate"):
        text = text_of(element)
        day = parse_date(text) if text else None
        if day is not None and not day.is_standard:
            code = "lint.date-impossible" if day.date is None else "lint.date-form"
            yield remark(code, element, got=day.raw, expected="yyyy/MM/dd")
    for element in package.tree.iter(Q + "DocumentId"):
        parts = _DOCUMENT_ID.fullmatch(text_of(element) or "")
        day = parse_date(parts[1]) if parts else None
        if day is not None and day.date is None:
            yield remark("lint.date-impossible", element, got=day.raw)
    for element in package.tree.iter(Q + "Timestamp"):
        text = text_of(element)
        instant = parse_time(text) if text else None
        if instant is not None and not instant.is_standard:
            code = "lint.date-impossible" if instant.at is None else "lint.date-form"
            yield remark(code, element, got=instant.raw, expected="yyyy/MM/dd HH:mm:ss")


def _document(body: bytes, package: Package) -> Iterator[Remark]:
    envelope = package.envelope
    if not isinstance(envelope, DocumentEnvelope):
        return
    header = next(package.tree.iter(Q + "MessageHeader"))
    issued = envelope.promulgation_info.promulgation_date
    due = envelope.due_date
    if due and due.date and issued.date and due.date < issued.date:
        at = header.find(Q + "DueDate")
        yield remark("lint.due-before-issue", at, got=due.raw, expected=issued.raw)
    at = header.find(Q + "DocumentId")
    if not _DOCUMENT_ID.fullmatch(envelope.document_id):
        yield remark("lint.document-id-form", at, got=envelope.document_id)
    else:
        stated = f"{envelope.sender.organ_id},{issued.raw},{envelope.code.sign}"
        if envelope.document_id != stated:
            got = envelope.document_id
            yield remark("lint.document-id-differs", at, got=got, expected=stated)
    for answer, element in zip(
        envelope.response_for, header.iterchildren(Q + "ResponseFor"), strict=True
    ):
        if answer.is_empty:
            yield remark("lint.response-for-empty", element)
    if envelope.steering_type == 3:
        yield remark("lint.steering-type", header.find(Q + "SteeringType"), got=3)


def _business(body: bytes, package: Package) -> Iterator[Remark]:
    envelope = package.envelope
    if not isinstance(envelope, DocumentEnvelope):
        return
    business = envelope.business
    element = next(package.tree.iter(Q + "Bussiness"), None)
    if element is None:
        yield Remark(code="lint.business-missing")
        return
    if business.doc_type is not BusinessType.NEW and business.reason is None:
        yield remark("lint.reason-missing", element, got="BussinessDocReason")
    for name, owner in (
        ("BussinessDocumentInfo", BusinessType.UPDATE),
        ("ReplacementInfoList", BusinessType.REPLACE),
    ):
        extra = element.find(Q + name)
        if extra is not None and business.doc_type is not owner:
            yield remark("lint.business-extra", extra, got=name)


def _status(body: bytes, package: Package) -> Iterator[Remark]:
    envelope = package.envelope
    if not isinstance(envelope, StatusEnvelope) or envelope.status_code not in _REASONED:
        return
    if envelope.description is None:
        element = next(package.tree.iter(Q + "Description"), None)
        yield remark("lint.reason-missing", element, got="Description")


def _trace(body: bytes, package: Package) -> Iterator[Remark]:
    envelope = package.envelope
    if isinstance(envelope, Message):
        return  # its frame has no hops
    if isinstance(envelope, DocumentEnvelope) and not envelope.trace:
        yield Remark(code="lint.trace-missing")
    for hop, element in zip(envelope.trace, package.tree.iter(Q + "TraceHeader"), strict=True):
        if hop.organ_id is None:
            yield remark("lint.trace-organ-missing", element)


def _signature(body: bytes, package: Package) -> Iterator[Remark]:
    match package.envelope.signature:
        case SignatureKind.NONE:
            yield Remark(code="lint.signature-missing")
        case SignatureKind.PLACEHOLDER:
            element = next(package.tree.iter(Q + "Signature", Q + "DigitalSignature"))
            yield remark("lint.signature-placeholder", element)
        case SignatureKind.XMLDSIG:
            for element in package.tree.iter(f"{{{XMLDSIG}}}SignatureMethod"):
                algorithm = element.get("Algorithm", "")
                if "sha1" in algorithm or "md5" in algorithm:
                    yield remark("lint.signature-weak", element, got=algorithm[:80])


def _text(element: etree._Element, name: str) -> str:
    return text_of(element.find(Q + name)) or ""


#: Everything that is looked at.
LOOKS: Final[tuple[Callable[[bytes, Package], Iterator[Remark]], ...]] = (
    _bytes,
    _codes,
    _organizations,
    _texts,
    _dates,
    _document,
    _business,
    _status,
    _trace,
    _signature,
    look_at_attachments,
)
