"""Reads values from a tree that passed the schema gate, each attachment decoded and hashed once.

The reader trusts the gate for the form of values and is safe without it: whatever a tree holds, it
returns values or raises an :class:`EnvelopeError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from lxml import etree

from axis.envelope import cardinality, fields
from axis.envelope.base64 import decode_pieces
from axis.envelope.elements import (
    Q,
    all_of,
    child_of,
    children_of,
    filled,
    first,
    flag,
    invalid,
    lines_of,
    number,
    read_fields,
    table,
    text_of,
    written_date,
    written_time,
)
from axis.envelope.errors import AttachmentMissingError, NotBase64Error
from axis.envelope.skeleton import Skeleton
from axis.envelope.tree import XMLDSIG, place_of
from axis.envelope.values import (
    Attachment,
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentId,
    DocumentType,
    Envelope,
    ManifestReference,
    OrganId,
    Organization,
    OtherInfo,
    PromulgationInfo,
    Receiver,
    ReceiverType,
    Replacement,
    ResponseFor,
    ResponseForTask,
    SignatureKind,
    SignerInfo,
    StaffInfo,
    StatusCode,
    StatusEnvelope,
    TraceHeader,
)


def _business_type(text: str, element: etree._Element) -> BusinessType:
    if text not in {"0", "1", "2", "3"}:
        raise invalid(text, element, "0 | 1 | 2 | 3")
    return BusinessType(int(text))


def _receiver_type(text: str, element: etree._Element) -> ReceiverType:
    if text not in {"0", "1"}:
        raise invalid(text, element, "0 | 1")
    return ReceiverType(int(text))


_ORGANIZATION: Final = table(fields.ORGANIZATION, required="OrganId")
_CODE: Final = table(fields.CODE, required="CodeNumber CodeNotation")
_PROMULGATION_INFO: Final = table(
    fields.PROMULGATION_INFO,
    required="PromulgationDate",
    forms={"PromulgationDate": written_date},
)
_DOCUMENT_TYPE: Final = table(
    fields.DOCUMENT_TYPE, required="Type", forms={"Type": number, "TypeDetail": number}
)
_SIGNER_INFO: Final = table(fields.SIGNER_INFO, required="FullName")
_OTHER_INFO: Final = table(
    fields.OTHER_INFO,
    forms={
        "Priority": number,
        "PromulgationAmount": number,
        "PageAmount": number,
        "Direction": flag,
    },
)
_RESPONSE_FOR: Final = table(fields.RESPONSE_FOR, forms={"PromulgationDate": written_date})
_STAFF_INFO: Final = table(fields.STAFF_INFO)
_TRACE_HEADER: Final = table(fields.TRACE_HEADER, forms={"Timestamp": written_time})
_BUSINESS: Final = table(
    fields.BUSINESS,
    required="BussinessDocType",
    forms={"BussinessDocType": _business_type, "Paper": flag},
)
_DOCUMENT_INFO: Final = table(
    fields.DOCUMENT_INFO, forms={"DocumentInfo": flag, "DocumentReceiver": flag}
)
_RECEIVER: Final = table(
    fields.RECEIVER,
    required="OrganId ReceiverType",
    forms={"ReceiverType": _receiver_type},
)
_REFERENCE: Final = table(fields.REFERENCE, required="ContentId")
_ATTACHMENT: Final = table(fields.ATTACHMENT, required="ContentId")

_TO: Final = Q + "To"
_RESPONSE: Final = Q + "ResponseFor"
_STATUS_CODE: Final = Q + "StatusCode"
_TIMESTAMP: Final = Q + "Timestamp"
_REQUIRED_ONCE: Final = cardinality.REQUIRED - {_TO}
_ZIP: Final = b"PK\x03\x04"
_HEAD_BYTES: Final = len(_ZIP)


def read(tree: etree._Element, skeleton: Skeleton | None = None) -> Envelope:
    """Return what a package says.

    Args:
        tree: the package, or its skeleton.
        skeleton: where ``tree`` is a skeleton, what its marks stand for.

    Raises:
        EnvelopeError: an element is missing or repeated, a value has the wrong form, or an
            attachment is not Base64; with its place.
    """
    envelope = child_of(tree, "edXMLEnvelope")
    header = child_of(envelope, "edXMLHeader")
    message = child_of(header, "MessageHeader")
    if is_status(message):
        return _status(header, message)
    return _document(tree, envelope, header, message, skeleton)


def is_status(message: etree._Element) -> bool:
    """Whether a MessageHeader is that of a status package."""
    tags = [child.tag for child in message]
    if _STATUS_CODE in tags:
        return True
    return _TO not in tags and _TIMESTAMP in tags


def attachment_bytes(tree: etree._Element, content_id: str) -> Iterator[bytes]:
    """Yield the decoded bytes of one inline attachment in pieces of at most 768 KiB.

    Raises:
        AttachmentMissingError: the package has no such attachment.
        NotBase64Error: its text is not Base64.
    """
    for listed in all_of(tree, Q + "AttachmentEncoded"):
        for element in all_of(listed, Q + "Attachment"):
            written = read_fields(element, _ATTACHMENT)
            if normal_content_id(written["content_id"]) == content_id:
                yield from decode_pieces(child_of(element, "ContentTransferEncoded").text or "")
                return
    raise AttachmentMissingError(expected=content_id, got="–")


def normal_content_id(written: str) -> str:
    """Return a ContentId without the ``cid:`` that some systems put before it."""
    return written[4:] if written[:4].lower() == "cid:" else written


# --- the two kinds -------------------------------------------------------------------------------


def _document(
    tree: etree._Element,
    envelope: etree._Element,
    header: etree._Element,
    message: etree._Element,
    skeleton: Skeleton | None,
) -> DocumentEnvelope:
    recipients: list[Organization] = []
    answers: list[ResponseFor] = []
    once: dict[str, etree._Element] = {}
    repeated = False
    for child in message:
        tag = child.tag
        if tag == _TO:
            recipients.append(_organization(child))
        elif tag == _RESPONSE:
            answers.append(_response_for(child))
        else:
            repeated = repeated or tag in once
            once[tag] = child
    if repeated or not recipients or not once.keys() >= _REQUIRED_ONCE:
        for fault in cardinality.faults(message, cardinality.MESSAGE_HEADER):
            raise fault
    due = once.get(Q + "DueDate")
    due_text = text_of(due)
    steering = once.get(Q + "SteeringType")
    steering_text = text_of(steering)
    other = once.get(Q + "OtherInfo")
    task = once.get(Q + "ResponseForTask")
    trace, business = _trace(header)
    return DocumentEnvelope(
        sender=_organization(once[Q + "From"]),
        recipients=tuple(recipients),
        document_id=DocumentId(filled(once[Q + "DocumentId"])),
        code=Code(**read_fields(once[Q + "Code"], _CODE)),
        promulgation_info=_promulgation_info(once[Q + "PromulgationInfo"]),
        document_type=DocumentType(**read_fields(once[Q + "DocumentType"], _DOCUMENT_TYPE)),
        subject=filled(once[Q + "Subject"]),
        signer_info=SignerInfo(**read_fields(once[Q + "SignerInfo"], _SIGNER_INFO)),
        content=text_of(once.get(Q + "Content")),
        due_date=written_date(due_text, due) if due is not None and due_text else None,
        other_info=OtherInfo() if other is None else _other_info(other),
        response_for=tuple(answers),
        steering_type=(
            number(steering_text, steering) if steering is not None and steering_text else None
        ),
        to_places=lines_of(once.get(Q + "ToPlaces"), "Place"),
        response_for_task=None if task is None else _task(task),
        trace=trace,
        business=business,
        manifest=manifest_of(envelope),
        attachments=attachments_of(tree, skeleton),
        signature=signature_of(header),
    )


def _status(header: etree._Element, message: etree._Element) -> StatusEnvelope:
    children = children_of(message)
    code = child_of(message, "StatusCode")
    stamp = child_of(message, "Timestamp")
    staff = children.get(Q + "StaffInfo")
    written = filled(code)
    try:
        status_code = StatusCode(written)
    except ValueError as error:
        raise invalid(written, code, " | ".join(StatusCode)) from error
    return StatusEnvelope(
        sender=_organization(child_of(message, "From")),
        response_for=_response_for(child_of(message, "ResponseFor")),
        status_code=status_code,
        description=text_of(children.get(Q + "Description")),
        timestamp=written_time(filled(stamp), stamp),
        staff_info=None if staff is None else StaffInfo(**read_fields(staff, _STAFF_INFO)),
        trace=_trace(header)[0],
        signature=signature_of(header),
    )


# --- the parts -----------------------------------------------------------------------------------


def _organization(element: etree._Element) -> Organization:
    return Organization(**read_fields(element, _ORGANIZATION))


def _promulgation_info(element: etree._Element) -> PromulgationInfo:
    return PromulgationInfo(**{"place": None, **read_fields(element, _PROMULGATION_INFO)})


def _other_info(element: etree._Element) -> OtherInfo:
    appendixes = first(element, Q + "Appendixes")
    return OtherInfo(
        appendixes=lines_of(appendixes, "Appendix"), **read_fields(element, _OTHER_INFO)
    )


def _response_for(element: etree._Element) -> ResponseFor:
    return ResponseFor(**read_fields(element, _RESPONSE_FOR))


def _task(element: etree._Element) -> ResponseForTask:
    for fault in cardinality.faults(element, cardinality.RESPONSE_FOR_TASK):
        raise fault
    return ResponseForTask(
        task_codes=lines_of(element, "TaskCode"),
        application_type=text_of(first(element, Q + "ApplicationType")),
    )


def _trace(header: etree._Element) -> tuple[tuple[TraceHeader, ...], Business]:
    listed = first(header, Q + "TraceHeaderList")
    if listed is None:
        return (), Business()
    hops: list[TraceHeader] = []
    business: Business | None = None
    for child in listed:
        if child.tag == Q + "TraceHeader":
            hop = {"organ_id": None, "timestamp": None, **read_fields(child, _TRACE_HEADER)}
            hops.append(TraceHeader(**hop))
        elif child.tag == Q + "Bussiness":
            if business is not None:
                for fault in cardinality.faults(listed, cardinality.TRACE_HEADER_LIST):
                    raise fault
            business = _business(child)
    return tuple(hops), business or Business()


def _business(element: etree._Element) -> Business:
    children = children_of(element)
    info = children.get(Q + "BussinessDocumentInfo")
    replaced = children.get(Q + "ReplacementInfoList")
    staff = children.get(Q + "StaffInfo")
    changes = {} if info is None else read_fields(info, _DOCUMENT_INFO)
    return Business(
        receivers=() if info is None else _receivers(info),
        replacements=() if replaced is None else tuple(map(_replacement, replaced)),
        staff_info=None if staff is None else StaffInfo(**read_fields(staff, _STAFF_INFO)),
        **read_fields(element, _BUSINESS),
        **changes,
    )


def _receivers(info: etree._Element) -> tuple[Receiver, ...]:
    listed = first(info, Q + "ReceiverList")
    if listed is None:
        return ()
    return tuple(
        Receiver(**read_fields(element, _RECEIVER)) for element in all_of(listed, Q + "Receiver")
    )


def _replacement(element: etree._Element) -> Replacement:
    listed = first(element, Q + "OrganIdList")
    return Replacement(
        document_id=DocumentId(filled(child_of(element, "DocumentId"))),
        organ_ids=tuple(map(OrganId, lines_of(listed, "OrganId"))),
    )


def manifest_of(envelope: etree._Element) -> tuple[ManifestReference, ...]:
    """Return the attachments that the manifest lists."""
    found: list[ManifestReference] = []
    for body in all_of(envelope, Q + "edXMLBody"):
        for manifest in all_of(body, Q + "edXMLManifest"):
            for element in all_of(manifest, Q + "Reference"):
                written = read_fields(element, _REFERENCE)
                written["content_id"] = normal_content_id(written["content_id"])
                found.append(ManifestReference(**written))
    return tuple(found)


def attachments_of(tree: etree._Element, skeleton: Skeleton | None) -> tuple[Attachment, ...]:
    """Return the attachments that travel inside, decoded and hashed."""
    found: list[Attachment] = []
    for listed in all_of(tree, Q + "AttachmentEncoded"):
        elements = all_of(listed, Q + "Attachment")
        found.extend(_attachment(element, skeleton) for element in elements)
    return tuple(found)


def _attachment(element: etree._Element, skeleton: Skeleton | None) -> Attachment:
    written = read_fields(element, _ATTACHMENT)
    written["content_id"] = normal_content_id(written["content_id"])
    encoded = child_of(element, "ContentTransferEncoded")
    text = encoded.text or ""
    number = skeleton.number(text) if skeleton is not None else None
    if skeleton is not None and number is not None:
        content = skeleton.content(number)
        return Attachment(
            sha256=content.sha256,
            size_bytes=content.size_bytes,
            is_zip=content.head.startswith(_ZIP),
            **written,
        )
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        for piece in decode_pieces(text):
            digest.update(piece)
            size += len(piece)
            if len(head) < _HEAD_BYTES:
                head += piece[:_HEAD_BYTES]
    except NotBase64Error as error:
        raise NotBase64Error(place=place_of(encoded), **error.facts) from error
    return Attachment(
        sha256=digest.digest(), size_bytes=size, is_zip=head.startswith(_ZIP), **written
    )


def signature_of(header: etree._Element) -> SignatureKind:
    """Return which Signature element a header has."""
    kinds = {child.tag for child in header}
    if f"{{{XMLDSIG}}}Signature" in kinds:
        return SignatureKind.XMLDSIG
    if not kinds.isdisjoint(_PLACEHOLDERS):
        return SignatureKind.PLACEHOLDER
    return SignatureKind.NONE


_PLACEHOLDERS: Final = frozenset({Q + "Signature", Q + "DigitalSignature"})
