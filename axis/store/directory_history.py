"""Reads what was ever believed about an office, and takes a change back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from axis.directory.change import Change
from axis.directory.errors import ChangeBuiltUponError, ChangeUnknownError
from axis.directory.records import FIELD_OF, Fact, Record
from axis.directory.snapshot import Directory
from axis.directory.values import (
    ActingFact,
    GroupFact,
    MemberFact,
    OfficeFact,
    ParentFact,
    StandingFact,
    SystemFact,
)
from axis.store.directory import TABLES, changes_between, load_directory, rows_of
from axis.store.directory_changes import lock_directory, record_change
from axis.store.engine import transaction
from axis.store.tables.directory import DIRECTORY_CHANGE, DIRECTORY_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChange:
    """Who recorded a change, and why."""

    version: int
    kind: str
    recorded_at: datetime
    recorded_by: str
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A fact, the change that told it, and the one that corrected it."""

    fact: Fact
    told: RecordedChange
    corrected: RecordedChange | None


def history_of(connection: sa.Connection, office_id: str) -> list[Believed]:
    """Return every fact about an office, corrected ones too, in the order of their telling.

    Facts of other offices that name it as successor or parent are among them.
    """
    found: list[tuple[Fact, int, int | None]] = []
    for kind, (table, _) in TABLES.items():
        if "office_id" not in table.c:
            continue
        # Each half has its index: what is believed goes by office; what was corrected is little.
        own = sa.or_(
            sa.and_(table.c.office_id == office_id, table.c.until_version.is_(None)),
            sa.and_(table.c.office_id == office_id, table.c.until_version.is_not(None)),
        )
        if "successor_id" in table.c:
            own = sa.or_(own, table.c.successor_id == office_id)
        versions = connection.execute(
            sa.select(table.c.since_version, table.c.until_version)
            .where(own)
            .order_by(table.c.get("id", table.c.since_version))
        ).all()
        facts = rows_of(connection, kind, own)
        found += [(fact, row[0], row[1]) for fact, row in zip(facts, versions, strict=True)]
    needed = {v for _, since, until in found for v in (since, until) if v is not None}
    changes = {change.version: change for change in _changes(connection, needed)}
    found.sort(key=lambda item: item[1])
    return [
        Believed(
            fact=fact, told=changes[since], corrected=changes[until] if until is not None else None
        )
        for fact, since, until in found
    ]


def revoke_change(engine: sa.Engine, version: int, *, by: str, at: datetime, basis: str) -> int:
    """Take a change back by a new one and return its version; nothing is deleted.

    Raises:
        ChangeUnknownError: there is no such change.
        ChangeBuiltUponError: a later change rests on it.
    """
    with transaction(engine) as connection:
        now = lock_directory(connection)
        if not 0 < version <= now:
            raise ChangeUnknownError(version=version)
        done = changes_between(connection, version - 1, version, groups=True)
        directory = load_directory(connection, version=now)
        change = Change(added=done.retired, retired=done.added)
        _refuse_built_upon(directory, change, version)
        # The remarks of an imported file go with it; without them it can be imported again.
        connection.execute(
            sa.delete(DIRECTORY_SOURCE).where(DIRECTORY_SOURCE.c.since_version == version)
        )
        try:
            return record_change(
                connection,
                change,
                kind="revoke",
                by=by,
                at=at,
                legal_basis=basis,
                facts={"revokes": version},
            )
        except LookupError as error:  # a system that was changed again
            raise ChangeBuiltUponError(office="–", version=version) from error


def _refuse_built_upon(directory: Directory, change: Change, version: int) -> None:
    for fact in change.retired:
        if isinstance(fact, (SystemFact, GroupFact, MemberFact)):
            continue
        record = directory.record(fact.office_id)
        if record is None or (not isinstance(fact, OfficeFact) and not _believes(record, fact)):
            raise ChangeBuiltUponError(office=fact.office_id, version=version)
    draft = directory.draft()
    draft.apply(Change(retired=tuple(f for f in change.retired if not isinstance(f, OfficeFact))))
    for fact in change.retired:
        if isinstance(fact, OfficeFact):
            record = draft.record(fact.office_id)
            named = any(True for _ in draft.predecessors(fact.office_id)) or any(
                True for _ in draft.every_child(fact.office_id)
            )
            if record is not None and (named or record != Record(record.office_id, record.kind)):
                raise ChangeBuiltUponError(office=fact.office_id, version=version)
    for added in change.added:
        if isinstance(added, (StandingFact, ParentFact, ActingFact)):
            record = draft.record(added.office_id)
            for other in _alike(record, added) if record else ():
                if other.start < added.end and added.start < other.end:
                    raise ChangeBuiltUponError(office=added.office_id, version=version)


def _believes(record: Record, fact: Fact) -> bool:
    return fact in _alike(record, fact)


def _alike(record: Record, fact: Fact) -> tuple[Any, ...]:
    facts: tuple[Any, ...] = getattr(record, FIELD_OF[type(fact)])
    return facts


def _changes(connection: sa.Connection, versions: set[int]) -> list[RecordedChange]:
    c = DIRECTORY_CHANGE.c
    rows = connection.execute(
        sa.select(c.version, c.kind, c.recorded_at, c.recorded_by, c.legal_basis).where(
            c.version.in_(versions)
        )
    )
    return [
        RecordedChange(
            version=row.version,
            kind=row.kind,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
            legal_basis=row.legal_basis,
        )
        for row in rows
    ]
