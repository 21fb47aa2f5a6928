"""Bodies in S3-compatible object storage, for installations of more than one machine.

An object's key is its SHA-256, as a file's name is on a disk. A put that was answered is durable:
that is what the store promises, and its operator sees to it. The store compares each request with
the SHA-256 that it is signed with, so what it keeps is what was sent; every reader compares again.

A body on its way, of which the digest is known only at its end, waits in a file on this machine. A
crash before the end leaves at most that file, which nothing refers to.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self, TypeVar, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from axis.bodies.errors import BodyCorruptError, BodyMissingError, BodyStoreFullError
from axis.bodies.s3uploads import S3Uploads
from axis.bodies.store import PIECE, StoredBody
from axis.errors import AxisError

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store

INCOMING: Final = "incoming"
#: What is larger goes in parts of so much.
PART: Final = 8 * 1024 * 1024
_AT_ONCE: Final = 4
#: Bodies that are read at once where many are wanted: the service is far, not slow.
_READERS: Final = 8
#: The same bytes again make an older object new, so that a purge under way leaves it alone.
_FRESH_S: Final = 3600.0
_T = TypeVar("_T")


class S3Writer:
    """Takes one body into a nameless file of this machine, then puts it into the store."""

    def __init__(self, store: S3Bodies, file: IO[bytes]) -> None:
        self._store = store
        self._file = file
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            BodyStoreFullError: the disk of this machine does not take them.
        """
        with _disk_errors():
            self._file.write(piece)
        self._hash.update(piece)
        self.size_bytes += len(piece)

    def hash_only(self, piece: bytes) -> None:
        """Take bytes into the digest and the size without keeping them; never commit after this."""
        self._hash.update(piece)
        self.size_bytes += len(piece)

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes so far."""
        return self._hash.digest()

    def commit(self) -> StoredBody:
        """Make the body durable under its digest; the same bytes again are one body.

        Raises:
            BodyStoreFullError: the store does not take them now; nothing was promised.
        """
        with _disk_errors():
            self._file.flush()
        self._store.put_file(Path(self._file.name), self.digest, self.size_bytes)
        return StoredBody(digest=self.digest, size_bytes=self.size_bytes)


class S3Bodies:
    """A content-addressed store in a bucket.

    Args:
        store: the bucket, and the prefix below which everything stands.
        root: a folder of this machine for what is on its way.
        wall: POSIX seconds, for tests.
    """

    def __init__(
        self, store: S3Store, root: Path, *, wall: Callable[[], float] = time.time
    ) -> None:
        self.store = store
        self.root = root
        self._wall = wall
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="bodies")
        with _disk_errors():
            (root / INCOMING).mkdir(parents=True, exist_ok=True)

    @property
    def uploads(self) -> S3Uploads:
        """What is still growing, in the same bucket."""
        return S3Uploads(self)

    def look(self) -> None:
        """Return where the store answers and this machine has a place for what is on its way.

        Raises:
            BodyStoreFullError: one of them does not.
        """
        with self.writer() as writer:
            writer.write(b"ready?")
        with store_errors():
            # A list of one: a bucket that is not there is found, and credentials that are wrong.
            next(iter(obstore.list(self.store, prefix="ready", chunk_size=1)), None)

    def writer(self) -> S3Writer:
        """Return a writer for a new body.

        Raises:
            BodyStoreFullError: the disk of this machine is full, read-only or failing.
        """
        with _disk_errors():
            return S3Writer(self, self._incoming())

    def put(self, body: bytes) -> StoredBody:
        """Store a body that is in memory already; durable on return.

        Raises:
            BodyStoreFullError: the store does not take it now.
        """
        digest = hashlib.sha256(body).digest()
        if not self.create(key_of(digest), body):
            self._put_again(digest, body, len(body))
        return StoredBody(digest=digest, size_bytes=len(body))

    def read(self, digest: bytes) -> bytes:
        """Return a body, checked against its digest.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
            BodyStoreFullError: the store does not answer now.
        """
        body = self._about(digest, lambda key: bytes(obstore.get(self.store, key).bytes()))
        got = hashlib.sha256(body).digest()
        if got != digest:
            raise BodyCorruptError(digest=digest.hex(), got=got.hex())
        return body

    def read_each(self, digests: Sequence[bytes]) -> list[bytes | AxisError]:
        """Return each body, or why it cannot be had; several are under way at once."""
        if len(digests) < 2:
            return [self._read_or_why(digest) for digest in digests]
        return list(self._readers.map(self._read_or_why, digests))

    def _read_or_why(self, digest: bytes) -> bytes | AxisError:
        try:
            return self.read(digest)
        except AxisError as error:
            return error

    def stream(self, digest: bytes, *, start: int = 0) -> Iterator[bytes]:
        """Yield a body in pieces of at most 256 KiB, from byte ``start`` on.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
            BodyStoreFullError: the store does not answer now.
        """
        if start and start >= self.size_of(digest):
            return
        hasher = hashlib.sha256()
        for piece in self.pieces(key_of(digest), start=start, missing=digest):
            hasher.update(piece)
            yield piece
        if start == 0 and hasher.digest() != digest:
            raise BodyCorruptError(digest=digest.hex(), got=hasher.hexdigest())

    def check(self, digest: bytes) -> int:
        """Read a body through, in constant memory, and return its size.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
            BodyStoreFullError: the store does not answer now.
        """
        return sum(len(piece) for piece in self.stream(digest))

    def has(self, digest: bytes) -> bool:
        """Say whether a body is in the store; its bytes are not checked.

        Raises:
            BodyStoreFullError: the store does not answer now.
        """
        return self.head(key_of(digest)) is not None

    def size_of(self, digest: bytes) -> int:
        """Return how many bytes of a body are stored.

        Raises:
            BodyMissingError: it is not in the store.
            BodyStoreFullError: the store does not answer now.
        """
        return self._head_of(digest)["size"]

    def written_s(self, digest: bytes) -> float:
        """Return when a body was last put, in POSIX seconds of the store's clock.

        Raises:
            BodyMissingError: it is not in the store.
            BodyStoreFullError: the store does not answer now.
        """
        return self._head_of(digest)["last_modified"].timestamp()

    def remove(self, digest: bytes) -> None:
        """Remove a body; one that is not there is no news.

        Raises:
            BodyStoreFullError: the store does not do it now.
        """
        self.delete(key_of(digest))

    @contextmanager
    def as_file(self, digest: bytes) -> Iterator[Path]:
        """Yield a copy of a body on this machine; it goes at the end.

        Raises:
            BodyMissingError: it is not in the store.
            BodyStoreFullError: the store does not answer now, or the disk has no room.
        """
        with _disk_errors():
            file = self._incoming()
        try:
            for piece in self.stream(digest):
                with _disk_errors():
                    file.write(piece)
            with _disk_errors():
                file.close()
            yield Path(file.name)
        finally:
            file.close()
            Path(file.name).unlink(missing_ok=True)

    def put_file(self, file: Path, digest: bytes, size_bytes: int) -> None:
        """Put what stands in a file of this machine under its digest; durable on return."""
        if size_bytes <= PART:
            body = file.read_bytes()
            if not self.create(key_of(digest), body):
                self._put_again(digest, body, size_bytes)
        elif not self._is_fresh(digest, size_bytes):
            with store_errors():  # there is an object only when all of it has come
                obstore.put(
                    self.store,
                    key_of(digest),
                    file,
                    use_multipart=True,
                    chunk_size=PART,
                    max_concurrency=_AT_ONCE,
                )

    # --- what uploads use, too: keys instead of digests ---

    def create(self, key: str, body: bytes) -> bool:
        """Put an object where there is none; say whether it was put."""
        with store_errors():
            try:
                obstore.put(self.store, key, body, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
            return True

    def head(self, key: str) -> ObjectMeta | None:
        """Return what is known of an object; None where there is none."""
        with store_errors():
            try:
                return obstore.head(self.store, key)
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no news."""
        with store_errors():
            try:
                obstore.delete(self.store, key)
            except FileNotFoundError:
                return

    def pieces(self, key: str, *, start: int = 0, missing: bytes) -> Iterator[bytes]:
        """Yield an object's bytes from ``start`` on.

        Raises:
            BodyMissingError: there is none; ``missing`` is the digest to name.
            BodyStoreFullError: the store does not answer now.
        """
        with store_errors():
            try:
                found = obstore.get(
                    self.store, key, options={"range": {"offset": start}} if start else None
                )
                for given in found.stream(PIECE):
                    view = memoryview(given)
                    for first in range(0, len(view), PIECE):
                        yield bytes(view[first : first + PIECE])
            except FileNotFoundError as error:
                raise BodyMissingError(digest=missing.hex()) from error

    def _put_again(self, digest: bytes, body: bytes, size_bytes: int) -> None:
        """Make an object that is there already new, unless it has just been put."""
        if not self._is_fresh(digest, size_bytes):
            with store_errors():
                obstore.put(self.store, key_of(digest), body, mode="overwrite", use_multipart=False)

    def _is_fresh(self, digest: bytes, size_bytes: int) -> bool:
        found = self.head(key_of(digest))
        return (
            found is not None
            and found["size"] == size_bytes
            and self._wall() - found["last_modified"].timestamp() < _FRESH_S
        )

    def _head_of(self, digest: bytes) -> ObjectMeta:
        found = self.head(key_of(digest))
        if found is None:
            raise BodyMissingError(digest=digest.hex())
        return found

    def _about(self, digest: bytes, ask: Callable[[str], _T]) -> _T:
        with store_errors():
            try:
                return ask(key_of(digest))
            except FileNotFoundError as error:
                raise BodyMissingError(digest=digest.hex()) from error

    def _incoming(self) -> IO[bytes]:
        return cast(
            "IO[bytes]", tempfile.NamedTemporaryFile(dir=self.root / INCOMING, delete=False)
        )


def key_of(digest: bytes) -> str:
    """Return the key of a body, below the store's prefix."""
    name = digest.hex()
    return f"{name[:2]}/{name[2:4]}/{name}"


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what the library raises into the error of a store that cannot do it now."""
    try:
        yield
    except (BaseError, FileNotFoundError, OSError, ValueError) as error:
        raise BodyStoreFullError(reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    """Return the first line of what the library says: the rest is of use to its makers only."""
    text = str(error).partition("\n")[0].partition(": <?xml")[0]
    return text[:300]


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BodyStoreFullError(reason=error.strerror or str(error)) from error
