"""A row of an export: one step of one document, opened, with its place in the log. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from axis.audit.branch import Branch
from axis.ledger.entry import LoggedEntry, parse_leaf
from axis.store.audit import Context

#: The columns of every export, with their headings.
COLUMNS: Final[Mapping[str, str]] = {
    "log": "Sổ cái (năm)",
    "index": "Số thứ tự",
    "time": "Thời điểm (UTC)",
    "event": "Sự kiện",
    "kind": "Loại gói tin",
    "document_id": "Mã định danh văn bản",
    "sign": "Số, ký hiệu",
    "sender": "Đơn vị gửi",
    "recipient": "Đơn vị nhận (như ghi)",
    "served": "Đơn vị được phục vụ",
    "state": "Trạng thái gửi nhận",
    "status": "Trạng thái xử lý",
    "reason": "Lý do",
    "weak": "Chữ ký yếu",
    "package_id": "Mã gói tin",
    "delivery_id": "Mã lượt gửi",
    "body": "Mã băm gói tin",
    "entry_id": "Mã mục sổ cái",
    "leaf_hash": "Mã băm mục sổ cái",
    "proof": "Tham chiếu chứng minh",
}

Row = dict[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which rows are wanted; what is not named is not asked."""

    offices: frozenset[str] = frozenset()  #: sender, addressee or served
    branch: Branch | None = None  #: likewise; with offices, either of the two is enough
    begin: date | None = None  #: first day, UTC
    end: date | None = None  #: last day, UTC
    document: str | None = None  #: DocumentId or number/notation
    kind: str | None = None  #: the message type
    event: str | None = None  #: last word of the event's URI
    state: str | None = None

    def wants(self, row: Row) -> bool:
        """Tell whether a row is wanted."""
        at = datetime.fromisoformat(str(row["time"]))
        day = at.date()
        return (
            self._wants_offices(_offices(row), at)
            and (self.begin is None or day >= self.begin)
            and (self.end is None or day <= self.end)
            and (self.document is None or self.document in (row["document_id"], row["sign"]))
            and (self.kind is None or self.kind == row["kind"])
            and (self.event is None or self.event == row["event"])
            and (self.state is None or self.state == row["state"])
        )

    def _wants_offices(self, offices: set[str], at: datetime) -> bool:
        if not self.offices and self.branch is None:
            return True
        if not self.offices.isdisjoint(offices):
            return True
        return self.branch is not None and any(self.branch.has(each, at) for each in offices)


def make_row(entry: LoggedEntry, context: Context) -> Row:
    """Return the row of an entry that has its place.

    Raises:
        EntryMalformedError: the record was changed.
    """
    leaf = parse_leaf(entry.leaf)
    opened = msgspec.json.decode(entry.opening, type=dict[str, str])
    return {
        "log": entry.log,
        "index": entry.leaf_index,
        "time": leaf.time,
        "event": leaf.event.rsplit("/", 1)[-1].rsplit(":", 1)[-1],
        "kind": context.kind,
        "document_id": context.document_id or opened.get("doc"),
        "sign": context.sign,
        "sender": opened.get("from") or context.sender,
        "recipient": opened.get("to") or context.address,
        "served": opened.get("served") or context.office_id,
        "state": context.state,
        "status": _set(leaf.status),
        "reason": _set(leaf.reason),
        "weak": _set(leaf.weak),
        "package_id": str(entry.package_id),
        "delivery_id": str(entry.delivery_id) if entry.delivery_id else None,
        "body": opened.get("body"),
        "entry_id": str(entry.entry_id),
        "leaf_hash": entry.leaf_hash.hex(),
        "proof": f"{entry.log}/{entry.leaf_index}",
    }


def _offices(row: Row) -> set[str]:
    return {str(row[name]) for name in ("sender", "recipient", "served") if row[name] is not None}


def _set(value: str | msgspec.UnsetType) -> str | None:
    return None if isinstance(value, msgspec.UnsetType) else value
