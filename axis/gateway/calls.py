"""Keeps in mind which systems call, and writes it down now and then: a call costs nothing.

A process that dies forgets some seconds of it, which only makes a system look quiet for longer.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from axis.store.calls import LastCall, note_calls
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError

log = logging.getLogger(__name__)

#: How often it is written down.
EVERY_S: Final = 5.0


class Calls:
    """The systems that called this process since it was written down last."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._fresh: dict[str, LastCall] = {}

    def note(self, system_id: str, door: str, at: datetime) -> None:
        """Keep in mind that a system has proved itself and called."""
        self._fresh[system_id] = LastCall(at=at, door=door)

    def write(self) -> None:
        """Write down what is kept in mind; where that cannot be now, it is kept."""
        fresh, self._fresh = self._fresh, {}
        try:
            with transaction(self._engine) as connection:
                note_calls(connection, fresh)
        except DatabaseUnavailableError as error:
            self._fresh = fresh | self._fresh
            log.info("who called is written down later", extra={"code": error.code})

    async def run(self) -> None:
        """Write it down again and again, until this task is cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            if self._fresh:
                await asyncio.to_thread(self.write)
