"""What is open of the messages of a type: who has not got them, what was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.types import MESSAGE
from axis.types.errors import RevisionKnownError


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A message that is not where it belongs: under way, or refused and not sent again."""

    type: str
    number: str | None
    revision: int | None
    step: str | None
    sender: str | None
    sender_office: str | None
    recipient: str | None  #: None: it was refused before anybody was served
    since: datetime
    state: str  #: of the delivery, or ``refused``
    cause: str | None  #: of the delivery, or the refusal's code
    package_id: UUID
    facts: Mapping[str, Any]  #: of the refusal, for its sentence


def unsynced(connection: sa.Connection, name: str, *, refused_since: datetime) -> Iterator[Open]:
    """Yield what of a type is not where it belongs, oldest first: under way, then refused.

    Args:
        connection: to the records.
        name: the type.
        refused_since: what was refused before is told no more.
    """
    under_way = (
        sa.select(
            MESSAGE.c.revision,
            MESSAGE.c.step,
            MESSAGE.c.order_key,
            PACKAGE.c.sign,
            PACKAGE.c.sender,
            PACKAGE.c.sender_office,
            DELIVERY.c.address,
            DELIVERY.c.routed_at,
            DELIVERY.c.state,
            DELIVERY.c.held_reason,
            PACKAGE.c.id,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .join(MESSAGE, MESSAGE.c.package_id == PACKAGE.c.id)
        .where(DELIVERY.c.state.in_(UNFINISHED), MESSAGE.c.type == name)
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
    )
    for row in connection.execute(under_way):
        yield Open(
            type=name,
            number=row.order_key or row.sign,
            revision=row.revision,
            step=row.step,
            sender=row.sender,
            sender_office=row.sender_office,
            recipient=row.address,
            since=row.routed_at,
            state=row.state,
            cause=row.held_reason,
            package_id=row.id,
            facts={},
        )
    later = PACKAGE.alias("later")
    refused = (
        sa.select(PACKAGE)
        .where(
            PACKAGE.c.kind == name,
            PACKAGE.c.accepted.is_(False),
            PACKAGE.c.decided_at >= sa.literal(refused_since, PACKAGE.c.decided_at.type),
            ~sa.exists().where(
                later.c.document_id == PACKAGE.c.document_id, later.c.kind == name, later.c.accepted
            ),
        )
        .order_by(PACKAGE.c.decided_at, PACKAGE.c.id)
    )
    for row in connection.execute(refused):
        if row.refusal["code"] == RevisionKnownError.code:
            continue  # its content is there
        yield Open(
            type=name,
            number=row.sign,
            revision=row.refusal["facts"].get("revision"),
            step=None,
            sender=row.sender,
            sender_office=row.sender_office,
            recipient=None,
            since=row.decided_at,
            state="refused",
            cause=row.refusal["code"],
            package_id=row.id,
            facts=row.refusal["facts"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Packages in an office's name that the axis refused, and that were not sent again."""

    type: str
    sender: str  #: the code that they name
    code: str  #: of the refusal
    packages: int


def refused_in(
    connection: sa.Connection,
    kinds: Collection[str],
    *,
    since: datetime,
    until: datetime,
    as_of: datetime,
) -> list[Refused]:
    """Return what was refused in a period and did not come again until an instant.

    Args:
        connection: to the records.
        kinds: the message types.
        since: begin of the period.
        until: its end, excluded.
        as_of: what came again after this is refused still.
    """
    later, at = PACKAGE.alias("later"), PACKAGE.c.decided_at
    query = sa.select(
        PACKAGE.c.kind, PACKAGE.c.sender, PACKAGE.c.refusal, PACKAGE.c.document_id
    ).where(
        PACKAGE.c.accepted.is_(False),
        at >= sa.literal(since, at.type),
        at < sa.literal(until, at.type),
        PACKAGE.c.kind.in_(kinds),
        ~sa.exists().where(
            later.c.document_id == PACKAGE.c.document_id,
            later.c.kind == PACKAGE.c.kind,
            later.c.accepted,
            later.c.decided_at <= sa.literal(as_of, at.type),
        ),
    )
    # The same message refused again is one that is missing, for the reason that came last.
    found: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for number, row in enumerate(connection.execute(query.order_by(at))):
        code, sender = row.refusal["code"], row.sender or ""
        if code != RevisionKnownError.code:  # else its content is there
            found[row.kind, sender, row.document_id or str(number)] = (row.kind, sender, code)
    return [
        Refused(type=kind, sender=sender, code=code, packages=packages)
        for (kind, sender, code), packages in sorted(Counter(found.values()).items())
    ]
