"""What is kept of documents to find them again: written behind the relay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from axis.store.due import UNFINISHED
from axis.store.tables.console import DOCUMENT_SEARCH
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.types import roles

_C: Final = DOCUMENT_SEARCH.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What is kept of a package to find it again."""

    package_id: UUID
    at: datetime
    words: tuple[str, ...]
    offices: tuple[str, ...]


def newest_indexed(connection: sa.Connection) -> datetime | None:
    """Return when the newest package that can be found was judged."""
    query = sa.select(_C.at).order_by(_C.at.desc()).limit(1)
    found: datetime | None = connection.scalar(query)
    return found


def packages_not_indexed(
    connection: sa.Connection, *, since: datetime | None, limit: int
) -> list[sa.Row[Any]]:
    """Return packages that are searched, judged since then that cannot be found yet, oldest first.

    Each has ``id``, ``decided_at``, ``subject``, ``sign`` and ``sender_office``.
    """
    known = sa.select(_C.package_id).where(
        _C.package_id == PACKAGE.c.id, _C.at == PACKAGE.c.decided_at
    )
    query = (
        sa.select(
            PACKAGE.c.id,
            PACKAGE.c.decided_at,
            PACKAGE.c.subject,
            PACKAGE.c.sign,
            PACKAGE.c.sender_office,
        )
        .where(
            sa.or_(PACKAGE.c.kind.is_(None), PACKAGE.c.kind.in_(roles(connection).papers)),
            ~known.exists(),
        )
        .order_by(PACKAGE.c.decided_at)
        .limit(limit)
    )
    if since is not None:
        query = query.where(PACKAGE.c.decided_at >= since)
    return list(connection.execute(query))


def redirected_packages(connection: sa.Connection, *, since: datetime) -> list[sa.Row[Any]]:
    """Return packages that were given to another office since then, as those not indexed."""
    redirected = (
        sa.select(DELIVERY.c.package_id)
        .where(DELIVERY.c.state.in_(UNFINISHED), DELIVERY.c.routed_at >= since)
        .where(DELIVERY.c.redirect_of.is_not(None))
    )
    query = sa.select(
        PACKAGE.c.id,
        PACKAGE.c.decided_at,
        PACKAGE.c.subject,
        PACKAGE.c.sign,
        PACKAGE.c.sender_office,
    ).where(PACKAGE.c.id.in_(redirected))
    return list(connection.execute(query))


def offices_of(connection: sa.Connection, package_ids: Collection[UUID]) -> Mapping[UUID, set[str]]:
    """Return the offices that packages go to."""
    found: dict[UUID, set[str]] = {}
    query = sa.select(DELIVERY.c.package_id, DELIVERY.c.office_id).where(
        DELIVERY.c.package_id.in_(package_ids)
    )
    for package_id, office_id in connection.execute(query):
        found.setdefault(package_id, set()).add(office_id)
    return found


def save_indexed(connection: sa.Connection, packages: Sequence[Indexed]) -> None:
    """Write down how packages are found, in the place of what was written before."""
    if not packages:
        return
    connection.execute(
        sa.delete(DOCUMENT_SEARCH).where(_C.package_id.in_([one.package_id for one in packages]))
    )
    if connection.dialect.name == "postgresql":
        insert = sa.insert(DOCUMENT_SEARCH).values(
            package_id=sa.bindparam("package_id"),
            at=sa.bindparam("at"),
            words=sa.func.array_to_tsvector(sa.bindparam("said", type_=postgresql.ARRAY(sa.Text))),
            offices=sa.bindparam("offices"),
        )
        rows = [
            {
                "package_id": one.package_id,
                "at": one.at,
                "said": list(one.words),
                "offices": list(one.offices),
            }
            for one in packages
        ]
    else:
        insert = sa.insert(DOCUMENT_SEARCH)
        rows = [
            {
                "package_id": one.package_id,
                "at": one.at,
                "words": f" {' '.join(one.words)} ",
                "offices": f" {' '.join(one.offices)} ",
            }
            for one in packages
        ]
    connection.execute(insert, rows)
