"""Where an office stood in a period: under which code, on which level, in which province. Pure.

An office that ended in the period stands where it stood last; so it counts in one place, and what
is counted of offices adds up to levels and provinces.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, TypeVar

import msgspec

from axis.delivery.workdays import VIETNAM
from axis.directory.records import Record, code_at, in_force, name_at
from axis.directory.snapshot import Directory
from axis.directory.values import (
    FOREVER,
    Level,
    ParentFact,
    StandingFact,
    State,
    micros,
    moment,
)

#: How far up an office can stand; a ring of parents, which no plan lets in, ends here.
_HIGHEST: Final = 12

S = TypeVar("S", StandingFact, ParentFact)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An office in a period."""

    office_id: str
    code: str
    name: str
    level: str
    province_id: str = ""  #: the province that it is, or is below; empty: central, or not known
    province: str = ""  #: its code
    province_name: str = ""
    above: tuple[str, ...] = ()  #: ids of the offices above it, the nearest first
    ended_on: date | None = None  #: by the end of the period
    heirs: tuple[str, ...] = ()  #: codes of the offices that go on with its affairs


def place_of(directory: Directory, office_id: str, *, at: datetime) -> Place:
    """Return where an office stood at an instant, or last before it.

    An office that the directory does not know stands nowhere, under its id.
    """
    t = micros(at)
    record = directory.record(office_id)
    if record is None:
        return Place(office_id=office_id, code="", name=office_id, level="")
    standing = _last(record.standings, t)
    end = standing.end if standing and standing.end <= t else FOREVER
    then = min(t, end - 1)
    above = tuple(_above(directory, record, t))
    line = (record, *(found for one in above if (found := directory.record(one)) is not None))
    # The highest one: a department of a province stands on its level, too.
    provinces = [one for one in line if _level(one, t) == Level.PROVINCIAL]
    province = provinces[-1] if provinces else None
    heirs = {
        fact.successor_id
        for fact in record.successions
        if fact.effective <= t and fact.successor_id not in (None, office_id)
    }
    ended = moment(end)
    return Place(
        office_id=office_id,
        code=code_at(record, then),
        name=name_at(record, then),
        level=_level(record, t),
        province_id=province.office_id if province else "",
        province=code_at(province, _while_it_stood(province, t)) if province else "",
        province_name=name_at(province, _while_it_stood(province, t)) if province else "",
        above=above,
        ended_on=ended.astimezone(VIETNAM).date() if ended is not None else None,
        heirs=tuple(
            sorted(
                code_at(heir, t)
                for one in heirs
                if (heir := directory.record(one or "")) is not None
            )
        )
        if ended is not None
        else (),
    )


def lineage(directory: Directory, office_id: str) -> set[str]:
    """Return an office and all that go on with its affairs, at whatever time."""
    found, new = set[str](), {office_id}
    while new:
        found |= new
        new = {
            fact.successor_id
            for one in new
            if (record := directory.record(one)) is not None
            for fact in record.successions
            if fact.successor_id is not None
        } - found
    return found


def _above(directory: Directory, record: Record, t: int) -> Iterable[str]:
    for _ in range(_HIGHEST):
        parent = _last(record.parents, t)
        found = directory.record(parent.parent_id) if parent else None
        if found is None:
            return
        yield found.office_id
        record = found


def _level(record: Record, t: int) -> str:
    standing = _last(record.standings, t)
    return str(standing.level) if standing else ""


def _while_it_stood(record: Record, t: int) -> int:
    standing = _last(record.standings, t)
    return min(t, standing.end - 1) if standing else t


def _last(facts: Iterable[S], t: int) -> S | None:
    """Return the fact in force, else the last one before; a closed office's own end is no fact."""
    live: list[S] = [
        fact
        for fact in facts
        if not (isinstance(fact, StandingFact) and fact.state == State.CLOSED)
    ]
    found = in_force(live, t)
    if found is None:
        past = [fact for fact in live if fact.end <= t]
        found = past[-1] if past else (live[0] if live else None)
    return found
