"""Writes the directory: facts become believed or cease to be, and the version rises with them.

All changes wait for each other at the row of the version, so versions are gapless and every process
that follows them sees each change once, whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa
from msgspec import structs

from axis.directory.change import Change
from axis.directory.records import Recorded
from axis.directory.snapshot import Directory
from axis.directory.values import ALWAYS, FOREVER, moment
from axis.store.bulk import insert_rows
from axis.store.directory import GROUP_TABLES, TABLES, load_directory
from axis.store.engine import transaction
from axis.store.tables.base import Instant
from axis.store.tables.directory import DIRECTORY_CHANGE, DIRECTORY_VERSION

#: Facts that go to the database at once.
_LOT: Final = 5_000

_MANY: Final = 1_000  #: facts of a kind; then the server's statistics are out of date

_ALL: Final = {**TABLES, **GROUP_TABLES}


class Planned(Protocol):
    """What a plan gives: the change, and what is told about it."""

    @property
    def change(self) -> Change:
        """The facts to record."""

    def summary(self) -> Mapping[str, Any]:
        """Return what is kept beside the change for those who read the history."""


P = TypeVar("P", bound=Planned)

#: Told how much of how much is done.
Progress = Callable[[int, int], None]


def lock_directory(connection: sa.Connection) -> int:
    """Wait for other changes to end and return the version to plan on.

    A plan made on the snapshot of this version stays true until the transaction ends.
    """
    version = connection.scalar(sa.select(DIRECTORY_VERSION.c.version).with_for_update())
    if version is None:
        connection.execute(sa.insert(DIRECTORY_VERSION).values(singleton=1, version=0))
    return version or 0


def unwatched(_done: int, _total: int) -> None:
    """Nobody looks on."""


def record_change(
    connection: sa.Connection,
    change: Change,
    *,
    kind: str,
    by: str,
    at: datetime,
    legal_basis: str = "",
    facts: Mapping[str, Any] | None = None,
    progress: Progress = unwatched,
) -> int:
    """Record a change, raise the version and return it; the caller holds :func:`lock_directory`.

    ``progress`` is told how many facts of how many are recorded.

    Raises:
        LookupError: a fact to retire is not believed; the plan was made on another version.
    """
    version = lock_directory(connection) + 1
    connection.execute(sa.update(DIRECTORY_VERSION).values(version=version))
    connection.execute(
        sa.insert(DIRECTORY_CHANGE).values(
            version=version,
            kind=kind,
            recorded_at=at,
            recorded_by=by,
            legal_basis=legal_basis,
            facts=dict(facts or {}),
        )
    )
    for table_of, retired in _by_type(change.retired).items():
        _retire(connection, table_of, retired, version)
    added = _by_type(change.added)
    done = 0
    for table_of, (table, names) in _ALL.items():  # offices first: the others refer to them
        new = added.get(table_of, [])
        for start in range(0, len(new), _LOT):
            lot = new[start : start + _LOT]
            insert_rows(connection, table, [_row(table, names, fact, version) for fact in lot])
            done += len(lot)
            progress(done, len(change.added))
        if len(new) > _MANY and connection.dialect.name == "postgresql":
            # A snapshot is read in lots; without statistics the server sorts the table for each.
            connection.execute(sa.text(f"analyze {table.name}"))
    return version


def change_directory(
    engine: sa.Engine,
    plan: Callable[[Directory], P],
    *,
    kind: str,
    by: str,
    at: datetime,
    legal_basis: str = "",
    dry_run: bool = False,
    progress: Progress = unwatched,
) -> tuple[P, int]:
    """Plan on the directory of now and record the plan, in one transaction.

    Returns what ``plan`` gave and the version that it led to; where there is nothing to change, or
    with ``dry_run``, the version stays.

    Raises:
        DirectoryRefusedError: from ``plan``; nothing was changed.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        version = lock_directory(connection)
        planned = plan(load_directory(connection, version=version))
        if planned.change and not dry_run:
            version = record_change(
                connection,
                planned.change,
                kind=kind,
                by=by,
                at=at,
                legal_basis=legal_basis,
                facts=planned.summary(),
                progress=progress,
            )
        return planned, version


def _by_type(facts: Iterable[Recorded]) -> dict[type[Any], list[Recorded]]:
    groups: dict[type[Any], list[Recorded]] = defaultdict(list)
    for fact in facts:
        groups[type(fact)].append(fact)
    return groups


def _row(table: sa.Table, names: Sequence[str], fact: Recorded, version: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in zip(names, structs.astuple(fact), strict=True):
        row[name] = moment(value) if isinstance(table.c[name].type, Instant) else value
    row["since_version"] = version
    return row


def _retire(
    connection: sa.Connection, kind: type[Any], facts: Sequence[Recorded], version: int
) -> None:
    table, names = _ALL[kind]
    for fact in facts:
        where: list[sa.ColumnElement[bool]] = [table.c.until_version.is_(None)]
        for name, value in zip(names, structs.astuple(fact), strict=True):
            if value is None or value in (ALWAYS, FOREVER):
                where.append(table.c[name].is_(None))
            elif isinstance(table.c[name].type, Instant):
                where.append(table.c[name] == moment(value))
            else:
                where.append(table.c[name] == value)
        done = connection.execute(sa.update(table).where(*where).values(until_version=version))
        if done.rowcount != 1:
            raise LookupError(f"{done.rowcount} rows say {fact!r}")
