"""Every cell of the table of a delivery's life."""

from __future__ import annotations

import pytest

from axis.delivery.errors import DeliveryOverError, TransitionRefusedError
from axis.delivery.lanes import Lane, lane_of
from axis.delivery.states import (
    FINAL,
    OPEN,
    OVER,
    TRANSITIONS,
    UNDELIVERED,
    Event,
    State,
    advance,
)
from axis.delivery.sums import Sum, sum_up

#: A row for each state, a column for each event; a dash is refused.
TABLE = """
               release  offer     fetch     confirm   refuse   expire   recall    redirect    park    give-up        hold
held           routed   -         -         -         -        expired  recalled  redirected  -       undeliverable  held
routed         routed   offered   fetched   -         refused  expired  recalled  redirected  parked  undeliverable  held
offered        routed   offered   fetched   -         refused  expired  recalled  redirected  parked  undeliverable  held
fetched        fetched  fetched   fetched   confirmed refused  expired  -         -           parked  undeliverable  -
confirmed      -        confirmed confirmed confirmed -        -        -         -           -       -              -
refused        -        -         -         -         refused  -        -         -           -       -              -
expired        -        -         -         -         -        -        -         -           -       -              -
recalled       -        -         -         -         -        -        recalled  -           -       -              -
undeliverable  -        -         -         -         -        -        -         -           -       undeliverable  -
redirected     -        -         -         -         -        -        -         -           -       -              -
parked         routed   -         -         -         -        expired  recalled  redirected  parked  undeliverable  -
"""  # noqa: E501
_HEAD, *_ROWS = TABLE.strip().splitlines()
CELLS = {
    (State(row.split()[0]), Event(event)): cell
    for row in _ROWS
    for event, cell in zip(_HEAD.split(), row.split()[1:], strict=True)
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_each_step_leads_where_the_table_says_or_is_refused(state: State, event: Event) -> None:
    after = CELLS[state, event]
    if after != "-":
        assert advance(state, event) is State(after)
        return
    with pytest.raises((TransitionRefusedError, DeliveryOverError)) as caught:
        advance(state, event)
    assert caught.value.code == ("delivery.over" if state in OVER else "delivery.transition")


def test_every_state_stands_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)
    assert len(CELLS) == len(State) * len(Event)


def test_nothing_leads_out_of_a_final_state() -> None:
    assert {state.value for state in FINAL} == {
        "confirmed",
        "refused",
        "expired",
        "recalled",
        "undeliverable",
        "redirected",
    }
    assert not FINAL & (OPEN | UNDELIVERED)
    assert set(State) == FINAL | OPEN | UNDELIVERED


def test_what_is_not_delivered_can_be_recalled_and_what_was_given_out_cannot() -> None:
    for state in State:
        recallable = TRANSITIONS[state].get(Event.RECALL) is State.RECALLED
        assert recallable == (state in UNDELIVERED or state is State.RECALLED)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("", Sum.NOWHERE),
        ("routed", Sum.UNDER_WAY),
        ("held parked", Sum.UNDER_WAY),
        ("fetched recalled", Sum.UNDER_WAY),
        ("confirmed routed", Sum.PARTLY),
        ("confirmed parked expired", Sum.PARTLY),
        ("confirmed", Sum.DELIVERED),
        ("confirmed redirected confirmed", Sum.DELIVERED),
        ("confirmed expired", Sum.ENDED),
        ("confirmed recalled", Sum.ENDED),
        ("refused expired", Sum.FAILED),
        ("undeliverable", Sum.FAILED),
        ("recalled expired", Sum.FAILED),
        ("recalled recalled", Sum.RECALLED),
        ("redirected", Sum.NOWHERE),
        ("redirected held", Sum.UNDER_WAY),
    ],
)
def test_a_document_is_the_sum_of_its_deliveries(states: str, expected: Sum) -> None:
    assert sum_up([State(state) for state in states.split()]) is expected


@pytest.mark.parametrize(
    ("priority", "lane"),
    [(0, Lane.NORMAL), (1, Lane.EXPRESS), (2, Lane.EXPRESS), (3, Lane.EXPRESS), (4, Lane.EXPRESS)],
)
def test_whatever_is_urgent_goes_express(priority: int, lane: Lane) -> None:
    assert lane_of(priority) is lane
