"""All offices of a measurement in one process: they send, take, confirm and answer.

What this process does for a delivery is what a door does: it looks the bytes up, reads them through
and compares their digest, records the fetch and the confirmation, and hands in the answers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

import aiormq
import sqlalchemy as sa
from aiormq.abc import DeliveredMessage

from axis.bench.papers import Course, Made
from axis.bench.spread import spread_ms
from axis.bodies import DiskBodies
from axis.bus.connection import connected, open_channel
from axis.bus.notices import DeliveryNotice, IntakeNotice, encode_notice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import INTAKE_QUEUE, declare_system_queues, system_queue
from axis.delivery.lanes import Lane
from axis.delivery.states import Event
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox.batch import StepOrder, take_steps
from axis.settings import Settings
from axis.store.engine import open_engine

#: A day in which nothing was taken for so long is given up.
SILENCE_S: Final = 120.0
_WINDOW: Final = 400
_BATCH: Final = 250
_PREFETCH: Final = 1000


@dataclass(slots=True)
class Done:
    """What the offices did."""

    taken: int = 0  #: deliveries that were fetched and confirmed
    again: int = 0  #: notices of deliveries that had come before
    answers: int = 0  #: statuses handed in
    seconds: float = 0.0  #: from the first package handed in to the last confirmation
    document_s: list[float] = field(default_factory=list)  #: handed in until confirmed, each
    status_s: list[float] = field(default_factory=list)

    def percentiles(self) -> dict[str, dict[str, float]]:
        """Return median and 99th percentile of the whole way, in milliseconds."""
        return {"document": spread_ms(self.document_s), "status": spread_ms(self.status_s)}


class Offices:
    """The offices, for one day."""

    def __init__(
        self,
        settings: Settings,
        systems: Iterable[str],
        *,
        backlog: int,
        spread_s: float | None = None,
    ) -> None:
        """Open what they work with.

        Args:
            settings: of the installation.
            systems: whose queues are taken from.
            backlog: how many documents may be under way; no more is sent before one has arrived.
            spread_s: seconds over which the documents are spread evenly; None: as fast as it goes.
        """
        self._spread_s = spread_s
        self._settings = settings
        self._systems = list(systems)
        self._engine: sa.Engine = open_engine(settings.database_url)
        self._bodies = DiskBodies(settings.path(settings.bodies.path))
        self._sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
        self._backlog = asyncio.Semaphore(backlog)
        self._handful = max(1, min(_WINDOW, backlog // 4))
        self._inbox: deque[tuple[str, DeliveredMessage]] = deque()
        self._arrived = asyncio.Event()
        self._sent: dict[UUID, float] = {}
        self._left: dict[UUID, int] = {}  #: addresses that a document has not reached yet
        self._then: dict[tuple[UUID, str], list[Made]] = {}  #: what an address answers
        self._next: dict[UUID, list[Made]] = {}  #: what is said when a status has arrived
        self._seen: set[UUID] = set()
        self.done = Done()

    async def day(self, courses: Sequence[Course]) -> Done:
        """Send all documents, and take and answer until all is confirmed.

        Raises:
            TimeoutError: nothing came for two minutes.
        """
        expected = sum(
            one.addresses + sum(len(each) for each in one.answers.values()) for one in courses
        )
        self._loop = asyncio.get_running_loop()
        url = self._settings.amqp.url
        async with (
            connected(url, name="axis bench, takes") as taking,
            connected(url, name="axis bench, sends") as sending,
        ):
            channel = await open_channel(sending, confirms=True)
            await declare_system_queues(channel, self._systems)
            publisher = Publisher(channel, window=_WINDOW, timeout_s=60)
            took = await open_channel(taking, confirms=False)
            await took.basic_qos(prefetch_count=_PREFETCH)
            for system in self._systems:
                for lane in Lane:
                    receive = partial(self._receive, system)
                    await took.basic_consume(system_queue(system, lane), receive)
            began = time.perf_counter()
            feeding = asyncio.create_task(self._send(courses, publisher))
            try:
                while self.done.taken < expected:
                    batch = await self._batch()
                    answers = await asyncio.to_thread(self._take, batch)
                    await took.basic_ack(batch[-1][1].delivery_tag or 0, multiple=True)
                    await self._publish(publisher, answers)
                    if feeding.done():
                        feeding.result()
                self.done.seconds = time.perf_counter() - began
            finally:
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)
                self._engine.dispose()
        return self.done

    async def _send(self, courses: Sequence[Course], publisher: Publisher) -> None:
        began = self._loop.time()
        handful = self._handful if self._spread_s is None else 1
        for start in range(0, len(courses), handful):
            if self._spread_s is not None:
                due = began + self._spread_s * start / len(courses)
                await asyncio.sleep(max(0.0, due - self._loop.time()))
            some = courses[start : start + handful]
            for course in some:
                await self._backlog.acquire()
                document = course.document
                self._left[document.package_id] = course.addresses
                for code, answers in course.answers.items():
                    self._then[document.package_id, code] = answers
            await self._publish(publisher, [course.document for course in some])

    async def _publish(self, publisher: Publisher, packages: Sequence[Made]) -> None:
        now, mark = datetime.now(UTC), time.perf_counter()
        letters = []
        for one in packages:
            self._sent[one.package_id] = mark
            notice = IntakeNotice(
                package_id=one.package_id,
                system_id=one.system_id,
                digest=one.digest,
                size_bytes=one.size_bytes,
                door="bench",
                received_at=now,
            )
            letters.append(("", INTAKE_QUEUE, encode_notice(notice)))
        for failure in await publisher.publish_all(letters):
            if failure is not None:
                raise failure

    async def _receive(self, system: str, message: DeliveredMessage) -> None:
        if isinstance(message.delivery, aiormq.spec.Basic.Deliver):
            self._inbox.append((system, message))
            self._arrived.set()

    async def _batch(self) -> list[tuple[str, DeliveredMessage]]:
        if not self._inbox:
            self._arrived.clear()
            async with asyncio.timeout(SILENCE_S):
                await self._arrived.wait()
        return [self._inbox.popleft() for _ in range(min(len(self._inbox), _BATCH))]

    def _take(self, batch: Sequence[tuple[str, DeliveredMessage]]) -> list[Made]:
        """Fetch, check and confirm in a thread; return what is handed in then."""
        notices: list[tuple[str, DeliveryNotice]] = []
        for system, message in batch:
            notice = parse_notice(message.body, queue=system)
            assert isinstance(notice, DeliveryNotice)  # noqa: S101  nothing else is in these queues
            if notice.delivery_id in self._seen:
                self.done.again += 1
            else:
                self._seen.add(notice.delivery_id)
                notices.append((system, notice))
        self._step(notices, Event.FETCH)
        for digest in {notice.digest for _, notice in notices}:
            self._bodies.check(bytes.fromhex(digest))
        self._step(notices, Event.CONFIRM)
        return [made for _, notice in notices for made in self._after(notice)]

    def _step(self, notices: Sequence[tuple[str, DeliveryNotice]], step: Event) -> None:
        orders = [
            StepOrder(delivery_id=notice.delivery_id, system_id=system, step=step)
            for system, notice in notices
        ]
        for answer in take_steps(self._engine, self._sealer, orders, now=datetime.now(UTC)):
            if isinstance(answer, AxisError):
                raise answer

    def _after(self, notice: DeliveryNotice) -> list[Made]:
        """Note a delivery that is confirmed, and return what its office says now."""
        package_id = notice.package_id
        took = time.perf_counter() - self._sent[package_id]
        self.done.taken += 1
        if package_id in self._left:
            self.done.document_s.append(took)
            self._left[package_id] -= 1
            if not self._left[package_id]:
                del self._left[package_id]
                self._loop.call_soon_threadsafe(self._backlog.release)
            answers = self._then.pop((package_id, notice.address), [])
        else:
            self.done.status_s.append(took)
            answers = self._next.pop(package_id, [])
        if not answers:
            return []
        now, *later = answers
        if later:
            self._next[now.package_id] = later
        self.done.answers += 1
        return [now]
