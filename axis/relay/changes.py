"""Writes down one recall, update or replacement, and does what it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.admission.admit import Admission, Route
from axis.delivery.changes import NOTHING, Plan, named_in, plan_change
from axis.delivery.states import State
from axis.envelope.values import DocumentEnvelope
from axis.errors import AxisError
from axis.intake.identity import delivery_id_of
from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event
from axis.relay.asking import Asking, ask
from axis.relay.judge import Judged
from axis.relay.record import Records, write_accepted, write_refused
from axis.store.deliveries import (
    DeliveryRecord,
    add_deliveries,
    addressed_under,
    deliveries_of,
    lock_deliveries,
    save_deliveries,
)
from axis.store.ledger import append
from axis.store.requests import add_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change package adds and what it does; written in two steps, its package first."""

    records: Records
    asked: tuple[Asking, ...] = ()
    added: tuple[DeliveryRecord, ...] = ()  #: of the original, for receivers that an update adds
    entries: tuple[SealedEntry, ...] = ()

    @property
    def stopped(self) -> set[UUID]:
        """The deliveries that are never given out because of it."""
        return {one.delivery.id for one in self.asked if one.delivery.state is State.RECALLED}

    def apply(self, connection: sa.Connection) -> None:
        """Write what it does, in the transaction that wrote its package."""
        save_deliveries(connection, [one.delivery for one in self.asked])
        add_requests(connection, [one.request for one in self.asked])
        add_deliveries(connection, self.added)
        append(connection, [*(one.entry for one in self.asked), *self.entries])


def write_change(
    connection: sa.Connection, one: Judged, sealer: Sealer, *, now: datetime
) -> Change:
    """Return what an admitted change package does; locks the deliveries that it concerns."""
    admission = one.admission
    assert admission is not None  # noqa: S101  only admitted packages come here
    envelope = admission.envelope
    assert isinstance(envelope, DocumentEnvelope)  # noqa: S101
    known = addressed_under(connection, named_in(envelope))
    try:
        plan = plan_change(
            envelope,
            sender_office=admission.sender_office,
            offices={route.office_id for route in admission.routes},
            known=known,
        )
    except AxisError as error:
        return Change(records=write_refused(one, error.refusal, sealer, now=now))
    records = write_accepted(one, admission, sealer, about=None, follows=None, now=now)
    if plan == NOTHING:
        return Change(records=records)
    locked = lock_deliveries(connection, {asked.target.delivery_id for asked in plan.asked})
    asked = tuple(
        ask(
            locked[one_asked.target.delivery_id],
            kind=one_asked.kind,
            by_package=one.notice.package_id,
            sealer=sealer,
            now=now,
        )
        for one_asked in plan.asked
    )
    added, entries = _add(connection, plan, admission, sealer, now=now)
    return Change(records=records, asked=asked, added=added, entries=entries)


def _add(
    connection: sa.Connection,
    plan: Plan,
    admission: Admission,
    sealer: Sealer,
    *,
    now: datetime,
) -> tuple[tuple[DeliveryRecord, ...], tuple[SealedEntry, ...]]:
    """Return deliveries of the original to the receivers that an update adds."""
    if not plan.added:
        return (), ()
    routes: Mapping[str, Route] = {route.address: route for route in admission.added}
    originals: dict[UUID, Sequence[DeliveryRecord]] = {}
    added, entries = [], []
    for number, (original, address) in enumerate(plan.added):
        siblings = originals.setdefault(
            original.package_id, deliveries_of(connection, [original.package_id])
        )
        route = routes[address]
        held = route.held_reason is not None
        delivery_id = delivery_id_of(original.package_id, address)
        entry = sealer.seal(
            Entry(
                event=Event.CONSIGNMENT_HELD if held else Event.CONTENT_CONSIGNMENT,
                at=now,
                package_id=original.package_id,
                delivery_id=delivery_id,
                prev=sealer.entry_id(Event.SUBMISSION_ACCEPTANCE, original.package_id),
                recipient=address,
                served=route.served,
                system=route.system_id,
                reason=route.held_reason,
            )
        )
        entries.append(entry)
        added.append(
            replace(
                siblings[0],
                id=delivery_id,
                position=max(sibling.position for sibling in siblings) + 1 + number,
                address=address,
                office_id=route.office_id,
                system_id=route.system_id,
                state=State.HELD if held else State.ROUTED,
                held_reason=route.held_reason,
                routed_at=now,
                last_entry=entry.entry_id,
                offered_at=None,
                redirect_of=None,
            )
        )
    return tuple(added), tuple(entries)
