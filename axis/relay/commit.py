"""Records a batch in one transaction: verdicts, deliveries and ledger entries, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from axis.bus.notices import DeliveryNotice
from axis.delivery.states import OPEN
from axis.delivery.statuses import Addressed, relate
from axis.envelope.values import StatusEnvelope
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.relay.judge import Judged
from axis.relay.record import Records, write_accepted, write_refused
from axis.store.deliveries import (
    DeliveryRecord,
    add_deliveries,
    addressed_under,
    deliveries_of,
    last_entries,
    mark_entry,
)
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.packages import add_packages
from axis.store.packages import judged as verdicts_of

#: How often a batch is done again because another relay judged one of its packages meanwhile.
TRIES = 5


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
) -> Committed:
    """Record a batch. A package that has its verdict keeps it, whatever was judged now.

    Args:
        engine: where the records are.
        batch: what was judged; the same package may stand in it twice.
        redelivered: packages whose notice was given out before without an end: what a crash may
            have left half done for them is done again.
        sealer: what turns entries into their final bytes.
        clock: read once for each try.

    Raises:
        DatabaseUnavailableError: whether it took effect is unknown; do it again.
    """
    for attempt in range(TRIES):
        try:
            with transaction(engine) as connection:
                return _commit_once(connection, batch, redelivered, sealer=sealer, now=clock())
        except IntegrityError:
            # Another relay was given the same package at the same moment and was first.
            if attempt == TRIES - 1:
                raise
    raise AssertionError("not reached")


def _commit_once(
    connection: sa.Connection,
    batch: Sequence[Judged],
    redelivered: Collection[UUID],
    *,
    sealer: Sealer,
    now: datetime,
) -> Committed:
    unique = {one.notice.package_id: one for one in batch}
    old = verdicts_of(connection, list(unique)) if unique else {}
    new = [one for package_id, one in unique.items() if package_id not in old]
    records = _write_all(connection, new, sealer=sealer, now=now)
    add_packages(connection, [record.package for record in records])
    deliveries = [delivery for record in records for delivery in record.deliveries]
    add_deliveries(connection, deliveries)
    append(connection, [entry for record in records for entry in record.entries])
    for delivery_id, entry in sorted(filter(None, (record.about for record in records))):
        mark_entry(connection, delivery_id, entry=entry)
    # Work that a crash interrupted between the record and the queues: told again.
    interrupted = [package_id for package_id in redelivered if old.get(package_id)]
    if interrupted:
        deliveries += deliveries_of(connection, interrupted, only_open=True)
    return Committed(
        verdicts=dict(old) | {record.package.id: record.package.accepted for record in records},
        deliveries=[
            (delivery.system_id, _notice(delivery, unique[delivery.package_id]))
            for delivery in deliveries
            if delivery.system_id is not None and delivery.state in OPEN
        ],
    )


def _write_all(
    connection: sa.Connection, new: Sequence[Judged], *, sealer: Sealer, now: datetime
) -> list[Records]:
    statuses = [one for one in new if _status_of(one) is not None]
    document_ids = {_status_of(one).response_for.document_id or "" for one in statuses}  # type: ignore[union-attr]
    addressed = addressed_under(connection, document_ids) if statuses else {}
    related: dict[UUID, Addressed | AxisError] = {
        one.notice.package_id: _relate(one, addressed) for one in statuses
    }
    told = sorted({about.delivery_id for about in related.values() if isinstance(about, Addressed)})
    last = dict(last_entries(connection, told)) if told else {}
    records = []
    for one in new:
        about = related.get(one.notice.package_id)
        if one.refusal is not None:
            record = write_refused(one, one.refusal, sealer, now=now)
        elif isinstance(about, AxisError):
            record = write_refused(one, about.refusal, sealer, now=now)
        else:
            assert one.admission is not None  # noqa: S101  a package is refused or admitted
            follows = last.get(about.delivery_id) if about else None
            record = write_accepted(
                one, one.admission, sealer, about=about, follows=follows, now=now
            )
            if record.about is not None:
                last[record.about[0]] = record.about[1]
        records.append(record)
    return records


def _status_of(one: Judged) -> StatusEnvelope | None:
    if one.admission is None or not isinstance(one.admission.envelope, StatusEnvelope):
        return None
    return one.admission.envelope


def _relate(one: Judged, addressed: Mapping[str, list[Addressed]]) -> Addressed | AxisError:
    status, admission = _status_of(one), one.admission
    assert status is not None  # noqa: S101
    assert admission is not None  # noqa: S101
    document_id = status.response_for.document_id or ""
    try:
        return relate(
            status_code=status.status_code.value,
            document_id=document_id,
            reporter=status.sender.organ_id,
            reporter_office=admission.sender_office,
            target_office=admission.target_office,
            deliveries=addressed.get(document_id, ()),
        )
    except AxisError as error:
        return error


def _notice(delivery: DeliveryRecord, one: Judged) -> DeliveryNotice:
    sender = one.inspection.envelope.sender.organ_id if one.inspection else ""
    return DeliveryNotice(
        delivery_id=delivery.id,
        package_id=delivery.package_id,
        office_id=delivery.office_id,
        address=delivery.address,
        sender=sender,
        digest=one.notice.digest,
        size_bytes=one.notice.size_bytes,
        lane=delivery.lane.value,
        routed_at=delivery.routed_at,
    )
