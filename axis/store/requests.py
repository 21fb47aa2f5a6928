"""The changes that were asked of receivers: recalls, updates, replacements, and their answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.course import Kind, Outcome, Request
from axis.store.tables.life import CHANGE_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One delivery that a change concerns, and what became of it."""

    package_id: UUID  #: what asks
    delivery_id: UUID  #: the target
    target_package_id: UUID
    office_id: str  #: who was asked
    kind: Kind
    outcome: Outcome
    asked_at: datetime
    answered_at: datetime | None = None
    answer_package_id: UUID | None = None

    @property
    def request(self) -> Request:
        """The request as the course of statuses needs to know it."""
        return Request(
            package_id=self.package_id,
            target_package_id=self.target_package_id,
            delivery_id=self.delivery_id,
            kind=self.kind,
            outcome=self.outcome,
        )


def add_requests(connection: sa.Connection, requests: Sequence[RequestRecord]) -> None:
    """Record what was asked."""
    if requests:
        connection.execute(sa.insert(CHANGE_REQUEST), [_row(one) for one in requests])


def answer_requests(
    connection: sa.Connection,
    requests: Sequence[Request],
    *,
    outcome: Outcome,
    at: datetime,
    by_package: UUID,
) -> None:
    """Record the answer to requests."""
    for one in requests:
        connection.execute(
            sa.update(CHANGE_REQUEST)
            .where(
                CHANGE_REQUEST.c.package_id == one.package_id,
                CHANGE_REQUEST.c.delivery_id == one.delivery_id,
            )
            .values(outcome=outcome.value, answered_at=at, answer_package_id=by_package)
        )


def requests_among(
    connection: sa.Connection, package_ids: Collection[UUID], *, lock: bool = False
) -> list[RequestRecord]:
    """Return the requests that these packages make or that concern them, oldest first."""
    if not package_ids:
        return []
    query = (
        sa.select(CHANGE_REQUEST)
        .where(
            sa.or_(
                CHANGE_REQUEST.c.package_id.in_(package_ids),
                CHANGE_REQUEST.c.target_package_id.in_(package_ids),
            )
        )
        .order_by(
            CHANGE_REQUEST.c.asked_at, CHANGE_REQUEST.c.package_id, CHANGE_REQUEST.c.delivery_id
        )
    )
    if lock:
        query = query.with_for_update()
    return [_record(row) for row in connection.execute(query)]


def taken_off(connection: sa.Connection, delivery_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the deliveries whose receivers an update has taken off the list."""
    query = sa.select(CHANGE_REQUEST.c.delivery_id).where(
        CHANGE_REQUEST.c.delivery_id.in_(delivery_ids),
        CHANGE_REQUEST.c.kind == Kind.REMOVAL.value,
    )
    return set(connection.scalars(query))


def _row(one: RequestRecord) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in RequestRecord.__slots__}
    return row | {"kind": one.kind.value, "outcome": one.outcome.value}


def _record(row: sa.Row[Any]) -> RequestRecord:
    values = row._asdict()
    values["kind"], values["outcome"] = Kind(values["kind"]), Outcome(values["outcome"])
    return RequestRecord(**values)
