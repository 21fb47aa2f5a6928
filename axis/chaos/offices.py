"""The offices of a soak run: one sends until it has an answer, the others keep what they get.

Half of the papers come by the gateway, half by the bus. Systems that poll, and the one that the
courier pushes to, fetch at the gateway; the others read their queues. None of them looks at the
axis's own counts.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import cycle
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from axis.bodies import open_bodies
from axis.bus.connection import GONE, connected, open_channel
from axis.bus.consumer import BatchConsumer
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_system_queues, declare_topology, system_queue
from axis.chaos.door import DoorAwayError, DoorWrongError, HttpDoor
from axis.chaos.papers import Book, Paper, Writer
from axis.chaos.world import SENDER_SYSTEM, SYSTEMS, Scene
from axis.delivery.lanes import Lane
from axis.directory.values import ReceivesBy
from axis.errors import AxisError, Fault
from axis.intake import package_id_of, submit
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox import confirm, fetch
from axis.store.engine import transaction
from axis.store.packages import package_by_id


class Offices:
    """The sender and the receivers."""

    def __init__(self, world: Scene, *, rate: float, chance: random.Random) -> None:
        self.book = Book()
        self._world = world
        self._rate = rate
        self._chance = chance
        self._writer = Writer(signer=world.signer, chance=chance)
        self._gateways = cycle(world.gateways)
        self._bodies = open_bodies(world.settings)
        key = world.settings.path(world.settings.notary.salt_key)
        self._sealer = Sealer(read_key_file(key))

    async def send(self, stop: asyncio.Event) -> None:
        """Send new papers at the given rate until ``stop``; again what has no answer yet."""
        number = 0
        while not stop.is_set():
            paper = self._writer.write(number, self.book)
            number += 1
            self.book.sent[paper.digest] = paper
            await self.submit([paper])
            if self._chance.random() < 0.05:  # a sender that has lost its memory
                await self.submit([self._chance.choice(list(self.book.sent.values()))])
            await asyncio.sleep(1 / self._rate)

    async def submit(self, papers: list[Paper]) -> None:
        """Submit papers once, as far as the axis takes them: half by the gateway, half by bus."""
        await asyncio.gather(
            self._submit_by_http([paper for paper in papers if paper.digest[0] % 2]),
            self._submit_by_bus([paper for paper in papers if not paper.digest[0] % 2]),
        )

    async def _submit_by_http(self, papers: list[Paper]) -> None:
        door = self._door(SENDER_SYSTEM)
        try:
            for paper in papers:
                paper.tries += 1
                answer = await door.submit(paper.package)
                if answer is not None:
                    self._note_answer(paper, accepted=answer)
                    self.book.by_http += 1
        except DoorAwayError:
            self.book.outages += 1
        except DoorWrongError as error:
            self.book.wrong.append(str(error))
        finally:
            await door.close()

    def _door(self, system_id: str) -> HttpDoor:
        return HttpDoor(next(self._gateways), self._world.tokens[system_id])

    def _note_answer(self, paper: Paper, *, accepted: bool) -> None:
        """Keep an answer; one that differs from the one before, or from what is due, is wrong."""
        if accepted != bool(paper.to) or paper.accepted not in {None, accepted}:
            self.book.wrong.append(f"{paper.digest.hex()}: {accepted=}, before: {paper.accepted}")
        paper.accepted = accepted

    async def _submit_by_bus(self, papers: list[Paper]) -> None:
        if not papers:
            return
        amqp = self._world.settings.amqp
        try:
            async with asyncio.timeout(20), connected(amqp.url, name="soak door") as connection:
                channel = await open_channel(connection, confirms=True)
                await declare_topology(channel)
                publisher = Publisher(channel, window=50, timeout_s=5)
                for paper in papers:
                    paper.tries += 1
                    await submit(
                        _pieces(paper.package),
                        system_id=SENDER_SYSTEM,
                        door="soak",
                        now=datetime.now(UTC),
                        bodies=self._bodies,
                        publisher=publisher,
                        max_bytes=1 << 26,
                    )
        except (AxisError, *GONE, TimeoutError, OSError) as error:
            self._forgive(error)

    async def collect(self, stop: asyncio.Event) -> None:
        """Look for answers; send again what has none after a while."""
        while not stop.is_set():
            await asyncio.sleep(4)
            await self.look_once()

    async def look_once(self) -> int:
        """Look once for all missing answers; return how many are still missing."""
        missing = [paper for paper in self.book.sent.values() if paper.accepted is None]
        try:
            await asyncio.to_thread(self._read_answers, missing)
        except (AxisError, SQLAlchemyError) as error:
            self._forgive(error)
        left = [paper for paper in missing if paper.accepted is None]
        if left:
            await self.submit(left[:200])
        return len(left)

    def _read_answers(self, papers: list[Paper]) -> None:
        with transaction(self._world.engine) as connection:
            for paper in papers:
                found = package_by_id(connection, package_id_of(SENDER_SYSTEM, paper.digest))
                if found is not None:
                    self._note_answer(paper, accepted=found.accepted)

    async def receive(self, system_id: str, stop: asyncio.Event) -> None:
        """Keep what comes for a system until ``stop``."""
        if SYSTEMS[system_id][1] is not ReceivesBy.AMQP:
            await self._fetch_all(system_id, stop)
            return
        while not stop.is_set():
            try:
                await self._consume(system_id, stop)
            except (AxisError, SQLAlchemyError, *GONE, OSError, TimeoutError) as error:
                self._forgive(error)
                await asyncio.sleep(0.5)

    async def _fetch_all(self, system_id: str, stop: asyncio.Event) -> None:
        """Fetch what the mailbox shows, or only what was pushed, over HTTP."""
        is_pushed = SYSTEMS[system_id][1] is ReceivesBy.WEBHOOK
        told, door = self._world.endpoint.told, self._door(system_id)
        while not stop.is_set():
            try:
                for delivery_id in list(told) if is_pushed else await door.waiting():
                    body = await door.fetch(delivery_id)
                    if body is not None:
                        self._register(system_id, delivery_id, body)
                        await door.confirm(delivery_id)
                    told.discard(delivery_id)
            except DoorAwayError:
                self.book.outages += 1
                await door.close()
                door = self._door(system_id)  # the next gateway, where there are several
            except DoorWrongError as error:
                self.book.wrong.append(str(error))
            await asyncio.sleep(0.3)
        await door.close()

    async def _consume(self, system_id: str, stop: asyncio.Event) -> None:
        """Take notices from the queue; a notice is let go when its delivery is confirmed."""
        async with connected(self._world.settings.amqp.url, name=system_id) as connection:
            channel = await open_channel(connection, confirms=False)
            await declare_topology(channel)
            await declare_system_queues(channel, [system_id])
            lanes = []
            for lane in Lane:
                own = await open_channel(connection, confirms=False)
                lanes.append(BatchConsumer(own, system_queue(system_id, lane), prefetch=20))
                await lanes[-1].start()
            while not stop.is_set():
                for consumer in lanes:
                    taken = await consumer.take(timeout_s=0.2)
                    if taken is None:
                        continue
                    notice = parse_notice(taken.body, queue=system_id)
                    assert isinstance(notice, DeliveryNotice)  # noqa: S101
                    await asyncio.to_thread(self._keep, system_id, notice.delivery_id)
                    await consumer.acknowledge_one(taken)

    def _keep(self, system_id: str, delivery_id: UUID) -> None:
        facts = {"delivery_id": delivery_id, "system_id": system_id, "now": datetime.now(UTC)}
        try:
            _, body = fetch(self._world.engine, self._bodies, self._sealer, **facts)  # type: ignore[arg-type]
        except AxisError as error:
            if error.code == "delivery.over":
                return  # recalled meanwhile: the notice is dropped
            raise
        self._register(system_id, delivery_id, body)
        confirm(self._world.engine, self._sealer, **facts)  # type: ignore[arg-type]

    def _register(self, system_id: str, delivery_id: UUID, body: bytes) -> None:
        """Keep what came: one line in the register for each delivery, whatever comes how often."""
        if delivery_id in self.book.seen:
            self.book.repeats += 1
            return
        self.book.seen.add(delivery_id)
        self.book.kept[system_id, hashlib.sha256(body).digest()] += 1

    def _forgive(self, error: BaseException) -> None:
        """Count an outage; what is no outage is a finding."""
        self.book.outages += 1
        if isinstance(error, AxisError) and error.fault is not Fault.OUTAGE:
            self.book.wrong.append(str(error))


async def _pieces(package: bytes) -> AsyncIterator[bytes]:
    yield package
