"""What an eOffice system does: signs and sends, takes what came, confirms it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa

from adapters.amqp.deliveries import system_queues
from adapters.demo.country import system_of
from adapters.demo.doors import DemoDoor
from axis.bodies import open_bodies
from axis.bus.connection import connected, open_channel
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_topology
from axis.directory.values import ReceivesBy
from axis.errors import Refusal
from axis.intake import package_id_of, submit
from axis.intake.answer import wait_for_verdicts
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox import confirm, fetch, waiting
from axis.settings import Settings
from axis.store.deliveries import deliveries_with_bodies
from axis.store.engine import open_engine, transaction
from axis.store.packages import PackageRecord
from axis.trust.sign import Signer, sign

#: The first answer waits for processes that still start; a small machine takes its time for that.
ANSWER_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A package that a system took, checked and confirmed."""

    delivery_id: UUID
    package_id: UUID
    address: str
    digest: bytes
    body: bytes


class Desk:
    """The desks of all offices of the country."""

    def __init__(
        self, settings: Settings, signers: Mapping[str, Signer], door: DemoDoor | None = None
    ) -> None:
        """Keep what the desks need; without a ``door`` they call the rooms behind the doors."""
        self.settings = settings
        self._door = door
        self.signers = signers
        self.engine: sa.Engine = open_engine(settings.database_url)
        self.bodies = open_bodies(settings)
        self.sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
        self._stack = AsyncExitStack()
        self._publisher: Publisher | None = None

    async def __aenter__(self) -> Self:
        connection = await self._stack.enter_async_context(
            connected(self.settings.amqp.url, name="axis demo")
        )
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        self._publisher = Publisher(channel, window=10, timeout_s=30)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stack.aclose()
        self.engine.dispose()

    def sign(self, office: str, package: bytes) -> bytes:
        """Return the package signed with the office's key."""
        return sign(package, self.signers[office])

    async def send(self, office: str, package: bytes) -> PackageRecord:
        """Submit a package from the office's system and return the axis's answer.

        Raises:
            TimeoutError: no answer in time.
            RuntimeError: the door answered otherwise than the records.
        """
        if self._door is not None:
            return await self._send_through(self._door, office, package)
        assert self._publisher is not None  # noqa: S101  the desk is open
        ticket = await submit(
            _whole(package),
            system_id=system_of(office).system_id,
            door="demo",
            now=datetime.now(UTC),
            bodies=self.bodies,
            publisher=self._publisher,
            max_bytes=self.settings.limits.package_bytes,
        )
        found = await asyncio.to_thread(
            wait_for_verdicts, self.engine, [ticket.package_id], timeout_s=ANSWER_TIMEOUT_S
        )
        if ticket.package_id not in found:
            raise TimeoutError
        return found[ticket.package_id]

    async def _send_through(self, door: DemoDoor, office: str, package: bytes) -> PackageRecord:
        system_id = system_of(office).system_id
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            accepted = await door.send(system_id, package)
        digest = hashlib.sha256(package).digest()
        package_id = package_id_of(system_id, digest)
        if isinstance(accepted, Refusal):
            now = datetime.now(UTC)
            return PackageRecord(
                id=package_id,
                system_id=system_id,
                digest=digest,
                size_bytes=len(package),
                door="–",
                received_at=now,
                decided_at=now,
                accepted=False,
                refusal=accepted,
            )
        found = await asyncio.to_thread(
            wait_for_verdicts, self.engine, [package_id], timeout_s=ANSWER_TIMEOUT_S
        )
        if package_id not in found:
            raise TimeoutError
        if found[package_id].accepted is not accepted:
            raise RuntimeError("the door answered otherwise than the records")
        return found[package_id]

    async def receive(self, system_id: str, receives_by: ReceivesBy, count: int) -> list[Received]:
        """Take ``count`` packages for a system the way it receives, and confirm each.

        Raises:
            TimeoutError: fewer came in time.
        """
        if self._door is not None:
            return await self._receive_through(self._door, system_id, count)
        if receives_by is ReceivesBy.AMQP:
            return await self._consume(system_id, count)
        return await self._poll(system_id, count)

    async def _receive_through(self, door: DemoDoor, system_id: str, count: int) -> list[Received]:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            taken = await door.receive(system_id, count)
        with transaction(self.engine) as connection:
            held = deliveries_with_bodies(connection, [delivery_id for delivery_id, _ in taken])
        return [
            Received(
                delivery_id=delivery_id,
                package_id=held[delivery_id].delivery.package_id,
                address=held[delivery_id].delivery.address,
                digest=hashlib.sha256(body).digest(),
                body=body,
            )
            for delivery_id, body in taken
        ]

    async def _consume(self, system_id: str, count: int) -> list[Received]:
        received: list[Received] = []
        async with (
            asyncio.timeout(ANSWER_TIMEOUT_S),
            system_queues(self.settings.amqp.url, system_id) as queues,
        ):
            while len(received) < count:
                offered = await queues.next(timeout_s=1.0)
                if offered is not None:
                    received.append(await self._take(system_id, offered.notice.delivery_id))
                    await queues.done(offered)
        return received

    async def _poll(self, system_id: str, count: int) -> list[Received]:
        received: list[Received] = []
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while len(received) < count:
                found = await asyncio.to_thread(waiting, self.engine, system_id)
                received += [await self._take(system_id, one.delivery.id) for one in found]
                if not found:
                    await asyncio.sleep(0.05)
        return received

    async def _take(self, system_id: str, delivery_id: UUID) -> Received:
        delivery, body = await asyncio.to_thread(
            fetch,
            self.engine,
            self.bodies,
            self.sealer,
            delivery_id=delivery_id,
            system_id=system_id,
            now=datetime.now(UTC),
        )
        await asyncio.to_thread(
            confirm,
            self.engine,
            self.sealer,
            delivery_id=delivery_id,
            system_id=system_id,
            now=datetime.now(UTC),
        )
        return Received(
            delivery_id=delivery_id,
            package_id=delivery.package_id,
            address=delivery.address,
            digest=hashlib.sha256(body).digest(),
            body=body,
        )


async def _whole(package: bytes) -> AsyncIterator[bytes]:
    yield package
