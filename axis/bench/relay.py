"""Measures the relay: signed packages from the intake to confirmed delivery notices.

Counted from the first notice that a worker takes to the last acknowledgement; bodies and intake
notices are there beforehand. Every package is distinct, signed and fully examined, recorded on
PostgreSQL, and announced to one of fifty systems.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from axis.bench.country import Country, build_country, country_of, packages
from axis.bench.servers import Servers, installation
from axis.bench.soundness import wrong_of
from axis.bench.spread import spread_ms
from axis.bench.work import Counted, Filled, Worked, count, fill, work
from axis.serve.prepare import prepare
from axis.settings import RelaySettings
from axis.store.engine import open_engine

SYSTEMS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayBench:
    """What to measure."""

    docs: int
    size_bytes: int  #: of the attachment, in Base64
    workers: int
    examiners: int = 1  #: of each worker; 0 examines in the worker itself
    second_opinion: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FanoutBench:
    """What to measure: circulars to every office."""

    docs: int
    offices: int
    systems: int
    workers: int


def run(bench: RelayBench, where: Servers, home: Path) -> dict[str, Any]:
    """Measure the relay once and return the figures; ``lost`` and ``duplicated`` must be 0.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
    """
    filled, worked, counted = _measure(
        where,
        home,
        country_of(SYSTEMS, SYSTEMS),
        docs=bench.docs,
        size_bytes=bench.size_bytes,
        relay=RelaySettings(workers=bench.workers, examiners=bench.examiners),
        second_opinion=bench.second_opinion,
    )
    figures: dict[str, Any] = {
        "docs_per_s": round(bench.docs / worked.seconds, 1),
        "seconds": round(worked.seconds, 2),
        "docs": bench.docs,
        "document_bytes": filled.package_bytes,
        "workers": bench.workers,
        "examiners": bench.examiners,
        "second_opinion": bench.second_opinion,
        "done": worked.done,
        "batch": spread_ms(worked.batch_s),
        **_costs(worked, bench.docs),
        "ledger_entries": counted.ledger_entries,
        **losses(counted, packages=bench.docs, deliveries=bench.docs),
        "series": [_rate(worked, "packages"), *worked.series],
    }
    figures["wrong"] = wrong_of(figures, demands_load=_fills_machine(bench.workers))
    return figures


def run_scaling(bench: RelayBench, where: Servers, home: Path) -> dict[str, Any]:
    """Measure the relay with one worker, two, and so on to ``bench.workers``.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
    """
    runs = [
        run(replace(bench, workers=number), where, home / str(number))
        for number in range(1, bench.workers + 1)
    ]
    first = runs[0]["docs_per_s"]
    last = runs[-1]
    return last | {
        "scaling": [
            {
                "workers": one["workers"],
                "docs_per_s": one["docs_per_s"],
                "times_one": round(one["docs_per_s"] / first, 2),
                "busy_share": one["busy_share"],
                "stage_ms": one["stage_ms"],
                "cpu_ms": one["cpu_ms"],
            }
            for one in runs
        ],
        "series": [
            {
                "name": "packages by number of workers",
                "unit": "packages/s",
                "across": "workers",
                "at": [one["workers"] for one in runs],
                "lines": {"packages": [one["docs_per_s"] for one in runs]},
            },
            *last["series"],
        ],
        "wrong": [f"{one['workers']} workers: {why}" for one in runs for why in one["wrong"]],
    }


def run_fanout(bench: FanoutBench, where: Servers, home: Path) -> dict[str, Any]:
    """Measure circulars to every office and return the figures.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
    """
    filled, worked, counted = _measure(
        where,
        home,
        country_of(bench.offices, bench.systems),
        docs=bench.docs,
        size_bytes=5000,
        relay=RelaySettings(workers=bench.workers),
        to_all=True,
    )
    rows = bench.docs * bench.offices
    figures: dict[str, Any] = {
        "deliveries_per_s": round(rows / worked.seconds, 1),
        "seconds": round(worked.seconds, 2),
        "docs": bench.docs,
        "offices": bench.offices,
        "systems": bench.systems,
        "document_bytes": filled.package_bytes,
        "workers": bench.workers,
        "batch": spread_ms(worked.batch_s),
        **_costs(worked, rows),
        **losses(counted, packages=bench.docs, deliveries=rows),
        "series": [_rate(worked, "circulars"), *worked.series],
    }
    figures["wrong"] = wrong_of(figures, demands_load=False)
    return figures


def _measure(
    where: Servers,
    home: Path,
    country: Country,
    *,
    docs: int,
    size_bytes: int,
    relay: RelaySettings,
    second_opinion: bool = True,
    to_all: bool = False,
) -> tuple[Filled, Worked, Counted]:
    systems = country.systems
    with installation(
        where, home, relay=relay, second_opinion=second_opinion, systems=systems
    ) as settings:
        prepare(settings)
        engine = open_engine(settings.database_url)
        try:
            signer = build_country(engine, settings.path("certs"), country)
            made = packages(country, signer, count=docs, size_bytes=size_bytes, to_all=to_all)
            filled = asyncio.run(fill(settings, made, systems))
            worked = work(settings, docs, where)
            return filled, worked, asyncio.run(count(settings, engine, systems))
        finally:
            engine.dispose()


def losses(counted: Counted, *, packages: int, deliveries: int) -> dict[str, int]:
    """Return what was refused, lost and doubled of so many packages and deliveries. Pure."""
    missing = packages - counted.accepted - counted.refused
    untold = deliveries - min(counted.deliveries, counted.notices)
    return {
        "refused": counted.refused,
        "lost": max(missing, untold, 0),
        "duplicated": max(counted.deliveries, counted.notices, deliveries) - deliveries,
    }


def _costs(worked: Worked, units: int) -> dict[str, Any]:
    """Return processor by stage and by process for each unit, memory and bytes written."""
    stages = sorted(worked.stage_s.items(), key=lambda item: -item[1])
    return {
        "stage_ms": {name: round(seconds * 1000 / units, 4) for name, seconds in stages},
        **worked.used,
    }


def _fills_machine(workers: int) -> bool:
    return workers >= (os.cpu_count() or 1)


def _rate(worked: Worked, what: str) -> dict[str, Any]:
    """Return how much was done in each second, as a curve."""
    done = [0] * (int(worked.seconds) + 1)
    for instant, judged in worked.progress:
        done[min(int(instant), len(done) - 1)] += judged
    return {
        "name": f"{what} done",
        "unit": f"{what}/s",
        "at": [second + 0.5 for second in range(len(done))],
        "lines": {what: done},
    }
