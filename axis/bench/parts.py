"""Measures the memory and time of large attachments that travel apart, in a process of their own.

The attachment is brought as a stream, its package is signed in the manifest shape, examined, its
part looked up, and given out again: all that the axis does with its bytes. The peak is the kernel's
(``VmHWM``), above what the process held when it had done the same with one megabyte.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from axis.bench.examine import SMALL, resident
from axis.bodies import DiskBodies
from axis.envelope.apart import Unsigned
from axis.envelope.limits import DEFAULT
from axis.examine.inspect import inspect
from axis.parts import append_upload, complete_upload, create_upload, store_part
from axis.relay.parts import parts_for
from axis.settings import PartSettings
from axis.store.engine import open_engine
from axis.store.migrate import upgrade
from axis.trust.pki import init_authority, issue
from axis.trust.sign import sign, signer_of
from axis.trust.values import Shape

MIB: Final = 1024 * 1024
_SYSTEM: Final = "bench"
_PIECE: Final = 256 * 1024


def run(megabytes: int, folder: Path | None = None) -> dict[str, Any]:
    """Return seconds, throughput and the peak of memory for one attachment of so many MiB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory(dir=folder) as home:
        process = context.Process(target=_measure, args=(theirs, Path(home), megabytes))
        process.start()
        row: dict[str, Any] = ours.recv()
        process.join()
    return row


def _measure(pipe: Any, home: Path, megabytes: int) -> None:
    engine = open_engine(f"sqlite:///{home / 'bench.db'}")
    upgrade(engine)
    bodies = DiskBodies(home / "bodies")
    now = datetime.now(UTC)
    init_authority(home / "ca", now=now)
    key, certificate = issue(home / "ca", name="Bench", now=now)
    world = _World(engine, bodies, signer_of(key, certificate), PartSettings())
    world.go(1, seed=1)
    idle = resident("VmRSS")
    if idle is not None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak so far is not this one's
    seconds = world.go(megabytes, seed=2)
    peak = resident("VmHWM")
    row: dict[str, Any] = {"bytes": megabytes * MIB}
    row |= {f"{name}_s": round(value, 3) for name, value in seconds.items()}
    row["idle_mib"] = None if idle is None else round(idle / MIB, 1)
    row["peak_over_idle_mib"] = (
        None if peak is None or idle is None else round((peak - idle) / MIB, 1)
    )
    pipe.send(row)


class _World:
    """What one process of the axis holds."""

    def __init__(
        self, engine: Any, bodies: DiskBodies, signer: Any, settings: PartSettings
    ) -> None:
        self.engine = engine
        self.bodies = bodies
        self.signer = signer
        self.settings = settings

    def go(self, megabytes: int, seed: int) -> dict[str, float]:
        """Do with one attachment all that the axis does; return the seconds of each step."""
        seconds: dict[str, float] = {}
        at = time.perf_counter()

        def passed(name: str) -> None:
            nonlocal at
            seconds[name], at = time.perf_counter() - at, time.perf_counter()

        part = asyncio.run(
            store_part(
                _pieces(megabytes, seed),
                system_id=_SYSTEM,
                engine=self.engine,
                bodies=self.bodies,
                settings=self.settings,
                now=datetime.now(UTC),
            )
        )
        passed("bring")
        asyncio.run(self._upload(megabytes, seed + 100))
        passed("resume")
        unsigned = Unsigned(SMALL).without_attachments()
        body = sign(unsigned, self.signer, Shape.MANIFEST, apart={"a": part.digest})
        passed("sign")
        found = inspect(body, limits=DEFAULT, second_opinion=True)
        brought = parts_for(self.engine, [(_SYSTEM, found)], now=datetime.now(UTC))
        if ("sha256", part.digest) not in brought[_SYSTEM]:
            raise AssertionError("the part was not found")
        passed("examine")
        hasher = hashlib.sha256()
        for piece in self.bodies.stream(part.digest):
            hasher.update(piece)
        if hasher.digest() != part.digest:
            raise AssertionError("another part came out")
        passed("give_out")
        return seconds

    async def _upload(self, megabytes: int, seed: int) -> None:
        """Bring another in two pieces, with a restart between."""
        common: dict[str, Any] = {"system_id": _SYSTEM, "now": datetime.now(UTC)}
        more = common | {"settings": self.settings}
        first = max(1, megabytes // 2)
        upload = create_upload(self.engine, self.bodies, **more)
        for count, offset in ((first, 0), (megabytes - first, first * MIB)):
            await append_upload(
                _pieces(count, seed + offset),
                engine=self.engine,
                bodies=DiskBodies(self.bodies.root),
                upload_id=upload.id,
                offset=offset,
                **more,
            )
        complete_upload(self.engine, self.bodies, upload_id=upload.id, **common)


async def _pieces(megabytes: int, seed: int) -> AsyncIterator[bytes]:
    """Yield bytes that no two seeds share, made without holding them."""
    block = hashlib.shake_256(str(seed).encode()).digest(_PIECE - 8)
    for number in range(megabytes * MIB // _PIECE):
        yield number.to_bytes(8) + block
