"""Exports rows part by part: constant memory, goes on after an interruption, signed, recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import msgspec
import sqlalchemy as sa

from axis.audit.errors import ExportDamagedError, ExportOtherError
from axis.audit.formats import WRITERS
from axis.audit.rows import Choice, Row, make_row
from axis.ledger.canonical import encode_canonical
from axis.ledger.entry import Entry, LoggedEntry, Sealer
from axis.ledger.events import Event
from axis.ledger.note import Note, NoteSigner, VerifierKey, parse_note, verify_note
from axis.ledger.tilefolder import write_durably
from axis.store.audit import Context, contexts_of
from axis.store.engine import transaction
from axis.store.ledger import append, entries_in_bulk

_CHUNK: Final = 2_000
_MANIFEST: Final = "manifest.json"
_NOTE: Final = "manifest.note"
_PROGRESS: Final = ".progress.json"


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


class _Progress(msgspec.Struct, frozen=True):
    identity: str
    files: list[PartFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported."""

    log: int
    size: int  #: of the checkpoint that the export is made from
    root: bytes
    choice: Choice
    format: str  #: a key of ``WRITERS``
    part_rows: int = 500_000


def export_rows(
    engine: sa.Engine,
    order: Order,
    folder: Path,
    signer: NoteSigner,
    *,
    sealer: Sealer,
    by: str,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, size: None,
) -> Manifest:
    """Write the rows that are wanted into ``folder``, and record in the ledger that it was done.

    Args:
        engine: the records.
        order: what is to be exported.
        folder: an empty folder, or one with the beginning of this very export.
        signer: signs the manifest; its name is the log's origin with ``/export``.
        sealer: for the entry that records the export.
        by: who asked for it.
        now: when.
        progress: is told how many entries were looked at, of how many.

    Raises:
        ExportOtherError: the folder holds another export.
        EntryMalformedError: a record was changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # 1. Is it the beginning of this export? Parts that are whole are not written again.
    choice = _describe(order.choice)
    identity = hashlib.sha256(
        encode_canonical(
            [order.log, order.size, order.root.hex(), choice, order.format, order.part_rows]
        )
    ).hexdigest()
    files = _resume(folder, identity)
    # 2. Part by part; after a crash the last, half part is written anew.
    start = files[-1].until if files else 0
    source = _wanted(engine, order, start, progress)
    while start < order.size:
        name = f"part-{len(files):05}.{order.format}"
        looked = _Looked(islice(source, order.part_rows))
        WRITERS[order.format](folder / f".{name}", looked)
        if looked.count or not files:
            until = looked.last + 1 if looked.count == order.part_rows else order.size
            (folder / f".{name}").replace(folder / name)
            digest = _digest(folder / name)
            files.append(PartFile(name=name, rows=looked.count, sha256=digest, until=until))
            write_durably(
                folder / _PROGRESS, msgspec.json.encode(_Progress(identity=identity, files=files))
            )
            start = until
        else:
            (folder / f".{name}").unlink()
            start = order.size
    # 3. The manifest, signed.
    manifest = Manifest(
        kind="axis-export/v1",
        origin=signer.verifier.name.removesuffix("/export"),
        size=order.size,
        root=order.root.hex(),
        choice=choice,
        format=order.format,
        rows=sum(file.rows for file in files),
        files=files,
    )
    content = encode_canonical(manifest)
    write_durably(folder / _MANIFEST, content)
    text = f"axis-export/v1\n{hashlib.sha256(content).hexdigest()}\n"
    write_durably(folder / _NOTE, str(Note(text=text, signatures=(signer.sign(text),))).encode())
    (folder / _PROGRESS).unlink(missing_ok=True)
    # 4. Record it. The same export done again is the same entry.
    with transaction(engine) as connection:
        append(
            connection,
            [
                sealer.seal(
                    Entry(
                        event=Event.LEDGER_EXPORT,
                        at=now,
                        package_id=uuid5(NAMESPACE_URL, f"{text}{by}"),
                        system=by[:64],
                        facts={
                            "manifest": hashlib.sha256(content).hexdigest(),
                            "rows": manifest.rows,
                        },
                    )
                )
            ],
        )
    return manifest


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
    if note.text != f"axis-export/v1\n{hashlib.sha256(content).hexdigest()}\n":
        raise ExportDamagedError(path=str(folder / _MANIFEST))
    manifest = msgspec.json.decode(content, type=Manifest)
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file() or _digest(path) != file.sha256:
            raise ExportDamagedError(path=str(path))
    return manifest


class _Looked:
    """Rows on their way to a file, counted."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.count = 0
        self.last = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            self.last = int(row["index"] or 0)
            yield row


def _wanted(
    engine: sa.Engine, order: Order, start: int, progress: Callable[[int, int], None]
) -> Iterator[Row]:
    for low in range(start, order.size, _CHUNK):
        stop = min(low + _CHUNK, order.size)
        with transaction(engine) as connection:
            entries = entries_in_bulk(connection, order.log, low, stop)
            contexts = contexts_of(connection, {entry.package_id for entry in entries})
        for entry in entries:
            row = make_row(entry, _context(contexts, entry))
            if order.choice.wants(row):
                yield row
        progress(stop, order.size)


def _context(contexts: dict[object, Context], entry: LoggedEntry) -> Context:
    found = contexts.get(entry.delivery_id) or contexts.get(entry.package_id)
    return found or Context()


def _resume(folder: Path, identity: str) -> list[PartFile]:
    path = folder / _PROGRESS
    if not path.exists():
        if any(folder.glob("part-*")):
            raise ExportOtherError(folder=str(folder))
        return []
    progress = msgspec.json.decode(path.read_bytes(), type=_Progress)
    if progress.identity != identity:
        raise ExportOtherError(folder=str(folder))
    return progress.files


def _describe(choice: Choice) -> dict[str, str]:
    found = {
        "offices": ",".join(sorted(choice.offices)),
        "branch": str(choice.branch or ""),
        "begin": str(choice.begin or ""),
        "end": str(choice.end or ""),
        "document": choice.document or "",
        "event": choice.event or "",
        "state": choice.state or "",
    }
    return {name: value for name, value in found.items() if value}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
