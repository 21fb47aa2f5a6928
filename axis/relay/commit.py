"""Records a batch in one transaction: verdicts, deliveries and ledger entries, all or nothing.

Documents come first, all at once; then recalls, updates and replacements, one after the other; then
statuses. So a change finds the document that came a moment before it in the same batch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from axis.admission.admit import NO_BOOK
from axis.bus.notices import DeliveryNotice
from axis.delivery.states import OPEN
from axis.examine.errors import ResourceLimitError
from axis.ledger.entry import Sealer
from axis.relay.changes import write_change
from axis.relay.judge import Judged
from axis.relay.order import hold_to_order, is_ordered
from axis.relay.parts import wanted_by
from axis.relay.record import Records, write_accepted, write_refused
from axis.relay.statuses import write_statuses
from axis.store.alarms import raise_alarm
from axis.store.answers import add_answers
from axis.store.deliveries import DeliveryRecord, add_deliveries
from axis.store.engine import transaction
from axis.store.ledger import append_new
from axis.store.messages import add_messages, add_stories
from axis.store.packages import add_packages, mark_heard, reopen_packages, still_lacking
from axis.store.packages import judged as verdicts_of
from axis.store.parts import add_package_parts
from axis.store.telling import Telling, tellings
from axis.trust.errors import VerifiersDisagreeError
from axis.types.book import Book

log = logging.getLogger(__name__)

#: How often a batch is done again because another relay judged one of its packages meanwhile.
TRIES = 5

#: Between two revisions of one thing that come in one batch: mailboxes list by instant.
_INSTANT: Final = timedelta(microseconds=1)

#: Refusals that say more of the axis, or of an attack on it, than of the package.
ALARMING: Final = frozenset({VerifiersDisagreeError.code, ResourceLimitError.code})


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What the records hold now about a batch."""

    verdicts: Mapping[UUID, bool]  #: package → accepted, old verdicts included
    deliveries: Sequence[tuple[str, DeliveryNotice]]  #: system → what it must be told


def commit(
    engine: sa.Engine,
    batch: Sequence[Judged],
    *,
    redelivered: Collection[UUID],
    sealer: Sealer,
    clock: Callable[[], datetime],
    types: Book | None = None,
) -> Committed:
    """Record a batch. A package that has its verdict keeps it, whatever was judged now.

    The one exception is a package that was refused because an attachment that travels apart had not
    come: if it passes now, it is accepted, and the ledger keeps both answers.

    Args:
        engine: where the records are.
        batch: what was judged; the same package may stand in it twice.
        redelivered: packages whose notice was given out before without an end: what a crash may
            have left half done for them is done again.
        sealer: what turns entries into their final bytes.
        clock: read once for each try.
        types: the rules that the order of revisions and statuses of messages follow.

    Raises:
        DatabaseUnavailableError: whether it took effect is unknown; do it again.
    """
    for attempt in range(TRIES):
        try:
            with transaction(engine) as connection:
                now = clock()
                return _commit_once(
                    connection, batch, redelivered, sealer=sealer, types=types, now=now
                )
        except IntegrityError:
            # Another relay was given the same package at the same moment and was first.
            if attempt == TRIES - 1:
                raise
    raise AssertionError("not reached")


@dataclass(slots=True)
class _Batch:
    """What a transaction has written so far."""

    accepted: dict[UUID, bool] = field(default_factory=dict)
    deliveries: list[DeliveryRecord] = field(default_factory=list)
    told_later: list[UUID] = field(default_factory=list)  #: of packages that are not in the batch
    reopened: set[UUID] = field(default_factory=set)  #: refused before, for want of an attachment
    stopped: set[UUID] = field(default_factory=set)  #: recalled in this very transaction


