"""The hub: the AMQP door as a process. It serves every system that receives by AMQP."""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from aiormq.abc import AbstractConnection

from adapters.amqp.outbox import Outbox
from adapters.amqp.pending import PendingQueue, declare_pending
from adapters.amqp.rooms import THREADS, Desks, Rooms, open_rooms
from adapters.amqp.seat import Seat
from adapters.amqp.submissions import Intake
from adapters.amqp.verdicts import Verdicts
from axis.bus.connection import connected, open_channel
from axis.bus.errors import BusUnavailableError
from axis.bus.outage import outlast, pause
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_topology
from axis.directory.values import ReceivesBy
from axis.intake.pressure import Pressure
from axis.intake.promises import LedgerPromises
from axis.settings import Settings
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.offers import systems_receiving_by

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Served:
    seat: Seat
    stop: asyncio.Event
    task: asyncio.Task[None]


@dataclass(slots=True)
class Hub:
    """All seats. More hubs on more hosts compete for the same queues."""

    rooms: Rooms
    _served: dict[str, _Served] = field(default_factory=dict)

    def outbox(self, system_id: str) -> Outbox | None:
        """Return the outbox of a system, or None: it is not served at this moment."""
        served = self._served.get(system_id)
        return served.seat.outbox if served else None

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``; outages are waited out.

        Raises:
            AxisError: with fault AXIS or INPUT, for what waiting does not mend.
        """
        await outlast(self._session, stop)

    async def _session(self, stop: asyncio.Event) -> None:
        settings = self.rooms.settings
        async with (
            connected(settings.amqp.url, name="axis hub, consumes") as consuming,
            connected(settings.amqp.url, name="axis hub, publishes") as publishing,
        ):
            channel = await open_channel(publishing, confirms=True)
            await declare_topology(channel)
            await declare_pending(channel)
            publisher = Publisher(
                channel,
                window=settings.amqp.publish_window,
                timeout_s=settings.amqp.publish_timeout_s,
            )
            pending = PendingQueue(publisher)
            intake = Intake(
                publisher=publisher,
                pressure=Pressure(
                    await open_channel(publishing, confirms=False),
                    self.rooms.bodies.root,
                    settings.intake,
                    ledger=LedgerPromises(self.rooms.engine, settings),
                ),
                pending=pending,
            )
            verdicts = Verdicts(
                self.rooms, await open_channel(consuming, confirms=False), pending, self
            )
            desks = Desks(self.rooms)
            over = asyncio.Event()
            telling = asyncio.create_task(verdicts.serve(over))
            writing = asyncio.create_task(self.rooms.calls.run())
            try:
                while not stop.is_set():
                    await self._look(consuming, intake, desks)
                    if telling.done():
                        telling.result()
                    for connection in (consuming, publishing):
                        if connection.is_closed:
                            raise BusUnavailableError(reason="the axis's own connection is gone")
                    await pause(stop, settings.hub.refresh_s)
            finally:
                await self._stop_all()
                over.set()
                telling.cancel()
                writing.cancel()
                await asyncio.gather(telling, writing, return_exceptions=True)

    async def _look(self, inner: AbstractConnection, intake: Intake, desks: Desks) -> None:
        """Serve whom the directory names now."""
        try:
            wanted = await asyncio.to_thread(self._wanted)
        except DatabaseUnavailableError as error:
            log.warning("the list of systems is old", extra={"code": error.code})
            return
        for system_id in self._served.keys() - wanted:
            await self._stop(system_id)
        for system_id, served in list(self._served.items()):
            if served.task.done():
                served.task.result()
                del self._served[system_id]
        for system_id in sorted(wanted - self._served.keys()):
            seat, stop = Seat(system_id, self.rooms, intake, desks, inner), asyncio.Event()
            self._served[system_id] = _Served(seat, stop, asyncio.create_task(seat.run(stop)))

    def _wanted(self) -> frozenset[str]:
        with transaction(self.rooms.engine) as connection:
            return systems_receiving_by(connection, ReceivesBy.AMQP)

    async def _stop(self, system_id: str) -> None:
        served = self._served.pop(system_id)
        served.stop.set()
        await asyncio.gather(served.task, return_exceptions=True)

    async def _stop_all(self) -> None:
        for served in self._served.values():
            served.stop.set()
        tasks = [served.task for served in self._served.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=10)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._served.clear()


def work(settings: Settings) -> None:
    """Run the hub in this process until SIGTERM or SIGINT."""
    hub = Hub(open_rooms(settings))

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="hub"))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await hub.run(stop)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(until_told())


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None  # Windows has no uvloop
    return uvloop.Loop
