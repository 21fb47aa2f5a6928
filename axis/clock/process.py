"""The clock at work: one of many processes holds the office and does what is due, again and again.

Each part of a round is done for itself: where RabbitMQ is away, what expires still expires.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from axis.alerts.watch import Watch
from axis.bus.connection import connected, open_channel
from axis.bus.errors import BusUnavailableError, UnsafeQueueError
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_system_queues, declare_topology
from axis.clock.due import Due
from axis.clock.follow import Follower
from axis.clock.tell import Teller
from axis.clock.upkeep import Upkeep
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.ledger.errors import NotaryBusyError
from axis.ledger.keys import read_key_file
from axis.notary.lock import hold_lock
from axis.reports.clerk import Clerk
from axis.settings import Settings
from axis.store.directory_systems import queued_systems
from axis.store.engine import open_engine, transaction
from axis.store.errors import DatabaseUnavailableError

log = logging.getLogger(__name__)

_STANDBY_S: Final = 2.0  #: how often a standby asks for the lock
_FIRST_WATCH_S: Final = 10.0  #: other processes start too; they are looked at when they run


class Clock:
    """What is due, done in rounds."""

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        sealer: Sealer,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._sealer = sealer
        self._clock = clock
        self._due = Due(engine=engine, settings=settings.clock, sealer=sealer, clock=clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Hold the office, or stand by until it is free, until ``stop``."""
        while not stop.is_set():
            try:
                with hold_lock(self._engine, "clock") as lock:
                    async with self._upkeep():
                        while not stop.is_set():
                            await self.round()
                            await _wait(stop, self._settings.clock.interval_s)
                            await asyncio.to_thread(lock.check)
            except NotaryBusyError:
                await _wait(stop, _STANDBY_S)
            except DatabaseUnavailableError as error:
                log.warning("waiting for the database", extra={"facts": dict(error.facts)})
                await _wait(stop, _STANDBY_S)

    @asynccontextmanager
    async def _upkeep(self) -> AsyncIterator[None]:
        """Bring lists and answers beside the rounds, for as long as this process is the clock."""

        async def again_and_again() -> None:
            upkeep = Upkeep(engine=self._engine, settings=self._settings, clock=self._clock)
            while True:
                try:
                    await asyncio.to_thread(upkeep.round)
                except AxisError as error:
                    log.warning("upkeep waits", extra={"code": error.code})
                await asyncio.sleep(self._settings.trust.fetch_every_s)

        async def follow() -> None:
            follower = Follower(engine=self._engine, clock=self._clock)
            while True:
                try:
                    await asyncio.to_thread(follower.round)
                except AxisError as error:
                    log.warning("search and counts wait", extra={"code": error.code})
                except Exception:
                    # The boundary: a mistake here must not end what is due otherwise.
                    log.exception("what is searched and counted was not written")
                await asyncio.sleep(self._settings.clock.interval_s)

        works = (again_and_again(), follow(), self._watch(), self._report())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self) -> None:
        """Run the checks and tell people, again and again."""
        every_s = self._settings.alerts.every_s
        if every_s <= 0:
            return
        watch = Watch(self._engine, self._settings, clock=self._clock)
        await asyncio.sleep(min(every_s, _FIRST_WATCH_S))
        while True:
            try:
                await watch.round()
            except AxisError as error:
                log.warning("alerts wait", extra={"code": error.code, "facts": dict(error.facts)})
            except Exception:
                # The boundary: a mistake here must not end what is due otherwise.
                log.exception("the round of alerts failed")
            await asyncio.sleep(every_s)

    async def _report(self) -> None:
        """Close figures and write reports, again and again."""
        clerk = Clerk(engine=self._engine, settings=self._settings, clock=self._clock)
        while True:
            done = 0
            try:
                done = await asyncio.to_thread(clerk.round)
            except AxisError as error:
                log.warning("reports wait", extra={"code": error.code})
            except Exception:
                # The boundary: a mistake here must not end what is due otherwise.
                log.exception("the round of reports failed")
            # After an outage there is much to make up for, which must not crowd out the rest.
            await asyncio.sleep(1 if done else self._settings.reports.every_s)

    async def round(self) -> None:
        """Do once what is due now.

        Raises:
            DatabaseUnavailableError: the rest of it is done in the next round.
        """
        await asyncio.to_thread(self._due.round)
        try:
            await self.tell()
        except BusUnavailableError as error:
            log.warning("waiting for RabbitMQ", extra={"facts": dict(error.facts)})
        except UnsafeQueueError as error:  # what is due in the records is done all the same
            log.error("RabbitMQ is unsafe", extra={"facts": dict(error.facts)})

    async def tell(self) -> int:
        """Tell the queues what they were not told; return how many notices went out.

        Raises:
            BusUnavailableError: RabbitMQ is away.
            DatabaseUnavailableError: the database is.
        """
        systems = await asyncio.to_thread(self._queued)
        if not systems:
            return 0
        async with self._teller(systems) as teller:
            return await teller.round(systems)

    def _queued(self) -> frozenset[str]:
        with transaction(self._engine) as connection:
            return queued_systems(connection)

    @asynccontextmanager
    async def _teller(self, systems: frozenset[str]) -> AsyncIterator[Teller]:
        amqp = self._settings.amqp
        async with connected(amqp.url, name="axis clock") as connection:
            channel = await open_channel(connection, confirms=True)
            await declare_topology(channel)
            await declare_system_queues(channel, sorted(systems))
            yield Teller(
                engine=self._engine,
                publisher=Publisher(
                    channel, window=amqp.publish_window, timeout_s=amqp.publish_timeout_s
                ),
                channel=channel,
                sealer=self._sealer,
                settings=self._settings.clock,
                clock=self._clock,
            )


def work(settings: Settings) -> None:
    """Run the clock in this process until SIGTERM or SIGINT."""
    clock = Clock(
        open_engine(settings.database_url),
        settings,
        Sealer(read_key_file(settings.path(settings.notary.salt_key))),
    )

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await clock.run(stop)

    asyncio.run(until_told())


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
