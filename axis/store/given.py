"""All that a system was given, for reconciliation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.types import roles


def given_to(
    connection: sa.Connection, system_id: str, *, since: datetime | None, until: datetime | None
) -> list[sa.Row[Any]]:
    """Return the deliveries of document packages to a system, routed in a period, oldest first."""
    query = (
        sa.select(
            DELIVERY.c.id,
            PACKAGE.c.digest,
            PACKAGE.c.document_id,
            PACKAGE.c.sign,
            DELIVERY.c.address,
            DELIVERY.c.state,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.system_id == system_id, PACKAGE.c.kind.in_(roles(connection).letters))
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
    )
    if since is not None:
        query = query.where(DELIVERY.c.routed_at >= since)
    if until is not None:
        query = query.where(DELIVERY.c.routed_at < until)
    return list(connection.execute(query))
