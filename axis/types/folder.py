"""Reads the files of a type from the disk; nothing else of this room touches it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a type folder by their names below it."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if not path.name.startswith((".", "__"))
    }


def folder_of(*parts: str) -> Path:
    """Return a folder of the types that come with the program."""
    return Path(str(files("xsd").joinpath(*parts)))
