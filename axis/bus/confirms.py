"""Gathers the confirms of many publishes into one wait."""

from __future__ import annotations

import asyncio
from typing import Any, Final


class _Waits:
    """RabbitMQ has not answered yet."""


_WAITS: Final = _Waits()


class Window:
    """Publishes that are waited for together; a slot stands for each."""

    __slots__ = ("_answers", "_left", "ends", "slots")

    def __init__(self, size: int) -> None:
        """Await ``size`` confirms."""
        self._answers: list[BaseException | _Waits | None] = [_WAITS] * size
        self._left = size
        self.slots = [Slot(self, place) for place in range(size)]
        self.ends: asyncio.Future[None] | None = None  #: done when every slot has its answer

    @property
    def failures(self) -> list[BaseException | None]:
        """What came of each; None: RabbitMQ has it."""
        return [
            TimeoutError("no answer") if isinstance(answer, _Waits) else answer
            for answer in self._answers
        ]

    def waits(self, place: int) -> bool:
        """Tell whether the answer of a slot is still to come."""
        return isinstance(self._answers[place], _Waits)

    def answer(self, place: int, failure: BaseException | None) -> None:
        """Note what came of one publish; only the first answer counts."""
        if not self.waits(place):
            return
        self._answers[place] = failure
        self._left -= 1
        if self._left == 0 and self.ends is not None and not self.ends.done():
            self.ends.set_result(None)

    def give_up(self, failure: BaseException) -> None:
        """Await nothing more: whatever has no answer has this one."""
        self.ends = None
        for place in range(len(self._answers)):
            self.answer(place, failure)


class Slot:
    """One publish's place, with the face of the future that the client library fills."""

    __slots__ = ("_place", "_window")

    def __init__(self, window: Window, place: int) -> None:
        self._window = window
        self._place = place

    def done(self) -> bool:
        """Tell whether it has its answer."""
        return not self._window.waits(self._place)

    def cancelled(self) -> bool:
        """Say yes once it is answered: an answer that comes after that is no news."""
        return self.done()

    def set_result(self, _: Any) -> None:
        """Take RabbitMQ's confirm."""
        self._window.answer(self._place, None)

    def set_exception(self, failure: BaseException) -> None:
        """Take RabbitMQ's refusal, or the notice back."""
        self._window.answer(self._place, failure)
