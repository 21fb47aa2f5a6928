"""The process that keeps the links to other axes: sends on, and asks what became of it.

A link that is down is store and forward: what waits stays in the records, and the link is tried
again, ever more rarely, up to a minute.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from adapters.client.asynchronous import AsyncClient
from adapters.client.errors import ProblemError
from adapters.client.setup import Words
from adapters.peer.back import Back
from adapters.peer.errors import PeerTokenError
from adapters.peer.onward import Onward
from axis.bodies import open_bodies
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.notary.office import origin_of
from axis.settings import Settings
from axis.store.engine import open_engine, transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.peers import Peer, note_answer, note_failure, peers

log = logging.getLogger(__name__)

PAUSE_S: Final = 1.0  #: between two rounds of a link at rest
LOOK_S: Final = 5.0  #: how often we look for axes that were added


class Links:
    """The links of one axis to all others."""

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
        self._bodies = open_bodies(settings)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep a link to every other axis until ``stop``."""
        running: dict[Peer, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                known = await self._known()
                for peer in set(running) - known:
                    running.pop(peer).cancel()
                for peer in known - set(running):
                    running[peer] = asyncio.create_task(self._keep(peer, stop))
                await _wait(stop, LOOK_S)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)

    async def round(self, peer: Peer) -> int:
        """Do once what one link has to do; return how many deliveries moved.

        Raises:
            AxisError: the link is down, or something else stands in the way; it is on record.
        """
        now = self._clock()
        try:
            async with self.client(peer) as client:
                moved = await self.onward(peer).round(client)
                moved += await self._back(peer).round(client)
                if not moved:
                    await client.me()  # so that a link at rest is known to be well
        except ProblemError as error:
            await self._note(peer, f"{error.problem.code}: {error.problem.title}", now)
            raise
        except DatabaseUnavailableError:
            raise
        except AxisError as error:
            await self._note(peer, str(error), now)
            raise
        await self._note(peer, None, now)
        return moved

    async def _keep(self, peer: Peer, stop: asyncio.Event) -> None:
        pause = PAUSE_S
        while not stop.is_set():
            try:
                moved = await self.round(peer)
            except AxisError as error:
                pause = min(pause * 2, self._settings.peer.retry_most_s)
                log.warning("a link is down", extra={"peer": peer.system_id, "why": str(error)})
            else:
                pause = 0.0 if moved else PAUSE_S
            await _wait(stop, pause)
            pause = pause or PAUSE_S

    async def _known(self) -> set[Peer]:
        def read() -> set[Peer]:
            with transaction(self._engine) as connection:
                return {
                    Peer(
                        system_id=peer.system_id,
                        url=peer.url,
                        token_file=peer.token_file,
                        ca_file=peer.ca_file,
                        added_at=peer.added_at,
                    )
                    for peer in peers(connection)
                }

        while True:
            try:
                return await asyncio.to_thread(read)
            except DatabaseUnavailableError as error:
                log.warning("waiting for the database", extra={"facts": dict(error.facts)})
                await asyncio.sleep(LOOK_S)

    async def _note(self, peer: Peer, failure: str | None, at: datetime) -> None:
        def write() -> None:
            with transaction(self._engine) as connection:
                if failure is None:
                    note_answer(connection, peer.system_id, at=at)
                else:
                    note_failure(connection, peer.system_id, reason=failure[:500], at=at)

        await asyncio.to_thread(write)

    def client(self, peer: Peer) -> AsyncClient:
        """Return what speaks to another axis.

        Raises:
            PeerTokenError: what we prove ourselves with cannot be read.
        """
        path = self._settings.path(peer.token_file)
        try:
            token = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            raise PeerTokenError(
                system_id=peer.system_id, path=str(path), reason=str(error)
            ) from error
        words: Words = {"token": token, "patience_s": self._settings.peer.patience_s}
        if peer.ca_file:
            words["ca"] = Path(peer.ca_file)
        return AsyncClient(peer.url, **words)

    def onward(self, peer: Peer) -> Onward:
        """Return the way to another axis."""
        return Onward(
            engine=self._engine,
            bodies=self._bodies,
            sealer=self._sealer,
            system_id=peer.system_id,
            own_origin=lambda: origin_of(self._settings, self._clock().year),
            clock=self._clock,
        )

    def _back(self, peer: Peer) -> Back:
        return Back(
            engine=self._engine,
            sealer=self._sealer,
            system_id=peer.system_id,
            clock=self._clock,
        )


def work(settings: Settings) -> None:
    """Keep the links in this process until SIGTERM or SIGINT."""
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # not on Windows
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = open_engine(settings.database_url)
    sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
    try:
        await Links(engine, settings, sealer).run(stop)
    finally:
        engine.dispose()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
