"""The life of a delivery, as one table. A delivery is one package for one addressed office.

Transport states only: what the office's clerk does with the document (statuses 01 … 16) is told
beside them, in :mod:`axis.delivery.course`, never mixed with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from axis.delivery.errors import DeliveryOverError, TransitionRefusedError


class State(StrEnum):
    """How far a delivery got."""

    HELD = "held"  #: the office is known, but nobody takes its documents now
    ROUTED = "routed"  #: waits for the office's system, in its mailbox
    OFFERED = "offered"  #: the system's queue has the notice too
    FETCHED = "fetched"  #: the system has taken the bytes
    CONFIRMED = "confirmed"  #: the system has said that it keeps them
    REFUSED = "refused"  #: the system has said that it cannot take them
    EXPIRED = "expired"  #: nobody took it within its time to live
    RECALLED = "recalled"  #: asked back before anybody took it; never given out
    UNDELIVERABLE = "undeliverable"  #: a person has given it up
    REDIRECTED = "redirected"  #: another office's delivery stands in its place
    PARKED = "parked"  #: set aside with a cause and an owner; not given out until released


class Event(StrEnum):
    """What can happen to a delivery."""

    RELEASE = "release"  #: a system takes it now, or is told of it again
    OFFER = "offer"  #: RabbitMQ has the notice in the system's queue
    FETCH = "fetch"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    EXPIRE = "expire"
    RECALL = "recall"
    REDIRECT = "redirect"
    PARK = "park"
    GIVE_UP = "give-up"
    HOLD = "hold"


TRANSITIONS: Final[Mapping[State, Mapping[Event, State]]] = {
    State.HELD: {
        Event.RELEASE: State.ROUTED,
        Event.HOLD: State.HELD,
        Event.EXPIRE: State.EXPIRED,
        Event.RECALL: State.RECALLED,
        Event.REDIRECT: State.REDIRECTED,
        Event.GIVE_UP: State.UNDELIVERABLE,
    },
    State.ROUTED: {
        Event.RELEASE: State.ROUTED,
        Event.OFFER: State.OFFERED,
        Event.FETCH: State.FETCHED,
        Event.REFUSE: State.REFUSED,
        Event.HOLD: State.HELD,
        Event.PARK: State.PARKED,
        Event.EXPIRE: State.EXPIRED,
        Event.RECALL: State.RECALLED,
        Event.REDIRECT: State.REDIRECTED,
        Event.GIVE_UP: State.UNDELIVERABLE,
    },
    State.OFFERED: {
        Event.RELEASE: State.ROUTED,
        Event.OFFER: State.OFFERED,  # a notice may come twice
        Event.FETCH: State.FETCHED,
        Event.REFUSE: State.REFUSED,
        Event.HOLD: State.HELD,
        Event.PARK: State.PARKED,
        Event.EXPIRE: State.EXPIRED,
        Event.RECALL: State.RECALLED,
        Event.REDIRECT: State.REDIRECTED,
        Event.GIVE_UP: State.UNDELIVERABLE,
    },
    State.FETCHED: {
        Event.RELEASE: State.FETCHED,  # told again, because it was not confirmed
        Event.OFFER: State.FETCHED,
        Event.FETCH: State.FETCHED,  # a system may fetch again until it has confirmed, and after
        Event.CONFIRM: State.CONFIRMED,
        Event.REFUSE: State.REFUSED,
        Event.PARK: State.PARKED,
        Event.EXPIRE: State.EXPIRED,
        Event.GIVE_UP: State.UNDELIVERABLE,
    },
    State.CONFIRMED: {
        Event.OFFER: State.CONFIRMED,  # a notice that was on its way
        Event.FETCH: State.CONFIRMED,
        Event.CONFIRM: State.CONFIRMED,
    },
    State.REFUSED: {
        Event.REFUSE: State.REFUSED,
    },
    State.EXPIRED: {},
    State.RECALLED: {
        Event.RECALL: State.RECALLED,
    },
    State.UNDELIVERABLE: {
        Event.GIVE_UP: State.UNDELIVERABLE,
    },
    State.REDIRECTED: {},
    State.PARKED: {
        Event.RELEASE: State.ROUTED,
        Event.PARK: State.PARKED,
        Event.EXPIRE: State.EXPIRED,
        Event.RECALL: State.RECALLED,
        Event.REDIRECT: State.REDIRECTED,
        Event.GIVE_UP: State.UNDELIVERABLE,
    },
}

#: States in which a delivery is offered to its system.
OPEN: Final = frozenset({State.ROUTED, State.OFFERED, State.FETCHED})

#: States in which nobody outside the axis has the bytes, and somebody still may.
UNDELIVERED: Final = frozenset({State.HELD, State.ROUTED, State.OFFERED, State.PARKED})

#: States that nothing leads out of.
FINAL: Final = frozenset(
    state for state, steps in TRANSITIONS.items() if set(steps.values()) <= {state}
)

#: Final states in which the bytes are not given out any more.
OVER: Final = FINAL - {State.CONFIRMED}


def advance(state: State, event: Event) -> State:
    """Return the state after ``event``.

    Raises:
        DeliveryOverError: the delivery has ended, and not with this event; nothing changes.
        TransitionRefusedError: the table has no such step; nothing changes.
    """
    after = TRANSITIONS[state].get(event)
    if after is None:
        if state in OVER:
            raise DeliveryOverError(state=state.value, event=event.value)
        raise TransitionRefusedError(state=state.value, event=event.value)
    return after
