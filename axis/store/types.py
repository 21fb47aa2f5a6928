"""The registry of message types as it is recorded, and who has said that he takes which."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from axis.store.tables.delivery import PACKAGE
from axis.store.tables.types import MESSAGE, MESSAGE_TYPE, TYPE_CHANGE, TYPE_TAKER
from axis.types.book import Book, Entry, State, Takes, built_in
from axis.types.roles import Roles, roles_of
from axis.types.rules import FILE, Rules, parse_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRecord:
    """One version of a type."""

    type: str
    version: str
    state: State
    digest: bytes
    added_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None


def types_version(connection: sa.Connection) -> int:
    """Return the number of the last change of types or takers."""
    return connection.scalar(sa.select(TYPE_CHANGE.c.version)) or 0


def load_types(connection: sa.Connection, *, only: Collection[str] | None = None) -> Book:
    """Return all types and takers; a type's rules are read when they are first asked for.

    Args:
        connection: to the records.
        only: the names of the types that are needed; None: all.
    """
    query = sa.select(
        MESSAGE_TYPE.c.type, MESSAGE_TYPE.c.version, MESSAGE_TYPE.c.state, MESSAGE_TYPE.c.files
    )
    if only is not None:
        query = query.where(MESSAGE_TYPE.c.type.in_(only))
    entries = {
        (row.type, row.version): Entry(State(row.state), _unpack(row.files))
        for row in connection.execute(query)
    }
    return Book(entries, _takes(connection))


def roles(connection: sa.Connection) -> Roles:
    """Return what figures and lists take the types for; costs one look into a small table."""
    c = MESSAGE_TYPE.c
    digests = set(connection.scalars(sa.select(c.digest)))
    new = digests - _RULES.keys()
    if new:
        for row in connection.execute(sa.select(c.digest, c.files).where(c.digest.in_(new))):
            _RULES[row.digest] = parse_rules(_unpack(row.files)[FILE])
    return roles_of((*built_in().values(), *(_RULES[digest] for digest in digests)))


#: The rules of files by their digest, which never mean anything else.
_RULES: dict[bytes, Rules] = {}


def type_records(connection: sa.Connection) -> list[TypeRecord]:
    """Return what was added, without its files."""
    columns = [MESSAGE_TYPE.c[name] for name in TypeRecord.__slots__]
    query = sa.select(*columns).order_by(MESSAGE_TYPE.c.type, MESSAGE_TYPE.c.added_at)
    return [
        TypeRecord(**{**row._asdict(), "state": State(row.state)})
        for row in connection.execute(query)
    ]


def save_type(
    connection: sa.Connection, name: str, version: str, files: Mapping[str, bytes], *, at: datetime
) -> bool:
    """Record a version, or other files of a version that is there; return whether it is new."""
    _next(connection)
    packed = msgspec.msgpack.encode(dict(sorted(files.items())))
    values = {"files": packed, "digest": hashlib.sha256(packed).digest()}
    done = connection.execute(
        sa.update(MESSAGE_TYPE)
        .where(MESSAGE_TYPE.c.type == name, MESSAGE_TYPE.c.version == version)
        .values(values)
    )
    if done.rowcount:
        return False
    connection.execute(
        sa.insert(MESSAGE_TYPE).values(
            type=name, version=version, state=State.ADDED.value, added_at=at, **values
        )
    )
    return True


def set_state(
    connection: sa.Connection, name: str, version: str, state: State, *, at: datetime
) -> None:
    """Activate or retire a version."""
    _next(connection)
    stamp = {"activated_at": at, "retired_at": None}
    if state is State.RETIRED:
        stamp = {"retired_at": at}
    connection.execute(
        sa.update(MESSAGE_TYPE)
        .where(MESSAGE_TYPE.c.type == name, MESSAGE_TYPE.c.version == version)
        .values(state=state.value, **stamp)
    )


def take(
    connection: sa.Connection, kind: str, taker: str, name: str, version: str, *, at: datetime
) -> None:
    """Record that an office or system takes a version; again changes nothing."""
    drop(connection, kind, taker, name, version)
    connection.execute(
        sa.insert(TYPE_TAKER).values(kind=kind, taker=taker, type=name, version=version, since=at)
    )


def drop(connection: sa.Connection, kind: str, taker: str, name: str, version: str) -> bool:
    """Record that an office or system takes a version no more; return whether it did."""
    _next(connection)
    c = TYPE_TAKER.c
    done = connection.execute(
        sa.delete(TYPE_TAKER).where(
            c.kind == kind, c.taker == taker, c.type == name, c.version == version
        )
    )
    return done.rowcount > 0


def is_taken(connection: sa.Connection, kind: str, taker: str, name: str, version: str) -> bool:
    """Say whether an office or system has said that it takes a version."""
    c = TYPE_TAKER.c
    query = sa.select(sa.func.count()).where(
        c.kind == kind, c.taker == taker, c.type == name, c.version == version
    )
    return bool(connection.scalar(query))


def takers(connection: sa.Connection, name: str, version: str) -> list[tuple[str, str]]:
    """Return who takes a version: kind and key."""
    c = TYPE_TAKER.c
    query = sa.select(c.kind, c.taker).where(c.type == name, c.version == version)
    return [(row.kind, row.taker) for row in connection.execute(query.order_by(c.kind, c.taker))]


def stored_of(
    connection: sa.Connection, name: str, version: str, *, most: int
) -> Iterator[tuple[str, bytes]]:
    """Yield the newest packages of a version whose bytes are still kept: id and digest."""
    query = (
        sa.select(PACKAGE.c.id, PACKAGE.c.digest)
        .join(MESSAGE, MESSAGE.c.package_id == PACKAGE.c.id)
        .where(MESSAGE.c.type == name, MESSAGE.c.version == version, ~PACKAGE.c.purged)
        .order_by(PACKAGE.c.decided_at.desc())
        .limit(most)
    )
    for row in connection.execute(query):
        yield str(row.id), row.digest


def count_stored(connection: sa.Connection, name: str, version: str) -> int:
    """Return how many messages of a version were carried."""
    query = (
        sa.select(sa.func.count())
        .select_from(MESSAGE)
        .where(MESSAGE.c.type == name, MESSAGE.c.version == version)
    )
    return int(connection.scalar(query) or 0)


def _takes(connection: sa.Connection) -> Takes:
    found: dict[tuple[str, str], set[str]] = {}
    for row in connection.execute(sa.select(TYPE_TAKER)):
        found.setdefault((row.kind, row.taker), set()).add(f"{row.type}/{row.version}")
    return {key: frozenset(ids) for key, ids in found.items()}


def _next(connection: sa.Connection) -> None:
    """Raise the number; whoever comes second waits here for whoever came first."""
    connection.execute(sa.update(TYPE_CHANGE).values(version=TYPE_CHANGE.c.version + 1))


def _unpack(files: bytes) -> dict[str, bytes]:
    return msgspec.msgpack.decode(files, type=dict[str, bytes])
