"""Files that grow until they become bodies: uploads that survive a restart.

What was answered to the sender is synced. The size of the file is how far the upload has come;
after a crash the sender asks for it and goes on there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from uuid import UUID

from axis.bodies.errors import BodyStoreFullError, UploadBusyError, UploadGoneError
from axis.bodies.store import PIECE, StoredBody

if TYPE_CHECKING:
    from axis.bodies.disk import DiskBodies

UPLOADS: Final = "uploads"


class DiskUploads:
    """Uploads beside the bodies, on the same disk."""

    def __init__(self, bodies: DiskBodies) -> None:
        self._bodies = bodies
        self._folder = bodies.root / UPLOADS

    def create(self, upload_id: UUID) -> None:
        """Make room for an upload; durable on return.

        Raises:
            BodyStoreFullError: the disk does not take it.
        """
        with _disk_errors():
            self._folder.mkdir(exist_ok=True)
            self._path(upload_id).touch(exist_ok=False)
            _sync(self._folder)

    def size(self, upload_id: UUID) -> int:
        """Return how many bytes have come.

        Raises:
            UploadGoneError: its file is not there.
        """
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError as error:
            raise UploadGoneError(upload_id=str(upload_id)) from error

    @contextmanager
    def opened(self, upload_id: UUID) -> Iterator[IO[bytes]]:
        """Open an upload to append to, for this caller alone; synced at the end.

        Also where the caller gives up in the middle: what came until then counts.

        Raises:
            UploadBusyError: another call appends to it or completes it.
            UploadGoneError: its file is not there.
            BodyStoreFullError: the disk does not take it.
        """
        with self._locked(upload_id, "r+b") as file:
            file.seek(0, os.SEEK_END)
            try:
                yield file
            finally:
                with _disk_errors():
                    file.flush()
                    os.fsync(file.fileno())

    @contextmanager
    def finished(
        self, upload_id: UUID, *, also: Collection[str] = ()
    ) -> Iterator[tuple[StoredBody, Mapping[str, bytes]]]:
        """Yield what an upload's bytes are, read from the disk; at the end they are a body.

        Where the caller raises, the upload stays as it is.

        Args:
            upload_id: which.
            also: further digests to take, by their names for :mod:`hashlib`.

        Raises:
            UploadBusyError: another call appends to it or completes it.
            UploadGoneError: its file is not there.
            BodyStoreFullError: the disk does not take it.
        """
        with self._locked(upload_id, "r+b") as file:
            hashers = {name: hashlib.new(name) for name in {"sha256", *also}}
            size = 0
            with _disk_errors():
                while piece := file.read(PIECE):
                    size += len(piece)
                    for hasher in hashers.values():
                        hasher.update(piece)
                os.fsync(file.fileno())
            digests = {name: hasher.digest() for name, hasher in hashers.items()}
            yield StoredBody(digest=digests["sha256"], size_bytes=size), digests
            self._bodies.adopt(self._path(upload_id), digests["sha256"])

    def remove(self, upload_id: UUID) -> None:
        """Throw an upload away; one that is not there is no news."""
        with _disk_errors(), suppress(FileNotFoundError):
            self._path(upload_id).unlink()

    def _path(self, upload_id: UUID) -> Path:
        return self._folder / str(upload_id)

    @contextmanager
    def _locked(self, upload_id: UUID, mode: str) -> Iterator[IO[bytes]]:
        try:
            file = self._path(upload_id).open(mode, buffering=0)
        except FileNotFoundError as error:
            raise UploadGoneError(upload_id=str(upload_id)) from error
        except OSError as error:
            raise BodyStoreFullError(reason=error.strerror or str(error)) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadBusyError(upload_id=str(upload_id)) from error
            yield file


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BodyStoreFullError(reason=error.strerror or str(error)) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
