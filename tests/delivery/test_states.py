"""Every cell of the table of a delivery's life."""

from __future__ import annotations

import pytest

from axis.delivery.errors import TransitionRefusedError
from axis.delivery.lanes import Lane, lane_of
from axis.delivery.states import TRANSITIONS, Event, State, advance

EXPECTED = {
    (State.HELD, Event.RELEASE): State.ROUTED,
    (State.ROUTED, Event.RELEASE): State.ROUTED,
    (State.ROUTED, Event.FETCH): State.FETCHED,
    (State.FETCHED, Event.FETCH): State.FETCHED,
    (State.FETCHED, Event.CONFIRM): State.CONFIRMED,
    (State.CONFIRMED, Event.FETCH): State.CONFIRMED,
    (State.CONFIRMED, Event.CONFIRM): State.CONFIRMED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_each_step_leads_where_the_table_says_or_is_refused(state: State, event: Event) -> None:
    after = EXPECTED.get((state, event))
    if after is None:
        with pytest.raises(TransitionRefusedError) as caught:
            advance(state, event)
        assert caught.value.code == "delivery.transition"
    else:
        assert advance(state, event) is after


def test_every_state_stands_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize(
    ("priority", "lane"),
    [(0, Lane.NORMAL), (1, Lane.EXPRESS), (2, Lane.EXPRESS), (3, Lane.EXPRESS), (4, Lane.EXPRESS)],
)
def test_whatever_is_urgent_goes_express(priority: int, lane: Lane) -> None:
    assert lane_of(priority) is lane
