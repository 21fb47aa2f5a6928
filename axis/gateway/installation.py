"""One installation as the doors of a process see it: made once, shared by all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Final, NamedTuple, ParamSpec, TypeVar
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import open_bodies
from axis.bus.notices import VerdictNotice
from axis.delivery.states import Event as Step
from axis.errors import AxisError
from axis.gateway.arrivals import Arrivals, Mark
from axis.gateway.callers import Callers
from axis.gateway.calls import Calls
from axis.gateway.carriage import Carriage
from axis.gateway.desk import Desk
from axis.gateway.offices import Offices
from axis.gateway.types import Types
from axis.gateway.verdicts import Verdict, Verdicts
from axis.intake import Ticket, submit
from axis.intake.promises import LedgerPromises
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox.batch import Look, StepOrder, look, take_steps
from axis.settings import Settings
from axis.store.deliveries import DeliveryRecord, Held, Waiting
from axis.store.desks import judged_packages, mailboxes, newest_open
from axis.store.engine import check_durability, open_engine, reading
from axis.store.migrate import check

log = logging.getLogger(__name__)

#: Threads that speak with the database and the disk, and connections that they share.
THREADS: Final = 8
#: Deliveries whose bodies are kept in mind between a list and a fetch.
REMEMBERED: Final = 20_000

P = ParamSpec("P")
A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A package was taken; its verdict can be waited for."""

    ticket: Ticket
    verdict: asyncio.Future[Verdict]


class Body(NamedTuple):
    """What body a delivery has."""

    package_id: UUID
    digest: bytes
    size_bytes: int


class ListOrder(NamedTuple):
    """A system asks what waits for it."""

    system_id: str
    limit: int


