"""Carries out many systems' fetches and confirmations in one transaction after the other.

What comes while a transaction runs is in the next one. So one commit, which waits for the disk,
serves everybody who came meanwhile, and nobody waits for a clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from axis.errors import AxisError

Order = TypeVar("Order")
Answer = TypeVar("Answer")

#: Orders of one transaction.
MOST: Final = 200


class Desk(Generic[Order, Answer]):
    """Takes single orders, hands them on in batches, and gives each its answer."""

    def __init__(
        self, work: Callable[[Sequence[Order]], Awaitable[Sequence[Answer | AxisError]]]
    ) -> None:
        """Keep who does the work.

        Args:
            work: does a batch; gives in order each one's answer or refusal, or raises for all.
        """
        self._work = work
        self._orders: list[tuple[Order, asyncio.Future[Answer]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def do(self, order: Order) -> Answer:
        """Return the answer to one order.

        Raises:
            AxisError: it was refused, or the batch could not be worked on.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._orders.append((order, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._orders:
            batch, self._orders = self._orders[:MOST], self._orders[MOST:]
            try:
                answers = await self._work([order for order, _ in batch])
            except BaseException as error:
                # Each one is told; a bug is the bug of each of them.
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                if isinstance(error, asyncio.CancelledError):
                    raise
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue  # the caller has gone
                if isinstance(answer, AxisError):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
