"""A cluster under load through every mishap, and what was lost, doubled, and how long it took."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec

from axis.chaos.cluster import WORKING, Cluster, cluster
from axis.chaos.clustered import until
from axis.chaos.errors import ClusterError
from axis.chaos.mishaps import MISHAPS
from axis.chaos.offices import Offices
from axis.chaos.soak import HEALING_S, Report, aside, judge, undone
from axis.chaos.units import SOURCE
from axis.chaos.world import SYSTEMS
from axis.notary.office import folder_of
from axis.store.checkpoints import last_checkpoint
from axis.store.engine import transaction
from axis.store.ledger import latest_log

#: How long the cluster works without what is gone, before it is mended.
WITHOUT_S: Final = 10.0
#: A paper that was sent after a mishap must have arrived within so long.
RECOVER_S: Final = 120.0
_LOOK_S: Final = 0.1


@dataclass(slots=True, kw_only=True)
class Passed:
    """What a mishap did to the flow of papers."""

    mishap: str
    happened: bool
    recovered_s: float | None  #: until a paper that was sent after it stood in an office's register
    stalled_s: float  #: the longest time without an arrival, from it until all was whole again
    whole_s: float  #: until all servers were there again, with all that they should have


@dataclass(slots=True)
class DrillReport(Report):
    """What a run found."""

    passed: list[Passed] = field(default_factory=list)
    wanted: tuple[str, ...] = tuple(MISHAPS)

    @property
    def verdict(self) -> str:
        """PASS, FAIL, or INVALID where a mishap did not happen."""
        if self.wrong:
            return "FAIL"
        happened = {one.mishap for one in self.passed if one.happened}
        return "INVALID" if set(self.wanted) - happened else "PASS"

    def to_json(self) -> dict[str, Any]:
        """Return the report as one object."""
        return {
            "verdict": self.verdict,
            "seed": self.seed,
            "minutes": round(self.minutes, 1),
            **self.figures,
            "mishaps": [asdict(one) for one in self.passed],
            "wrong": self.wrong[:50],
        }


class Arrivals:
    """When papers stood in the offices' registers, looked at ten times a second."""

    def __init__(self, offices: Offices) -> None:
        self._book = offices.book
        self._count = 0
        self._times = [time.monotonic()]

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_LOOK_S)

    def look(self) -> None:
        """Keep the time where something has arrived."""
        count = self._book.kept.total()
        if count != self._count:
            self._count = count
            self._times.append(time.monotonic())

    def longest_pause(self, since: float, until: float) -> float:
        """Return the longest time without an arrival between two times, in seconds."""
        within = [since, *(one for one in self._times if since < one < until), until]
        return max(later - before for before, later in pairwise(within))

    def has_arrived(self, digests: set[bytes]) -> bool:
        """Say whether one of these papers stands in a register."""
        return any(digest in digests for _, digest in list(self._book.kept))


def drill(
    home: Path,
    *,
    rate: float,
    seed: int,
    mishaps: Sequence[str] = tuple(MISHAPS),
    without_s: float = WITHOUT_S,
    say: Callable[[str], None] = lambda _line: None,
) -> DrillReport:
    """Run the mishaps, one after the other, then heal and count.

    Raises:
        NoNetworkError, NoRabbitMQError, NoPostgreSQLError, NoSwiftError: it cannot be run here.
        ClusterError: a server did not come back.
    """
    report = DrillReport(seed=seed, minutes=0.0, wanted=tuple(mishaps))
    began = time.monotonic()
    with cluster(home) as one:
        report.figures["started_s"] = round(time.monotonic() - began, 1)
        say(f"the cluster is up after {report.figures['started_s']} s")
        offices = Offices(one, rate=rate, chance=random.Random(seed))  # noqa: S311
        asyncio.run(_run(one, offices, report, mishaps, without_s, say))
        report.minutes = (time.monotonic() - began) / 60
        judge(one, offices, report)
        _verify_ledger(one, report)
    return report


