"""What a client keeps between two runs: the last checkpoint of each log, and uploads under way."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Protocol


class Memory(Protocol):
    """Where it is kept; a value that was kept survives a crash, or the one before it does."""

    def checkpoint(self, origin: str) -> str | None:
        """Return the last signed checkpoint of a log that was believed."""

    def keep_checkpoint(self, origin: str, note: str) -> None:
        """Keep it; durable on return."""

    def upload(self, sha256: str) -> str | None:
        """Return the path of an upload that was begun."""

    def keep_upload(self, sha256: str, path: str | None) -> None:
        """Keep it, or forget it."""


class BriefMemory:
    """Keeps nothing beyond this process."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def checkpoint(self, origin: str) -> str | None:
        """Return the last signed checkpoint of a log that was believed."""
        return self._kept.get(f"log {origin}")

    def keep_checkpoint(self, origin: str, note: str) -> None:
        """Keep it."""
        self._kept[f"log {origin}"] = note

    def upload(self, sha256: str) -> str | None:
        """Return the path of an upload that was begun."""
        return self._kept.get(f"upload {sha256}")

    def keep_upload(self, sha256: str, path: str | None) -> None:
        """Keep it, or forget it."""
        if path is None:
            self._kept.pop(f"upload {sha256}", None)
        else:
            self._kept[f"upload {sha256}"] = path


class FolderMemory:
    """Keeps a small file for each; a file is whole or the one before it is."""

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def checkpoint(self, origin: str) -> str | None:
        """Return the last signed checkpoint of a log that was believed."""
        return self._read(origin, "checkpoint")

    def keep_checkpoint(self, origin: str, note: str) -> None:
        """Keep it; durable on return."""
        self._write(origin, "checkpoint", note)

    def upload(self, sha256: str) -> str | None:
        """Return the path of an upload that was begun."""
        return self._read(sha256, "upload")

    def keep_upload(self, sha256: str, path: str | None) -> None:
        """Keep it, or forget it."""
        if path is None:
            self._path(sha256, "upload").unlink(missing_ok=True)
        else:
            self._write(sha256, "upload", path)

    def _path(self, name: str, kind: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.{kind}"

    def _read(self, name: str, kind: str) -> str | None:
        try:
            return self._path(name, kind).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _write(self, name: str, kind: str, text: str) -> None:
        path = self._path(name, kind)
        part = path.with_suffix(f".{kind}.part")
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
