"""Uploads in object storage: each stretch that was answered is an object, named by where it begins.

The next stretch begins where the last one ends, so how far an upload has come is found without a
list of the bucket, which some stores bring up to date only after a while. Each stretch is put where
there is none yet: of two callers that write at the same place one is refused, and any machine can
go on with what another one began.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import UUID

from axis.bodies.errors import BodyMissingError, UploadBusyError, UploadGoneError
from axis.bodies.store import StoredBody

if TYPE_CHECKING:
    from axis.bodies.s3 import S3Bodies

UPLOADS: Final = "uploads"
#: A stretch has at most so much; it is in memory until it is put.
STRETCH: Final = 8 * 1024 * 1024


class S3Uploads:
    """Uploads beside the bodies, in the same bucket."""

    def __init__(self, bodies: S3Bodies) -> None:
        self._bodies = bodies

    def create(self, upload_id: UUID) -> None:
        """Make room for an upload; durable on return.

        Raises:
            BodyStoreFullError: the store does not take it.
        """
        self._bodies.create(_begun(upload_id), b"")

    def size(self, upload_id: UUID) -> int:
        """Return how many bytes have come.

        Raises:
            UploadGoneError: it is not there.
            BodyStoreFullError: the store does not answer now.
        """
        return sum(self._stretches(upload_id))

    @contextmanager
    def opened(self, upload_id: UUID) -> Iterator[_Tail]:
        """Open an upload to append to; what was written is durable at the end.

        Also where the caller gives up in the middle: what came until then counts.

        Raises:
            UploadBusyError: another call has appended to it meanwhile, or completes it.
            UploadGoneError: it is not there.
            BodyStoreFullError: the store does not take it.
        """
        tail = _Tail(self._bodies, upload_id, self.size(upload_id))
        try:
            yield tail
        finally:
            tail.flush()

    @contextmanager
    def finished(
        self, upload_id: UUID, *, also: Collection[str] = ()
    ) -> Iterator[tuple[StoredBody, Mapping[str, bytes]]]:
        """Yield what an upload's bytes are, as they are stored; at the end they are a body.

        Where the caller raises, the upload stays as it is.

        Raises:
            UploadBusyError: another call has appended to it meanwhile.
            UploadGoneError: it is not there.
            BodyStoreFullError: the store does not take it.
        """
        stretches = list(self._stretches(upload_id))
        hashers = {name: hashlib.new(name) for name in also}
        with self._bodies.writer() as writer:
            for piece in self._pieces(upload_id, stretches):
                writer.write(piece)
                for hasher in hashers.values():
                    hasher.update(piece)
            digests = {name: hasher.digest() for name, hasher in hashers.items()}
            digests["sha256"] = writer.digest
            yield StoredBody(digest=writer.digest, size_bytes=writer.size_bytes), digests
            # 1. The body. After a crash the stretches are there; completing again does the same.
            writer.commit()
        if self.size(upload_id) != sum(stretches):
            raise UploadBusyError(upload_id=str(upload_id))
        # 2. The stretches. What a crash leaves goes with the record of the upload.
        self.remove(upload_id)

    def remove(self, upload_id: UUID) -> None:
        """Throw an upload away; one that is not there is no news.

        Raises:
            BodyStoreFullError: the store does not do it now.
        """
        try:
            stretches = list(self._stretches(upload_id))
        except UploadGoneError:
            return
        at = sum(stretches)
        # From the end: what a crash leaves can still be walked from the beginning.
        for size in reversed(stretches):
            at -= size
            self._bodies.delete(_stretch(upload_id, at))
        self._bodies.delete(_begun(upload_id))

    def _stretches(self, upload_id: UUID) -> Iterator[int]:
        """Yield the sizes of the stretches, in order.

        Raises:
            UploadGoneError: it is not there.
        """
        if self._bodies.head(_begun(upload_id)) is None:
            raise UploadGoneError(upload_id=str(upload_id))
        at = 0
        while (found := self._bodies.head(_stretch(upload_id, at))) is not None:
            at += found["size"]
            yield found["size"]

    def _pieces(self, upload_id: UUID, stretches: Collection[int]) -> Iterator[bytes]:
        at = 0
        for size in stretches:
            try:
                yield from self._bodies.pieces(_stretch(upload_id, at), missing=b"")
            except BodyMissingError as error:  # another call has completed it
                raise UploadGoneError(upload_id=str(upload_id)) from error
            at += size


class _Tail:
    """The end of an upload: bytes come together here until they are a stretch."""

    def __init__(self, bodies: S3Bodies, upload_id: UUID, at: int) -> None:
        self._bodies = bodies
        self._upload_id = upload_id
        self._at = at  #: what is durable
        self._waiting = bytearray()

    def tell(self) -> int:
        """Return how many bytes have come."""
        return self._at + len(self._waiting)

    def write(self, piece: memoryview, /) -> int:
        """Add bytes; return how many were taken.

        Raises:
            UploadBusyError: another call has written at the same place.
            BodyStoreFullError: the store does not take them.
        """
        taken = min(len(piece), STRETCH - len(self._waiting))
        self._waiting += piece[:taken]
        if len(self._waiting) == STRETCH:
            self.flush()
        return taken

    def flush(self) -> None:
        """Make a stretch of what has come; durable on return."""
        if not self._waiting:
            return
        body, self._waiting = bytes(self._waiting), bytearray()
        if not self._bodies.create(_stretch(self._upload_id, self._at), body):
            raise UploadBusyError(upload_id=str(self._upload_id))
        self._at += len(body)


def _begun(upload_id: UUID) -> str:
    return f"{UPLOADS}/{upload_id}/begun"


def _stretch(upload_id: UUID, at: int) -> str:
    return f"{UPLOADS}/{upload_id}/{at:016d}"
