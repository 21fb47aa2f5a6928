"""Plans for systems: add one, change one, let one act for offices from an instant on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from axis.directory.change import Change
from axis.directory.errors import (
    OfficeUnknownError,
    OverlapError,
    SystemBadIdError,
    SystemExistsError,
    SystemUnknownError,
)
from axis.directory.records import Fact, Record, code_at
from axis.directory.snapshot import Directory
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    ActingFact,
    ReceivesBy,
    System,
    SystemFact,
    SystemState,
    micros,
    moment,
)

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPlan:
    """What a change of systems would do."""

    change: Change
    facts: Mapping[str, Any]

    def summary(self) -> Mapping[str, Any]:
        """Return what is kept beside the change."""
        return self.facts


def plan_add(
    directory: Directory, system_id: str, *, name: str, receives_by: ReceivesBy, connected: bool
) -> SystemPlan:
    """Return the change that adds a system; none where it is there and says the same.

    Raises:
        SystemBadIdError: the id cannot be part of a queue's name.
        SystemExistsError: a system of this id is there and differs.
    """
    if not _ID.fullmatch(system_id):
        raise SystemBadIdError(system_id=system_id)
    known = directory.system(system_id)
    if known is not None:
        for field, got, expected in (
            ("name", known.name, name),
            ("receives_by", known.receives_by, receives_by),
        ):
            if got != expected:
                raise SystemExistsError(system_id=system_id, field=field, got=str(got))
        return SystemPlan(change=Change(), facts={})
    fact = SystemFact(system_id, name, receives_by, SystemState.ACTIVE, connected)
    return SystemPlan(change=Change(added=(fact,)), facts={"system_id": system_id})


def plan_set(
    directory: Directory,
    system_id: str,
    *,
    name: str | None = None,
    receives_by: ReceivesBy | None = None,
    state: SystemState | None = None,
    connected: bool | None = None,
) -> SystemPlan:
    """Return the change that gives a system other values; None leaves a value as it is.

    Raises:
        SystemUnknownError: there is no such system.
    """
    known = _known(directory, system_id)
    old = SystemFact(system_id, known.name, known.receives_by, known.state, known.connected)
    new = SystemFact(
        system_id,
        known.name if name is None else name,
        known.receives_by if receives_by is None else receives_by,
        known.state if state is None else state,
        known.connected if connected is None else connected,
    )
    change = Change() if new == old else Change(added=(new,), retired=(old,))
    return SystemPlan(change=change, facts={"system_id": system_id})


def plan_assign(
    directory: Directory,
    system_id: str,
    codes: Iterable[str],
    *,
    start: int | None,
    now: datetime,
    below: bool = False,
) -> SystemPlan:
    """Return the change that lets a system act for offices from ``start`` (microseconds) on.

    The system that acted until then ends at ``start``. Without ``start``, an office that no system
    ever acted for is taken since ever, one that another system acts for is taken over at ``now``.
    ``below`` takes all offices under the named ones as well.

    Raises:
        SystemUnknownError: there is no such system.
        OfficeUnknownError: nobody has one of the codes at ``now`` nor at ``start``.
        OverlapError: a later assignment of one of the offices is recorded already.
    """
    _known(directory, system_id)
    records: dict[str, Record] = {}
    for code in codes:
        record = _record(directory, code, micros(now) if start is None else start, now)
        records[record.office_id] = record
        if below:
            _descend(directory, record.office_id, now, records)
    added: list[Fact] = []
    retired: list[Fact] = []
    for record in records.values():
        current = None
        since = start
        if since is None:
            since = micros(now) if record.actings else ALWAYS
        for fact in record.actings:
            if fact.start > since:
                later = moment(fact.start)
                raise OverlapError(
                    what="system", office=code_at(record, fact.start), start=str(later)
                )
            if fact.start <= since < fact.end:
                current = fact
        if current is not None and current.system_id == system_id and current.end == FOREVER:
            continue
        if current is not None:
            retired.append(current)
            if current.start < since:
                ended = ActingFact(record.office_id, current.system_id, current.start, since)
                added.append(ended)
        added.append(ActingFact(record.office_id, system_id, since, FOREVER))
    facts = {"system_id": system_id, "offices": len(records)}
    return SystemPlan(change=Change(added=tuple(added), retired=tuple(retired)), facts=facts)


def _known(directory: Directory, system_id: str) -> System:
    known = directory.system(system_id)
    if known is None:
        raise SystemUnknownError(system_id=system_id)
    return known


def _record(directory: Directory, code: str, start: int, now: datetime) -> Record:
    holders = directory.holders(code)
    for t in (micros(now), start):
        for fact in holders:
            if fact.start <= t < fact.end:
                record = directory.record(fact.office_id)
                if record is not None:
                    return record
    raise OfficeUnknownError(code=code, at=now.isoformat())


def _descend(
    directory: Directory, office_id: str, now: datetime, records: dict[str, Record]
) -> None:
    for child_id in directory.children(office_id, now):
        child = directory.record(child_id)
        if child is not None and child_id not in records:
            records[child_id] = child
            _descend(directory, child_id, now, records)
