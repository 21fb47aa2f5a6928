"""What every store of bodies promises; the rooms know no more of it than this.

A body is durable when :meth:`Bodies.put` or :meth:`BodyWriter.commit` has returned. Its name is the
SHA-256 of its bytes, and whoever reads it is told where they are not those any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self
from uuid import UUID

from axis.errors import AxisError

#: The largest piece that a body is read in.
PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBody:
    """Bytes that are durable."""

    digest: bytes  #: SHA-256 of the exact bytes (32 bytes)
    size_bytes: int


class BodyWriter(Protocol):
    """Takes one body in pieces; use as a context manager, then :meth:`commit` inside it."""

    size_bytes: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None: ...

    def write(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            BodyStoreFullError: the store does not take them.
        """

    def hash_only(self, piece: bytes) -> None:
        """Take bytes into the digest and the size without keeping them; never commit after this."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes so far."""

    def commit(self) -> StoredBody:
        """Make the body durable under its digest; the same bytes again are one body.

        Raises:
            BodyStoreFullError: the store does not take them; nothing was promised.
        """


class Appending(Protocol):
    """The end of an upload, open to one caller."""

    def tell(self) -> int:
        """Return how many bytes have come."""

    def write(self, piece: memoryview, /) -> int:
        """Add bytes; return how many were taken."""


class Uploads(Protocol):
    """What grows until it becomes a body, over restarts; the records say whose it is."""

    def create(self, upload_id: UUID) -> None:
        """Make room for an upload; durable on return.

        Raises:
            BodyStoreFullError: the store does not take it.
        """

    def size(self, upload_id: UUID) -> int:
        """Return how many bytes have come.

        Raises:
            UploadGoneError: it is not there.
        """

    def opened(self, upload_id: UUID) -> AbstractContextManager[Appending]:
        """Open an upload to append to; what was written is durable at the end.

        Also where the caller gives up in the middle: what came until then counts.

        Raises:
            UploadBusyError: another call appends to it or completes it.
            UploadGoneError: it is not there.
            BodyStoreFullError: the store does not take it.
        """

    def finished(
        self, upload_id: UUID, *, also: Collection[str] = ()
    ) -> AbstractContextManager[tuple[StoredBody, Mapping[str, bytes]]]:
        """Yield what an upload's bytes are, as they are stored; at the end they are a body.

        Where the caller raises, the upload stays as it is.

        Args:
            upload_id: which.
            also: further digests to take, by their names for :mod:`hashlib`.

        Raises:
            UploadBusyError: another call appends to it or completes it.
            UploadGoneError: it is not there.
            BodyStoreFullError: the store does not take it.
        """

    def remove(self, upload_id: UUID) -> None:
        """Throw an upload away; one that is not there is no news."""


class Bodies(Protocol):
    """A store of bodies by their SHA-256."""

    @property
    def root(self) -> Path:
        """The folder on this machine that must have room: for bodies, or for those on their way."""

    @property
    def uploads(self) -> Uploads:
        """What is still growing."""

    def look(self) -> None:
        """Return where the store can be written to and read from now.

        Raises:
            BodyStoreFullError: it cannot.
        """

    def writer(self) -> BodyWriter:
        """Return a writer for a new body.

        Raises:
            BodyStoreFullError: the store is full, read-only or away.
        """

    def put(self, body: bytes) -> StoredBody:
        """Store a body that is in memory already; durable on return.

        Raises:
            BodyStoreFullError: the store is full, read-only or away.
        """

    def read(self, digest: bytes) -> bytes:
        """Return a body, checked against its digest.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
            BodyStoreFullError: cannot tell now.
        """

    def read_each(self, digests: Sequence[bytes]) -> list[bytes | AxisError]:
        """Return each body as :meth:`read` does, or why it cannot be had; never raises for one."""

    def stream(self, digest: bytes, *, start: int = 0) -> Iterator[bytes]:
        """Yield a body in pieces of at most 256 KiB, from byte ``start`` on.

        From its beginning, the digest is compared with the last piece: who takes the pieces keeps
        them only when the iteration has ended without an error. From further on nothing is
        compared, and the receiver compares the digest of what it has put together.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
            BodyStoreFullError: cannot tell now.
        """

    def check(self, digest: bytes) -> int:
        """Read a body through, in constant memory, and return its size.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
            BodyStoreFullError: cannot tell now.
        """

    def has(self, digest: bytes) -> bool:
        """Say whether a body is in the store; its bytes are not checked."""

    def size_of(self, digest: bytes) -> int:
        """Return how many bytes of a body are stored.

        Raises:
            BodyMissingError: it is not in the store.
        """

    def written_s(self, digest: bytes) -> float:
        """Return when a body was last put, in POSIX seconds of the store's clock.

        Putting the same bytes again counts, so that they are not removed a moment later.

        Raises:
            BodyMissingError: it is not in the store.
        """

    def remove(self, digest: bytes) -> None:
        """Remove a body; one that is not there is no news.

        Raises:
            BodyStoreFullError: the store does not do it now.
        """

    def as_file(self, digest: bytes) -> AbstractContextManager[Path]:
        """Yield a file with a body, to be read within the block; its digest is not checked.

        Raises:
            BodyMissingError: it is not in the store.
        """
