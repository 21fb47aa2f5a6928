"""One step of one delivery: its new state and the ledger entry that proves it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from axis.delivery.states import OVER, Event, State, advance
from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event as Evidence
from axis.store.deliveries import DeliveryRecord

#: What each step is called in the ledger. To offer is only to tell again where the bytes wait.
EVIDENCE: Final[Mapping[Event, Evidence]] = {
    Event.RELEASE: Evidence.CONSIGNMENT_RELEASED,
    Event.FETCH: Evidence.CONTENT_FETCH,
    Event.CONFIRM: Evidence.CONTENT_HANDOVER,
    Event.REFUSE: Evidence.CONTENT_HANDOVER_FAILURE,
    Event.EXPIRE: Evidence.CONTENT_CONSIGNMENT_FAILURE,
    Event.RECALL: Evidence.CONSIGNMENT_RECALLED,
    Event.REDIRECT: Evidence.CONSIGNMENT_REDIRECTED,
    Event.PARK: Evidence.CONSIGNMENT_PARKED,
    Event.GIVE_UP: Evidence.CONTENT_CONSIGNMENT_FAILURE,
    Event.HOLD: Evidence.CONSIGNMENT_HELD,
}

#: Steps that may happen to a delivery more than once; each has an entry of its own.
_RECURRING: Final = frozenset({Event.RELEASE, Event.PARK, Event.HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A delivery after a step."""

    delivery: DeliveryRecord
    entry: SealedEntry | None  #: None where the step was no news


def move(
    delivery: DeliveryRecord,
    event: Event,
    *,
    sealer: Sealer,
    now: datetime,
    reason: str | None = None,
    body: bytes | None = None,
    system: str | None = None,
    served: str | None = None,
    who: str | None = None,
    why: str | None = None,
) -> Moved:
    """Return a delivery after a step, with its evidence.

    Args:
        delivery: as it is, locked by the caller.
        event: what happens.
        sealer: for the entry.
        now: when; a step is never before the one that it follows.
        reason: code of the cause (:data:`axis.delivery.causes.CAUSES`).
        body: SHA-256 of the bytes, where they changed hands.
        system: the system that acted.
        served: where it goes instead of the address.
        who: the person who did it, if one did.
        why: that person's reason.

    Raises:
        DeliveryOverError, TransitionRefusedError: the table has no such step.
    """
    after = advance(delivery.state, event)
    # A clock that was set back makes no step earlier than the one before it.
    now = max(now, delivery.fetched_at or delivery.routed_at)
    if _is_no_news(delivery, event, after):
        return Moved(delivery=replace(delivery, state=after), entry=None)
    entry = sealer.seal(
        Entry(
            event=EVIDENCE[event],
            at=now,
            package_id=delivery.package_id,
            delivery_id=delivery.id,
            occurrence=now.isoformat() if event in _RECURRING else "",
            prev=delivery.last_entry,
            reason=reason,
            body_sha256=body,
            recipient=delivery.address,
            served=served,
            system=system,
            who=who,
            why=why,
        )
    )
    changed: dict[str, Any] = {
        "state": after,
        "held_reason": None if after in {State.ROUTED, State.FETCHED} else reason,
        "last_entry": entry.entry_id,
    }
    if event is Event.RELEASE:
        changed |= {"tries": 0, "offered_at": None}
    elif event is Event.FETCH:
        # Who fetches knows of it, whether a mark says so or not: it is asked again as one that was
        # told and has not confirmed.
        changed |= {"fetched_at": now, "offered_at": delivery.offered_at or now}
    elif event is Event.CONFIRM:
        changed["confirmed_at"] = now
    if after in OVER:
        changed["ended_at"] = now
    moved = replace(delivery, **changed)
    return Moved(delivery=moved, entry=entry)


def _is_no_news(delivery: DeliveryRecord, event: Event, after: State) -> bool:
    if event is Event.FETCH:
        return delivery.fetched_at is not None
    if event is Event.RELEASE:
        return delivery.state is State.FETCHED
    return event is Event.OFFER or after is delivery.state
