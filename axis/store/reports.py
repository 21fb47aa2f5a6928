"""What reports count, read from the records row by row in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One delivery, as far as reports need it."""

    office_id: str
    address: str
    sender_office: str
    sender: str
    document_id: str | None
    sign: str | None
    lane: Lane
    state: State
    cause: str | None
    received_at: datetime
    routed_at: datetime
    confirmed_at: datetime | None
    due_on: date | None
    status_code: str | None


def lines(
    connection: sa.Connection,
    *,
    since: datetime,
    until: datetime,
    with_backlog: bool = False,
) -> Iterator[Line]:
    """Yield the deliveries of documents routed in a period; and what is left from before."""
    period = sa.and_(DELIVERY.c.routed_at >= since, DELIVERY.c.routed_at < until)
    if with_backlog:
        left = sa.and_(DELIVERY.c.state.in_(UNFINISHED), DELIVERY.c.routed_at < until)
        period = sa.or_(period, left)
    query = (
        sa.select(
            DELIVERY.c.office_id,
            DELIVERY.c.address,
            PACKAGE.c.sender_office,
            PACKAGE.c.sender,
            PACKAGE.c.document_id,
            PACKAGE.c.sign,
            DELIVERY.c.lane,
            DELIVERY.c.state,
            DELIVERY.c.held_reason.label("cause"),
            PACKAGE.c.received_at,
            DELIVERY.c.routed_at,
            DELIVERY.c.confirmed_at,
            PACKAGE.c.due_on,
            DELIVERY.c.status_code,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(period, PACKAGE.c.kind == "document")
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
        .execution_options(yield_per=2000)
    )
    for row in connection.execute(query):
        values = row._asdict()
        values["lane"], values["state"] = Lane(row.lane), State(row.state)
        yield Line(**values)
