"""What is urgent finds a place while everything else is taken, and starves nobody."""

from __future__ import annotations

import queue
import threading

import pytest

from axis.examine.places import Places


def taking(places: Places[str], *, urgent: bool) -> queue.SimpleQueue[str | None]:
    """Take a place in a thread, and return where it is put once it is had."""
    taken: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def take() -> None:
        taken.put(places.take(urgent=urgent))

    threading.Thread(target=take, daemon=True).start()
    return taken


def test_the_last_place_is_kept_for_what_is_urgent() -> None:
    places: Places[str] = Places(2, kept=1)
    places.take(urgent=False)
    waits = taking(places, urgent=False)
    assert places.take(urgent=True) is None  # although somebody has waited for longer
    places.give("of the urgent", urgent=True)
    assert waits.empty()
    places.give("of the rest", urgent=False)
    assert waits.get(timeout=120) == "of the rest"


def test_what_is_urgent_may_take_all_and_still_lets_the_rest_in() -> None:
    places: Places[str] = Places(2, kept=1)
    places.take(urgent=True)
    places.take(urgent=True)
    waits = taking(places, urgent=False)
    places.give("first", urgent=True)
    assert waits.get(timeout=120) == "first"


def test_empty_places_are_filled_and_a_failure_leaves_them_empty() -> None:
    places: Places[str] = Places(2, kept=0)

    def fails() -> str:
        raise OSError("no process")

    with pytest.raises(OSError, match="no process"):
        places.fill(fails)
    assert places.take(urgent=False) is None
    places.fill(lambda: "made")
    places.give("brought", urgent=False)
    places.fill(lambda: "made again")
    assert [places.take(urgent=False) for _ in range(2)] == ["brought", "made"]
