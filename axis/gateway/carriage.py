"""The gateway's connections to RabbitMQ, opened again when they went: one gives, one listens.

While there is none, nothing is accepted: the doors say "later", before they read anything.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import aiormq
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from axis.bus.connection import GONE, connected, open_channel
from axis.bus.errors import BusUnavailableError, NoticeUnreadableError, UnsafeQueueError
from axis.bus.notices import VerdictNotice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_topology
from axis.intake.errors import IntakeBusyError
from axis.intake.pressure import Pressure
from axis.intake.promises import LedgerPromises
from axis.settings import Settings

log = logging.getLogger(__name__)

RECONNECT_FIRST_S: Final = 0.2
RECONNECT_MOST_S: Final = 5.0
WATCH_S: Final = 0.5


class Carriage:
    """A publisher, the pressure before it, and a queue on which verdicts come back."""

    def __init__(
        self,
        settings: Settings,
        promises: LedgerPromises,
        told: Callable[[VerdictNotice], None],
    ) -> None:
        """Keep what connections need; :meth:`run` opens them.

        Args:
            settings: where RabbitMQ is, and where "later" begins.
            promises: what the ledger must be able to do before more is accepted.
            told: called with each verdict that comes back.
        """
        self._settings = settings
        self._promises = promises
        self._told = told
        self._publisher: Publisher | None = None
        self._pressure: Pressure | None = None
        self._reply_to: str | None = None
        self._ready = asyncio.Event()

    @property
    def publisher(self) -> Publisher:
        """The publisher of now.

        Raises:
            IntakeBusyError: RabbitMQ is away; nothing was accepted.
        """
        if self._publisher is None:
            raise self._away()
        return self._publisher

    @property
    def pressure(self) -> Pressure:
        """What is asked before a body is read.

        Raises:
            IntakeBusyError: RabbitMQ is away; nothing was accepted.
        """
        if self._pressure is None:
            raise self._away()
        return self._pressure

    @property
    def reply_to(self) -> str | None:
        """The queue on which verdicts come back; None while there is none."""
        return self._reply_to

    async def ready(self, *, timeout_s: float) -> bool:
        """Wait until RabbitMQ is there; return whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._ready.wait()
        return self._ready.is_set()

    async def run(self) -> None:
        """Keep the connections open until cancelled."""
        pause = RECONNECT_FIRST_S
        while True:
            try:
                await self._session()
                pause = RECONNECT_FIRST_S
            except (BusUnavailableError, *GONE) as error:
                log.warning("RabbitMQ is away", extra={"reason": str(error)})
            except UnsafeQueueError as error:
                log.error("RabbitMQ is unsafe", extra={"reason": str(error)})
            finally:
                self._ready.clear()
                self._publisher = self._pressure = self._reply_to = None
            await asyncio.sleep(pause * (0.5 + secrets.randbelow(1000) / 1000))
            pause = min(pause * 2, RECONNECT_MOST_S)

    async def _session(self) -> None:
        amqp = self._settings.amqp
        async with (
            connected(amqp.url, name="axis gateway, publishes") as publishing,
            connected(amqp.url, name="axis gateway, listens") as listening,
        ):
            channel = await open_channel(publishing, confirms=True)
            await declare_topology(channel)
            asking = await open_channel(publishing, confirms=False)
            hearing = await open_channel(listening, confirms=False)
            queue = await hearing.queue_declare(exclusive=True, auto_delete=True)
            await hearing.basic_consume(queue.queue or "", self._hear, no_ack=True)
            bodies = self._settings.path(self._settings.bodies.path)
            self._pressure = Pressure(asking, bodies, self._settings.intake, ledger=self._promises)
            self._publisher = Publisher(
                channel, window=amqp.publish_window, timeout_s=amqp.publish_timeout_s
            )
            self._reply_to = queue.queue
            self._ready.set()
            await _until_closed(channel, asking, hearing)

    async def _hear(self, message: DeliveredMessage) -> None:
        if not isinstance(message.delivery, aiormq.spec.Basic.Deliver):
            return
        with suppress(NoticeUnreadableError):
            notice = parse_notice(message.body, queue=self._reply_to or "")
            if isinstance(notice, VerdictNotice):
                self._told(notice)

    def _away(self) -> IntakeBusyError:
        return IntakeBusyError(
            reason="broker-away", retry_after_s=self._settings.intake.retry_after_s
        )


async def _until_closed(*channels: Channel) -> None:
    while not any(channel.is_closed for channel in channels):  # noqa: ASYNC110  they tell nobody
        await asyncio.sleep(WATCH_S)
