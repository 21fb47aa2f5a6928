"""How far a document is: the sum of its deliveries. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from axis.delivery.states import FINAL, State


class Sum(StrEnum):
    """How far a document is."""

    NOWHERE = "nowhere"  #: it has no deliveries: it was refused, or is a status
    UNDER_WAY = "under-way"  #: nobody has confirmed it yet; somebody still can
    PARTLY = "partly-delivered"  #: some have confirmed it, others still can
    DELIVERED = "delivered"  #: all have confirmed it
    ENDED = "ended"  #: nothing is under way any more; not everybody has it
    FAILED = "failed"  #: nothing is under way any more; nobody has it
    RECALLED = "recalled"  #: all of it was asked back before anybody took it


def sum_up(states: Iterable[State]) -> Sum:
    """Return how far a document is; a redirected delivery counts by the one in its place."""
    counted = [state for state in states if state is not State.REDIRECTED]
    if not counted:
        return Sum.NOWHERE
    confirmed = counted.count(State.CONFIRMED)
    if confirmed == len(counted):
        return Sum.DELIVERED
    if any(state not in FINAL for state in counted):
        return Sum.PARTLY if confirmed else Sum.UNDER_WAY
    if confirmed:
        return Sum.ENDED
    return Sum.RECALLED if set(counted) == {State.RECALLED} else Sum.FAILED
