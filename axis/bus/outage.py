"""How a process that needs RabbitMQ waits while it is away."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from axis.errors import AxisError, Fault

log = logging.getLogger(__name__)

RECONNECT_FIRST_S: Final = 0.5
RECONNECT_MOST_S: Final = 15.0


async def outlast(session: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run ``session`` again and again until ``stop``; outages are waited out.

    Raises:
        AxisError: with fault AXIS or INPUT, for what waiting does not mend.
    """
    pause_s = RECONNECT_FIRST_S
    while not stop.is_set():
        try:
            await session(stop)
            pause_s = RECONNECT_FIRST_S
        except AxisError as error:
            if error.fault is not Fault.OUTAGE:
                raise
            log.warning("waiting", extra={"code": error.code, "facts": dict(error.facts)})
            # Spread, so that many processes do not all come back in the same moment.
            await pause(stop, pause_s * (0.5 + secrets.randbelow(1000) / 1000))
            pause_s = min(pause_s * 2, RECONNECT_MOST_S)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until ``stop``."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
