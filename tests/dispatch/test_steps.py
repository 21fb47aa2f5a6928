"""A step has its evidence, and its place in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from axis.delivery.lanes import Lane
from axis.delivery.states import TRANSITIONS, Event, State
from axis.dispatch.steps import EVIDENCE, move
from axis.ledger.entry import Sealer
from axis.store.deliveries import DeliveryRecord

SEALER = Sealer(b"k" * 32)


def delivery(now, state: State = State.ROUTED) -> DeliveryRecord:
    return DeliveryRecord(
        id=UUID(int=2),
        package_id=UUID(int=1),
        position=0,
        address="H41",
        office_id="office",
        system_id="system",
        lane=Lane.NORMAL,
        state=state,
        held_reason=None,
        routed_at=now,
        last_entry=UUID(int=3),
    )


@pytest.mark.parametrize(
    ("state", "event"), [(state, event) for state, row in TRANSITIONS.items() for event in row]
)
def test_every_step_that_is_news_has_its_evidence(now, state: State, event: Event) -> None:
    before = delivery(now, state)
    moved = move(before, event, sealer=SEALER, now=now, reason="by-operator")
    after = TRANSITIONS[state][event]
    assert moved.delivery.state is after
    if moved.entry is None:
        assert moved.delivery.last_entry == before.last_entry
    else:
        assert f'"event":"{EVIDENCE[event].value}"' in moved.entry.leaf.decode()
        assert moved.delivery.last_entry == moved.entry.entry_id
    assert (moved.entry is None) == (
        event is Event.OFFER
        or (after is state and event not in {Event.RELEASE, Event.FETCH})
        or (event is Event.RELEASE and state is State.FETCHED)
    )


def test_a_clock_that_was_set_back_makes_no_step_before_the_last(now) -> None:
    fetched = move(delivery(now), Event.FETCH, sealer=SEALER, now=now + timedelta(hours=1)).delivery
    confirmed = move(fetched, Event.CONFIRM, sealer=SEALER, now=now - timedelta(days=9)).delivery
    assert confirmed.confirmed_at == fetched.fetched_at == now + timedelta(hours=1)
    early = move(delivery(now), Event.FETCH, sealer=SEALER, now=now - timedelta(hours=5)).delivery
    assert early.fetched_at == now


def test_what_is_fetched_before_its_mark_counts_as_told(now) -> None:
    later = now + timedelta(hours=1)
    fetched = move(delivery(now), Event.FETCH, sealer=SEALER, now=later).delivery
    assert fetched.offered_at == later
    offered = replace(delivery(now), offered_at=now)
    assert move(offered, Event.FETCH, sealer=SEALER, now=later).delivery.offered_at == now
