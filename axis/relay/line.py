"""Batches that were examined, on their way to being recorded: in order, and side by side with it.

While one batch is recorded, told of and acknowledged, which is waiting for servers most of the
time, the next is examined. What has been examined by then is recorded together. A crash at any
moment leaves what it left before: whatever was not acknowledged comes again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

from axis.relay.batches import Examined


class Line:
    """Stands between who examines and who records, both in one event loop."""

    def __init__(self, most: int) -> None:
        """Hold at most ``most`` packages that wait, or one batch."""
        self._most = most
        self._waiting: deque[Examined] = deque()
        self._is_busy = False
        self._is_over = False
        self._moved = asyncio.Condition()

    async def put(self, examined: Examined) -> None:
        """Add a batch; wait while there is no room."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._has_room(len(examined.batch)))
            self._waiting.append(examined)
            self._moved.notify_all()

    async def until_idle(self) -> None:
        """Wait until all that was put has been recorded and acknowledged."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self._waiting and not self._is_busy)

    async def take(self) -> Examined | None:
        """Return all that waits as one batch; None where nothing will come any more.

        Whoever takes again is done with what it took before.
        """
        async with self._moved:
            self._is_busy = False
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self._waiting or self._is_over)
            if not self._waiting:
                return None
            first = self._waiting.popleft()
            while self._waiting:
                first.join(self._waiting.popleft())
            self._is_busy = True
            self._moved.notify_all()
            return first

    async def end(self) -> None:
        """Say that nothing will be put any more."""
        async with self._moved:
            self._is_over = True
            self._moved.notify_all()

    def _has_room(self, more: int) -> bool:
        return (
            not self._waiting or sum(len(one.batch) for one in self._waiting) + more <= self._most
        )


async def side_by_side(first: Coroutine[Any, Any, None], then: Coroutine[Any, Any, None]) -> None:
    """Run both; ``then`` comes to its end after ``first``. Where ``then`` fails, both end.

    Raises:
        Exception: what one of them raised.
    """
    leading, following = asyncio.create_task(first), asyncio.create_task(then)
    try:
        await asyncio.wait((leading, following), return_when=asyncio.FIRST_COMPLETED)
        if leading.done():
            await asyncio.wait((following,))
    finally:
        for task in (leading, following):
            task.cancel()
        results = await asyncio.gather(leading, following, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
