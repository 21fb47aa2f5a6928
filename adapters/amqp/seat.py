"""One system at the hub: its virtual host is entered, served, and entered again after an outage."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from aiormq.abc import AbstractConnection

from adapters.amqp.errors import AccountMissingError
from adapters.amqp.inbox import Arrived, Inbox
from adapters.amqp.names import REQUESTS, SUBMISSIONS, url_of
from adapters.amqp.outbox import Outbox
from adapters.amqp.requests import Requests
from adapters.amqp.rooms import Desks, Rooms
from adapters.amqp.submissions import DOOR, Intake, Submissions
from adapters.amqp.tellings import Tellings
from adapters.amqp.topology import declare_account
from axis.bus.connection import connected, open_channel
from axis.bus.errors import BusUnavailableError
from axis.errors import AxisError

log = logging.getLogger(__name__)

_Work = Callable[[Arrived], Awaitable[None]]

_PAUSE_FIRST_S = 0.5
_PAUSE_MOST_S = 30.0


class Seat:
    """Serves one system; its trouble is nobody else's."""

    def __init__(
        self,
        system_id: str,
        rooms: Rooms,
        intake: Intake,
        desks: Desks,
        inner: AbstractConnection,
    ) -> None:
        self.system_id = system_id
        self.outbox: Outbox | None = None  #: while the system is served
        self._rooms = rooms
        self._intake = intake
        self._desks = desks
        self._inner = inner

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``, or until the axis's own connection is gone."""
        pause = _PAUSE_FIRST_S
        while not stop.is_set() and not self._inner.is_closed:
            try:
                await self._session(stop)
                pause = _PAUSE_FIRST_S
            except AxisError as error:
                log.warning(
                    "a system is not served now",
                    extra={"system": self.system_id, "code": error.code, "facts": error.facts},
                )
            except Exception:
                # The boundary: a bug that one system's message meets is no other system's trouble.
                # The message comes back, and after so many times its sender is told.
                log.exception("a seat ended; it begins again", extra={"system": self.system_id})
            await _sleep(stop, pause * (0.5 + secrets.randbelow(1000) / 1000))
            pause = min(pause * 2, _PAUSE_MOST_S)

    async def _session(self, stop: asyncio.Event) -> None:
        rooms, hub = self._rooms, self._rooms.settings.hub
        vhost = rooms.account(self.system_id)
        entered = False
        try:
            async with connected(
                url_of(rooms.settings.amqp.url, vhost), name=f"axis hub for {self.system_id}"
            ) as connection:
                entered = True
                channel = await open_channel(connection, confirms=True)
                await declare_account(channel)
                outbox = Outbox(channel, timeout_s=rooms.settings.amqp.publish_timeout_s)
                submissions = Inbox(
                    await open_channel(connection, confirms=False),
                    SUBMISSIONS,
                    prefetch=hub.prefetch,
                )
                requests = Inbox(
                    await open_channel(connection, confirms=False), REQUESTS, prefetch=hub.prefetch
                )
                taking = Submissions(self.system_id, rooms, self._intake, submissions, outbox)
                answering = Requests(self.system_id, rooms, self._desks, requests, outbox)
                telling = Tellings(
                    self.system_id,
                    rooms,
                    inner=await open_channel(self._inner, confirms=False),
                    outer=await open_channel(connection, confirms=False),
                    outbox=outbox,
                )
                self.outbox = outbox
                await _together(
                    stop,
                    submissions.serve(self._heard(taking.take), stop),
                    requests.serve(self._heard(answering.take), stop),
                    telling.serve(stop),
                )
        except BusUnavailableError as error:
            if entered:
                raise
            raise AccountMissingError(vhost=vhost, reason=error.facts["reason"]) from error
        finally:
            self.outbox = None

    def _heard(
        self, work: Callable[[Arrived], Awaitable[None]]
    ) -> Callable[[Arrived], Awaitable[None]]:
        """Keep in mind that the system spoke."""

        async def heard(message: Arrived) -> None:
            self._rooms.calls.note(self.system_id, DOOR, self._rooms.clock())
            await work(message)

        return heard


async def _together(stop: asyncio.Event, *works: object) -> None:
    """Run all until one ends; then the others end too, and the first trouble is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]  # type: ignore[call-overload]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            await asyncio.wait(tasks)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
