"""Many message types for a measurement: the shipped ones under other names, all active."""

from __future__ import annotations

from collections.abc import Mapping

from axis.types.book import Book, Entry, State
from axis.types.check import read_payload
from axis.types.compose import frame_around
from axis.types.folder import files_of, folder_of
from axis.types.reader import MessageType


def book_of(types: int, versions: int) -> Book:
    """Return a book with so many types and versions beside the dossier."""
    entries = {("dossier", "1"): Entry(State.ACTIVE, _dossier())}
    for number in range(types):
        for version in range(1, versions + 1):
            name = f"t{number}"
            entries[name, str(version)] = Entry(State.ACTIVE, _renamed(name, str(version)))
    return Book(entries)


def dossier_package() -> bytes:
    """Return a framed dossier that nobody has signed yet; it reads."""
    files = _dossier()
    payload = files["examples/submission.xml"]
    read_payload(MessageType(files), payload)
    return frame_around(payload, "dossier", "1")


def _renamed(name: str, version: str) -> Mapping[str, bytes]:
    old, new = b"urn:axis:type:dossier:1", f"urn:axis:type:{name}:{version}".encode()
    files = {file: data.replace(old, new) for file, data in _dossier().items()}
    rules = files["type.toml"].replace(b'type = "dossier"', f'type = "{name}"'.encode())
    files["type.toml"] = rules.replace(b'version = "1"', f'version = "{version}"'.encode())
    return files


def _dossier() -> dict[str, bytes]:
    return files_of(folder_of("dossier", "1"))
