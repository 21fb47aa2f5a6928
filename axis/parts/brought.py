"""Takes a whole part from a stream: hashed on the way, never in memory at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from axis.bodies import Bodies
from axis.parts.errors import PartMismatchError, PartsWaitingError, PartTooLargeError
from axis.settings import PartSettings
from axis.store.engine import transaction
from axis.store.parts import PartRecord, record_part, waiting_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """A part that is durable; a package of the system that brought it may name it from now on."""

    digest: bytes  #: SHA-256 of the exact bytes (32 bytes)
    size_bytes: int


async def store_part(
    pieces: AsyncIterable[bytes],
    *,
    system_id: str,
    engine: sa.Engine,
    bodies: Bodies,
    settings: PartSettings,
    now: datetime,
    expected: bytes | None = None,
    also: Collection[str] = (),
) -> StoredPart:
    """Take one attachment of an authenticated system; bringing it again is no news.

    Args:
        pieces: the decoded bytes of the attachment, in pieces of any size.
        system_id: who brings it.
        engine: the records.
        bodies: where the bytes go.
        settings: what a part may be.
        now: the instant.
        expected: SHA-256 that the sender announced.
        also: ``sha384`` or ``sha512``, where the envelope will name it by that digest.

    Raises:
        PartTooLargeError: it has more bytes than may be; the rest of it was not read.
        PartMismatchError: it is not what was announced; nothing is kept.
        PartsWaitingError: the system has too much waiting without an envelope.
        BodyStoreFullError, DatabaseUnavailableError: cannot be kept now; bring it again.
    """
    await asyncio.to_thread(demand_room, engine, system_id, settings)
    hashers = {name: hashlib.new(name) for name in also}
    with await asyncio.to_thread(bodies.writer) as writer:
        # 1. The bytes. A crash leaves a nameless file that nothing refers to.
        async for piece in pieces:
            if writer.size_bytes + len(piece) > settings.part_bytes:
                got = writer.size_bytes + len(piece)
                raise PartTooLargeError(limit=settings.part_bytes, got=got)
            await asyncio.to_thread(writer.write, piece)
            for hasher in hashers.values():
                hasher.update(piece)
        if expected is not None and writer.digest != expected:
            raise PartMismatchError(expected=expected.hex(), got=writer.digest.hex())
        stored = await asyncio.to_thread(writer.commit)
    # 2. Who brought it. A crash before this leaves bytes that nothing refers to.
    part = PartRecord(
        system_id=system_id,
        digest=stored.digest,
        size_bytes=stored.size_bytes,
        received_at=now,
        sha384=hashers["sha384"].digest() if "sha384" in hashers else None,
        sha512=hashers["sha512"].digest() if "sha512" in hashers else None,
    )
    await asyncio.to_thread(record, engine, part)
    return StoredPart(digest=stored.digest, size_bytes=stored.size_bytes)


def demand_room(engine: sa.Engine, system_id: str, settings: PartSettings) -> None:
    """Return where a system may bring more.

    Raises:
        PartsWaitingError: it has too much waiting without an envelope.
        DatabaseUnavailableError: cannot tell now.
    """
    with transaction(engine) as connection:
        got = waiting_bytes(connection, system_id)
    if got >= settings.waiting_bytes:
        raise PartsWaitingError(got=f"{got} B", limit=f"{settings.waiting_bytes} B")


def record(engine: sa.Engine, part: PartRecord) -> None:
    """Record that a system brought a part whose bytes are durable."""
    with transaction(engine) as connection:
        record_part(connection, part)
