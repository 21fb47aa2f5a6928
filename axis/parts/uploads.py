"""Uploads of parts that can be interrupted and resumed; they survive a restart of the axis.

The record of an upload comes before its file and stays a while after it, so whatever a crash leaves
can be found. Completing again is no news.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from axis.bodies import Bodies, StoredBody
from axis.bodies.errors import UploadGoneError
from axis.bodies.threads import in_threads
from axis.parts.brought import StoredPart, demand_room, record
from axis.parts.errors import (
    PartMismatchError,
    PartsWaitingError,
    PartTooLargeError,
    UploadOffsetError,
)
from axis.settings import PartSettings
from axis.store.engine import transaction
from axis.store.parts import PartRecord
from axis.store.uploads import (
    UploadRecord,
    add_upload,
    count_uploads,
    forget_upload,
    mark_completed,
    touch_upload,
    upload_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """How far an upload has come."""

    id: UUID
    offset: int  #: bytes that are durable; what comes next begins here
    size_bytes: int | None  #: what was announced
    digest: bytes | None  #: likewise, SHA-256
    created_at: datetime
    is_complete: bool = False


def create_upload(
    engine: sa.Engine,
    bodies: Bodies,
    *,
    system_id: str,
    settings: PartSettings,
    now: datetime,
    size_bytes: int | None = None,
    expected: bytes | None = None,
) -> Upload:
    """Begin an upload of an authenticated system.

    Args:
        engine: the records.
        bodies: where the bytes will go.
        system_id: who brings it.
        settings: what a part may be.
        now: the instant.
        size_bytes: what the sender announces, if it knows.
        expected: SHA-256 that the sender announces, if it knows.

    Raises:
        PartTooLargeError: more bytes are announced than may be.
        PartsWaitingError: the system has too many uploads under way, or too much waiting.
        BodyStoreFullError, DatabaseUnavailableError: cannot be kept now; try again.
    """
    if size_bytes is not None and size_bytes > settings.part_bytes:
        raise PartTooLargeError(limit=settings.part_bytes, got=size_bytes)
    demand_room(engine, system_id, settings)
    record_ = UploadRecord(
        id=uuid4(),
        system_id=system_id,
        size_bytes=size_bytes,
        digest=expected,
        created_at=now,
        touched_at=now,
    )
    with transaction(engine) as connection:
        got = count_uploads(connection, system_id)
        if got >= settings.uploads:
            raise PartsWaitingError(got=f"{got} uploads", limit=f"{settings.uploads} uploads")
        add_upload(connection, record_)
    bodies.uploads.create(record_.id)
    return _upload(record_, 0)


def show_upload(engine: sa.Engine, bodies: Bodies, *, system_id: str, upload_id: UUID) -> Upload:
    """Return how far an upload has come, also after a restart.

    Raises:
        UploadGoneError: this system has no such upload.
        DatabaseUnavailableError: cannot tell now.
    """
    found = _find(engine, system_id, upload_id)
    if found.completed is not None and bodies.has(found.completed):
        return _upload(found, bodies.size_of(found.completed))
    return _upload(found, bodies.uploads.size(upload_id))


async def append_upload(
    pieces: AsyncIterable[bytes],
    *,
    engine: sa.Engine,
    bodies: Bodies,
    system_id: str,
    upload_id: UUID,
    offset: int,
    settings: PartSettings,
    now: datetime,
) -> Upload:
    """Add bytes; all that came is durable on return, and also where the stream broke off.

    Args:
        pieces: the bytes from ``offset`` on.
        engine: the records.
        bodies: where the bytes go.
        system_id: whose upload it is.
        upload_id: which.
        offset: where the sender believes the upload to be.
        settings: what a part may be.
        now: the instant.

    Raises:
        UploadGoneError: this system has no such upload.
        UploadOffsetError: the upload is elsewhere; nothing was added.
        UploadBusyError: another call writes to it now.
        PartTooLargeError: it would have more bytes than were announced, or than may be.
        BodyStoreFullError, DatabaseUnavailableError: cannot be kept now.
    """
    found = await asyncio.to_thread(_find, engine, system_id, upload_id)
    most = settings.part_bytes if found.size_bytes is None else found.size_bytes
    async with in_threads(bodies.uploads.opened(upload_id)) as file:
        at = file.tell()
        if at != offset:
            raise UploadOffsetError(expected=at, got=offset)
        async for piece in pieces:
            if at + len(piece) > most:
                raise PartTooLargeError(limit=most, got=at + len(piece))
            view = memoryview(piece)
            while view:
                view = view[await asyncio.to_thread(file.write, view) :]
            at += len(piece)
    await asyncio.to_thread(_touch, engine, upload_id, now)
    return _upload(found, at)


def complete_upload(
    engine: sa.Engine,
    bodies: Bodies,
    *,
    system_id: str,
    upload_id: UUID,
    now: datetime,
    expected: bytes | None = None,
    also: Collection[str] = (),
) -> StoredPart:
    """Make an upload a part; its digest is taken of what is on the disk. Reads the file once.

    Args:
        engine: the records.
        bodies: where the bytes are.
        system_id: whose upload it is.
        upload_id: which.
        now: the instant.
        expected: SHA-256 that the sender announces, where it did not at the beginning.
        also: ``sha384`` or ``sha512``, where the envelope will name it by that digest.

    Again, after a lost answer, it gives the same answer.

    Raises:
        UploadGoneError: this system has no such upload.
        UploadOffsetError: fewer bytes came than were announced; go on.
        UploadBusyError: another call writes to it now.
        PartMismatchError: the bytes are not those announced; the upload is thrown away.
        BodyStoreFullError, DatabaseUnavailableError: cannot be kept now; complete it again.
    """
    found = _find(engine, system_id, upload_id)
    wanted = expected if expected is not None else found.digest
    try:
        with bodies.uploads.finished(upload_id, also=also) as (stored, digests):
            if found.size_bytes is not None and stored.size_bytes != found.size_bytes:
                raise UploadOffsetError(expected=stored.size_bytes, got=found.size_bytes)
            if wanted is not None and stored.digest != wanted:
                raise PartMismatchError(expected=wanted.hex(), got=stored.digest.hex())
            # 1. What came is written down before the file gets its name. After a crash the file is
            #    at its old place or at its new one; completing again finds it.
            with transaction(engine) as connection:
                mark_completed(connection, upload_id, stored.digest, at=now)
    except PartMismatchError:
        cancel_upload(engine, bodies, system_id=system_id, upload_id=upload_id)
        raise
    except UploadGoneError:
        if found.completed is None or not bodies.has(found.completed):
            raise
        stored, digests = _again(bodies, found.completed, also)
    # 2. The bytes have their name. Now they are the system's.
    part = PartRecord(
        system_id=system_id,
        digest=stored.digest,
        size_bytes=stored.size_bytes,
        received_at=now,
        sha384=digests.get("sha384"),
        sha512=digests.get("sha512"),
    )
    record(engine, part)
    return StoredPart(digest=stored.digest, size_bytes=stored.size_bytes)


def cancel_upload(engine: sa.Engine, bodies: Bodies, *, system_id: str, upload_id: UUID) -> None:
    """Throw an upload away.

    Raises:
        UploadGoneError: this system has no such upload.
        DatabaseUnavailableError: cannot tell now.
    """
    _find(engine, system_id, upload_id)
    bodies.uploads.remove(upload_id)
    with transaction(engine) as connection:
        forget_upload(connection, upload_id)


def _again(
    bodies: Bodies, digest: bytes, also: Collection[str]
) -> tuple[StoredBody, Mapping[str, bytes]]:
    """Return what a completed upload is, for a sender that lost the answer."""
    hashers = {name: hashlib.new(name) for name in also}
    size = 0
    for piece in bodies.stream(digest):
        size += len(piece)
        for hasher in hashers.values():
            hasher.update(piece)
    digests = {name: hasher.digest() for name, hasher in hashers.items()}
    return StoredBody(digest=digest, size_bytes=size), digests


def _find(engine: sa.Engine, system_id: str, upload_id: UUID) -> UploadRecord:
    with transaction(engine) as connection:
        found = upload_of(connection, upload_id, system_id)
    if found is None:
        raise UploadGoneError(upload_id=str(upload_id))
    return found


def _touch(engine: sa.Engine, upload_id: UUID, now: datetime) -> None:
    with transaction(engine) as connection:
        touch_upload(connection, upload_id, at=now)


def _upload(found: UploadRecord, offset: int) -> Upload:
    return Upload(
        id=found.id,
        offset=offset,
        size_bytes=found.size_bytes,
        digest=found.digest,
        created_at=found.created_at,
        is_complete=found.completed is not None,
    )
