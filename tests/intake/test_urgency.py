"""What asks to be examined first is seen in passing, and decides nothing else."""

from __future__ import annotations

import pytest

from axis.delivery.lanes import Lane
from axis.intake.urgency import LOOKED_AT, Glimpse
from tests.relay.papers import document, package


def lane_of(body: bytes, piece: int = 1000) -> Lane:
    glimpse = Glimpse()
    for start in range(0, len(body), piece):
        glimpse.see(body[start : start + piece])
    return glimpse.lane


@pytest.mark.parametrize(
    ("priority", "lane"), [(0, Lane.NORMAL), (1, Lane.EXPRESS), (4, Lane.EXPRESS)]
)
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_the_priority_is_found_however_the_package_is_cut(
    priority: int, lane: Lane, piece: int
) -> None:
    assert lane_of(package(document(priority=priority)), piece) is lane


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Priority>9</Priority>",
        b"<Priority></Priority>",
        b"Priority>3</",
        b"\xff" * 1000,
        b" " * LOOKED_AT + b"<Priority>3</Priority>",
    ],
)
def test_what_says_nothing_in_time_goes_the_normal_way(body: bytes) -> None:
    assert lane_of(body) is Lane.NORMAL
