"""What reports count, read from the records row by row in constant memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE

#: What ended on a day and was routed longer before it is not looked for.
_LONGEST: Final = timedelta(days=75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One delivery, as far as reports need it."""

    office_id: str
    address: str
    type: str
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
    kinds: Collection[str],
    with_backlog: bool = False,
    as_of: datetime | None = None,
) -> Iterator[Line]:
    """Yield the deliveries of some types routed in a period; and what is left from before.

    Args:
        connection: to the records.
        since: begin of the period.
        until: end of the period, excluded.
        kinds: the message types.
        with_backlog: also what was routed before and is unfinished.
        as_of: tell what had ended by then as ended, and what ended after it as waiting. Why
            something waits is told as it is now: the records keep no former cause.
    """
    c = DELIVERY.c
    period = sa.and_(c.routed_at >= since, c.routed_at < until)
    if with_backlog:
        period = sa.or_(period, sa.and_(c.state.in_(UNFINISHED), c.routed_at < until))
        if as_of is not None:
            ended = sa.func.coalesce(c.confirmed_at, c.ended_at)
            long_ago = since - _LONGEST
            period = sa.or_(
                period, sa.and_(ended > as_of, c.routed_at < until, c.routed_at >= long_ago)
            )
    query = (
        sa.select(
            DELIVERY.c.office_id,
            DELIVERY.c.address,
            PACKAGE.c.kind.label("type"),
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
            DELIVERY.c.ended_at,
            PACKAGE.c.due_on,
            DELIVERY.c.status_code,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(period, PACKAGE.c.kind.in_(kinds))
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
        .execution_options(yield_per=2000)
    )
    for row in connection.execute(query):
        values = row._asdict()
        values["lane"], values["state"] = Lane(row.lane), State(row.state)
        ended = row.confirmed_at or values.pop("ended_at")
        values.pop("ended_at", None)
        if as_of is not None and ended is not None and ended > as_of:
            values |= {"state": State.ROUTED, "cause": None, "confirmed_at": None}
        yield Line(**values)
