"""What clerks read: the small texts beside a document that was sent, refused or came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.client.values import Recipient, Submission
from adapters.client.vouched import Instead
from adapters.folder.spool import Job, Told
from axis.envelope.values import DocumentEnvelope, Envelope, Message, StatusEnvelope
from axis.errors import Lang
from axis.trust.values import VerifiedSignature

_WORDS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "vi": {
        "sent": "Trục đã tiếp nhận văn bản.",
        "refused": "Văn bản KHÔNG được gửi.",
        "suspect": "KHÔNG sử dụng văn bản này: không chứng minh được nguồn gốc hoặc nơi nhận.",
        "reason": "Lý do",
        "next": "Cách xử lý",
        "more": "Các lỗi khác",
        "code": "Mã lỗi",
        "package": "Mã gói tin",
        "at": "Thời điểm",
        "sha256": "SHA-256",
        "to": "Nơi nhận",
        "from": "Nơi gửi",
        "sign": "Số, ký hiệu",
        "date": "Ngày ban hành",
        "subject": "Trích yếu",
        "due": "Hạn xử lý",
        "priority": "Độ khẩn",
        "files": "Tệp đính kèm",
        "signed": "Chứng thư ký số",
        "weak": "Chữ ký yếu hoặc không có chữ ký",
        "note": "LƯU Ý",
        "delivery": "Mã giao nhận",
        "status": "Trạng thái",
        "said": "Nội dung",
        "receipt": "Biên nhận: các tệp .tlog-proof; kiểm tra bằng lệnh: axis receipt verify",
        "report": "Báo trạng thái: tạo tệp tên 03.txt (mã trạng thái) trong thư mục này",
    },
    "en": {
        "sent": "The axis has accepted the document.",
        "refused": "The document was NOT sent.",
        "suspect": "Do NOT use this document: its origin or its addressee is not proved.",
        "reason": "Reason",
        "next": "Next step",
        "more": "What else is wrong",
        "code": "Code",
        "package": "Package",
        "at": "Time",
        "sha256": "SHA-256",
        "to": "To",
        "from": "From",
        "sign": "Number and notation",
        "date": "Date",
        "subject": "Subject",
        "due": "Due",
        "priority": "Priority",
        "files": "Attachments",
        "signed": "Signing certificate",
        "weak": "Weak or absent signature",
        "note": "NOTE",
        "delivery": "Delivery",
        "status": "Status",
        "said": "Text",
        "receipt": "Receipts: the files .tlog-proof; verify them with: axis receipt verify",
        "report": "To report a status: make a file 03.txt (the status code) in this folder",
    },
}

#: What the codes of QCVN 102 mean to people.
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "01": ("đã đến", "arrived"),
    "02": ("từ chối tiếp nhận", "refused"),
    "03": ("đã tiếp nhận, vào sổ", "registered"),
    "04": ("đã phân công xử lý", "assigned"),
    "05": ("đang xử lý", "in work"),
    "06": ("đã hoàn thành", "completed"),
    "13": ("yêu cầu lấy lại", "recall requested"),
    "15": ("đồng ý cập nhật, lấy lại", "change agreed"),
    "16": ("từ chối cập nhật, lấy lại", "change refused"),
}


def accepted(job: Job, sent: Submission, lang: Lang) -> bytes:
    """Return what stands beside a document that the axis accepted."""
    lines = [
        ("sign", sent.sign),
        ("package", str(sent.package_id)),
        ("sha256", job.sha256),
        ("at", sent.decided_at.isoformat() if sent.decided_at else None),
        ("to", ", ".join(_recipient(one) for one in sent.recipients)),
    ]
    return _text("sent", lines, lang, end="receipt")


def refused(told: Told, lang: Lang, *, head: str = "refused") -> bytes:
    """Return why something was not sent, or is not to be used."""
    lines: list[tuple[str, str | None]] = [
        ("reason", told.text),
        ("next", told.hint),
        ("code", told.code),
    ]
    lines += [("more", one) for one in told.more]
    return _text(head, lines, lang)


def came(
    envelope: Envelope,
    facts: Mapping[str, Any],
    signature: VerifiedSignature,
    files: Sequence[str],
    lang: Lang,
    instead: Instead | None = None,
) -> bytes:
    """Return what stands beside a document that came; ``instead``: it was written to another."""
    lines: list[tuple[str, str | None]] = [
        ("from", f"{envelope.sender.organ_name or ''} ({envelope.sender.organ_id})".strip())
    ]
    end = None
    if isinstance(envelope, DocumentEnvelope):
        date, due = envelope.promulgation_info.promulgation_date, envelope.due_date
        lines += [
            ("sign", envelope.code.sign),
            ("date", date.raw if date else None),
            ("subject", envelope.subject),
            ("due", due.raw if due else None),
            ("priority", str(envelope.priority) if envelope.priority else None),
            ("to", ", ".join(f"{r.organ_name or r.organ_id}" for r in envelope.recipients)),
            *(("files", name) for name in files),
        ]
        end = "report"
    elif isinstance(envelope, Message):
        lines += [
            ("sign", envelope.sign),
            ("subject", envelope.title),
            ("due", f"{envelope.due_at:%Y-%m-%d %H:%M} UTC" if envelope.due_at else None),
            ("priority", str(envelope.priority) if envelope.priority else None),
            ("to", ", ".join(envelope.addresses)),
            *(("files", name) for name in files),
        ]
    else:
        lines += [
            ("status", status_text(envelope.status_code, lang)),
            ("sign", envelope.response_for.code),
            ("said", envelope.description),
        ]
    lines += [
        ("delivery", str(facts.get("delivery_id"))),
        ("signed", signature.certificate_sha256.hex()[:12] if not signature.weak else None),
        ("weak", str(signature.weak) if signature.weak else None),
    ]
    if instead is not None:
        lines.insert(0, ("note", _instead(instead, lang)))
    return _text(None, lines, lang, end=end)


def _instead(one: Instead, lang: Lang) -> str:
    vi = lang == "vi"
    if not one.is_redirected:
        return (
            f"bên gửi ghi nơi nhận là {one.written}, nay do {one.served} tiếp nhận thay theo danh "
            f"mục đơn vị của trục; việc này có ghi trong sổ của trục lúc {one.at}"
            if vi
            else f"the sender wrote to {one.written}, for which {one.served} is served by the "
            f"axis's list of offices; the axis's ledger has it at {one.at}"
        )
    why = f"; {'lý do' if vi else 'reason'}: {one.why}" if one.why else ""
    return (
        f"bên gửi ghi nơi nhận là {one.written}; đơn vị vận hành trục đã chuyển văn bản này tới "
        f"{one.served} lúc {one.at}{why}; việc này có ghi trong sổ của trục"
        if vi
        else f"the sender wrote to {one.written}; the axis operator gave it to {one.served} "
        f"at {one.at}{why}; the axis's ledger has it"
    )


def status_text(code: str, lang: Lang) -> str:
    """Return a status in words."""
    vi, en = STATUSES.get(code, ("", ""))
    return f"{code} {vi if lang == 'vi' else en}".strip()


def status_line(envelope: StatusEnvelope, lang: Lang) -> bytes:
    """Return what stands beside a document that we sent when a status about it comes."""
    lines = [
        ("status", status_text(envelope.status_code, lang)),
        ("from", f"{envelope.sender.organ_name or ''} ({envelope.sender.organ_id})".strip()),
        ("at", envelope.timestamp.raw),
        ("said", envelope.description),
    ]
    return _text(None, lines, lang)


def _recipient(one: Recipient) -> str:
    return f"{one.address} ({one.state})"


def _text(
    head: str | None,
    lines: Iterable[tuple[str, str | None]],
    lang: Lang,
    *,
    end: str | None = None,
) -> bytes:
    words = _WORDS[lang]
    parts = [words[head]] if head else []
    parts += [f"{words[key]}: {_one_line(value)}" for key, value in lines if value]
    if end:
        parts.append(words[end])
    # Notepad wants the mark and the line ends.
    return ("\ufeff" + "\r\n".join(parts) + "\r\n").encode()


def _one_line(text: str) -> str:
    return " ".join(text.split())
