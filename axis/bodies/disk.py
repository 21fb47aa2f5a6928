"""Bodies on a local disk, in files named by their SHA-256: ``ab/cd/abcd…``.

A body is durable when :meth:`DiskWriter.commit` has returned: the file and its folder are synced.
A crash before that leaves at most a file in ``incoming/``, which nothing refers to.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from axis.bodies.errors import BodyCorruptError, BodyMissingError, BodyStoreFullError
from axis.bodies.store import PIECE, StoredBody
from axis.bodies.uploads import DiskUploads
from axis.errors import AxisError

INCOMING: Final = "incoming"


class DiskWriter:
    """Takes one body into a nameless file."""

    def __init__(self, store: DiskBodies, file: IO[bytes]) -> None:
        self._store = store
        self._file = file
        self._hash = hashlib.sha256()
        self._committed = False
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
        if not self._committed:
            Path(self._file.name).unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            BodyStoreFullError: the disk does not take them.
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
        """Make the body durable under its digest; the same bytes again are one file.

        Raises:
            BodyStoreFullError: the disk does not take them; nothing was promised.
        """
        digest = self._hash.digest()
        with _disk_errors():
            # 1. The bytes. A crash here leaves a nameless file in incoming/.
            self._file.flush()
            os.fsync(self._file.fileno())
            # 2. The name. The bytes are on disk already, so the name never shows half a body.
            self._store.adopt(Path(self._file.name), digest)
            self._committed = True
        return StoredBody(digest=digest, size_bytes=self.size_bytes)


class DiskBodies:
    """A content-addressed store below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: set[Path] = set()
        with _disk_errors():
            (root / INCOMING).mkdir(parents=True, exist_ok=True)

    @property
    def uploads(self) -> DiskUploads:
        """What is still growing, on the same disk."""
        return DiskUploads(self)

    def look(self) -> None:
        """Return where a file can be made and removed; nothing that lasts is written.

        Raises:
            BodyStoreFullError: it cannot.
        """
        with self.writer() as writer:
            writer.write(b"ready?")  # never committed: the writer removes it
        if not self.root.is_dir():
            raise BodyStoreFullError(reason="the folder is gone")

    def writer(self) -> DiskWriter:
        """Return a writer for a new body.

        Raises:
            BodyStoreFullError: the disk is full, read-only or failing.
        """
        with _disk_errors():
            file = tempfile.NamedTemporaryFile(dir=self.root / INCOMING, delete=False)  # noqa: SIM115
        return DiskWriter(self, file)

    def put(self, body: bytes) -> StoredBody:
        """Store a body that is in memory already; durable on return.

        Raises:
            BodyStoreFullError: the disk is full, read-only or failing.
        """
        # The same steps as a writer's, in as few calls as there can be: a door stores thousands.
        digest = hashlib.sha256(body).digest()
        file = self.root / INCOMING / secrets.token_hex(16)
        with _disk_errors():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                # 1. The bytes. A crash here leaves a nameless file in incoming/.
                try:
                    rest = memoryview(body)
                    while rest:
                        rest = rest[os.write(descriptor, rest) :]
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                # 2. The name. The bytes are on disk already, so it never shows half a body.
                self.adopt(file, digest)
            except BaseException:
                file.unlink(missing_ok=True)
                raise
        return StoredBody(digest=digest, size_bytes=len(body))

    def read(self, digest: bytes) -> bytes:
        """Return a body, checked against its digest.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
        """
        with self._opened(digest) as file:
            try:
                body = file.read()
            except OSError as error:
                raise BodyStoreFullError(reason=error.strerror or str(error)) from error
        got = hashlib.sha256(body).digest()
        if got != digest:
            raise BodyCorruptError(digest=digest.hex(), got=got.hex())
        return body

    def read_each(self, digests: Sequence[bytes]) -> list[bytes | AxisError]:
        """Return each body, or why it cannot be had."""
        found: list[bytes | AxisError] = []
        for digest in digests:
            try:
                found.append(self.read(digest))
            except AxisError as error:
                found.append(error)
        return found

    def stream(self, digest: bytes, *, start: int = 0) -> Iterator[bytes]:
        """Yield a body in pieces of at most 256 KiB, from byte ``start`` on.

        From its beginning, the digest is compared with the last piece: who takes the pieces keeps
        them only when the iteration has ended without an error. From further on nothing is
        compared, and the receiver compares the digest of what it has put together.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
        """
        hasher = hashlib.sha256()
        with self._opened(digest) as file:
            file.seek(start)
            while piece := file.read(PIECE):
                hasher.update(piece)
                yield piece
        if start == 0 and hasher.digest() != digest:
            raise BodyCorruptError(digest=digest.hex(), got=hasher.hexdigest())

    def check(self, digest: bytes) -> int:
        """Read a body through, in constant memory, and return its size.

        Raises:
            BodyMissingError: it is not in the store.
            BodyCorruptError: the bytes are not those that were stored.
        """
        return sum(len(piece) for piece in self.stream(digest))

    def has(self, digest: bytes) -> bool:
        """Say whether a body is in the store; its bytes are not checked."""
        return self.path_of(digest).exists()

    def size_of(self, digest: bytes) -> int:
        """Return how many bytes a body has on the disk.

        Raises:
            BodyMissingError: it is not in the store.
        """
        try:
            return self.path_of(digest).stat().st_size
        except FileNotFoundError as error:
            raise BodyMissingError(digest=digest.hex()) from error

    def written_s(self, digest: bytes) -> float:
        """Return when a body was last put, in POSIX seconds.

        Raises:
            BodyMissingError: it is not in the store.
        """
        try:
            return self.path_of(digest).stat().st_mtime
        except FileNotFoundError as error:
            raise BodyMissingError(digest=digest.hex()) from error

    def remove(self, digest: bytes) -> None:
        """Remove a body; one that is not there is no news.

        Raises:
            BodyStoreFullError: the disk does not do it.
        """
        with _disk_errors():
            self.path_of(digest).unlink(missing_ok=True)

    @contextmanager
    def as_file(self, digest: bytes) -> Iterator[Path]:
        """Yield the file of a body.

        Raises:
            BodyMissingError: it is not in the store.
        """
        path = self.path_of(digest)
        if not path.exists():
            raise BodyMissingError(digest=digest.hex())
        yield path

    def adopt(self, file: Path, digest: bytes) -> None:
        """Give a synced file of this disk the name of its digest; durable on return."""
        with _disk_errors():
            target = self.path_of(digest)
            folder = target.parent
            is_new = folder not in self._folders
            if is_new:
                folder.mkdir(parents=True, exist_ok=True)
            file.replace(target)
            # Only now does a crash keep the name: nothing was promised before. This folder comes
            # first: what made it goes to the disk with it, and little is left for the others.
            _sync_folder(folder)
            if is_new:
                # Another process may have made it a moment ago without having synced it yet.
                _sync_folder(folder.parent)
                if folder.parent not in self._folders:
                    _sync_folder(self.root)
                    self._folders.add(folder.parent)
                self._folders.add(folder)

    @contextmanager
    def _opened(self, digest: bytes) -> Iterator[IO[bytes]]:
        try:
            file = self.path_of(digest).open("rb", buffering=0)
        except FileNotFoundError as error:
            raise BodyMissingError(digest=digest.hex()) from error
        except OSError as error:
            raise BodyStoreFullError(reason=error.strerror or str(error)) from error
        with file:
            yield file

    def path_of(self, digest: bytes) -> Path:
        """Return where a body stands, or would stand."""
        name = digest.hex()
        return self.root / name[:2] / name[2:4] / name


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BodyStoreFullError(reason=error.strerror or str(error)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
