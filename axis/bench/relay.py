"""Measures the relay: signed packages from the intake to confirmed delivery notices.

Counted from the first notice that a worker takes to the last acknowledgement; bodies and intake
notices are there beforehand. Every package is distinct, signed and fully examined, recorded on
PostgreSQL, and announced to one of fifty systems.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from axis.bench.country import Country, build_country, country_of, packages
from axis.bench.servers import Servers, installation
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
    return {
        "docs_per_s": round(bench.docs / worked.seconds, 1),
        "seconds": round(worked.seconds, 2),
        "docs": bench.docs,
        "document_bytes": filled.package_bytes,
        "workers": bench.workers,
        "examiners": bench.examiners,
        "second_opinion": bench.second_opinion,
        "done": worked.done,
        "worker_cpu_ms_per_doc": round(worked.cpu_seconds * 1000 / bench.docs, 3),
        "ledger_entries": counted.ledger_entries,
        **_losses(counted, packages=bench.docs, deliveries=bench.docs),
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
    return {
        "deliveries_per_s": round(rows / worked.seconds, 1),
        "seconds": round(worked.seconds, 2),
        "docs": bench.docs,
        "offices": bench.offices,
        "systems": bench.systems,
        "document_bytes": filled.package_bytes,
        "workers": bench.workers,
        "worker_cpu_us_per_delivery": round(worked.cpu_seconds * 1e6 / rows, 1),
        **_losses(counted, packages=bench.docs, deliveries=rows),
    }


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
            worked = work(settings, docs)
            return filled, worked, asyncio.run(count(settings, engine, systems))
        finally:
            engine.dispose()


def _losses(counted: Counted, *, packages: int, deliveries: int) -> dict[str, int]:
    missing = packages - counted.accepted - counted.refused
    untold = deliveries - min(counted.deliveries, counted.notices)
    return {
        "refused": counted.refused,
        "lost": max(missing, untold, 0),
        "duplicated": max(counted.deliveries, counted.notices, deliveries) - deliveries,
    }
