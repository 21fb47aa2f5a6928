"""What is different in the country between two instants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from axis.directory.records import Record, code_at, name_at, office_at, standing_at
from axis.directory.snapshot import Directory
from axis.directory.values import Office, State, micros

_WORKS = (State.ACTIVE, State.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing about one office that was so and is so now."""

    office_id: str
    what: str  #: founded, closed, name, code, parent, level or state
    code: str
    before: str | None
    after: str | None


def differences(directory: Directory, old: datetime, new: datetime) -> Iterator[Difference]:
    """Yield what changed from ``old`` to ``new``, in the order of the directory."""
    t, u = micros(old), micros(new)
    for record in directory.records():
        if _touched(record, min(t, u), max(t, u)):
            yield from _of(directory, record, t, u)


def successors_of(directory: Directory, record: Record, at: datetime) -> dict[str, list[str]]:
    """Return the working offices that succeed one at the end of all chains, each with its way."""
    t = micros(at)
    found: dict[str, list[str]] = {}
    waiting: list[tuple[Record, list[str]]] = [(record, [])]
    seen = {record.office_id}
    while waiting:
        here, way = waiting.pop(0)
        standing = standing_at(here, t)
        if way and standing is not None and standing.state in _WORKS:
            found[here.office_id] = way
            continue
        for fact in here.successions:
            successor = directory.record(fact.successor_id or "")
            if successor is None or fact.effective > t or successor.office_id in seen:
                continue
            seen.add(successor.office_id)
            waiting.append((successor, [*way, code_at(successor, t)]))
    return found


def _touched(record: Record, t: int, u: int) -> bool:
    return any(
        t < fact.start <= u or t < fact.end <= u
        for facts in (record.standings, record.names, record.codes, record.parents)
        for fact in facts
    )


def _of(directory: Directory, record: Record, t: int, u: int) -> Iterator[Difference]:
    old, new = _view(record, t), _view(record, u)
    code = code_at(record, u)
    if old is None or new is None:
        if new is not None:
            yield _difference(record, "founded", code, None, new.name)
        elif old is not None:
            yield _difference(record, "closed", old.code, old.name, _heirs(directory, record, u))
        return
    if old.name != new.name:
        yield _difference(record, "name", code, old.name, new.name)
    if old.level != new.level:
        yield _difference(record, "level", code, old.level, new.level)
    if old.state != new.state:
        yield _difference(record, "state", code, old.state, new.state)
    if old.parent_id != new.parent_id:
        before, after = (
            _code(directory, old.parent_id, t),
            _code(directory, new.parent_id, u),
        )
        yield _difference(record, "parent", code, before, after)
    before_codes = {f.code for f in record.codes if f.start <= t < f.end}
    after_codes = {f.code for f in record.codes if f.start <= u < f.end}
    if before_codes != after_codes:
        gone = " ".join(sorted(before_codes - after_codes))
        come = " ".join(sorted(after_codes - before_codes))
        yield _difference(record, "code", code, gone or None, come or None)


def _view(record: Record, t: int) -> Office | None:
    standing = standing_at(record, t)
    works = standing is not None and standing.state in _WORKS
    return office_at(record, t) if works else None


def _heirs(directory: Directory, record: Record, u: int) -> str | None:
    heirs = [f.successor_id for f in record.successions if f.effective <= u and f.successor_id]
    return " ".join(filter(None, (_code(directory, heir, u) for heir in heirs))) or None


def _code(directory: Directory, office_id: str | None, t: int) -> str | None:
    record = directory.record(office_id) if office_id else None
    return (code_at(record, t) or name_at(record, t)) if record else None


def _difference(
    record: Record, what: str, code: str, before: str | None, after: str | None
) -> Difference:
    return Difference(office_id=record.office_id, what=what, code=code, before=before, after=after)
