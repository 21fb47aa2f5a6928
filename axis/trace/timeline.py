"""Turns a story into lines: when, what, who. Pure; both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from axis.errors import Lang
from axis.ledger.entry import LoggedEntry, open_entry, parse_leaf
from axis.ledger.events import Event
from axis.store.deliveries import DeliveryRecord
from axis.store.packages import PackageRecord
from axis.trace.gather import Story

#: What happened, for people; ``{to}`` is the addressee, ``{by}`` who acted.
SENTENCES: Final[Mapping[Event, tuple[str, str]]] = {
    Event.SUBMISSION_ACCEPTANCE: (
        "accepted by the axis from {by}",
        "trục đã tiếp nhận từ {by}",
    ),
    Event.SUBMISSION_REJECTION: ("refused by the axis: {why}", "trục từ chối: {why}"),
    Event.CONTENT_CONSIGNMENT: ("on its way to {to}", "đã chuyển tới {to}"),
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
}

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

#: Why a delivery is held.
HELD: Final[Mapping[str, tuple[str, str]]] = {
    "no-system": ("its system is not connected yet", "hệ thống của đơn vị chưa kết nối"),
    "divided": ("the office was divided", "đơn vị đã bị chia tách"),
    "rule": ("a person decides by rule", "chờ người có thẩm quyền quyết định"),
    "no-successor": ("the office was closed", "đơn vị đã giải thể"),
    "suspended": ("the office is suspended", "đơn vị đang tạm ngừng"),
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


def tell(story: Story, *, lang: Lang, name_of: Callable[[str], str]) -> tuple[Chapter, ...]:
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
            title=_title(package, lang),
            deliveries=tuple(d for d in story.deliveries if d.package_id == package.id),
            lines=tuple(sorted(lines[package.id], key=lambda line: line.at)),
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
    text = template.format(
        by=name_of(sender) if sender else values.get("system", "–"),
        to=name_of(to) if to else "–",
        status=STATUSES.get(status, (status, status))[which],
        why=_why(leaf.reason or None, packages.get(entry.package_id), which, lang),
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
    if reason is not None and reason in HELD:
        return HELD[reason][which]
    if package and package.refusal and package.refusal.code == reason:
        return f"{package.refusal.text(lang)} ({reason})"
    return reason or ""


def _title(package: PackageRecord, lang: Lang) -> str:
    which = 1 if lang == "vi" else 0
    if package.kind == "status":
        code = package.status_code or ""
        return f"{('status', 'trạng thái')[which]} {STATUSES.get(code, (code, code))[which]}"
    if package.kind == "document":
        return BUSINESS[package.business_type or 0][which]
    return ("package that could not be read", "gói tin không đọc được")[which]
