"""Measures the ledger: appending, sequencing and signing; proofs from tiles; whole verification.

Workers seal and append distinct entries in transactions of their own while the notary gives
places, builds tiles, signs and shows. Proofs are made from the tiles of a large log alone, each
with nothing kept from the one before. Sizes are those of real trees whose leaves are all alike.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing.synchronize import Event as EventType
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from axis.bench.watch import Watch
from axis.ledger.checkpoint import Checkpoint
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import (
    inclusion_proof,
    leaf_hash,
    levels_of,
    node_hash,
    root_hash,
    verify_inclusion,
)
from axis.ledger.note import Note, NoteSigner
from axis.ledger.proof import Proof
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import WIDTH, Tile, TileNodes
from axis.notary.office import Office, folder_of, signer_of
from axis.notary.verification import verify_log
from axis.settings import DatabaseSettings, Settings
from axis.store.checkpoints import checkpoints_of
from axis.store.engine import open_engine, transaction
from axis.store.ledger import append, head_size
from axis.store.tables import METADATA

_BATCH: Final = 1000  #: entries in a worker's transaction: 250 packages with 4 entries each
_PROOFS: Final = 1000
_SIZES: Final = tuple(10**power for power in range(3, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBench:
    """What to measure."""

    entries: int
    workers: int
    proof_log: int  #: entries of the log that proofs are made from
    processes: int  #: of the verification


def run(bench: LedgerBench, pg: str, home: Path) -> dict[str, Any]:
    """Measure once, on an empty database, and return the figures."""
    settings = Settings(home=str(home), database=DatabaseSettings(url=pg))
    make_notary_key(settings.path(settings.notary.key))
    with Watch({"bench": os.getpid()}) as watch:
        figures = _measure_growth(bench, settings, watch)
        figures |= watch.figures(units=figures["entries"])
        figures |= _measure_verification(bench, settings)
        figures |= measure_proofs(bench.proof_log, home / "large")
        figures["series"] = watch.series()
    wrong = [] if figures["verify_good"] else ["the log did not verify"]
    lost = bench.entries // bench.workers * bench.workers - figures["verified"]
    if lost:
        wrong.append(f"lost: {lost}")
    return figures | {"sizes": sizes(), "lost": lost, "wrong": wrong}


def sizes() -> list[dict[str, int]]:
    """Return bytes of checkpoint and proof for logs of 10³ to 10⁸ entries, each verified."""
    key = NoteSigner("axis.example/ledger/2026", _fixed_key())
    leaf = leaf_hash(b"")
    nodes_of_level = [leaf]
    while len(nodes_of_level) < 40:
        nodes_of_level.append(node_hash(nodes_of_level[-1], nodes_of_level[-1]))

    def nodes(level: int, _index: int) -> bytes:
        return nodes_of_level[level]

    rows = []
    for size in _SIZES:
        root = root_hash(nodes, size)
        path = inclusion_proof(nodes, 0, size)
        verify_inclusion(leaf, 0, size, path, root)
        text = str(Checkpoint(origin=key.verifier.name, size=size, root=root))
        note = str(Note(text=text, signatures=(key.sign(text),)))
        proof = Proof(index=0, path=tuple(path), checkpoint=note)
        rows.append(
            {
                "entries": size,
                "checkpoint_bytes": len(note.encode()),
                "proof_hashes": len(path),
                "proof_bytes": len(str(proof).encode()),
            }
        )
    return rows


def measure_proofs(size: int, home: Path) -> dict[str, Any]:
    """Build the tiles of a log of ``size`` entries and make proofs from them alone."""
    folder = TileFolder(home)
    began = time.perf_counter()
    root = _build_tiles(folder, size)
    built_s = time.perf_counter() - began
    chosen = random.Random(1)  # noqa: S311  which entries are proved is no secret
    spans = []
    for _ in range(_PROOFS):
        index = chosen.randrange(size)
        began = time.perf_counter()
        path = inclusion_proof(TileNodes(folder.read, size), index, size)
        spans.append((time.perf_counter() - began) * 1000)
        verify_inclusion(leaf_hash(index.to_bytes(8)), index, size, path, root)
    spans.sort()
    return {
        "proof_log_entries": size,
        "proof_log_built_s": round(built_s, 1),
        "proof_median_ms": round(median(spans), 3),
        "proof_p99_ms": round(spans[int(len(spans) * 0.99)], 3),
        "proof_max_ms": round(spans[-1], 3),
    }


def _measure_growth(bench: LedgerBench, settings: Settings, watch: Watch) -> dict[str, Any]:
    engine = open_engine(settings.database_url)
    METADATA.create_all(engine)
    context = multiprocessing.get_context("spawn")
    ready = [context.Event() for _ in range(bench.workers)]
    go = context.Event()
    each = bench.entries // bench.workers
    workers = [
        context.Process(
            target=_append_many, args=(settings.database_url, n * each, each, ready[n], go)
        )
        for n in range(bench.workers)
    ]
    for worker in workers:
        worker.start()
    watch.add({f"appends-{n}": worker.pid for n, worker in enumerate(workers) if worker.pid})
    for event in ready:
        event.wait()
    notary = Office(
        engine,
        settings,
        holder="bench",
        now=lambda: datetime.now(UTC),
        elapsed=time.monotonic,
    )
    placed, used = 0, time.process_time()
    go.set()
    began = time.perf_counter()
    while placed < each * bench.workers:
        placed += notary.round()
    span = time.perf_counter() - began
    for worker in workers:
        worker.join()
    log = datetime.now(UTC).year
    with transaction(engine) as connection:
        size, signed = head_size(connection, log), checkpoints_of(connection, log)
    engine.dispose()
    times = [checkpoint.signed_at for checkpoint in signed]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return {
        "entries": size,
        "signed": signed[-1].size,
        "checkpoints": len(signed),
        "workers": bench.workers,
        "entries_per_s": round(placed / span),
        "between_checkpoints_max_s": round(max(gaps, default=0.0), 2),
        "notary_cpu_us_per_entry": round((time.process_time() - used) / placed * 1e6, 1),
    }


def _append_many(url: str, start: int, count: int, ready: EventType, go: EventType) -> None:
    """Seal and append as a relay does, in a process of its own."""
    engine = open_engine(url)
    sealer = Sealer(b"benchmark salt key of 32 bytes..")
    with transaction(engine) as connection:
        append(connection, [])
    ready.set()
    go.wait()
    for low in range(start, start + count, _BATCH):
        entries = [
            sealer.seal(_entry(number)) for number in range(low, min(low + _BATCH, start + count))
        ]
        with transaction(engine) as connection:
            append(connection, entries)
    engine.dispose()


def _entry(number: int) -> Entry:
    """Return one of the four entries of a delivered document."""
    document, step = divmod(number, 4)
    package_id = uuid5(NAMESPACE_URL, str(document))
    delivery_id = uuid5(package_id, "000.00.00.H41")
    at = datetime(2026, 11, 21, tzinfo=UTC)
    if step == 0:
        return Entry(
            event=Event.SUBMISSION_ACCEPTANCE,
            at=at,
            package_id=package_id,
            body_sha256=hashlib.sha256(package_id.bytes).digest(),
            sender="000.00.00.G22",
            system="vpcp",
            document=f"000.00.00.G22,2026/11/21,{document}/VPCP-TTĐT",
        )
    event = (Event.CONTENT_CONSIGNMENT, Event.CONTENT_FETCH, Event.CONTENT_HANDOVER)[step - 1]
    return Entry(
        event=event,
        at=at,
        package_id=package_id,
        delivery_id=delivery_id,
        prev=package_id,
        recipient="000.00.00.H41",
        system="hcm",
    )


def _measure_verification(bench: LedgerBench, settings: Settings) -> dict[str, Any]:
    log = datetime.now(UTC).year
    used, began = _cpu_s(), time.perf_counter()
    verdict = verify_log(
        settings.database_url,
        log=log,
        folder=folder_of(settings, log),
        key=signer_of(settings, log).verifier,
        processes=bench.processes,
    )
    span = time.perf_counter() - began
    return {
        "verified": verdict.entries,
        "verify_good": verdict.is_good,
        "verify_processes": bench.processes,
        "verify_entries_per_s": round(verdict.entries / span),
        "verify_cpu_us_per_entry": round((_cpu_s() - used) / verdict.entries * 1e6, 1),
    }


def _cpu_s() -> float:
    """Return the processor time of this process and of those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _build_tiles(folder: TileFolder, size: int) -> bytes:
    """Write the tiles of a log whose entries are numbers, without waiting for the disk."""
    rows: list[list[bytes]] = [[] for _ in range(8)]
    counts = [0] * 8

    def flush(level: int) -> None:
        row = rows[level]
        place = folder.path / Tile(level, counts[level], len(row)).path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"".join(row))
        if len(row) == WIDTH:
            counts[level] += 1
            above = levels_of(row)[-1][0]
            row.clear()
            rows[level + 1].append(above)
            if len(rows[level + 1]) == WIDTH:
                flush(level + 1)

    hash_of: Callable[[bytes], Any] = hashlib.sha256
    for number in range(size):
        rows[0].append(hash_of(b"\x00" + number.to_bytes(8)).digest())
        if len(rows[0]) == WIDTH:
            flush(0)
    for level, row in enumerate(rows):
        if row:
            flush(level)
    return root_hash(TileNodes(folder.read, size), size)


def _fixed_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(os.urandom(32))