def _commit_once(
    connection: sa.Connection,
    batch: Sequence[Judged],
    redelivered: Collection[UUID],
    *,
    sealer: Sealer,
    types: Book | None,
    now: datetime,
) -> Committed:
    judged = {one.notice.package_id: one for one in batch}
    old = dict(verdicts_of(connection, list(judged))) if judged else {}
    # A package that lacked an attachment gets another hearing: its sender may have brought it. So
    # does a revision that came too early: the one before it may have come since.
    again_heard = still_lacking(
        connection,
        [
            key
            for key, one in judged.items()
            if old.get(key) is False and (wanted_by(one.inspection) or is_ordered(one))
        ],
    )
    ordered = hold_to_order(
        connection,
        [one for key, one in judged.items() if key not in old or key in again_heard],
        types,
    )
    unique = judged | dict(ordered.batch)
    again_refused = [one for one in again_heard if unique[one].admission is None]
    mark_heard(connection, again_refused, at=now)
    done = _Batch(reopened=again_heard - set(again_refused))
    new = [
        one
        for package_id, one in unique.items()
        if package_id not in old or package_id in done.reopened
    ]
    # 1. Documents and refusals, in bulk.
    _write(
        connection,
        [
            _plain(one, sealer, now + _INSTANT * ordered.after.get(one.notice.package_id, 0))
            for one in new
            if _is_plain(one)
        ],
        done,
    )
    papers = (types or NO_BOOK).roles.papers
    # 2. Changes of documents, each on what the one before left.
    for one in new:
        if _is_change(one):
            change = write_change(connection, one, sealer, papers=papers, now=now)
            _write(connection, [change.records], done)
            change.apply(connection)
            done.stopped |= change.stopped
            done.told_later += [delivery.id for delivery in change.added]
    # 3. Statuses, in bulk again.
    statuses = write_statuses(
        connection, [one for one in new if _is_status(one)], sealer, types=types, now=now
    )
    _write(connection, statuses.records, done)
    statuses.apply(connection)
    done.stopped |= statuses.stopped
    # 4. What an operator must know of stands in the records with the verdict.
    for one in new:
        if one.refusal is not None and one.refusal.code in ALARMING:
            raise_alarm(connection, one.refusal, str(one.notice.package_id), at=now)
            log.critical(
                "alarm",
                extra={
                    "code": one.refusal.code,
                    "subject": str(one.notice.package_id),
                    "system": one.notice.system_id,
                },
            )
    # 5. Work that a crash interrupted between the record and the queues: told again.
    interrupted = [package_id for package_id in redelivered if old.get(package_id)]
    again = tellings(connection, packages=interrupted) if interrupted else []
    if done.told_later:
        again += tellings(connection, deliveries=done.told_later)
    return Committed(
        verdicts=dict(old) | done.accepted,
        deliveries=[
            (delivery.system_id, notice_of(_telling(delivery, unique[delivery.package_id])))
            for delivery in done.deliveries
            if delivery.system_id is not None
            and delivery.state in OPEN
            and delivery.id not in done.stopped
        ]
        + [
            (telling.delivery.system_id, notice_of(telling))
            for telling in again
            if telling.delivery.system_id is not None
        ],
    )


def _write(connection: sa.Connection, records: Sequence[Records], done: _Batch) -> None:
    deliveries = [delivery for record in records for delivery in record.deliveries]
    reopened = [one.package for one in records if one.package.id in done.reopened]
    add_packages(
        connection, [one.package for one in records if one.package.id not in done.reopened]
    )
    reopen_packages(connection, reopened)
    add_package_parts(connection, [part for record in records for part in record.parts])
    add_messages(connection, [one.message for one in records if one.message is not None])
    add_stories(connection, {one.package.id: one.stories for one in records if one.stories})
    add_answers(connection, {one.package.id: one.answers for one in records if one.answers})
    add_deliveries(connection, deliveries)
    append_new(connection, [entry for record in records for entry in record.entries])
    done.accepted |= {record.package.id: record.package.accepted for record in records}
    done.deliveries += deliveries


def _plain(one: Judged, sealer: Sealer, now: datetime) -> Records:
    if one.refusal is not None:
        return write_refused(one, one.refusal, sealer, now=now)
    assert one.admission is not None  # noqa: S101  a package is refused or admitted
    return write_accepted(one, one.admission, sealer, about=None, follows=None, now=now)


def _is_plain(one: Judged) -> bool:
    return not _is_change(one) and not _is_status(one)


def _is_change(one: Judged) -> bool:
    return one.admission is not None and one.admission.envelope.is_change


def _is_status(one: Judged) -> bool:
    return one.admission is not None and one.admission.envelope.is_status


def _telling(delivery: DeliveryRecord, one: Judged) -> Telling:
    return Telling(
        delivery=delivery,
        digest=bytes.fromhex(one.notice.digest),
        size_bytes=one.notice.size_bytes,
        sender=one.inspection.envelope.sender.organ_id if one.inspection else "",
    )


def notice_of(telling: Telling) -> DeliveryNotice:
    """Return what a receiver's queue is told of a delivery."""
    delivery = telling.delivery
    return DeliveryNotice(
        delivery_id=delivery.id,
        package_id=delivery.package_id,
        office_id=delivery.office_id,
        address=delivery.address,
        sender=telling.sender,
        digest=telling.digest.hex(),
        size_bytes=telling.size_bytes,
        lane=delivery.lane.value,
        routed_at=delivery.routed_at,
    )
