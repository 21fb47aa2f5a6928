"""Verifies a whole log: every row, every hash, every tile and checkpoint, up to the signed root.

The rows are read in parts by several processes. Each part's result can be kept in a file, so that
an interrupted run goes on where it was; a part that was kept is believed only for the same tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from axis.bodies import open_bodies
from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, verify_checkpoint
from axis.ledger.errors import CheckpointAbsentError
from axis.ledger.examine import Finding, Wrong, examine_rows
from axis.ledger.locate import TrustedTiles, locate, root_of_parts
from axis.ledger.note import VerifierKey
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import WIDTH
from axis.notary.bodycheck import wrong_bodies
from axis.settings import Settings
from axis.store.checkpoints import SignedCheckpoint, checkpoints_of
from axis.store.engine import open_engine, transaction
from axis.store.ledger import plain_rows
from axis.structs import ready

#: What makes the tree of the rows another one than was signed for.
_ROWS: Final = (Wrong.LEAF, Wrong.MISSING, Wrong.UNSIGNED)

PART: Final = 64 * WIDTH  #: entries that one process checks at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What the processes need to know."""

    url: str
    folder: str
    log: int
    size: int
    root: bytes
    bodies: Settings | None  #: whose store has the bytes, if these are compared too


class Part(msgspec.Struct, frozen=True):
    """The result of one part."""

    start: int
    findings: list[Finding]  #: what the rows say by themselves
    located: list[Finding]  #: what is wrong if the rows do not give the signed root
    shown: list[Finding]  #: what is wrong if they do: tiles
    tile_roots: list[bytes | None]  #: of its full tiles; None where a row is missing
    rest: list[bytes | None]  #: leaf hashes after the last full tile
    inner: dict[int, list[bytes]]  #: for the size of each checkpoint in it: hashes since its tile


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What became of verifying a log."""

    checkpoint: Checkpoint
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    root: bytes | None = None  #: as the rows give it; None where rows are missing

    @property
    def is_good(self) -> bool:
        """Whether every row is what was signed for, and all that is shown is true."""
        return not self.findings and self.root == self.checkpoint.root


def verify_log(
    url: str,
    *,
    log: int,
    folder: TileFolder,
    key: VerifierKey,
    processes: int,
    bodies: Settings | None = None,
    resume: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, size: None,
) -> Verdict:
    """Verify everything that the newest recorded or shown checkpoint covers.

    With ``bodies``, the bytes of every accepted package are read and hashed as well, from the store
    that these settings name.

    Raises:
        CheckpointAbsentError: nothing was ever signed for this log.
        NoteSignatureError: the newest checkpoint is not signed by ``key``.
        DatabaseUnavailableError: the database cannot be reached.
    """
    # 1. What was signed? Whichever is larger, the recorded or the shown checkpoint.
    engine = open_engine(url)
    with transaction(engine) as connection:
        recorded = checkpoints_of(connection, log)
    engine.dispose()
    notes = [checkpoint.note for checkpoint in recorded[-1:]]
    shown = folder.read_checkpoint()
    notes += [shown] if shown is not None else []
    if not notes:
        raise CheckpointAbsentError(log=log)
    signed = [verify_checkpoint(note, key).checkpoint for note in notes]
    newest = max(signed, key=lambda checkpoint: checkpoint.size)
    verdict = Verdict(checkpoint=newest, entries=newest.size)
    # 2. Check the rows, part by part.
    task = Task(
        url=url,
        folder=str(folder.path),
        log=log,
        size=newest.size,
        root=newest.root,
        bodies=bodies,
    )
    sizes = sorted({checkpoint.size for checkpoint in recorded if checkpoint.size <= newest.size})
    parts: dict[int, Part] = {}
    for part in _parts(task, sizes, processes, resume):
        parts[part.start] = part
        progress(min(len(parts) * PART, newest.size), newest.size)
    ordered = [parts[start] for start in sorted(parts)]
    # 3. Do the rows give the root that was signed?
    tile_roots = [root for part in ordered for root in part.tile_roots]
    rest = ordered[-1].rest if ordered else []
    whole = [root for root in tile_roots if root is not None]
    ends = [digest for digest in rest if digest is not None]
    if len(whole) == len(tile_roots) and len(ends) == len(rest):
        verdict.root = root_of_parts(whole, ends, newest.size)
    for part in ordered:
        verdict.findings += part.findings
        verdict.findings += part.shown if verdict.root == newest.root else part.located
    if verdict.root != newest.root and not any(
        finding.wrong in _ROWS for finding in verdict.findings
    ):
        verdict.findings.append(Finding(0, Wrong.UNSIGNED, newest.size))
    # 4. Is every checkpoint that was recorded true to the rows before the first wrong one?
    wrong = [f.at for f in verdict.findings if f.wrong in _ROWS]
    right = min(wrong, default=newest.size)
    inner = {size: hashes for part in ordered for size, hashes in part.inner.items()}
    verdict.findings += _wrong_checkpoints(recorded, key, right, tile_roots, inner)
    verdict.findings = sorted(set(verdict.findings), key=_order)
    return verdict


def check_part(
    engine: sa.Engine, trusted: TrustedTiles, task: Task, start: int, sizes: Sequence[int]
) -> Part:
    """Check the rows of one part by themselves and against the tiles."""
    stop = min(start + PART, task.size)
    with transaction(engine) as connection:
        rows = plain_rows(connection, task.log, start, stop)
        findings, hashes = examine_rows(rows, start, stop)
        if task.bodies is not None:
            findings += wrong_bodies(connection, open_bodies(task.bodies), rows)
    tiles = locate(trusted, TileFolder(Path(task.folder)).read, start, hashes)
    inner = {}
    for size in sizes:
        since = hashes[(size - start) // WIDTH * WIDTH : size - start]
        whole = [digest for digest in since if digest is not None]
        if len(whole) == len(since):
            inner[size] = whole
    return Part(
        start=start,
        findings=findings,
        located=tiles.located,
        shown=tiles.shown,
        tile_roots=tiles.roots,
        rest=hashes[len(tiles.roots) * WIDTH :],
        inner=inner,
    )


def _parts(task: Task, sizes: Sequence[int], processes: int, resume: Path | None) -> Iterator[Part]:
    identity = hashlib.sha256(_identity(task).encode()).hexdigest()
    kept = dict(_kept(resume, identity)) if resume else {}
    yield from kept.values()
    starts = [start for start in range(0, task.size, PART) if start not in kept]
    if processes == 1:
        engine, trusted = _tools(task)
        for start in starts:
            part = check_part(engine, trusted, task, start, _inside(sizes, start))
            if resume is not None:
                _keep(resume, identity, part)
            yield part
        engine.dispose()
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=processes, mp_context=context) as pool:
        running: set[Future[Part]] = set()
        waiting = iter(starts)
        while True:
            for start in waiting:
                running.add(pool.submit(_check_part_here, task, start, _inside(sizes, start)))
                if len(running) >= processes * 3:
                    break
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                part = future.result()
                if resume is not None:
                    _keep(resume, identity, part)
                yield part


def _identity(task: Task) -> str:
    return repr((task.log, task.size, task.root, task.bodies is not None, PART))


def _wrong_checkpoints(
    recorded: Sequence[SignedCheckpoint],
    key: VerifierKey,
    right: int,
    tile_roots: Sequence[bytes | None],
    inner: dict[int, list[bytes]],
) -> Iterator[Finding]:
    for checkpoint in recorded:
        try:
            signed = verify_checkpoint(checkpoint.note, key).checkpoint
            full = tile_roots[: checkpoint.size // WIDTH]
            whole = [root for root in full if root is not None]
            if (signed.size, signed.root) != (checkpoint.size, checkpoint.root):
                yield Finding(checkpoint.size, Wrong.CHECKPOINT)
            elif checkpoint.size <= right and checkpoint.size in inner:
                rest = inner[checkpoint.size] if checkpoint.size % WIDTH else []
                if root_of_parts(whole, rest, checkpoint.size) != signed.root:
                    yield Finding(checkpoint.size, Wrong.CHECKPOINT)
        except AxisError:
            yield Finding(checkpoint.size, Wrong.CHECKPOINT)


def _order(finding: Finding) -> tuple[int, str, int]:
    return finding.at, finding.wrong, finding.until or 0


def _inside(sizes: Sequence[int], start: int) -> list[int]:
    return [size for size in sizes if start < size <= start + PART]


def _tools(task: Task) -> tuple[sa.Engine, TrustedTiles]:
    trusted = TrustedTiles(TileFolder(Path(task.folder)).read, task.size, task.root)
    return open_engine(task.url), trusted


#: What a process of the pool opens once; it ends with its one verification.
_tools_here = lru_cache(maxsize=1)(_tools)


def _check_part_here(task: Task, start: int, sizes: Sequence[int]) -> Part:
    engine, trusted = _tools_here(task)
    return check_part(engine, trusted, task, start, sizes)


def _keep(path: Path, identity: str, part: Part) -> None:
    line = msgspec.json.encode((identity, part))
    with path.open("ab") as file:
        file.write(line + b"\n")


def _kept(path: Path, identity: str) -> Iterator[tuple[int, Part]]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            whose, part = msgspec.json.decode(line, type=ready(tuple[str, Part]))
        except msgspec.DecodeError:
            continue  # the last line of a run that was killed
        if whose == identity:
            yield part.start, part
