"""Writes a value as an unsigned package, in the element orders that systems write.

``read(parse_tree(encode(x, attachments))) == x`` for every value whose texts have no outer white
space. What is None is left out; what the schema demands stands empty.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Final

import pybase64

from axis.envelope import fields
from axis.envelope.dates import WrittenDate, WrittenTime
from axis.envelope.errors import UnlistedBytesError, UnwritableTextError
from axis.envelope.tree import EDXML
from axis.envelope.values import (
    Attachment,
    Business,
    DocumentEnvelope,
    Envelope,
    ManifestReference,
    OtherInfo,
    ResponseForTask,
    StatusEnvelope,
    TraceHeader,
)


class Order(Enum):
    """Which system's habits a package follows: order of elements and ``cid:`` before ids."""

    STANDARD = "standard"  #: the order of the standard's numbers
    DOTNET = "dotnet"  #: likewise, and no ``cid:`` in the attachments, as the .NET SDK writes
    JAVA = "java"  #: the order of the Java SDK


_JAVA: Final = [
    "From",
    "To",
    "DocumentId",
    "Code",
    "PromulgationInfo",
    "DocumentType",
    "Subject",
    "Content",
    "SignerInfo",
    "DueDate",
    "OtherInfo",
    "ResponseFor",
    "SteeringType",
    "ToPlaces",
    "ResponseForTask",
]
_STANDARD: Final = [
    "From",
    "To",
    "Code",
    "PromulgationInfo",
    "DocumentType",
    "Subject",
    "Content",
    "SignerInfo",
    "DueDate",
    "ToPlaces",
    "OtherInfo",
    "ResponseFor",
    "SteeringType",
    "DocumentId",
    "ResponseForTask",
]
#: Elements that the schema demands and that may be empty.
_EVEN_EMPTY: Final = frozenset({"Place", "TypeName", "BussinessDocReason"})
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


def encode(
    envelope: Envelope,
    attachments: Mapping[str, bytes] | None = None,
    *,
    order: Order = Order.STANDARD,
) -> bytes:
    """Return an unsigned package.

    Args:
        envelope: what to say; its ``attachments`` and ``signature`` are not looked at, the
            manifest names what is attached.
        attachments: bytes by content id; one that the manifest names and that is absent here
            travels apart.
        order: which system's habits to follow.

    Raises:
        UnlistedBytesError: the manifest does not name one of the attachments.
        UnwritableTextError: a text holds a character that XML has not.
    """
    given = attachments or {}
    xml = _Lines()
    xml.lines.append('<?xml version="1.0" encoding="UTF-8"?>')
    xml.lines.append(f'<edXML xmlns="{EDXML}">')
    xml.open("edXMLEnvelope", f' xmlns:edXML="{EDXML}"')
    xml.open("edXMLHeader")
    if isinstance(envelope, StatusEnvelope):
        _status(xml, envelope)
        manifest: tuple[ManifestReference, ...] = ()
    else:
        assert isinstance(envelope, DocumentEnvelope)  # noqa: S101  other payloads are not ours
        _document(xml, envelope, order)
        manifest = envelope.manifest
    xml.close("edXMLHeader")
    _manifest(xml, manifest)
    xml.close("edXMLEnvelope")
    unlisted = given.keys() - {reference.content_id for reference in manifest}
    if unlisted:
        raise UnlistedBytesError(expected="–", got=", ".join(sorted(unlisted)))
    head = "\n".join(xml.lines).encode()
    return b"".join((head, b"\n", *_encoded(manifest, given, order), b"</edXML>\n"))


def attach(
    content_id: str,
    name: str,
    data: bytes,
    *,
    content_type: str | None = None,
    description: str | None = None,
) -> tuple[ManifestReference, Attachment]:
    """Return an attachment as the manifest names it and as the reader reports it."""
    reference = ManifestReference(
        content_id=content_id,
        attachment_name=name,
        content_type=content_type,
        description=description,
    )
    attachment = Attachment(
        content_id=content_id,
        sha256=hashlib.sha256(data).digest(),
        size_bytes=len(data),
        is_zip=data.startswith(b"PK\x03\x04"),
        attachment_name=name,
        content_type=content_type,
        description=description,
    )
    return reference, attachment


