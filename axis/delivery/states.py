"""The life of a delivery, as one table. A delivery is one package for one addressed office.

Transport states only: what the office's clerk does with the document (statuses 01 … 16) is told
beside them, never mixed with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from axis.delivery.errors import TransitionRefusedError


class State(StrEnum):
    """How far a delivery got."""

    HELD = "held"  #: the office is known, but no system takes its documents now
    ROUTED = "routed"  #: waits for the office's system, in its queue and its mailbox
    FETCHED = "fetched"  #: the system has taken the bytes
    CONFIRMED = "confirmed"  #: the system has said that it keeps them


class Event(StrEnum):
    """What can happen to a delivery."""

    RELEASE = "release"  #: a system now takes the office's documents
    FETCH = "fetch"
    CONFIRM = "confirm"


TRANSITIONS: Final[Mapping[State, Mapping[Event, State]]] = {
    State.HELD: {
        Event.RELEASE: State.ROUTED,
    },
    State.ROUTED: {
        Event.RELEASE: State.ROUTED,
        Event.FETCH: State.FETCHED,
    },
    State.FETCHED: {
        Event.FETCH: State.FETCHED,  # a system may fetch again until it has confirmed, and after
        Event.CONFIRM: State.CONFIRMED,
    },
    State.CONFIRMED: {
        Event.FETCH: State.CONFIRMED,
        Event.CONFIRM: State.CONFIRMED,
    },
}

#: States in which a delivery is offered to its system.
OPEN: Final = frozenset({State.ROUTED, State.FETCHED})


def advance(state: State, event: Event) -> State:
    """Return the state after ``event``.

    Raises:
        TransitionRefusedError: the table has no such step; nothing changes.
    """
    after = TRANSITIONS[state].get(event)
    if after is None:
        raise TransitionRefusedError(state=state.value, event=event.value)
    return after