async def _run(
    one: Cluster,
    offices: Offices,
    report: DrillReport,
    mishaps: Sequence[str],
    without_s: float,
    say: Callable[[str], None],
) -> None:
    sending, receiving = asyncio.Event(), asyncio.Event()
    arrivals = Arrivals(offices)
    watching = asyncio.create_task(arrivals.watch())
    senders = [
        asyncio.create_task(offices.send(sending)),
        asyncio.create_task(offices.collect(sending)),
    ]
    receivers = [asyncio.create_task(offices.receive(name, receiving)) for name in SYSTEMS]
    receivers.append(asyncio.create_task(one.endpoint.serve(receiving)))
    try:
        if await _until_through(offices, arrivals, time.monotonic()) is None:
            raise ClusterError(what="the first paper", machine="m1", reason="it never arrived")
        for name in mishaps:
            passed = await _pass(one, offices, arrivals, name, without_s)
            report.passed.append(passed)
            say(_line(passed))
            for task in (*senders, *receivers):
                if task.done():
                    task.result()  # an office that dies is a bug of the run itself
    finally:
        sending.set()
        await asyncio.gather(*senders)
    # Nothing is done by hand from here but to wait.
    began = time.monotonic()
    while time.monotonic() < began + HEALING_S:
        left = await offices.look_once()
        waiting = await asyncio.to_thread(undone, one)
        if not left and waiting == 0:
            break
        await asyncio.sleep(1)
    report.figures["healing_s"] = round(time.monotonic() - began, 1)
    receiving.set()
    await asyncio.gather(*receivers)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    report.figures["parked_notices"], report.figures["unrouted_notices"] = await aside(one)


async def _pass(
    one: Cluster, offices: Offices, arrivals: Arrivals, name: str, without_s: float
) -> Passed:
    since = time.monotonic()
    sent = len(offices.book.sent)
    happening = asyncio.create_task(asyncio.to_thread(MISHAPS[name], one))
    recovered = await _until_through(offices, arrivals, since, sent=sent)
    mend = await happening
    await asyncio.sleep(without_s)
    mended = time.monotonic()
    happened = await asyncio.to_thread(mend)
    await asyncio.to_thread(one.await_whole)
    whole = time.monotonic()
    through = await _until_through(offices, arrivals, whole)
    return Passed(
        mishap=name,
        happened=happened,
        recovered_s=None if recovered is None else round(recovered, 1),
        stalled_s=round(arrivals.longest_pause(since, whole + (through or 0)), 1),
        whole_s=round(whole - mended, 1),
    )


async def _until_through(
    offices: Offices, arrivals: Arrivals, since: float, *, sent: int | None = None
) -> float | None:
    """Wait until a paper sent from now on has arrived; return how long after ``since``."""
    sent = len(offices.book.sent) if sent is None else sent
    while time.monotonic() < since + RECOVER_S:
        arrivals.look()
        if arrivals.has_arrived(set(list(offices.book.sent)[sent:])):
            return time.monotonic() - since
        await asyncio.sleep(_LOOK_S)
    return None


def _line(passed: Passed) -> str:
    recovered = "never" if passed.recovered_s is None else f"{passed.recovered_s:.1f} s"
    happened = "" if passed.happened else " (it did NOT happen)"
    return (
        f"{passed.mishap}{happened}: a new paper through after {recovered},"
        f" longest pause {passed.stalled_s:.1f} s, whole again {passed.whole_s:.1f} s after mending"
    )


def _verify_ledger(one: Cluster, report: DrillReport) -> None:
    """Have each machine verify the ledger: entries, its own tiles, and the bodies."""
    report.figures["ledger_verified"] = True
    for name in WORKING:
        # The one that stands by is a look behind.
        until(lambda name=name: _shows_all(one, name), "the notary", one.machine(name))  # type: ignore[misc]
        done = subprocess.run(
            one.machine(name).run(sys.executable, "-m", "cli", "ledger", "verify", "--bodies"),
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "AXIS_CONFIG": str(one.units[name].home / "axis.toml"),
                "PYTHONPATH": str(SOURCE),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            report.figures["ledger_verified"] = False
            report.wrong.append(f"ledger verify on {name}: {done.stdout}{done.stderr}"[:500])


def _shows_all(one: Cluster, name: str) -> bool:
    """Say whether a machine shows the last checkpoint of the records."""
    with transaction(one.engine) as connection:
        signed = last_checkpoint(connection, latest_log(connection) or 0)
    if signed is None:
        return False
    own = msgspec.structs.replace(one.settings, home=str(one.units[name].home))
    shown = folder_of(own, signed.log).read_checkpoint()
    return shown is not None and shown.startswith(signed.note.partition("\n\n")[0])
