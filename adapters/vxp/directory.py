"""The offices of an axis as its clients read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from adapters.vxp.answers import told
from axis.directory.records import Record, code_at, in_force, name_at, office_at, standing_at
from axis.directory.snapshot import Directory
from axis.directory.values import Scheme, State, micros, moment

#: Codes of the axis itself, which nobody can be addressed by.
PSEUDO: Final = "W00"


def agencies(directory: Directory, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield every office that can be addressed."""
    t = micros(at)
    for record in _addressable(directory.records(), t):
        code = code_at(record, t)
        yield {
            **_named(record, code, t),
            "pid": _parent(record, t),
            "oldCode": _other_code(record, code, Scheme.QCVN102) or _code_before(record, code),
        }


def agencies_qd20(
    directory: Directory, at: datetime, level: int | None
) -> Iterator[dict[str, Any]]:
    """Yield the offices that have a code of QĐ 20/2020, of one level of it or of all."""
    t = micros(at)
    for record in _addressable(directory.records(), t):
        code = next(
            (f.code for f in record.codes if f.scheme == Scheme.QD20 and f.start <= t < f.end), ""
        )
        if not code or (level is not None and code.count(".") + 1 != level):
            continue
        yield {**_named(record, code, t), "code102": _other_code(record, code, Scheme.QCVN102)}


def units(directory: Directory, touched: dict[str, int], at: datetime) -> Iterator[dict[str, Any]]:
    """Yield the offices that were touched, closed ones marked."""
    t = micros(at)
    for office_id, version in touched.items():
        record = directory.record(office_id)
        if record is None:  # recorded by mistake
            yield {"id": office_id, "pid": "", "code": "", "name": "", "mail": "",
                   "centerCode": "", "version": version, "deleted": True, "isAgency": False,
                   "modifyDate": ""}  # fmt: skip
            continue
        office = office_at(record, t)
        if PSEUDO in office.code:
            continue
        acting = in_force(record.actings, t)
        changed = max((i for i in record.instants() if 0 < i <= t), default=0)
        yield {
            **_named(record, office.code, t),
            "pid": office.parent_id or "",
            "centerCode": acting.system_id if acting else "",
            "version": version,
            "deleted": office.state is State.CLOSED,
            "isAgency": acting is not None,
            "modifyDate": told(moment(changed)) if changed else "",
        }


def _addressable(records: Iterable[Record], t: int) -> Iterator[Record]:
    for record in records:
        standing = standing_at(record, t)
        works = standing is not None and standing.state in (State.ACTIVE, State.SUSPENDED)
        if works and PSEUDO not in code_at(record, t):
            yield record


def _named(record: Record, code: str, t: int) -> dict[str, Any]:
    contact = in_force(record.contacts, t)
    return {
        "id": record.office_id,
        "code": code,
        "name": name_at(record, t),
        "mail": contact.email if contact else "",
    }


def _parent(record: Record, t: int) -> str:
    parent = in_force(record.parents, t)
    return parent.parent_id if parent else ""


def _other_code(record: Record, code: str, scheme: Scheme) -> str:
    return next((f.code for f in record.codes if f.scheme == scheme and f.code != code), "")


def _code_before(record: Record, code: str) -> str:
    """Return the code that the office had last before this one."""
    ended = sorted((f.end, f.code) for f in record.codes if f.code != code)
    return ended[-1][1] if ended else ""
