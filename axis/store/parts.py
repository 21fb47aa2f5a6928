"""Attachments that came apart: who brought which, which packages name them, which can go.

A part is looked up only among those of the system that brought it: a digest that somebody guessed
leads nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from axis.store.bulk import insert_rows
from axis.store.tables.delivery import PACKAGE
from axis.store.tables.life import BODY_PURGE
from axis.store.tables.parts import PACKAGE_PART, PART

#: The column that holds a digest, by its name in a signature.
_COLUMNS: Final = {"sha256": PART.c.digest, "sha384": PART.c.sha384, "sha512": PART.c.sha512}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecord:
    """An attachment that one system brought; its bytes are in the body store."""

    system_id: str
    digest: bytes  #: SHA-256 of the exact bytes (32 bytes)
    size_bytes: int
    received_at: datetime
    sha384: bytes | None = None
    sha512: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePart:
    """An attachment of an accepted package that came apart from its envelope."""

    package_id: UUID
    content_id: str  #: without ``cid:``
    position: int
    name: str | None  #: as the envelope signs it; for people, never a path
    content_type: str | None  #: as declared; unreliable
    digest: bytes  #: SHA-256 of the exact bytes (32 bytes)
    size_bytes: int


def record_part(connection: sa.Connection, part: PartRecord) -> None:
    """Record that a system brought a part; bringing it again renews it."""
    sqlite_here = connection.dialect.name == "sqlite"
    insert = sqlite.insert(PART) if sqlite_here else postgresql.insert(PART)
    new = insert.values(
        system_id=part.system_id,
        digest=part.digest,
        size_bytes=part.size_bytes,
        received_at=part.received_at,
        used_at=part.received_at,
        sha384=part.sha384,
        sha512=part.sha512,
    )
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["system_id", "digest"],
            set_={
                "received_at": new.excluded.received_at,
                "used_at": new.excluded.used_at,
                "sha384": sa.func.coalesce(new.excluded.sha384, PART.c.sha384),
                "sha512": sa.func.coalesce(new.excluded.sha512, PART.c.sha512),
                "ended_at": None,
            },
        )
    )


def parts_brought(
    connection: sa.Connection,
    system_id: str,
    wanted: Collection[tuple[str, bytes]],
    *,
    now: datetime | None = None,
) -> Mapping[tuple[str, bytes], PartRecord]:
    """Return those of the wanted parts that this very system brought, by digest name and digest.

    Args:
        connection: the transaction.
        system_id: who asks.
        wanted: names (``sha256``, ``sha384``, ``sha512``) and digests.
        now: what is found is kept for a while from this instant on; None: nothing is changed.
    """
    found: dict[tuple[str, bytes], PartRecord] = {}
    for name, column in _COLUMNS.items():
        digests = [digest for kind, digest in wanted if kind == name]
        if not digests:
            continue
        query = sa.select(PART).where(
            PART.c.system_id == system_id, column.in_(digests), PART.c.ended_at.is_(None)
        )
        for row in connection.execute(query):
            found[name, getattr(row, column.name)] = _record(row)
    if found and now is not None:
        connection.execute(
            sa.update(PART)
            .where(
                PART.c.system_id == system_id,
                PART.c.digest.in_({part.digest for part in found.values()}),
                PART.c.ended_at.is_(None),
            )
            .values(used_at=now)
        )
    return found


def waiting_bytes(connection: sa.Connection, system_id: str) -> int:
    """Return how many bytes of a system's parts no package names."""
    query = sa.select(sa.func.coalesce(sa.func.sum(PART.c.size_bytes), 0)).where(
        PART.c.system_id == system_id, PART.c.ended_at.is_(None), ~_is_named()
    )
    return int(connection.scalar(query) or 0)


def add_package_parts(connection: sa.Connection, parts: Sequence[PackagePart]) -> None:
    """Record what accepted packages name."""
    insert_rows(
        connection,
        PACKAGE_PART,
        [{name: getattr(part, name) for name in PackagePart.__slots__} for part in parts],
    )


