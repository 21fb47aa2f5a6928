"""Turns a story into lines: when, what, who. Pure; both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from axis.delivery.causes import CAUSES
from axis.errors import Lang
from axis.ledger.entry import Leaf, LoggedEntry, parse_leaf
from axis.ledger.events import Event
from axis.ledger.opening import open_entry
from axis.store.deliveries import DeliveryRecord
from axis.store.messages import MessageRecord
from axis.store.packages import PackageRecord
from axis.store.parts import PackagePart
from axis.trace.gather import Story
from axis.trace.words import Field, fields_of, kind_title, message_title

#: What happened, for people; ``{to}`` is the addressee, ``{by}`` who acted.
SENTENCES: Final[Mapping[Event, tuple[str, str]]] = {
    Event.SUBMISSION_ACCEPTANCE: (
        "accepted by the axis from {by}",
        "trục đã tiếp nhận từ {by}",
    ),
    Event.SUBMISSION_REJECTION: ("refused by the axis: {why}", "trục từ chối: {why}"),
    Event.RELAY_ACCEPTANCE: (
        "accepted by the other axis for {to}",
        "trục kia đã tiếp nhận cho {to}",
    ),
    Event.CONTENT_CONSIGNMENT: ("on its way to {to}", "đã đưa vào hàng chờ giao cho {to}"),
    Event.CONSIGNMENT_HELD: ("held for {to}: {why}", "đang giữ lại cho {to}: {why}"),
    Event.CONSIGNMENT_RELEASED: ("released to {to}", "đã chuyển tiếp tới {to}"),
    Event.CONTENT_FETCH: ("taken by the system of {to}", "hệ thống của {to} đã tải về"),
    Event.CONTENT_HANDOVER: (
        "receipt confirmed by the system of {to}",
        "hệ thống của {to} xác nhận đã nhận",
    ),
    Event.CONSIGNMENT_ACCEPTANCE: ("{by} reports {status}", "{by} báo {status}"),
    Event.CONSIGNMENT_REJECTION: ("{by} reports {status}", "{by} báo {status}"),
    Event.BUSINESS_STATUS: ("{by} reports {status}", "{by} báo {status}"),
    Event.CONSIGNMENT_PARKED: ("set aside for {to}: {why}", "tạm dừng giao cho {to}: {why}"),
    Event.CONSIGNMENT_RECALLED: (
        "stopped before {to} took it: {why}",
        "đã dừng trước khi {to} nhận: {why}",
    ),
    Event.CONSIGNMENT_REDIRECTED: (
        "redirected from {to} to {served}: {why}",
        "đã chuyển hướng từ {to} sang {served}: {why}",
    ),
    Event.CONTENT_CONSIGNMENT_FAILURE: (
        "not delivered to {to}: {why}",
        "không giao được cho {to}: {why}",
    ),
    Event.CONTENT_HANDOVER_FAILURE: (
        "not taken by the system of {to}: {why}",
        "hệ thống của {to} không nhận: {why}",
    ),
    Event.CHANGE_REQUEST: ("{to} is asked: {kind}", "đề nghị {to}: {kind}"),
    Event.DEADLINE_REMINDER: ("late at {to}: {why}", "quá hạn tại {to}: {why}"),
    Event.BODY_PURGE: (
        "the bytes were removed after the time of keeping",
        "đã xóa nội dung sau thời hạn lưu giữ",
    ),
    Event.LEGAL_HOLD: ("to be kept: {why}", "yêu cầu lưu giữ: {why}"),
    Event.LEGAL_HOLD_LIFTED: ("no longer to be kept: {why}", "bỏ yêu cầu lưu giữ: {why}"),
}

#: Why somebody is reminded before a deadline.
DUE_SOON: Final = "due-soon"

#: Statuses of QCVN 102, as an official says them.
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "01": ("01, arrived", "01, đã đến"),
    "02": ("02, refused", "02, từ chối tiếp nhận"),
    "03": ("03, registered", "03, đã tiếp nhận, vào sổ"),
    "04": ("04, assigned", "04, đã phân công"),
    "05": ("05, in progress", "05, đang xử lý"),
    "06": ("06, completed", "06, hoàn thành"),
    "13": ("13, asks for the document back", "13, yêu cầu lấy lại văn bản"),
    "15": ("15, agrees to the change or recall", "15, đồng ý cập nhật hoặc lấy lại"),
    "16": ("16, refuses the change or recall", "16, từ chối cập nhật hoặc lấy lại"),
}

#: What a package does, by BussinessDocType; a status package is named by its code instead.
BUSINESS: Final = (
    ("document", "văn bản"),
    ("recall", "thu hồi văn bản"),
    ("update", "cập nhật văn bản"),
    ("replacement", "thay thế văn bản"),
)

#: What a receiver is asked for.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "recall": ("recall", "thu hồi văn bản"),
    "update": ("update", "cập nhật văn bản"),
    "removal": ("recall, for it is no receiver any more", "thu hồi do không còn là nơi nhận"),
    "replace": ("replacement", "thay thế văn bản"),
    "take-back": ("recall (13)", "lấy lại văn bản (13)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened."""

    at: datetime
    event: str  #: the last part of the event's URI
    text: str
    index: int | None  #: place in the ledger; None while it waits for one
    package_id: UUID
    delivery_id: UUID | None
    entry_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One package of the story."""

    package: PackageRecord
    title: str
    deliveries: tuple[DeliveryRecord, ...]
    lines: tuple[Line, ...]
    parts: tuple[PackagePart, ...] = ()  #: attachments that came apart
    message: MessageRecord | None = None  #: where it is of another type than edXML's own
    stories: tuple[tuple[str, str], ...] = ()  #: type and key of what it belongs to
    fields: tuple[Field, ...] = ()  #: what the rules of its type find in it
    has_statuses: bool = False  #: its receivers may report how far they are


def tell(
    story: Story,
    *,
    lang: Lang,
    name_of: Callable[[str], str],
) -> tuple[Chapter, ...]:
    """Return the story, a chapter for each package, each in the order of time.

    Args:
        story: what the records know.
        lang: of the sentences.
        name_of: turns an OrganId as written into how it is shown, such as ``H49 UBND tỉnh …``.

    Raises:
        OpeningMismatchError: an entry is not the one that was committed to; the ledger is damaged.
    """
    facts = {package.id: package for package in story.packages}
    lines: dict[UUID, list[Line]] = {package.id: [] for package in story.packages}
    for entry in story.entries:
        line = _line(entry, facts, lang=lang, name_of=name_of)
        lines[entry.package_id].append(line)
    return tuple(
        Chapter(
            package=package,
            title=_title(package, story, lang),
            deliveries=tuple(d for d in story.deliveries if d.package_id == package.id),
            lines=tuple(sorted(lines[package.id], key=lambda line: line.at)),
            parts=tuple(story.parts.get(package.id, ())),
            message=story.messages.get(package.id),
            stories=tuple(story.stories.get(package.id, ())),
            fields=_fields(package, story, lang),
            has_statuses=any(rules.statuses for rules in story.types.named(package.kind or "")),
        )
        for package in story.packages
    )


def _line(
    entry: LoggedEntry,
    packages: Mapping[UUID, PackageRecord],
    *,
    lang: Lang,
    name_of: Callable[[str], str],
) -> Line:
    leaf = parse_leaf(entry.leaf)
    values = open_entry(entry.leaf, entry.salt, entry.opening)
    event = Event(leaf.event)
    which = 1 if lang == "vi" else 0
    sender, to = values.get("from"), values.get("to")
    status = leaf.status or ""
    template = SENTENCES.get(event, (event.name.lower(),) * 2)[which]
    if leaf.reason == DUE_SOON:
        template = ("an answer is due soon at {to}", "sắp đến hạn trả lời tại {to}")[which]
    text = template.format(
        by=name_of(sender) if sender else values.get("system", "–"),
        to=name_of(to) if to else "–",
        status=STATUSES.get(status, (status, status))[which],
        served=name_of(values["served"]) if "served" in values else "–",
        kind=_kind(leaf, which),
        why=_why(leaf.reason or None, packages.get(entry.package_id), which, lang)
        + _by_hand(values),
    )
    return Line(
        at=datetime.fromisoformat(leaf.time),
        event=event.value.rsplit("/", 1)[-1].rsplit(":", 1)[-1],
        text=text,
        index=entry.leaf_index,
        package_id=entry.package_id,
        delivery_id=entry.delivery_id,
        entry_id=entry.entry_id,
    )


def _why(reason: str | None, package: PackageRecord | None, which: int, lang: Lang) -> str:
    if reason is not None and reason in CAUSES:
        return (CAUSES[reason].en, CAUSES[reason].vi)[which]
    if package and package.refusal and package.refusal.code == reason:
        return f"{package.refusal.text(lang)} ({reason})"
    return reason or ""


def _kind(leaf: Leaf, which: int) -> str:
    kind = str(leaf.facts.get("kind", "")) if leaf.facts else ""
    return KINDS.get(kind, (kind, kind))[which]


def _by_hand(values: Mapping[str, str]) -> str:
    """Return who did it by hand and why, where somebody did."""
    if "why" not in values:
        return ""
    who = values.get("who", values.get("system", "–"))
    return f" ({who}: {values['why']})"


def _title(package: PackageRecord, story: Story, lang: Lang) -> str:
    message = story.messages.get(package.id)
    if message is not None:
        return message_title(message, story.types, lang)
    which = 1 if lang == "vi" else 0
    if package.status_code is not None:
        code = package.status_code
        return f"{('status', 'trạng thái')[which]} {STATUSES.get(code, (code, code))[which]}"
    if package.business_type is not None:
        return BUSINESS[package.business_type][which]
    if package.kind is not None:  # refused: what it does is not on record
        return kind_title(package.kind, story.types, lang)
    return ("package that could not be read", "gói tin không đọc được")[which]


def _fields(package: PackageRecord, story: Story, lang: Lang) -> tuple[Field, ...]:
    message = story.messages.get(package.id)
    if message is None:
        return ()
    return tuple(
        fields_of(
            package,
            message,
            story.types,
            lang,
            answers=story.answers.get(package.id, ()),
            stories=tuple(story.stories.get(package.id, ())),
        )
    )
