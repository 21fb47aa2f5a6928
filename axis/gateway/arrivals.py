"""Those who wait for something to arrive in a mailbox: one question to the records for all of them.

A system's mark is where the newest delivery of each of its lanes stands; who waits is woken when
its mark moves. Verdicts that pass through this process hasten the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress

from axis.errors import AxisError

log = logging.getLogger(__name__)

#: Where the newest open delivery stands; None where there is none.
Mark = object | None
Look = Callable[[Collection[str]], Awaitable[Mapping[str, Mark]]]


class Arrivals:
    """Events by system; :meth:`run` sets them."""

    def __init__(self, look: Look, *, every_s: float) -> None:
        """Keep how mailboxes are looked at.

        Args:
            look: reads the marks of the systems that are named.
            every_s: how long passes between two looks.
        """
        self._look = look
        self._every_s = every_s
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._marks: dict[str, Mark] = {}
        self._someone = asyncio.Event()
        self._hurry = asyncio.Event()
        self._closed = False

    async def wait(self, system_id: str, *, timeout_s: float) -> bool:
        """Wait until something may have arrived for a system; False where the time is over."""
        if self._closed:
            return False
        event = asyncio.Event()
        self._waiting.setdefault(system_id, set()).add(event)
        self._someone.set()
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return False
        else:
            return True
        finally:
            waiting = self._waiting[system_id]
            waiting.discard(event)
            if not waiting:
                del self._waiting[system_id]
                self._marks.pop(system_id, None)

    def hasten(self) -> None:
        """Look now: something was accepted."""
        self._hurry.set()

    def close(self) -> None:
        """Wake everybody, now and from here on: the process ends."""
        self._closed = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    @property
    def count(self) -> int:
        """How many wait."""
        return sum(len(events) for events in self._waiting.values())

    async def run(self) -> None:
        """Look for those who wait, until cancelled; nothing is asked while nobody does."""
        while True:
            if not self._waiting:
                self._someone.clear()
                await self._someone.wait()
            try:
                marks = await self._look(list(self._waiting))
            except AxisError as error:
                log.warning("mailboxes cannot be looked at now", extra={"code": error.code})
                marks = {}
            for system_id, mark in marks.items():
                if system_id not in self._waiting:
                    continue
                # The first look of who waits wakes too: something may have come in between.
                if system_id in self._marks and self._marks[system_id] == mark:
                    continue
                self._marks[system_id] = mark
                for event in self._waiting[system_id]:
                    event.set()
            self._hurry.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._hurry.wait()
