"""What a message says: as mail, and as JSON for a webhook. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from axis.alerts.decide import Kind
from axis.delivery.workdays import VIETNAM
from axis.errors import Fault, Lang, Refusal
from axis.store.alarms import AlarmRecord
from axis.store.operations import Message

MAIL: Final = "mail"
WEBHOOK: Final = "webhook"
#: What a receiver of a webhook must find in ``tag`` of the signature.
TAG: Final = "axis-alert"
_NAMESPACE: Final = UUID("6f2f1a52-8d0e-5a0b-9d52-2b6a3c1f7a10")
_SHOWN: Final = 5

_WORDS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "vi": {
        Kind.RAISED: "cảnh báo mới",
        Kind.AGAIN: "vẫn chưa xử lý",
        Kind.ESCALATED: "chưa ai xử lý, chuyển cấp trên",
        Kind.OVER: "đã hết",
        Kind.TEST: "thư thử",
        "since": "Từ",
        "times": "số lần",
        "next": "Cần làm",
        "ack": "Khi đã có người xử lý",
        "test": "Đây là thư thử của trục liên thông văn bản. Không có gì hỏng.",
        "foot": "Xem tất cả: axis alert list. Tạm im lặng: axis alert silence.",
        "and": "và {count} cảnh báo khác",
    },
    "en": {
        Kind.RAISED: "new alarm",
        Kind.AGAIN: "still not seen to",
        Kind.ESCALATED: "nobody has seen to it",
        Kind.OVER: "over",
        Kind.TEST: "a test",
        "since": "Since",
        "times": "times",
        "next": "Next",
        "ack": "When somebody sees to it",
        "test": "This is a test of the document interconnection axis. Nothing is wrong.",
        "foot": "All of them: axis alert list. To keep quiet for a while: axis alert silence.",
        "and": "and {count} more",
    },
}


def plain(alarm: AlarmRecord) -> dict[str, Any]:
    """Return an alarm as a message keeps it."""
    return {
        "code": alarm.code,
        "subject": alarm.subject,
        "facts": dict(alarm.facts),
        "first_at": alarm.first_at.isoformat(),
        "last_at": alarm.last_at.isoformat(),
        "times": alarm.times,
        "ended_at": alarm.ended_at.isoformat() if alarm.ended_at else None,
    }


def write(
    kind: Kind,
    alarms: Sequence[AlarmRecord],
    targets: Iterable[tuple[str, str]],
    *,
    round_of: str,
    now: datetime,
) -> list[Message]:
    """Return one message for each target; the same round makes the same messages.

    Args:
        kind: why.
        alarms: of which; all of them in one message.
        targets: channel and address.
        round_of: what tells this telling from the next one of the same alarms.
        now: the instant.
    """
    return [
        Message(
            id=uuid5(_NAMESPACE, f"{kind}|{round_of}|{channel}|{target}"),
            channel=channel,
            target=target,
            kind=kind.value,
            alarms=[plain(one) for one in alarms],
            made_at=now,
            due_at=now,
        )
        for channel, target in targets
    ]


def mail_of(message: Message, *, sender: str, name: str, lang: Lang) -> EmailMessage:
    """Return a message as mail; sent twice, it has the same Message-ID."""
    words = _WORDS[lang]
    kind = Kind(message.kind)
    codes = sorted({str(one["code"]) for one in message.alarms})
    shown = ", ".join(codes[:_SHOWN])
    if len(codes) > _SHOWN:
        shown += " " + words["and"].format(count=len(codes) - _SHOWN)
    subject = f"[axis {name}] {words[kind]}"
    if message.alarms:
        subject += f" ({len(message.alarms)}): {shown}"
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.target
    mail["Subject"] = _line(subject)
    mail["Date"] = format_datetime(message.made_at)
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2] or 'axis'}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers to it
    mail["X-Axis-Kind"] = kind.value
    mail.set_content(_text(message, lang))
    return mail


def _text(message: Message, lang: Lang) -> str:
    words = _WORDS[lang]
    if message.kind == Kind.TEST:
        return words["test"] + "\n"
    parts = []
    for alarm in message.alarms:
        refusal = _refusal(alarm)
        lines = [
            f"{words[Kind(message.kind)].upper()}: {_line(refusal.text(lang))}",
            f"  {alarm['code']} · {_line(alarm['subject'])}",
            f"  {words['since']}: {_local(alarm['first_at'])} ({words['times']}: {alarm['times']})",
        ]
        if alarm["ended_at"] is None:
            command = f"axis alert ack {alarm['code']} {shlex.quote(alarm['subject'])}"
            lines.append(f"  {words['next']}: {_line(refusal.hint(lang))}")
            lines.append(f"  {words['ack']}: {command}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + f"\n\n{words['foot']}\n"


def body_of(message: Message, *, name: str) -> bytes:
    """Return a message as a webhook gets it (JSON)."""
    return msgspec.json.encode(
        {
            "message_id": message.id,
            "type": f"alert.{message.kind}",
            "installation": name,
            "made_at": message.made_at,
            "alarms": [
                {
                    **alarm,
                    "text": {"en": refusal.text("en"), "vi": refusal.text("vi")},
                    "next": {"en": refusal.hint("en"), "vi": refusal.hint("vi")},
                }
                for alarm in message.alarms
                if (refusal := _refusal(alarm))
            ],
        }
    )


def _refusal(alarm: Mapping[str, Any]) -> Refusal:
    return Refusal(code=alarm["code"], fault=Fault.OUTAGE, facts=alarm["facts"])


def _local(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def _line(text: str) -> str:
    return " ".join(text.split())
