"""Takes a package from a door: bytes to the store first, notice to the relay second."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from axis.bodies import Bodies, BodyWriter, StoredBody
from axis.bus.notices import IntakeNotice, encode_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import intake_queue
from axis.intake.identity import package_id_of
from axis.intake.pressure import Pressure
from axis.intake.urgency import LOOKED_AT, Glimpse

#: Bodies up to this size are put together in memory; no less than a glimpse looks at.
SMALL: Final = LOOKED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A package was taken and will be judged; this promises nothing else."""

    package_id: UUID
    digest: bytes
    size_bytes: int


async def submit(
    pieces: AsyncIterable[bytes],
    *,
    system_id: str,
    door: str,
    now: datetime,
    bodies: Bodies,
    publisher: Publisher,
    max_bytes: int,
    reply_to: str | None = None,
    pressure: Pressure | None = None,
    admit: Callable[[Ticket], Awaitable[None]] | None = None,
    relayed: str | None = None,
) -> Ticket:
    """Take one package of an authenticated system.

    A package over ``max_bytes`` is hashed to its end but not kept; the relay records its refusal
    like any other. ``admit`` may refuse a package by its digest and size before it is kept.
    ``relayed`` is the entry by which another axis says that it sent the package on.

    Raises:
        IntakeBusyError: ``pressure`` is too high; nothing was read or accepted.
        BodyStoreFullError: the disk does not take it; nothing was accepted.
        PublishUnconfirmedError: RabbitMQ does not take the notice now. The bytes are stored but
            nothing refers to them; the sender sends again.
    """
    # 0. Whether there is room for more. A sender that is told "later" has lost nothing.
    if pressure is not None:
        await pressure.check()
    # 1. The bytes, hashed on the way. A crash leaves a nameless file that nothing refers to.
    glimpse = Glimpse()

    async def may_stay(body: StoredBody) -> None:
        if admit is not None:
            await admit(_ticket(system_id, body))

    body, stored = await _store(pieces, bodies, max_bytes, glimpse, may_stay)
    # 2. The notice. From here the package will be judged: RabbitMQ has it on disk.
    ticket = _ticket(system_id, body)
    notice = IntakeNotice(
        package_id=ticket.package_id,
        system_id=system_id,
        digest=body.digest.hex(),
        size_bytes=body.size_bytes,
        door=door,
        received_at=now,
        reply_to=reply_to,
        relayed=relayed,
        stored=stored,
    )
    await publisher.publish(encode_notice(notice), routing_key=intake_queue(glimpse.lane))
    return ticket


def _ticket(system_id: str, body: StoredBody) -> Ticket:
    return Ticket(
        package_id=package_id_of(system_id, body.digest),
        digest=body.digest,
        size_bytes=body.size_bytes,
    )


async def _store(
    pieces: AsyncIterable[bytes],
    bodies: Bodies,
    max_bytes: int,
    glimpse: Glimpse,
    may_stay: Callable[[StoredBody], Awaitable[None]],
) -> tuple[StoredBody, bool]:
    # A small body is kept in one go; of a large one only a piece is in memory.
    begun: list[bytes] = []
    size = 0
    source = aiter(pieces)
    async for piece in source:
        glimpse.see(piece)
        begun.append(piece)
        size += len(piece)
        if size > SMALL:
            break
    else:
        if size <= max_bytes:
            whole = b"".join(begun)
            digest = hashlib.sha256(whole).digest()
            await may_stay(StoredBody(digest=digest, size_bytes=size))
            return await asyncio.to_thread(bodies.put, whole), True
    with await asyncio.to_thread(bodies.writer) as writer:
        over = False
        async for piece in _chained(begun, source):  # the glimpse has seen all that it looks at
            over = over or writer.size_bytes + len(piece) > max_bytes
            if over:
                writer.hash_only(piece)
            else:
                await asyncio.to_thread(writer.write, piece)
        await may_stay(_unkept(writer))
        if over:
            return _unkept(writer), False
        return await asyncio.to_thread(writer.commit), True


async def _chained(begun: list[bytes], rest: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    while begun:
        yield begun.pop(0)
    async for piece in rest:
        yield piece


def _unkept(writer: BodyWriter) -> StoredBody:
    return StoredBody(digest=writer.digest, size_bytes=writer.size_bytes)
