"""Says "later" before anything is accepted: long queue, full disk, blocked broker, no witnesses.

What was accepted is safe whatever comes; this keeps it little enough to be worked through.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiormq.channel import Channel

from axis.bus.connection import GONE
from axis.bus.topology import INTAKE_QUEUE
from axis.intake.errors import IntakeBusyError
from axis.intake.promises import LedgerPromises
from axis.settings import IntakeSettings

#: How long an answer of RabbitMQ stands for.
FRESH_S: Final = 1.0

#: RabbitMQ stops reading from a connection that it blocks; then this passes without an answer.
ASK_TIMEOUT_S: Final = 2.0


class Pressure:
    """Looks at most once a second; a door asks before it reads a body."""

    def __init__(
        self,
        channel: Channel,
        bodies: Path,
        settings: IntakeSettings,
        *,
        ledger: LedgerPromises | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what will be looked at.

        Args:
            channel: on which RabbitMQ is asked for the queue's length.
            bodies: folder on the disk that must have room.
            settings: where "later" begins.
            ledger: the policy on witnesses and the notary; None asks nothing of them.
            elapsed: seconds that passed, for tests.
        """
        self._channel = channel
        self._bodies = bodies
        self._settings = settings
        self._ledger = ledger
        self._elapsed = elapsed
        self._looked_at: float | None = None
        self._reason: str | None = None
        self._turn = asyncio.Lock()

    async def check(self) -> None:
        """Return where the axis can take more.

        Raises:
            IntakeBusyError: it cannot now; the fact ``retry_after_s`` says when to come again.
        """
        async with self._turn:
            now = self._elapsed()
            if self._looked_at is None or now - self._looked_at >= FRESH_S:
                self._reason, self._looked_at = await self._look(), now
        if self._reason is not None:
            raise IntakeBusyError(reason=self._reason, retry_after_s=self._settings.retry_after_s)

    async def _look(self) -> str | None:
        free = await asyncio.to_thread(_free_bytes, self._bodies)
        if free < self._settings.free_bytes:
            return "disk"
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                answer = await self._channel.queue_declare(INTAKE_QUEUE, passive=True)
        except TimeoutError:
            return "broker-blocks"
        except GONE:
            return "broker-away"
        if (answer.message_count or 0) >= self._settings.waiting:
            return "queue"
        return None if self._ledger is None else await asyncio.to_thread(self._ledger.look)


def _free_bytes(folder: Path) -> int:
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize
