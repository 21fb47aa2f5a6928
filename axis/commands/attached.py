"""Files on the command line that are attachments of a package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import click


def named_files(given: Iterable[str], names: Mapping[str, str | None]) -> dict[str, Path]:
    """Return the files by ContentId: ``ID=FILE``, or a file that is called as the manifest says.

    Args:
        given: what was written on the command line.
        names: the attachments of the package by ContentId.

    Raises:
        click.UsageError: a file is not there, or it is not clear which attachment it is.
    """
    found: dict[str, Path] = {}
    for text in given:
        content_id, sign, rest = text.partition("=")
        path = Path(text)
        if sign and content_id.removeprefix("cid:") in names:
            content_id, path = content_id.removeprefix("cid:"), Path(rest)
        else:
            alike = [one for one, name in names.items() if name == path.name]
            if len(alike) != 1:
                known = ", ".join(f"{one}={name or '?'}" for one, name in names.items()) or "none"
                raise click.UsageError(
                    f"{text}: write ID=FILE; the manifest names these attachments: {known}"
                )
            content_id = alike[0]
        if not path.is_file():
            raise click.UsageError(f"{path}: no such file")
        found[content_id] = path
    return found


def digest_of_file(path: Path, kind: str = "sha256") -> bytes:
    """Return a digest of a file, read as a stream."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, kind).digest()
