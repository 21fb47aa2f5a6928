"""Appends entries, gives them their place, and reads them.

Workers append to the inbox inside the transaction that makes the entry true. Only the notary gives
places, in one statement that moves rows from the inbox to the log, and only as long as its epoch is
the current one. To append the same entry again is no news, before and after it got its place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from axis.ledger.entry import LoggedEntry, SealedEntry
from axis.ledger.errors import NotaryFencedError
from axis.ledger.examine import PlainRow, plain
from axis.store.bulk import copy_rows
from axis.store.engine import transaction
from axis.store.tables.ledger import LEDGER_ENTRY, LEDGER_HEAD, LEDGER_INBOX, LEDGER_NOTARY

_COLUMNS: Final = (
    "entry_id",
    "package_id",
    "delivery_id",
    "leaf",
    "leaf_hash",
    "salt",
    "opening",
)
_NAMES: Final = ", ".join(_COLUMNS)
_TYPES: Final = dict(zip(_COLUMNS, ("uuid",) * 3 + ("bytea",) * 4, strict=True))
_VALUES: Final = attrgetter(*_COLUMNS)

_APPEND: Final = f"""
insert into ledger_inbox ({_NAMES}) select * from unnest(
  %b::uuid[], %b::uuid[], %b::uuid[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[]
) on conflict do nothing
"""  # noqa: S608  constants only

#: Moves the oldest waiting rows into the log; repetitions are dropped.
_SEQUENCE: Final = f"""
with taken as (
  delete from ledger_inbox where position in (
    select position from ledger_inbox order by position limit %(limit)b
  ) returning *
), fresh as (
  select *, row_number() over (order by position) - 1 as place from taken
  where not exists (select 1 from ledger_entry e where e.entry_id = taken.entry_id)
), moved as (
  insert into ledger_entry (log, leaf_index, {_NAMES})
  select %(log)b, %(size)b + place, {_NAMES} from fresh order by place
  returning 1
)
select (select count(*) from moved), (select count(*) from taken)
"""  # noqa: S608  constants only

#: For the rest of the transaction. The inbox is nearly empty or nearly full whenever statistics are
#: made: believing them, PostgreSQL has read the whole log for each entry that it gave a place.
_BY_INDEX: Final = """
set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off
"""

_LOGGED: Final = ("log", "leaf_index", *_COLUMNS)

_BULK: Final = f"""
select {", ".join(_LOGGED)} from ledger_entry
where log = %b and leaf_index >= %b and leaf_index < %b order by leaf_index
"""  # noqa: S608  constants only


#: Ids as text, in the form that ``str`` of a UUID has: they are only compared.
_PLAIN: Final = """
select leaf_index, entry_id::text, package_id::text, delivery_id::text,
  leaf, leaf_hash, salt, opening
from ledger_entry where log = %b and leaf_index >= %b and leaf_index < %b order by leaf_index
"""

_LEAVES: Final = """
select leaf_index, leaf from ledger_entry
where log = %b and leaf_index >= %b and leaf_index < %b order by leaf_index
"""


class Moved(NamedTuple):
    """What one call of :func:`sequence` did."""

    taken: int  #: rows that left the inbox, repetitions included; 0 when nothing waits
    placed: int  #: entries that got their place
    size: int  #: entries in the log now


def append_new(connection: sa.Connection, entries: Sequence[SealedEntry]) -> None:
    """Put entries into the inbox that cannot be there yet, since their package is new.

    Raises:
        sqlalchemy.exc.IntegrityError: somebody else recorded the package meanwhile; the transaction
            must be given up.
    """
    if connection.dialect.name == "postgresql":
        copy_rows(connection, LEDGER_INBOX.name, _TYPES, map(_VALUES, entries))
    else:
        append(connection, entries)


def append(connection: sa.Connection, entries: Sequence[SealedEntry]) -> None:
    """Put entries into the inbox, in the caller's transaction and in this order.

    An entry that waits there already, or has its place already, changes nothing.
    """
    if not entries:
        return
    if connection.dialect.name == "postgresql":
        columns = [[getattr(entry, name) for entry in entries] for name in _COLUMNS]
        connection.exec_driver_sql(_APPEND, tuple(columns))
        return
    rows = [{name: getattr(entry, name) for name in _COLUMNS} for entry in entries]
    connection.execute(sa.insert(LEDGER_INBOX).prefix_with("or ignore"), rows)


def take_over(connection: sa.Connection, holder: str, now: datetime) -> int:
    """Make the caller the one notary and return its epoch; who held the office before is fenced."""
    current = connection.scalar(sa.select(LEDGER_NOTARY.c.epoch).with_for_update())
    if current is None:
        connection.execute(
            sa.insert(LEDGER_NOTARY).values(id=1, epoch=1, holder=holder, taken_at=now)
        )
        return 1
    connection.execute(
        sa.update(LEDGER_NOTARY).values(epoch=current + 1, holder=holder, taken_at=now)
    )
    return int(current) + 1


def demand_epoch(connection: sa.Connection, epoch: int) -> None:
    """Hold the notary's row until the transaction ends; nobody can take over meanwhile.

    Raises:
        NotaryFencedError: somebody has taken over already.
    """
    current = connection.scalar(sa.select(LEDGER_NOTARY.c.epoch).with_for_update())
    if current != epoch:
        raise NotaryFencedError(expected=epoch, got=current)


def sequence(connection: sa.Connection, *, log: int, epoch: int, limit: int) -> Moved:
    """Give up to ``limit`` waiting entries their place, oldest first; drop mere repetitions.

    Raises:
        NotaryFencedError: another notary has taken over.
    """
    demand_epoch(connection, epoch)
    size = head_size(connection, log)
    if size is None:
        connection.execute(sa.insert(LEDGER_HEAD).values(log=log, size=0))
        size = 0
    if connection.dialect.name == "postgresql":
        facts = {"limit": limit, "log": log, "size": size}
        connection.exec_driver_sql(_BY_INDEX)
        placed, taken = connection.exec_driver_sql(_SEQUENCE, facts).one()
    else:
        placed, taken = _sequence_in_steps(connection, log, size, limit)
    if placed:
        connection.execute(
            sa.update(LEDGER_HEAD).where(LEDGER_HEAD.c.log == log).values(size=size + placed)
        )
    return Moved(taken, placed, size + placed)


def head_size(connection: sa.Connection, log: int) -> int | None:
    """Return how many entries a log has; None where it was never begun."""
    size: int | None = connection.scalar(
        sa.select(LEDGER_HEAD.c.size).where(LEDGER_HEAD.c.log == log)
    )
    return size


def latest_log(connection: sa.Connection) -> int | None:
    """Return the year of the newest log; None where there is none."""
    log: int | None = connection.scalar(sa.select(sa.func.max(LEDGER_HEAD.c.log)))
    return log


def waiting(connection: sa.Connection) -> int:
    """Return how many entries wait for their place."""
    return connection.scalar(sa.select(sa.func.count()).select_from(LEDGER_INBOX)) or 0


def has_waiting(connection: sa.Connection) -> bool:
    """Tell whether any entry waits for its place."""
    return connection.scalar(sa.select(LEDGER_INBOX.c.position).limit(1)) is not None


def entries_of(connection: sa.Connection, package_ids: Collection[UUID]) -> list[LoggedEntry]:
    """Return all entries about packages: first those with a place, in order, then those waiting."""
    # The inbox first: an entry that moves between the two readings is then seen twice, not never.
    query = (
        sa.select(
            sa.null().label("log"),
            sa.null().label("leaf_index"),
            *(LEDGER_INBOX.c[name] for name in _COLUMNS),
        )
        .where(LEDGER_INBOX.c.package_id.in_(package_ids))
        .order_by(LEDGER_INBOX.c.position)
    )
    waits = [_logged(row) for row in connection.execute(query)]
    logged = [
        _logged(row)
        for row in connection.execute(
            sa.select(LEDGER_ENTRY)
            .where(LEDGER_ENTRY.c.package_id.in_(package_ids))
            .order_by(LEDGER_ENTRY.c.log, LEDGER_ENTRY.c.leaf_index)
        )
    ]
    known = {entry.entry_id for entry in logged}
    return logged + [entry for entry in waits if entry.entry_id not in known]


def entry_at(connection: sa.Connection, log: int, leaf_index: int) -> LoggedEntry | None:
    """Return the entry at a place of a log, or None where the log does not go that far."""
    row = connection.execute(
        sa.select(LEDGER_ENTRY).where(
            LEDGER_ENTRY.c.log == log, LEDGER_ENTRY.c.leaf_index == leaf_index
        )
    ).first()
    return _logged(row) if row else None


def entry_by_id(connection: sa.Connection, entry_id: UUID) -> LoggedEntry | None:
    """Return the entry with an id, if it has its place already."""
    row = connection.execute(
        sa.select(LEDGER_ENTRY).where(LEDGER_ENTRY.c.entry_id == entry_id)
    ).first()
    return _logged(row) if row else None


def entries_between(
    connection: sa.Connection, log: int, start: int, stop: int, *, chunk: int = 2000
) -> Iterator[LoggedEntry]:
    """Yield the entries of a log from index ``start`` to before ``stop``, in constant memory."""
    for low in range(start, stop, chunk):
        rows = connection.execute(
            sa.select(LEDGER_ENTRY)
            .where(
                LEDGER_ENTRY.c.log == log,
                LEDGER_ENTRY.c.leaf_index >= low,
                LEDGER_ENTRY.c.leaf_index < min(low + chunk, stop),
            )
            .order_by(LEDGER_ENTRY.c.leaf_index)
        ).all()
        yield from map(_logged, rows)


def entries_in_bulk(
    connection: sa.Connection, log: int, start: int, stop: int
) -> list[LoggedEntry]:
    """Return the rows from index ``start`` to before ``stop``, by the fastest way there is."""
    if connection.dialect.name != "postgresql":
        return list(entries_between(connection, log, start, stop, chunk=stop - start or 1))
    driver: Any = connection.connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        cursor.execute(_BULK, (log, start, stop))
        return [LoggedEntry(**dict(zip(_LOGGED, row, strict=True))) for row in cursor]


def plain_rows(connection: sa.Connection, log: int, start: int, stop: int) -> list[PlainRow]:
    """Return the rows from index ``start`` to before ``stop`` for :func:`examine_rows`."""
    if connection.dialect.name != "postgresql":
        return [plain(row) for row in entries_in_bulk(connection, log, start, stop)]
    driver: Any = connection.connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        found: list[PlainRow] = cursor.execute(_PLAIN, (log, start, stop)).fetchall()
        return found


def leaves_between(
    engine: sa.Engine, log: int, start: int, stop: int, *, chunk: int
) -> Iterator[bytes]:
    """Yield the entries' bytes from index ``start`` on, up to ``stop`` or the first gap."""
    expected = start
    for low in range(start, stop, chunk):
        high = min(low + chunk, stop)
        with transaction(engine) as connection:
            rows = _leaves(connection, log, low, high)
        for index, leaf in rows:
            if index != expected:
                return
            yield bytes(leaf)
            expected += 1


def _leaves(
    connection: sa.Connection, log: int, start: int, stop: int
) -> Sequence[tuple[int, bytes]]:
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor(binary=True) as cursor:
            found: Sequence[tuple[int, bytes]] = cursor.execute(
                _LEAVES, (log, start, stop)
            ).fetchall()
            return found
    return [
        (row.leaf_index, row.leaf)
        for row in connection.execute(
            sa.select(LEDGER_ENTRY.c.leaf_index, LEDGER_ENTRY.c.leaf)
            .where(
                LEDGER_ENTRY.c.log == log,
                LEDGER_ENTRY.c.leaf_index >= start,
                LEDGER_ENTRY.c.leaf_index < stop,
            )
            .order_by(LEDGER_ENTRY.c.leaf_index)
        )
    ]


def open_log(connection: sa.Connection, log: int, first: SealedEntry | None) -> None:
    """Begin a log; ``first`` becomes its entry 0. The caller holds the notary's row."""
    connection.execute(sa.insert(LEDGER_HEAD).values(log=log, size=0 if first is None else 1))
    if first is not None:
        row = {name: getattr(first, name) for name in _COLUMNS}
        connection.execute(sa.insert(LEDGER_ENTRY).values(log=log, leaf_index=0, **row))


def _sequence_in_steps(
    connection: sa.Connection, log: int, size: int, limit: int
) -> tuple[int, int]:
    """Do on SQLite, which cannot insert from a deletion, what one statement does on PostgreSQL."""
    taken = connection.execute(
        sa.select(LEDGER_INBOX).order_by(LEDGER_INBOX.c.position).limit(limit)
    ).all()
    if not taken:
        return 0, 0
    known = set(
        connection.scalars(
            sa.select(LEDGER_ENTRY.c.entry_id).where(
                LEDGER_ENTRY.c.entry_id.in_(
                    sa.select(LEDGER_INBOX.c.entry_id)
                    .order_by(LEDGER_INBOX.c.position)
                    .limit(limit)
                )
            )
        )
    )
    fresh = [row for row in taken if row.entry_id not in known]
    if fresh:
        connection.execute(
            sa.insert(LEDGER_ENTRY),
            [
                {
                    "log": log,
                    "leaf_index": size + place,
                    **{name: getattr(row, name) for name in _COLUMNS},
                }
                for place, row in enumerate(fresh)
            ],
        )
    connection.execute(sa.delete(LEDGER_INBOX).where(LEDGER_INBOX.c.position <= taken[-1].position))
    return len(fresh), len(taken)


def _logged(row: sa.Row[Any]) -> LoggedEntry:
    return LoggedEntry(
        log=row.log,
        leaf_index=row.leaf_index,
        entry_id=row.entry_id,
        package_id=row.package_id,
        delivery_id=row.delivery_id,
        leaf=bytes(row.leaf),
        leaf_hash=bytes(row.leaf_hash),
        salt=bytes(row.salt),
        opening=bytes(row.opening),
    )