class Installation:
    """What doors need; :meth:`running` keeps its tasks."""

    def __init__(self, settings: Settings, engine: sa.Engine) -> None:
        self.settings = settings
        self.engine = engine
        self.bodies = open_bodies(settings)
        self.callers = Callers(engine, self._secret_key)
        self.calls = Calls(engine)
        self.offices = Offices(engine)
        self.types = Types(engine)
        self.verdicts = Verdicts(self._threaded(self.load_verdicts))
        self.arrivals = Arrivals(
            self._threaded(self._look_at_mailboxes),
            every_s=settings.gateway.look_ms / 1000,
        )
        self.carriage = Carriage(settings, LedgerPromises(engine, settings), self._told)
        self._looks: Desk[Look, Held] = Desk(self._threaded(self._look))
        self._steps: Desk[StepOrder, DeliveryRecord] = Desk(self._threaded(self._take_steps))
        self._lists: Desk[ListOrder, list[Waiting]] = Desk(self._threaded(self._list))
        self._told_of: OrderedDict[tuple[str, UUID], Body] = OrderedDict()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gateway")

    @cached_property
    def sealer(self) -> Sealer:
        """What seals ledger entries.

        Raises:
            KeyFileUnreadableError: the salt key is not there; ``axis ledger init`` makes one.
        """
        return Sealer(read_key_file(self.settings.path(self.settings.notary.salt_key)))

    def now(self) -> datetime:
        """Return the instant."""
        return datetime.now(UTC)

    async def in_thread(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what waits for the database or the disk."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(function, *args, **kwargs))

    def _threaded(self, function: Callable[[A], R]) -> Callable[[A], Awaitable[R]]:
        async def call(argument: A) -> R:
            return await self.in_thread(function, argument)

        return call

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Installation]:
        """Keep what runs beside the doors: connections, and the looks for those who wait."""
        tasks = [
            asyncio.create_task(_kept(task))
            for task in (self.carriage.run, self.verdicts.run, self.arrivals.run, self.calls.run)
        ]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._threads.shutdown(wait=True, cancel_futures=True)

    # --- sending ---

    async def demand_room(self) -> None:
        """Return where the axis takes more; ask before anything of a body is read.

        Raises:
            IntakeBusyError: it cannot now.
        """
        await self.carriage.pressure.check()

    async def submit(
        self,
        pieces: AsyncIterable[bytes],
        *,
        system_id: str,
        door: str,
        admit: Callable[[Ticket], Awaitable[None]] | None = None,
        relayed: str | None = None,
    ) -> Submitted:
        """Take a package of an authenticated system; its verdict comes as a future.

        Args:
            pieces: the exact bytes.
            system_id: who sends.
            door: how it came.
            admit: may refuse it by digest and size before it is kept.
            relayed: the entry by which another axis says that it sent the package on.

        Raises:
            IntakeBusyError, BodyStoreFullError, PublishUnconfirmedError: nothing was accepted.
        """
        publisher = self.carriage.publisher
        expected: list[asyncio.Future[Verdict]] = []

        async def before_kept(ticket: Ticket) -> None:
            if admit is not None:
                await admit(ticket)
            # Before the relay can know of it, so that its answer cannot come too early.
            expected.append(self.verdicts.expect(ticket.package_id))

        try:
            ticket = await submit(
                pieces,
                system_id=system_id,
                door=door,
                now=self.now(),
                bodies=self.bodies,
                publisher=publisher,
                max_bytes=self.settings.limits.package_bytes,
                reply_to=self.carriage.reply_to,
                admit=before_kept,
                relayed=relayed,
            )
        except BaseException:
            for future in expected:
                future.cancel()
            raise
        return Submitted(ticket=ticket, verdict=expected[0])

    async def verdict_of(self, submitted: Submitted, *, timeout_s: float) -> Verdict | None:
        """Return the verdict, or None where it is not there in time."""
        return await self.verdicts.wait(submitted.verdict, timeout_s=timeout_s)

    # --- receiving ---

    async def waiting(self, system_id: str, *, limit: int) -> list[Waiting]:
        """Return what waits for a system: express first, then oldest.

        Raises:
            DatabaseUnavailableError: the records cannot be reached.
        """
        return await self._lists.do(ListOrder(system_id, limit))

    def remember(self, system_id: str, waiting: Iterable[Waiting]) -> None:
        """Keep in mind what bodies the deliveries have that a system was just told of."""
        for one in waiting:
            self._told_of[system_id, one.delivery.id] = Body(
                one.delivery.package_id, one.digest, one.size_bytes
            )
        while len(self._told_of) > REMEMBERED:
            self._told_of.popitem(last=False)

    def remembered(self, system_id: str, delivery_id: UUID) -> Body | None:
        """Return what body a delivery has, if that is in mind; whether it is given out is not."""
        return self._told_of.get((system_id, delivery_id))

    async def look(self, system_id: str, delivery_id: UUID) -> Held:
        """Return a delivery of a system and what body it has, before the bytes are given out.

        Raises:
            DeliveryUnknownError, DeliveryOverError, TransitionRefusedError, BodyPurgedError: the
                bytes are not given out.
        """
        return await self._looks.do(Look(delivery_id=delivery_id, system_id=system_id))

    async def step(
        self,
        system_id: str,
        delivery_id: UUID,
        step: Step,
        *,
        why: str | None = None,
    ) -> DeliveryRecord:
        """Take a step with a delivery of a system: fetch, confirm or refuse; again is no news.

        Raises:
            DeliveryUnknownError, DeliveryOverError, TransitionRefusedError: there is no such step.
        """
        order = StepOrder(delivery_id=delivery_id, system_id=system_id, step=step, why=why)
        return await self._steps.do(order)

    # --- in threads ---

    def _look(self, orders: Sequence[Look]) -> list[Held | AxisError]:
        return look(self.engine, orders)

    def _take_steps(self, orders: Sequence[StepOrder]) -> list[DeliveryRecord | AxisError]:
        return take_steps(self.engine, self.sealer, orders, now=self.now())

    def load_verdicts(self, package_ids: Collection[UUID]) -> Mapping[UUID, Verdict]:
        """Return the verdicts that are there, with their deliveries; in a thread.

        Raises:
            DatabaseUnavailableError: the records cannot be reached.
        """
        with reading(self.engine) as connection:
            judged = judged_packages(connection, package_ids)
        return {
            key: Verdict(package=package, deliveries=tuple(deliveries))
            for key, (package, deliveries) in judged.items()
        }

    def _list(self, orders: Sequence[ListOrder]) -> list[list[Waiting] | AxisError]:
        most = max(order.limit for order in orders)
        names = sorted({order.system_id for order in orders})
        with reading(self.engine) as connection:
            found = mailboxes(connection, names, limit=most)
        return [found[order.system_id][: order.limit] for order in orders]

    def _look_at_mailboxes(self, system_ids: Collection[str]) -> Mapping[str, Mark]:
        with reading(self.engine) as connection:
            return newest_open(connection, system_ids)

    def _secret_key(self) -> bytes:
        return read_key_file(self.settings.path(self.settings.access.key))

    def _told(self, notice: VerdictNotice) -> None:
        self.verdicts.told(notice.package_id)
        if notice.accepted:
            self.arrivals.hasten()


def open_installation(settings: Settings) -> Installation:
    """Return the installation that the settings name.

    Raises:
        SchemaOutdatedError: the tables are not those of this version.
        UnsafeDatabaseError: a commit could be lost.
        KeyFileUnreadableError: the salt key is not there.
    """
    engine = open_engine(settings.database_url, pool_size=THREADS, ping=False)
    check(engine)
    check_durability(engine)
    installation = Installation(settings, engine)
    assert installation.sealer  # noqa: S101  read now, so that a missing key is told at the start
    return installation


async def _kept(run: Callable[[], Awaitable[None]]) -> None:
    """Run a task for ever; a bug in it is logged, and it begins again."""
    while True:
        try:
            await run()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a task of the gateway ended; it begins again")
            await asyncio.sleep(1.0)
