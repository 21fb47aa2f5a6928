"""What an export says it holds: counts and digests in a manifest, and a signed note over that."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from axis.audit.errors import ExportDamagedError
from axis.ledger.canonical import encode_canonical
from axis.ledger.note import Note, NoteSigner, VerifierKey, parse_note, verify_note
from axis.ledger.tilefolder import write_durably
from axis.structs import ready

KIND: Final = "axis-export/v1"
_MANIFEST: Final = "manifest.json"
_NOTE: Final = "manifest.note"


class PartFile(msgspec.Struct, frozen=True):
    """One file of an export."""

    name: str
    rows: int
    sha256: str
    until: int  #: index of the log after the last entry that was looked at


class Manifest(msgspec.Struct, frozen=True):
    """What an export holds."""

    kind: str
    origin: str
    size: int  #: entries of the log that were looked at
    root: str  #: of the checkpoint with that size
    choice: dict[str, str]
    format: str
    rows: int
    files: list[PartFile]


def sign_manifest(folder: Path, manifest: Manifest, signer: NoteSigner) -> bytes:
    """Write a manifest and the note over it, and return the manifest's SHA-256 (32 bytes)."""
    content = encode_canonical(manifest)
    write_durably(folder / _MANIFEST, content)
    digest = hashlib.sha256(content).digest()
    text = _said(digest)
    write_durably(folder / _NOTE, str(Note(text=text, signatures=(signer.sign(text),))).encode())
    return digest


def verify_export(folder: Path, key: VerifierKey) -> Manifest:
    """Check an export's manifest and every file in it.

    Raises:
        NoteSignatureError, NoteMalformedError: the manifest is not signed by ``key``.
        ExportDamagedError: a file is not the one that was written, or is missing.
    """
    try:
        content = (folder / _MANIFEST).read_bytes()
        note = parse_note((folder / _NOTE).read_bytes())
    except OSError as error:
        raise ExportDamagedError(path=str(error.filename)) from error
    verify_note(note, [key])
    if note.text != _said(hashlib.sha256(content).digest()):
        raise ExportDamagedError(path=str(folder / _MANIFEST))
    manifest = msgspec.json.decode(content, type=ready(Manifest))
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file() or digest_of(path) != file.sha256:
            raise ExportDamagedError(path=str(path))
    return manifest


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said(digest: bytes) -> str:
    return f"{KIND}\n{digest.hex()}\n"
