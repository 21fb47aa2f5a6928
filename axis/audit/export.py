"""Exports rows part by part: constant memory, goes on after an interruption, signed, recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from axis.audit.access import Auditor, record
from axis.audit.errors import ExportOtherError
from axis.audit.formats import WRITERS
from axis.audit.manifest import KIND, Manifest, PartFile, digest_of, sign_manifest
from axis.audit.rows import Choice, Row, make_row
from axis.ledger.canonical import encode_canonical
from axis.ledger.entry import LoggedEntry, Sealer
from axis.ledger.note import NoteSigner
from axis.ledger.tilefolder import write_durably
from axis.store.audit import Context, contexts_of
from axis.store.engine import transaction
from axis.store.ledger import entries_in_bulk
from axis.structs import ready

_CHUNK: Final = 2_000
_PROGRESS: Final = ".progress.json"


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

    @property
    def identity(self) -> str:
        """What makes an interrupted export this one and no other, in hex digits."""
        choice = _describe(self.choice)
        said = [self.log, self.size, self.root.hex(), choice, self.format, self.part_rows]
        return hashlib.sha256(encode_canonical(said)).hexdigest()


def export_rows(
    engine: sa.Engine,
    order: Order,
    folder: Path,
    signer: NoteSigner,
    *,
    sealer: Sealer,
    auditor: Auditor,
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
        auditor: who asked for it, and why.
        now: when.
        progress: is told how many entries were looked at, of how many.

    Raises:
        ExportOtherError: the folder holds another export.
        EntryMalformedError: a record was changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # 1. Is it the beginning of this export? Parts that are whole are not written again.
    files = _resume(folder, order)
    # 2. Part by part; after a crash the last, half part is written anew.
    _write_parts(engine, order, folder, files, progress)
    # 3. The manifest, signed.
    manifest = Manifest(
        kind=KIND,
        origin=signer.verifier.name.removesuffix("/export"),
        size=order.size,
        root=order.root.hex(),
        choice=_describe(order.choice),
        format=order.format,
        rows=sum(file.rows for file in files),
        files=files,
    )
    digest = sign_manifest(folder, manifest, signer)
    # 4. Record it. The same export done again is the same entry.
    with transaction(engine) as connection:
        facts = {"rows": manifest.rows}
        record(connection, sealer, auditor, digest=digest, facts=facts, now=now)
    # Only now: an export whose record failed is done again, and its parts are still known.
    (folder / _PROGRESS).unlink(missing_ok=True)
    return manifest


def _write_parts(
    engine: sa.Engine,
    order: Order,
    folder: Path,
    files: list[PartFile],
    progress: Callable[[int, int], None],
) -> None:
    """Write the parts after ``files``, and add each to them once it is whole."""
    start = files[-1].until if files else 0
    source = _wanted(engine, order, start, progress)
    while start < order.size:
        name = f"part-{len(files):05}.{order.format}"
        looked = _Looked(islice(source, order.part_rows))
        WRITERS[order.format](folder / f".{name}", looked)
        if not looked.count and files:
            (folder / f".{name}").unlink()
            return
        start = looked.last + 1 if looked.count == order.part_rows else order.size
        (folder / f".{name}").replace(folder / name)
        digest = digest_of(folder / name)
        files.append(PartFile(name=name, rows=looked.count, sha256=digest, until=start))
        state = _Progress(identity=order.identity, files=files)
        write_durably(folder / _PROGRESS, msgspec.json.encode(state))


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


def _resume(folder: Path, order: Order) -> list[PartFile]:
    path = folder / _PROGRESS
    if not path.exists():
        if any(folder.glob("part-*")):
            raise ExportOtherError(folder=str(folder))
        return []
    progress = msgspec.json.decode(path.read_bytes(), type=ready(_Progress))
    if progress.identity != order.identity:
        raise ExportOtherError(folder=str(folder))
    return progress.files


def _describe(choice: Choice) -> dict[str, str]:
    found = {
        "offices": ",".join(sorted(choice.offices)),
        "branch": str(choice.branch or ""),
        "begin": str(choice.begin or ""),
        "end": str(choice.end or ""),
        "document": choice.document or "",
        "kind": choice.kind or "",
        "event": choice.event or "",
        "state": choice.state or "",
    }
    return {name: value for name, value in found.items() if value}
