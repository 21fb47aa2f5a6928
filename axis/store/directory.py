"""Reads the directory: the whole of it as a snapshot, its version, and what changed since one.

Half a million rows are read on every start of a process, so times leave the database as whole
microseconds and rows become facts without a detour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from axis.directory.change import Change, Facts
from axis.directory.records import Fact
from axis.directory.snapshot import Directory
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    ActingFact,
    CodeFact,
    ContactFact,
    NameFact,
    OfficeFact,
    ParentFact,
    RuleFact,
    StandingFact,
    SuccessionFact,
    SystemFact,
)
from axis.store.tables.base import Instant
from axis.store.tables.directory import (
    DIRECTORY_VERSION,
    OFFICE,
    OFFICE_CODE,
    OFFICE_CONTACT,
    OFFICE_NAME,
    OFFICE_PARENT,
    OFFICE_STANDING,
    SPLIT_RULE,
    SUCCESSION,
    SYSTEM,
    SYSTEM_OFFICE,
)

#: Each kind of fact, where its rows are, and the columns in the order of its fields.
TABLES: Final[dict[type[Any], tuple[sa.Table, tuple[str, ...]]]] = {
    OfficeFact: (OFFICE, ("office_id", "kind")),
    StandingFact: (
        OFFICE_STANDING,
        ("office_id", "level", "state", "valid_from", "valid_to"),
    ),
    NameFact: (OFFICE_NAME, ("office_id", "name", "variant", "valid_from", "valid_to")),
    CodeFact: (OFFICE_CODE, ("office_id", "code", "scheme", "valid_from", "valid_to")),
    ParentFact: (OFFICE_PARENT, ("office_id", "parent_id", "valid_from", "valid_to")),
    ContactFact: (
        OFFICE_CONTACT,
        ("office_id", "email", "phone", "address", "valid_from", "valid_to"),
    ),
    SystemFact: (SYSTEM, ("system_id", "name", "receives_by", "state", "connected")),
    ActingFact: (SYSTEM_OFFICE, ("office_id", "system_id", "valid_from", "valid_to")),
    SuccessionFact: (
        SUCCESSION,
        ("office_id", "succession_id", "kind", "successor_id", "effective_at", "legal_basis"),
    ),
    RuleFact: (
        SPLIT_RULE,
        ("office_id", "kind", "matches", "successor_id", "valid_from", "valid_to"),
    ),
}


def directory_version(connection: sa.Connection) -> int:
    """Return the version that the last change gave the directory; 0 while it is empty."""
    return connection.scalar(sa.select(DIRECTORY_VERSION.c.version)) or 0


def load_directory(connection: sa.Connection, *, version: int | None = None) -> Directory:
    """Return the directory as it is now, or as it was believed at an earlier version.

    Rows are chosen by version, so a change that commits meanwhile is not half seen.
    """
    if version is None:
        version = directory_version(connection)
    shared: dict[Any, Any] = {}
    facts = Facts(
        offices=_believed(connection, OfficeFact, version, shared),
        standings=_believed(connection, StandingFact, version, shared),
        names=_believed(connection, NameFact, version, shared),
        codes=_believed(connection, CodeFact, version, shared),
        parents=_believed(connection, ParentFact, version, shared),
        contacts=_believed(connection, ContactFact, version, shared),
        systems=_believed(connection, SystemFact, version, shared),
        actings=_believed(connection, ActingFact, version, shared),
        successions=_believed(connection, SuccessionFact, version, shared),
        rules=_believed(connection, RuleFact, version, shared),
    )
    return Directory.build(version, facts)


def refresh_directory(connection: sa.Connection, directory: Directory) -> Directory:
    """Return the directory of now: the same object where nothing changed, else an advanced copy."""
    version = directory_version(connection)
    if version == directory.version:
        return directory
    return directory.advance(changes_between(connection, directory.version, version), version)


def changes_between(connection: sa.Connection, old: int, new: int) -> Change:
    """Return the facts believed at ``new`` and not at ``old``, and the other way round."""
    added: list[Fact] = []
    retired: list[Fact] = []
    for kind, (table, _) in TABLES.items():
        since, until = table.c.since_version, table.c.until_version
        added += _rows(
            connection, kind, sa.and_(since > old, since <= new, _not_before(until, new)), {}
        )
        retired += _rows(connection, kind, sa.and_(since <= old, until > old, until <= new), {})
    return Change(added=tuple(added), retired=tuple(retired))


def _believed(
    connection: sa.Connection, kind: type[Any], version: int, shared: dict[Any, Any]
) -> Iterator[Any]:
    columns = TABLES[kind][0].c
    where = sa.and_(columns.since_version <= version, _not_before(columns.until_version, version))
    return _rows(connection, kind, where, shared)


def _not_before(until: sa.Column[Any], version: int) -> sa.ColumnElement[bool]:
    return sa.or_(until.is_(None), until > version)


def rows_of(
    connection: sa.Connection, kind: type[Any], where: sa.ColumnElement[bool]
) -> Iterator[Any]:
    """Yield the facts of a kind that a condition on their table chooses, as they were recorded."""
    return _rows(connection, kind, where, {})


def _rows(
    connection: sa.Connection,
    kind: type[Any],
    where: sa.ColumnElement[bool],
    shared: dict[Any, Any],
) -> Iterator[Any]:
    """Yield facts; equal texts and instants become one object, which halves the memory."""
    table, names = TABLES[kind]
    columns = [_column(table.c[name], connection.dialect.name) for name in names]
    order = table.c.id if "id" in table.c else table.c.since_version
    rows = connection.execute(sa.select(*columns).where(where).order_by(order))
    share = shared.setdefault
    if names[-1] == "valid_to":
        for *said, start, end in rows:
            yield kind(
                *[value if value.__class__ is bool else share(value, value) for value in said],
                ALWAYS if start is None else share(start, start),
                FOREVER if end is None else share(end, end),
            )
    else:
        for row in rows:
            yield kind(
                *[value if value.__class__ is bool else share(value, value) for value in row]
            )


def _column(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """Return a column to read; an instant as whole microseconds since 1970."""
    if not isinstance(column.type, Instant):
        return column
    if dialect == "sqlite":
        return sa.type_coerce(column, sa.BigInteger)
    return sa.cast(sa.extract("epoch", column) * 1_000_000, sa.BigInteger)