class _Lines:
    """The envelope part, a line for each tag or text, indented."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1

    def open(self, name: str, attributes: str = "") -> None:
        self.lines.append(f"{'  ' * self.depth}<edXML:{name}{attributes}>")
        self.depth += 1

    def close(self, name: str) -> None:
        self.depth -= 1
        self.lines.append(f"{'  ' * self.depth}</edXML:{name}>")

    def leaf(self, name: str, value: object, *, always: bool = False) -> None:
        """Write a text; None and the empty text only if ``always``."""
        text = str(value).lower() if name == "Direction" and value is not None else _text(value)
        if text or always:
            indent = "  " * self.depth
            self.lines.append(f"{indent}<edXML:{name}>{escape(text)}</edXML:{name}>")

    def element(self, name: str, value: object, known: fields.Fields) -> None:
        """Write an element with the fields of a value."""
        self.open(name)
        self.leaves(value, known)
        self.close(name)

    def leaves(self, value: object, known: fields.Fields) -> None:
        for child, attribute in known.items():
            self.leaf(child, getattr(value, attribute), always=child in _EVEN_EMPTY)

    def texts(self, name: str, child: str, values: Sequence[str]) -> None:
        if values:
            self.open(name)
            for value in values:
                self.leaf(child, value)
            self.close(name)


def escape(text: str) -> str:
    """Return a text as XML character data.

    Raises:
        UnwritableTextError: it holds a character that XML has not.
    """
    illegal = _ILLEGAL.search(text)
    if illegal is not None:
        raise UnwritableTextError(expected="XML 1.0 Char", got=f"U+{ord(illegal[0]):04X}")
    return text.translate(_ESCAPES)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case int():
            return str(int(value))
        case WrittenDate() | WrittenTime():
            return value.raw
        case _:
            return str(value)


def _document(xml: _Lines, envelope: DocumentEnvelope, order: Order) -> None:
    xml.open("MessageHeader")
    for name in _JAVA if order is Order.JAVA else _STANDARD:
        _WRITERS[name](xml, envelope)
    xml.close("MessageHeader")
    business = envelope.business
    if not envelope.trace and business == Business():
        return
    xml.open("TraceHeaderList")
    if order is not Order.JAVA:
        _business(xml, business)
    _trace(xml, envelope.trace)
    if order is Order.JAVA:
        _business(xml, business)
    xml.close("TraceHeaderList")


def _status(xml: _Lines, envelope: StatusEnvelope) -> None:
    xml.open("MessageHeader")
    xml.element("From", envelope.sender, fields.ORGANIZATION)
    xml.element("ResponseFor", envelope.response_for, fields.RESPONSE_FOR)
    if envelope.staff_info is not None:
        xml.element("StaffInfo", envelope.staff_info, fields.STAFF_INFO)
    xml.leaf("StatusCode", envelope.status_code)
    xml.leaf("Description", envelope.description, always=True)
    xml.leaf("Timestamp", envelope.timestamp)
    xml.close("MessageHeader")
    if envelope.trace:
        xml.open("TraceHeaderList")
        _trace(xml, envelope.trace)
        xml.close("TraceHeaderList")


def _recipients(xml: _Lines, envelope: DocumentEnvelope) -> None:
    for recipient in envelope.recipients:
        xml.element("To", recipient, fields.ORGANIZATION)


def _answers(xml: _Lines, envelope: DocumentEnvelope) -> None:
    for answer in envelope.response_for:
        xml.element("ResponseFor", answer, fields.RESPONSE_FOR)


def _other_info(xml: _Lines, envelope: DocumentEnvelope) -> None:
    other = envelope.other_info
    if other == OtherInfo():
        return
    xml.open("OtherInfo")
    xml.leaves(other, fields.OTHER_INFO)
    xml.texts("Appendixes", "Appendix", other.appendixes)
    xml.close("OtherInfo")


def _task(xml: _Lines, envelope: DocumentEnvelope) -> None:
    task: ResponseForTask | None = envelope.response_for_task
    if task is None:
        return
    xml.open("ResponseForTask")
    for code in task.task_codes:
        xml.leaf("TaskCode", code)
    xml.leaf("ApplicationType", task.application_type)
    xml.close("ResponseForTask")


_WRITERS: Final[Mapping[str, Callable[[_Lines, DocumentEnvelope], None]]] = {
    "From": lambda xml, value: xml.element("From", value.sender, fields.ORGANIZATION),
    "To": _recipients,
    "DocumentId": lambda xml, value: xml.leaf("DocumentId", value.document_id),
    "Code": lambda xml, value: xml.element("Code", value.code, fields.CODE),
    "PromulgationInfo": lambda xml, value: xml.element(
        "PromulgationInfo", value.promulgation_info, fields.PROMULGATION_INFO
    ),
    "DocumentType": lambda xml, value: xml.element(
        "DocumentType", value.document_type, fields.DOCUMENT_TYPE
    ),
    "Subject": lambda xml, value: xml.leaf("Subject", value.subject),
    "Content": lambda xml, value: xml.leaf("Content", value.content),
    "SignerInfo": lambda xml, value: xml.element(
        "SignerInfo", value.signer_info, fields.SIGNER_INFO
    ),
    "DueDate": lambda xml, value: xml.leaf("DueDate", value.due_date),
    "OtherInfo": _other_info,
    "ResponseFor": _answers,
    "SteeringType": lambda xml, value: xml.leaf("SteeringType", value.steering_type),
    "ToPlaces": lambda xml, value: xml.texts("ToPlaces", "Place", value.to_places),
    "ResponseForTask": _task,
}


def _trace(xml: _Lines, hops: Sequence[TraceHeader]) -> None:
    for hop in hops:
        xml.element("TraceHeader", hop, fields.TRACE_HEADER)


def _business(xml: _Lines, business: Business) -> None:
    if business == Business():
        return
    xml.open("Bussiness")
    xml.leaves(business, fields.BUSINESS)
    known = (business.document_info, business.document_receiver)
    if business.receivers or any(changed is not None for changed in known):
        xml.open("BussinessDocumentInfo")
        xml.leaves(business, fields.DOCUMENT_INFO)
        if business.receivers:
            xml.open("ReceiverList")
            for receiver in business.receivers:
                xml.element("Receiver", receiver, fields.RECEIVER)
            xml.close("ReceiverList")
        xml.close("BussinessDocumentInfo")
    if business.replacements:
        xml.open("ReplacementInfoList")
        for replaced in business.replacements:
            xml.open("ReplacementInfo")
            xml.leaf("DocumentId", replaced.document_id)
            xml.texts("OrganIdList", "OrganId", replaced.organ_ids)
            xml.close("ReplacementInfo")
        xml.close("ReplacementInfoList")
    if business.staff_info is not None:
        xml.element("StaffInfo", business.staff_info, fields.STAFF_INFO)
    xml.close("Bussiness")


def _manifest(xml: _Lines, manifest: Sequence[ManifestReference]) -> None:
    if not manifest:
        return
    xml.open("edXMLBody")
    xml.open("edXMLManifest", ' version="1.0"')
    for reference in manifest:
        xml.open("Reference")
        xml.leaf("ContentId", f"cid:{reference.content_id}")
        xml.leaves(reference, _NAMED)
        xml.close("Reference")
    xml.close("edXMLManifest")
    xml.close("edXMLBody")


def _encoded(
    manifest: Sequence[ManifestReference], given: Mapping[str, bytes], order: Order
) -> list[bytes]:
    """Write the attachments in the default namespace and their text with a prefix, as SDKs do.

    The SDKs declare the prefix anew for each attachment, which soon exceeds the limit of
    declarations; here it is declared once.
    """
    if not given:
        return []
    pieces = [f'  <AttachmentEncoded xmlns:edXML="{EDXML}">\n'.encode()]
    for reference in manifest:
        data = given.get(reference.content_id)
        if data is None:
            continue
        prefix = "" if order is Order.DOTNET else "cid:"
        named = {"ContentId": f"{prefix}{reference.content_id}"}
        named |= {name: getattr(reference, field) for name, field in _NAMED.items()}
        lines = [f"      <{name}>{escape(text)}</{name}>\n" for name, text in named.items() if text]
        pieces.append(f"    <Attachment>\n{''.join(lines)}".encode())
        pieces.append(b"      <edXML:ContentTransferEncoded>")
        pieces.append(pybase64.b64encode(data))
        pieces.append(b"</edXML:ContentTransferEncoded>\n    </Attachment>\n")
    pieces.append(b"  </AttachmentEncoded>\n")
    return pieces


_NAMED: Final = {name: field for name, field in fields.REFERENCE.items() if name != "ContentId"}
