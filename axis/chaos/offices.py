"""The offices of a soak run: one sends until it has an answer, the others keep what they get.

What they remember is the ground truth: attempts, answers, and what arrived where, by digest. They
never look at the axis's own counts.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from axis.bodies import DiskBodies
from axis.bus.connection import GONE, connected, open_channel
from axis.bus.consumer import BatchConsumer
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_system_queues, declare_topology, system_queue
from axis.chaos.world import SENDER, SENDER_SYSTEM, SYSTEMS, World
from axis.delivery.lanes import Lane
from axis.directory.values import ReceivesBy
from axis.envelope.dates import write_date
from axis.envelope.package import parse
from axis.envelope.values import (
    Business,
    BusinessType,
    Code,
    DocumentEnvelope,
    DocumentId,
    DocumentType,
    ManifestReference,
    OrganId,
    Organization,
    OtherInfo,
    PromulgationInfo,
    SignerInfo,
    compose_document_id,
)
from axis.envelope.writer import encode
from axis.errors import AxisError, Fault
from axis.intake import package_id_of, submit
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox import confirm, fetch, waiting
from axis.store.engine import transaction
from axis.store.packages import package_by_id
from axis.trust.sign import sign

DAY: Final = date(2026, 11, 20)
CODE_OF: Final = {code: system for system, (code, _) in SYSTEMS.items()}


@dataclass(slots=True)
class Paper:
    """One package as its sender knows it."""

    package: bytes
    to: tuple[str, ...]  #: codes; empty where it must be refused
    recalls: bytes | None = None  #: digest of the document that it recalls
    tries: int = 0
    accepted: bool | None = None  #: the answer; None until there is one

    @property
    def digest(self) -> bytes:
        """SHA-256 of the exact bytes."""
        return hashlib.sha256(self.package).digest()


@dataclass(slots=True)
class Book:
    """What all offices remember."""

    sent: dict[bytes, Paper] = field(default_factory=dict)  #: by digest
    kept: Counter[tuple[str, bytes]] = field(default_factory=Counter)  #: (system, digest) → times
    seen: set[UUID] = field(default_factory=set)  #: deliveries whose bytes an office has kept
    repeats: int = 0  #: notices and fetches of what an office had already
    outages: int = 0  #: calls that the axis could not answer
    wrong: list[str] = field(default_factory=list)  #: what must never happen


class Offices:
    """The sender and the receivers."""

    def __init__(self, world: World, *, rate: float, chance: random.Random) -> None:
        self.book = Book()
        self._world = world
        self._rate = rate
        self._chance = chance
        self._bodies = DiskBodies(world.settings.path(world.settings.bodies.path))
        key = world.settings.path(world.settings.notary.salt_key)
        self._sealer = Sealer(read_key_file(key))
        self._waiting: list[Paper] = []

    async def send(self, stop: asyncio.Event) -> None:
        """Send new papers at the given rate until ``stop``; again what has no answer yet."""
        number = 0
        while not stop.is_set():
            paper = self._write(number)
            number += 1
            self.book.sent[paper.digest] = paper
            await self.submit([paper])
            if self._chance.random() < 0.05:  # a sender that has lost its memory
                await self.submit([self._chance.choice(list(self.book.sent.values()))])
            await asyncio.sleep(1 / self._rate)

    async def submit(self, papers: list[Paper]) -> None:
        """Submit papers once, as far as the axis takes them."""
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
                    paper.accepted = found.accepted
                    if found.accepted != bool(paper.to):
                        self.book.wrong.append(f"{paper.digest.hex()}: accepted={found.accepted}")

    async def receive(self, system_id: str, stop: asyncio.Event) -> None:
        """Keep what comes for a system until ``stop``."""
        polls = SYSTEMS[system_id][1] is ReceivesBy.POLL
        while not stop.is_set():
            try:
                if polls:
                    await asyncio.to_thread(self._poll, system_id)
                    await asyncio.sleep(0.3)
                else:
                    await self._consume(system_id, stop)
            except (AxisError, SQLAlchemyError, *GONE, OSError, TimeoutError) as error:
                self._forgive(error)
                await asyncio.sleep(0.5)

    def _poll(self, system_id: str) -> None:
        for one in waiting(self._world.engine, system_id, limit=50):
            self._keep(system_id, one.delivery.id)

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
        # The office's own register: one line for each delivery, whatever comes how often.
        if delivery_id in self.book.seen:
            self.book.repeats += 1
        else:
            self.book.seen.add(delivery_id)
            self.book.kept[system_id, hashlib.sha256(body).digest()] += 1
        confirm(self._world.engine, self._sealer, **facts)  # type: ignore[arg-type]

    def _forgive(self, error: BaseException) -> None:
        """Count an outage; what is no outage is a finding."""
        self.book.outages += 1
        if isinstance(error, AxisError) and error.fault is not Fault.OUTAGE:
            self.book.wrong.append(str(error))

    def _write(self, number: int) -> Paper:
        chance = self._chance
        if number and chance.random() < 0.02:
            whole = chance.choice(list(self.book.sent.values())).package
            return Paper(package=whole[: len(whole) - 1 - number % 50], to=())
        to = tuple(chance.sample(sorted(CODE_OF), chance.choice((1, 1, 2, 3, 6))))
        recalled: Paper | None = None
        if number and chance.random() < 0.03:
            papers = [p for p in self.book.sent.values() if p.to and p.recalls is None]
            recalled = papers[-1] if papers else None
        code = Code(number=str(number), notation="SOAK")
        business = Business()
        if recalled is not None:
            to = recalled.to
            business = Business(
                doc_type=BusinessType.RECALL,
                document_id=_document_id(recalled.package),
            )
        envelope = DocumentEnvelope(
            sender=Organization(organ_id=OrganId(SENDER), organ_name="Soak sender"),
            recipients=tuple(Organization(organ_id=OrganId(one)) for one in to),
            document_id=compose_document_id(SENDER, DAY, code),
            code=code,
            promulgation_info=PromulgationInfo(place="Huế", promulgation_date=write_date(DAY)),
            document_type=DocumentType(type=1, type_name="Công văn"),
            subject=f"Soak {number}",
            signer_info=SignerInfo(full_name="Nguyễn Văn Mẫu"),
            other_info=OtherInfo(priority=chance.choice((0, 0, 0, 1))),
            business=business,
            manifest=(
                ManifestReference(
                    content_id="1", attachment_name="soak.bin", content_type="application/pdf"
                ),
            ),
        )
        content = chance.randbytes(chance.choice((1_000, 10_000, 60_000)))
        package = sign(encode(envelope, {"1": content}), self._world.signer)
        return Paper(
            package=package, to=to, recalls=recalled.digest if recalled is not None else None
        )


def _document_id(package: bytes) -> DocumentId:
    envelope = parse(package).envelope
    assert isinstance(envelope, DocumentEnvelope)  # noqa: S101
    return envelope.document_id


async def _pieces(package: bytes) -> AsyncIterator[bytes]:
    yield package
