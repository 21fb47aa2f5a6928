"""What an export needs to know about the packages and deliveries that entries are about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from axis.store.tables.delivery import DELIVERY, PACKAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the records know about an entry's package and delivery."""

    kind: str | None = None  #: the message type
    document_id: str | None = None
    sign: str | None = None
    sender: str | None = None
    address: str | None = None
    office_id: str | None = None
    state: str | None = None


def contexts_of(connection: sa.Connection, package_ids: Collection[UUID]) -> dict[object, Context]:
    """Return, by package id and by delivery id, what the records know about each."""
    packages = {
        row.id: row
        for row in connection.execute(
            sa.select(
                PACKAGE.c.id,
                PACKAGE.c.kind,
                PACKAGE.c.document_id,
                PACKAGE.c.sign,
                PACKAGE.c.sender,
            ).where(PACKAGE.c.id.in_(package_ids))
        )
    }
    contexts: dict[object, Context] = {
        package_id: Context(
            kind=row.kind, document_id=row.document_id, sign=row.sign, sender=row.sender
        )
        for package_id, row in packages.items()
    }
    for row in connection.execute(
        sa.select(
            DELIVERY.c.id,
            DELIVERY.c.package_id,
            DELIVERY.c.address,
            DELIVERY.c.office_id,
            DELIVERY.c.state,
        ).where(DELIVERY.c.package_id.in_(package_ids))
    ):
        package = packages[row.package_id]
        contexts[row.id] = Context(
            kind=package.kind,
            document_id=package.document_id,
            sign=package.sign,
            sender=package.sender,
            address=row.address,
            office_id=row.office_id,
            state=str(row.state),
        )
    return contexts