def parts_of_packages(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> Mapping[UUID, list[PackagePart]]:
    """Return the parts of packages, in the order of their manifests."""
    query = (
        sa.select(PACKAGE_PART)
        .where(PACKAGE_PART.c.package_id.in_(package_ids))
        .order_by(PACKAGE_PART.c.package_id, PACKAGE_PART.c.position)
    )
    found: dict[UUID, list[PackagePart]] = {}
    for row in connection.execute(query):
        part = PackagePart(**row._asdict())
        found.setdefault(part.package_id, []).append(part)
    return found


# --- what can go -----------------------------------------------------------------------------


def end_unneeded(connection: sa.Connection, *, before: datetime, now: datetime, limit: int) -> int:
    """Mark parts that no package needs and nobody asked for since ``before``; return how many."""
    chosen = (
        sa.select(PART.c.system_id, PART.c.digest)
        .where(PART.c.ended_at.is_(None), PART.c.used_at < before, ~_is_named())
        .order_by(PART.c.used_at)
        .limit(limit)
    )
    rows = list(connection.execute(chosen))
    for row in rows:
        connection.execute(
            sa.update(PART)
            .where(
                PART.c.system_id == row.system_id,
                PART.c.digest == row.digest,
                PART.c.used_at < before,
            )
            .values(ended_at=now)
        )
    return len(rows)


def ended_parts(
    connection: sa.Connection, *, after: tuple[str, bytes] | None, limit: int
) -> list[tuple[str, bytes, bool]]:
    """Return parts that were marked, each with whether something else needs the same bytes."""
    other = PART.alias("other")
    query = (
        sa.select(
            PART.c.system_id,
            PART.c.digest,
            sa.or_(
                sa.exists().where(
                    other.c.digest == PART.c.digest,
                    other.c.system_id != PART.c.system_id,
                    other.c.ended_at.is_(None),
                ),
                sa.exists().where(PACKAGE.c.digest == PART.c.digest, ~_is_purged()),
            ).label("needed"),
        )
        .where(PART.c.ended_at.is_not(None))
        .order_by(PART.c.system_id, PART.c.digest)
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(PART.c.system_id, PART.c.digest) > sa.tuple_(*after))
    return [(row.system_id, row.digest, row.needed) for row in connection.execute(query)]


def forget_part(connection: sa.Connection, system_id: str, digest: bytes) -> None:
    """Take away the row of a part whose bytes are gone, unless it was brought again meanwhile."""
    connection.execute(
        sa.delete(PART).where(
            PART.c.system_id == system_id,
            PART.c.digest == digest,
            PART.c.ended_at.is_not(None),
        )
    )


def package_parts_after(
    connection: sa.Connection, last: tuple[UUID, str] | None, *, limit: int
) -> list[PackagePart]:
    """Return the parts of packages that were not purged, in the order of their keys."""
    key = sa.tuple_(PACKAGE_PART.c.package_id, PACKAGE_PART.c.content_id)
    purged = sa.exists().where(BODY_PURGE.c.package_id == PACKAGE_PART.c.package_id)
    query = sa.select(PACKAGE_PART).where(~purged)
    if last is not None:
        bounds = (
            sa.literal(last[0], PACKAGE_PART.c.package_id.type),
            sa.literal(last[1], PACKAGE_PART.c.content_id.type),
        )
        query = query.where(key > sa.tuple_(*bounds))
    query = query.order_by(PACKAGE_PART.c.package_id, PACKAGE_PART.c.content_id).limit(limit)
    return [PackagePart(**row._asdict()) for row in connection.execute(query)]


def _is_named() -> sa.ColumnElement[bool]:
    """Whether a package of the part's own system, which was not purged, names the part."""
    return (
        sa.exists()
        .where(PACKAGE_PART.c.digest == PART.c.digest)
        .where(PACKAGE.c.id == PACKAGE_PART.c.package_id, PACKAGE.c.system_id == PART.c.system_id)
        .where(~_is_purged())
    )


def _is_purged() -> sa.ColumnElement[bool]:
    return sa.exists().where(BODY_PURGE.c.package_id == PACKAGE.c.id)


def _record(row: sa.Row[Any]) -> PartRecord:
    return PartRecord(**{name: getattr(row, name) for name in PartRecord.__slots__})
