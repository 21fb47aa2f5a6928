"""The folders of an agent, and writing that survives a power cut: whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_OPENABLE = hasattr(os, "O_DIRECTORY")  #: a folder can be synced; on Windows it need not


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are; ``state`` is the agent's own."""

    home: Path

    @property
    def outbox(self) -> Path:
        """What is to be sent."""
        return self.home / "outbox"

    @property
    def sent(self) -> Path:
        """What was accepted, with receipts."""
        return self.home / "sent"

    @property
    def rejected(self) -> Path:
        """What was refused, with the reason."""
        return self.home / "rejected"

    @property
    def inbox(self) -> Path:
        """What came."""
        return self.home / "inbox"

    @property
    def suspect(self) -> Path:
        """What came and is not to be believed."""
        return self.home / "suspect"

    @property
    def state(self) -> Path:
        """The spool and what belongs to it."""
        return self.home / ".agent"

    @property
    def bytes(self) -> Path:
        """Packages and parts by SHA-256, while they are needed."""
        return self.state / "bytes"

    @property
    def making(self) -> Path:
        """Folders that are being made; what is here after a crash is thrown away."""
        return self.state / "making"

    def prepare(self) -> None:
        """Make what is missing; only the owner sees into the agent's own."""
        for each in (self.outbox, self.sent, self.rejected, self.inbox, self.suspect):
            each.mkdir(parents=True, exist_ok=True)
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.bytes.mkdir(exist_ok=True)
        shutil.rmtree(self.making, ignore_errors=True)
        self.making.mkdir(exist_ok=True)


def keep(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole after a power cut, or as it was before."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def lay(folder: Path, files: Mapping[str, bytes | Path], *, making: Path) -> None:
    """Make a folder with these files appear at once; one that is there already stays as it is.

    Args:
        folder: the folder to appear.
        files: content by name; a path is copied.
        making: where it is made, on the same disk.
    """
    if folder.exists():
        return
    made = making / folder.name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for name, content in files.items():
        with (made / name).open("wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
    sync_folder(made)
    made.rename(folder)
    sync_folder(folder.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder that may be gone already."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            path.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    if not _OPENABLE:
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_name(folder: Path, name: str) -> str:
    """Return the name, or with a number where it is taken."""
    number, found = 1, name
    while (folder / found).exists():
        number += 1
        found = f"{name} ({number})"
    return found
