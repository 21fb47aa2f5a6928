"""Writes down one recall, update or replacement, and does what it asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from axis.store.addressed import addressed_under
from axis.store.deliveries import (
    DeliveryRecord,
    add_deliveries,
    deliveries_of,
    lock_deliveries,
    save_deliveries,
)
from axis.store.ledger import append
from axis.store.requests import add_requests, taken_off


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
    connection: sa.Connection,
    one: Judged,
    sealer: Sealer,
    *,
    papers: Collection[str],
    now: datetime,
) -> Change:
    """Return what an admitted change package does; locks the deliveries that it concerns."""
    admission = one.admission
    assert admission is not None  # noqa: S101  only admitted packages come here
    envelope = admission.envelope
    assert isinstance(envelope, DocumentEnvelope)  # noqa: S101
    known = addressed_under(connection, named_in(envelope), papers=papers)
    try:
        plan = plan_change(
            envelope,
            sender_office=admission.sender_office,
            offices={route.office_id for route in admission.routes},
            known=known,
            heir_of=one.heir_of,
            taken_off=taken_off(
                connection, {each.delivery_id for found in known.values() for each in found}
            ),
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
    back = [_give_back(records, address, admission, sealer, now=now) for address in plan.back]
    return Change(
        records=records,
        asked=asked,
        added=(*added, *(delivery for delivery, _ in back)),
        entries=(*entries, *(entry for _, entry in back)),
    )


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
        position = max(sibling.position for sibling in siblings) + 1 + number
        route = routes[address]
        delivery, entry = _new(siblings[0], route, position, sealer, now=now)
        added.append(delivery)
        entries.append(entry)
    return tuple(added), tuple(entries)


def _give_back(
    records: Records, address: str, admission: Admission, sealer: Sealer, *, now: datetime
) -> tuple[DeliveryRecord, SealedEntry]:
    """Return a delivery of the update itself, to a receiver that was taken off the list before."""
    (route,) = [route for route in admission.added if route.address == address]
    position = max(sibling.position for sibling in records.deliveries) + 1
    return _new(records.deliveries[0], route, position, sealer, now=now)


def _new(
    sibling: DeliveryRecord, route: Route, position: int, sealer: Sealer, *, now: datetime
) -> tuple[DeliveryRecord, SealedEntry]:
    """Return one more delivery of a package that has a delivery already, and its entry."""
    held = route.held_reason is not None
    delivery_id = delivery_id_of(sibling.package_id, route.address)
    entry = sealer.seal(
        Entry(
            event=Event.CONSIGNMENT_HELD if held else Event.CONTENT_CONSIGNMENT,
            at=now,
            package_id=sibling.package_id,
            delivery_id=delivery_id,
            prev=sealer.entry_id(Event.SUBMISSION_ACCEPTANCE, sibling.package_id),
            recipient=route.address,
            served=route.served,
            system=route.system_id,
            reason=route.held_reason,
        )
    )
    delivery = replace(
        sibling,
        id=delivery_id,
        position=position,
        address=route.address,
        office_id=route.office_id,
        system_id=route.system_id,
        state=State.HELD if held else State.ROUTED,
        held_reason=route.held_reason,
        routed_at=now,
        last_entry=entry.entry_id,
        offered_at=None,
        fetched_at=None,
        confirmed_at=None,
        ended_at=None,
        status_code=None,
        tries=0,
        redirect_of=None,
    )
    return delivery, entry
