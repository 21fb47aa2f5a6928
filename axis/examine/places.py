"""A fixed number of places, of which the last are kept for what is urgent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Places(Generic[T]):
    """Places that threads take and give back; a place is empty or holds something.

    What is urgent may take every place and the rest never the last few: neither starves the other.
    """

    def __init__(self, count: int, *, kept: int) -> None:
        """Begin with empty places.

        Args:
            count: how many.
            kept: how many of them what is not urgent leaves alone.
        """
        self._free: list[T | None] = [None] * count
        self._common = count - kept  #: places that what is not urgent may still take
        self._moved = threading.Condition()

    def take(self, *, urgent: bool) -> T | None:
        """Return what a free place holds, which is the caller's until it gives it back; waits."""
        with self._moved:
            self._moved.wait_for(lambda: self._free and (urgent or self._common))
            self._common -= not urgent
            return self._free.pop()

    def give(self, held: T | None, *, urgent: bool) -> None:
        """Give a place back, with what it holds now; what was given last is taken first."""
        with self._moved:
            self._free.append(held)
            self._common += not urgent
            self._moved.notify_all()

    def fill(self, make: Callable[[], T]) -> None:
        """Put something into every free place that is empty.

        Raises:
            Exception: what ``make`` raised; the places are as they were.
        """
        with self._moved:
            for place, held in enumerate(self._free):
                if held is None:
                    self._free[place] = make()
