"""Asks for a change of one delivery: stops it where nobody has it, else asks who does. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from axis.delivery.course import STOPS, Kind, Outcome, asked
from axis.delivery.states import Event, State
from axis.dispatch.steps import move
from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event as Evidence
from axis.store.deliveries import DeliveryRecord
from axis.store.requests import RequestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A delivery that a change concerns, and what became of it at once."""

    delivery: DeliveryRecord
    request: RequestRecord
    entry: SealedEntry


def ask(
    delivery: DeliveryRecord, *, kind: Kind, by_package: UUID, sealer: Sealer, now: datetime
) -> Asking:
    """Return what a change does to a delivery, which the caller has locked."""
    outcome = asked(kind, delivery.state, delivery.status_code)
    request = RequestRecord(
        package_id=by_package,
        delivery_id=delivery.id,
        target_package_id=delivery.package_id,
        office_id=delivery.office_id,
        kind=kind,
        outcome=outcome,
        asked_at=now,
    )
    if outcome is Outcome.STOPPED and kind in STOPS and delivery.state is not State.RECALLED:
        moved = move(delivery, Event.RECALL, sealer=sealer, now=now, reason="recalled")
        assert moved.entry is not None  # noqa: S101  it was not recalled before
        return Asking(delivery=moved.delivery, request=request, entry=moved.entry)
    entry = sealer.seal(
        Entry(
            event=Evidence.CHANGE_REQUEST,
            at=now,
            package_id=delivery.package_id,
            delivery_id=delivery.id,
            occurrence=str(by_package),
            prev=delivery.last_entry,
            reason=outcome.value,
            recipient=delivery.address,
            facts={"kind": kind.value},
        )
    )
    return Asking(
        delivery=replace(delivery, last_entry=entry.entry_id), request=request, entry=entry
    )
