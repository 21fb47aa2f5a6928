"""A system that does not take what it is told is tried less and less, then with one delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest

from axis.delivery.backoff import (
    WELL,
    Circuit,
    Class,
    Pace,
    circuit,
    class_of,
    delay,
    failed,
)
from axis.delivery.causes import CAUSES, Owner
from axis.errors import Fault

PACE = Pace(first=timedelta(seconds=10), most=timedelta(minutes=5), threshold=3)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 10), (2, 20), (3, 40), (5, 160), (6, 300), (400, 300)]
)
def test_the_wait_doubles_up_to_its_most(failures: int, seconds: int) -> None:
    middle = timedelta(seconds=seconds)
    assert delay(failures, PACE, chance=0.5) == middle
    assert delay(failures, PACE, chance=0.0) == middle / 2
    assert middle < delay(failures, PACE, chance=0.99) < middle * 1.5


def test_the_breaker_opens_after_so_many_failures_and_tries_one_when_the_wait_is_over(now) -> None:
    health = WELL
    assert circuit(health, now=now) is Circuit.CLOSED
    for _ in range(2):
        health = failed(health, PACE, now=now, chance=lambda: 0.5)
        assert circuit(health, now=now) is Circuit.OPEN
        assert circuit(health, now=now + timedelta(minutes=1)) is Circuit.CLOSED
    health = failed(health, PACE, now=now, chance=lambda: 0.5)
    assert health.opened_at == now
    assert circuit(health, now=now + timedelta(seconds=39)) is Circuit.OPEN
    assert circuit(health, now=now + timedelta(seconds=40)) is Circuit.HALF_OPEN
    later = failed(health, PACE, now=now + timedelta(seconds=40), chance=lambda: 0.5)
    assert later.opened_at == now


def test_a_clock_that_jumps_back_does_not_try_at_once(now) -> None:
    health = failed(WELL, PACE, now=now, chance=lambda: 0.0)
    assert circuit(health, now=now - timedelta(hours=3)) is Circuit.OPEN


def test_each_fault_says_who_must_act() -> None:
    assert {fault: class_of(fault) for fault in Fault} == {
        Fault.INPUT: Class.PERMANENT,
        Fault.OUTAGE: Class.TRANSIENT,
        Fault.AXIS: Class.OPERATOR,
    }


def test_every_cause_has_an_owner_and_a_next_step_in_both_languages() -> None:
    for code, cause in CAUSES.items():
        assert cause.owner in Owner
        assert cause.en.isascii(), code
        assert not cause.vi.isascii(), code
        assert not cause.next_vi.isascii(), code
