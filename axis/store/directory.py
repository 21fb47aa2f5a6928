"""Reads the directory: the whole of it as a snapshot, its version, and what changed since one.

Half a million rows are read on every start of a process, so times leave the database as whole
microseconds and rows become facts without a detour.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Final

import msgspec
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

_ALL: Final = TABLES | GROUP_TABLES

_AT_ONCE: Final = 10_000  #: rows of a lot; more would only cost memory

#: Texts that hardly two facts share; looking them up would cost more than it saves.
_ALWAYS_NEW: Final = frozenset({"address", "code", "email", "name", "phone"})


class _Shared:
    """Values that many facts have, each once; a bound that is not known is ALWAYS or FOREVER."""

    def __init__(self) -> None:
        self._texts: dict[Any, Any] = {}
        self._starts: dict[Any, Any] = {None: ALWAYS}
        self._ends: dict[Any, Any] = {None: FOREVER}

    def of(self, name: str) -> dict[Any, Any]:
        """Return where the values of a column are looked up."""
        if name in ("valid_from", "effective_at"):
            return self._starts
        return self._ends if name == "valid_to" else self._texts

    def instants(self) -> Iterator[object]:
        """Yield every instant that was read so far."""
        yield from self._starts.values()
        yield from self._ends.values()


def directory_version(connection: sa.Connection) -> int:
    """Return the version that the last change gave the directory; 0 while it is empty."""
    return connection.scalar(sa.select(DIRECTORY_VERSION.c.version)) or 0


def load_directory(connection: sa.Connection, *, version: int | None = None) -> Directory:
    """Return the directory as it is now, or as it was believed at an earlier version.

    Rows are chosen by version, so a change that commits meanwhile is not half seen.
    """
    if version is None:
        version = directory_version(connection)
    shared = _Shared()
    believed = partial(_chosen, connection, choice="believed", shared=shared, new=version)
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
                instants=shared.instants(),
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
    for kind in TABLES | GROUP_TABLES if groups else TABLES:
        added += _chosen(connection, kind, "came", _Shared(), old=old, new=new)
        retired += _chosen(connection, kind, "went", _Shared(), old=old, new=new)
    return Change(added=tuple(added), retired=tuple(retired))


def rows_of(
    connection: sa.Connection, kind: type[Any], where: sa.ColumnElement[bool]
) -> Iterator[Any]:
    """Yield the facts of a kind that a condition on their table chooses, as they were recorded."""
    statement = _statement_where(kind, connection.dialect.name, where)
    return _rows(connection, kind, statement, _Shared(), {})


def _chosen(
    connection: sa.Connection, kind: type[Any], choice: str, shared: _Shared, **versions: int
) -> Iterator[Any]:
    statement = _statement(kind, connection.dialect.name, choice)  # type: ignore[arg-type]
    return _rows(connection, kind, statement, shared, versions)


def _rows(
    connection: sa.Connection,
    kind: type[Any],
    statement: sa.Select[Any],
    shared: _Shared,
    values_of: Mapping[str, int],
) -> Iterator[Any]:
    """Yield facts; equal keys and instants become one object, which halves the memory.

    A country is half a million rows, and every process reads it when it starts. A row for each
    would cost more than all the rest, so the database gives each column of a lot of rows as one
    JSON array.
    """
    table, names = _ALL[kind]
    for columns in _lots(connection, statement, values_of, numbered="id" in table.c):
        values: list[Iterable[Any]] = []
        for name, column in zip(names, columns, strict=True):
            if isinstance(table.c[name].type, sa.Boolean):
                values.append(map(bool, column))  # SQLite has numbers
            elif name in _ALWAYS_NEW:
                values.append(column)
            else:
                values.append(map(shared.of(name).setdefault, column, column))
        yield from map(kind, *values)


def _lots(
    connection: sa.Connection,
    statement: sa.Select[Any],
    values_of: Mapping[str, int],
    *,
    numbered: bool,
) -> Iterator[list[list[Any]]]:
    """Yield the named columns of the rows that a statement chooses, lot by lot, in their order."""
    after = {"after": 0} if numbered else {}
    while True:
        *texts, end = connection.execute(statement, {**values_of, **after}).one()
        if end is None:
            return
        found = [msgspec.json.decode(text) for text in texts]
        yield found
        if not numbered or len(found[0]) < _AT_ONCE:
            return
        after["after"] = end


@cache
def _statement(kind: type[Any], dialect: str, choice: str) -> sa.Select[Any]:
    """Return the statement for what is believed at ``new``, or came or went since ``old``.

    It is made once: a small directory is read sooner than SQLAlchemy writes its statements.
    """
    old, new = sa.bindparam("old", type_=sa.Integer), sa.bindparam("new", type_=sa.Integer)
    since, until = _ALL[kind][0].c.since_version, _ALL[kind][0].c.until_version
    stays = sa.or_(until.is_(None), until > new)
    match choice:
        case "believed":
            where = sa.and_(since <= new, stays)
        case "came":
            where = sa.and_(since > old, since <= new, stays)
        case _:
            where = sa.and_(since <= old, until > old, until <= new)
    return _statement_where(kind, dialect, where)


def _statement_where(
    kind: type[Any], dialect: str, where: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    table, names = _ALL[kind]
    gather = sa.func.json_group_array if dialect == "sqlite" else sa.func.json_agg
    numbered = "id" in table.c  # the offices themselves are not: they are two columns, one lot
    order = table.c.id if numbered else table.c.since_version
    columns = [_column(table.c[name], dialect).label(name) for name in names]
    rows = sa.select(*columns, order.label("place")).where(where).order_by(order)
    if numbered:
        rows = rows.where(order > sa.bindparam("after", type_=sa.BigInteger)).limit(_AT_ONCE)
    lot = rows.subquery()
    arrays: list[sa.ColumnElement[Any]] = [sa.cast(gather(lot.c[name]), sa.Text) for name in names]
    return sa.select(*arrays, sa.func.max(lot.c.place))


def _column(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """Return a column to read; an instant as whole microseconds since 1970."""
    if not isinstance(column.type, Instant):
        return column
    if dialect == "sqlite":
        return sa.type_coerce(column, sa.BigInteger)
    return sa.cast(sa.extract("epoch", column) * 1_000_000, sa.BigInteger)
