"""An envelope as rows for people and as an object for programs."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

import msgspec

from axis.commands.output import instant
from axis.delivery.lanes import PRIORITIES
from axis.envelope.dates import WrittenDate, WrittenTime
from axis.envelope.values import (
    BusinessType,
    DocumentEnvelope,
    Envelope,
    Message,
    Organization,
    ResponseFor,
    StatusEnvelope,
)

Row = tuple[str, str]

#: What the fields are called, in English and Vietnamese.
LABELS: Final = {
    "kind": ("package", "gói tin"),
    "from": ("from", "nơi gửi"),
    "to": ("to", "nơi nhận"),
    "sign": ("number and notation", "số, ký hiệu"),
    "document_id": ("document id", "mã văn bản"),
    "type": ("kind of document", "loại văn bản"),
    "subject": ("subject", "trích yếu"),
    "content": ("content", "nội dung"),
    "issued": ("issued", "ban hành"),
    "signer": ("signed by", "người ký"),
    "due": ("due", "hạn trả lời"),
    "priority": ("priority", "độ khẩn"),
    "answers": ("answers", "trả lời văn bản"),
    "reason": ("reason", "lý do"),
    "concerns": ("concerns", "về văn bản"),
    "receiver": ("receiver change", "thay đổi nơi nhận"),
    "replaces": ("replaces", "thay thế"),
    "status": ("status", "trạng thái"),
    "description": ("description", "mô tả"),
    "staff": ("official", "người thực hiện"),
    "at": ("at", "thời điểm"),
    "hop": ("hop", "chặng"),
    "attachment": ("attachment", "tệp đính kèm"),
    "signature": ("signature", "chữ ký"),
}

_KINDS: Final = {
    BusinessType.NEW: ("new document", "văn bản mới"),
    BusinessType.RECALL: ("recall", "thu hồi"),
    BusinessType.UPDATE: ("update", "cập nhật"),
    BusinessType.REPLACE: ("replacement", "thay thế"),
}
_STATUSES: Final = {
    "01": ("arrived", "đã đến"),
    "02": ("refused", "từ chối tiếp nhận"),
    "03": ("registered", "đã tiếp nhận"),
    "04": ("assigned", "phân công"),
    "05": ("in process", "đang xử lý"),
    "06": ("completed", "hoàn thành"),
    "13": ("recall requested", "yêu cầu lấy lại"),
    "15": ("change agreed to", "đồng ý cập nhật, lấy lại"),
    "16": ("change refused", "từ chối cập nhật, lấy lại"),
}
_SIGNATURES: Final = {
    "none": ("none", "không có"),
    "placeholder": ("a placeholder, not a signature", "chỉ là phần tử giữ chỗ"),
    "xmldsig": ("present, not verified here", "có, chưa kiểm tra tại đây"),
}


def as_fields(envelope: Envelope, lang: str) -> list[Row]:
    """Return labelled rows in the order in which a clerk reads."""
    language = 1 if lang == "vi" else 0
    if isinstance(envelope, DocumentEnvelope):
        rows = _document(envelope, language)
    elif isinstance(envelope, Message):
        rows = _message(envelope)
    else:
        rows = _status(envelope, language)
    return [(LABELS[key][language], value) for key, value in rows if value]


def as_object(envelope: Envelope) -> dict[str, object]:
    """Return an object whose keys are the fields of the values; digests are hex."""
    return {"kind": envelope.type, **{name: _plain(value) for name, value in _items(envelope)}}


def _message(envelope: Message) -> Iterator[Row]:
    yield "kind", f"{envelope.type}/{envelope.version}"
    yield "from", str(envelope.sender.organ_id)
    yield "to", ", ".join(map(str, envelope.addresses))
    yield "sign", envelope.sign or ""
    yield "subject", envelope.title or ""
    yield "due", f"{envelope.due_at:%Y-%m-%d %H:%M} UTC" if envelope.due_at else ""


def _document(envelope: DocumentEnvelope, language: int) -> Iterator[Row]:
    business, signer, issued = envelope.business, envelope.signer_info, envelope.promulgation_info
    yield "kind", _KINDS[business.doc_type][language]
    yield "from", _office(envelope.sender)
    for recipient in envelope.recipients:
        yield "to", _office(recipient)
    yield "sign", envelope.code.sign
    yield "document_id", envelope.document_id
    yield "type", f"{envelope.document_type.type} {envelope.document_type.type_name or ''}"
    yield "subject", envelope.subject
    yield "content", envelope.content or ""
    yield "issued", _joined(issued.place, issued.promulgation_date.raw)
    yield "signer", _joined(signer.competence, signer.position, signer.full_name)
    yield "due", envelope.due_date.raw if envelope.due_date else ""
    yield "priority", _priority(envelope.priority, language)
    for answer in envelope.response_for:
        yield "answers", _about(answer)
    yield "reason", business.reason or ""
    yield "concerns", business.document_id or ""
    for change in business.receivers:
        yield "receiver", f"{'+' if change.receiver_type else '−'} {change.organ_id}"
    for replaced in business.replacements:
        yield "replaces", _joined(replaced.document_id, *replaced.organ_ids)
    for hop in envelope.trace:
        yield "hop", _joined(hop.organ_id, hop.timestamp.raw if hop.timestamp else None)
    inside = {attachment.content_id: attachment for attachment in envelope.attachments}
    for reference in envelope.manifest:
        attachment = inside.get(reference.content_id)
        facts = f"{attachment.size_bytes} B, {attachment.sha256.hex()[:12]}" if attachment else "–"
        yield "attachment", _joined(reference.attachment_name, facts)
    yield "signature", _SIGNATURES[envelope.signature.value][language]


def _status(envelope: StatusEnvelope, language: int) -> Iterator[Row]:
    staff = envelope.staff_info
    yield "status", f"{envelope.status_code} {_STATUSES[envelope.status_code][language]}"
    yield "from", _office(envelope.sender)
    yield "to", envelope.response_for.organ_id or ""
    yield "concerns", _about(envelope.response_for)
    yield "description", envelope.description or ""
    yield "staff", _joined(staff.staff, staff.department) if staff else ""
    yield "at", envelope.timestamp.raw
    yield "signature", _SIGNATURES[envelope.signature.value][language]


def _office(office: Organization) -> str:
    return _joined(office.organ_id, office.organ_name)


def _about(answer: ResponseFor) -> str:
    return _joined(answer.code, answer.document_id, answer.organ_id)


def _priority(priority: int, language: int) -> str:
    return PRIORITIES[priority][language] if priority < len(PRIORITIES) else str(priority)


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _items(value: msgspec.Struct) -> Iterator[tuple[str, object]]:
    for name in value.__struct_fields__:
        yield name, getattr(value, name)


def _plain(value: object) -> object:
    match value:
        case WrittenDate():
            return {"raw": value.raw, "date": value.date.isoformat() if value.date else None}
        case WrittenTime():
            return {"raw": value.raw, "at": instant(value.at) if value.at else None}
        case Enum():
            return value.value
        case bytes():
            return value.hex()
        case tuple():
            return [_plain(one) for one in value]
        case msgspec.Struct():
            return {name: _plain(one) for name, one in _items(value)}
        case _:
            return value
