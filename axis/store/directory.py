"""Reads the directory: the whole of it as a snapshot, its version, and what changed since one.

Half a million rows are read on every start of a process, so times leave the database as whole
microseconds and rows become facts without a detour.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from enum import Enum, auto
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from axis.directory.change import Change, Facts
from axis.directory.records import Recorded
from axis.directory.snapshot import Directory
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    ActingFact,
    CodeFact,
    ContactFact,
    GroupFact,
    MemberFact,
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
    OFFICE_GROUP,
    OFFICE_GROUP_MEMBER,
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

#: The same for what is recorded with the directory and is no part of the snapshot.
GROUP_TABLES: Final[dict[type[Any], tuple[sa.Table, tuple[str, ...]]]] = {
    GroupFact: (OFFICE_GROUP, ("group_id", "name", "rule", "valid_from", "valid_to")),
    MemberFact: (
        OFFICE_GROUP_MEMBER,
        ("office_id", "group_id", "included", "valid_from", "valid_to"),
    ),
}

_AT_ONCE: Final = 10_000  #: rows; more would only cost memory

#: Texts that hardly two facts share.
_ALWAYS_NEW: Final = frozenset({"address", "code", "email", "name", "phone"})


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
    believed = partial(_believed, connection, version=version, shared=shared)
    with _without_collecting():
        return Directory.build(
            version,
            Facts(
                offices=believed(OfficeFact),
                standings=believed(StandingFact),
                names=believed(NameFact),
                codes=believed(CodeFact),
                parents=believed(ParentFact),
                contacts=believed(ContactFact),
                systems=believed(SystemFact),
                actings=believed(ActingFact),
                successions=believed(SuccessionFact),
                rules=believed(RuleFact),
                instants=shared,
            ),
        )


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the garbage collector rest while a million objects are made that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def refresh_directory(connection: sa.Connection, directory: Directory) -> Directory:
    """Return the directory of now: the same object where nothing changed, else an advanced copy."""
    version = directory_version(connection)
    if version == directory.version:
        return directory
    return directory.advance(changes_between(connection, directory.version, version), version)


def changes_between(
    connection: sa.Connection, old: int, new: int, *, groups: bool = False
) -> Change:
    """Return the facts believed at ``new`` and not at ``old``, and the other way round.

    Facts about groups are among them only if asked for: a snapshot has no use for them.
    """
    added: list[Recorded] = []
    retired: list[Recorded] = []
    for kind, (table, _) in (TABLES | GROUP_TABLES if groups else TABLES).items():
        since, until = table.c.since_version, table.c.until_version
        added += _rows(
            connection, kind, sa.and_(since > old, since <= new, _not_before(until, new)), {}
        )
        retired += _rows(connection, kind, sa.and_(since <= old, until > old, until <= new), {})
    return Change(added=tuple(added), retired=tuple(retired))


def _believed(
    connection: sa.Connection, kind: type[Any], *, version: int, shared: dict[Any, Any]
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
    """Yield facts; equal keys and instants become one object, which halves the memory.

    A country is half a million rows, and every process reads it when it starts. So rows come from
    the driver as they are, and each column of a lot is worked through as a whole.
    """
    table, names = TABLES.get(kind) or GROUP_TABLES[kind]
    columns = [_column(table.c[name], connection.dialect.name) for name in names]
    order = table.c.id if "id" in table.c else table.c.since_version
    result = connection.execute(sa.select(*columns).where(where).order_by(order))
    kinds = [_shape(table.c[name]) for name in names]
    with closing(result):
        while rows := result.cursor.fetchmany(_AT_ONCE):
            values: list[Iterable[Any]] = []
            for shape, column in zip(kinds, zip(*rows, strict=True), strict=True):
                if shape is _Shape.SHARED:
                    values.append(map(shared.setdefault, column, column))
                else:
                    values.append(map(bool, column) if shape is _Shape.TRUTH else column)
            yield from map(kind, *values)


class _Shape(Enum):
    SHARED = auto()  #: equal values become one object
    TRUTH = auto()  #: SQLite has numbers
    NEW = auto()  #: looking it up would cost more than it saves


def _shape(column: sa.Column[Any]) -> _Shape:
    if isinstance(column.type, sa.Boolean):
        return _Shape.TRUTH
    return _Shape.NEW if column.name in _ALWAYS_NEW else _Shape.SHARED


def _column(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """Return a column to read; an instant as whole microseconds since 1970."""
    if not isinstance(column.type, Instant):
        return column
    at: sa.ColumnElement[Any] = sa.type_coerce(column, sa.BigInteger)
    if dialect != "sqlite":
        at = sa.cast(sa.extract("epoch", column) * 1_000_000, sa.BigInteger)
    unbounded = {"valid_from": ALWAYS, "valid_to": FOREVER}.get(column.name)
    return at if unbounded is None else sa.func.coalesce(at, unbounded)
