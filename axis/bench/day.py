"""Measures a day of the nation: documents and statuses from the intake to their confirmations.

Counted from the first package handed in to the last confirmation, and on to the checkpoint that
covers the last entry: then everybody can have a receipt for everything. Packages are written,
signed and stored beforehand; what is measured examines them fully, records, routes, announces,
gives out, confirms, answers with statuses 01 and 03, and seals every step into the ledger.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from axis.bench.country import build_correspondents, country_of
from axis.bench.mix import plan
from axis.bench.offices import Offices
from axis.bench.papers import Course, make
from axis.bench.servers import Servers, installation
from axis.bench.soundness import wrong_of
from axis.bench.watch import Watch
from axis.bus.connection import connected, open_channel
from axis.bus.topology import INTAKE_QUEUE
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, serve_notary
from axis.settings import RelaySettings, Settings
from axis.store.engine import open_engine, transaction

#: How long the workers have to start.
START_S: Final = 60.0
#: How long the notary may take for what is left when everything is confirmed.
SEALING_S: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBench:
    """What to measure."""

    scale: float  #: 1 is 90,323 packages
    workers: int
    examiners: int = 0  #: of each worker; 0 examines in the worker itself
    second_opinion: bool = True
    backlog: int = 1000  #: documents under way at once
    seed: int = 1
    offices: int = 3321  #: communes
    systems: int = 34  #: provinces; each has a system that serves its communes
    minutes: float | None = None  #: over which the documents are spread; None: as fast as it goes


def run(bench: DayBench, where: Servers, home: Path, say: Callable[..., None]) -> dict[str, Any]:
    """Measure once and return the figures; ``wrong`` names what makes them worthless.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
        TimeoutError: nothing came for two minutes, or the ledger did not come to its end.
    """
    country = country_of(bench.offices, bench.systems)
    relay = RelaySettings(workers=bench.workers, examiners=bench.examiners)
    with installation(
        where, home, relay=relay, second_opinion=bench.second_opinion, systems=country.systems
    ) as settings:
        prepare(settings)
        engine = open_engine(settings.database_url)
        try:
            signers = build_correspondents(engine, settings.path("certs"), country)
            papers = plan(bench.scale, country.codes, seed=bench.seed)
            system_of = {one: system for system, codes in country.offices.items() for one in codes}
            bodies = settings.path(settings.bodies.path)
            courses: list[Course] = []
            for course in make(papers, system_of, signers, bodies):
                courses.append(course)
                if len(courses) % 1000 == 0:
                    say(
                        "{done} of {all} documents are written and signed …",
                        done=len(courses),
                        all=len(papers),
                    )
            return _measure(bench, settings, where, engine, country.systems, courses, say)
        finally:
            engine.dispose()


def _measure(
    bench: DayBench,
    settings: Settings,
    where: Servers,
    engine: sa.Engine,
    systems: list[str],
    courses: list[Course],
    say: Callable[..., None],
) -> dict[str, Any]:
    made = [course.document for course in courses]
    made += [one for course in courses for answers in course.answers.values() for one in answers]
    addresses = sum(course.addresses for course in courses)
    statuses = len(made) - len(courses)
    deliveries = addresses + statuses
    targets = {f"relay-{number}": _relay for number in range(bench.workers)}
    supervisor = Supervisor(settings, {**targets, "notary": serve_notary})
    supervisor.start()
    try:
        asyncio.run(until_taken(settings, bench.workers))
        say(
            "{packages} packages, {deliveries} deliveries …",
            packages=len(made),
            deliveries=deliveries,
        )
        pids = {**supervisor.process_ids(), "offices": os.getpid(), **where.pids}
        spread_s = None if bench.minutes is None else bench.minutes * 60
        offices = Offices(settings, systems, backlog=bench.backlog, spread_s=spread_s)
        with Watch(pids) as watch:
            began = time.perf_counter()
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                done = runner.run(offices.day(courses))
            say("all is confirmed; the ledger …")
            entries = _sealed(engine)
            sealed_s = time.perf_counter() - began
            used = watch.figures(units=len(made))
            grown = watch.grown_mib()
            series = watch.series()
    finally:
        supervisor.stop()
    counted = _counted(engine)
    figures: dict[str, Any] = {
        "packages_per_s": round(len(made) / sealed_s, 1),
        "seconds": round(sealed_s, 2),
        "confirmed_seconds": round(done.seconds, 2),
        "day_in_seconds": round(sealed_s / bench.scale, 1),
        "scale": bench.scale,
        "packages": len(made),
        "documents": len(courses),
        "statuses": statuses,
        "deliveries": deliveries,
        "deliveries_per_s": round(deliveries / sealed_s, 1),
        "ledger_entries": entries,
        "package_mib": round(sum(one.size_bytes for one in made) / 2**20, 1),
        "way": done.percentiles(),
        "workers": bench.workers,
        "examiners": bench.examiners,
        "second_opinion": bench.second_opinion,
        "backlog": bench.backlog,
        "minutes": bench.minutes,
        **used,
        "grown_mib": grown,
        "refused": counted["refused"],
        "lost": max(deliveries - min(counted["confirmed"], done.taken), 0),
        "duplicated": counted["deliveries"] - deliveries + done.again,
        "series": series,
    }
    loads = bench.minutes is None and bench.workers >= (os.cpu_count() or 1)
    figures["wrong"] = wrong_of(figures, demands_load=loads)
    return figures


async def until_taken(settings: Settings, workers: int) -> None:
    """Wait until all workers take from the intake."""
    async with connected(settings.amqp.url, name="axis bench, waits") as connection:
        channel = await open_channel(connection, confirms=False)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            seen = await channel.queue_declare(INTAKE_QUEUE, passive=True)
            if (seen.consumer_count or 0) >= workers:
                return
            await asyncio.sleep(0.1)
    raise TimeoutError("the workers do not take anything")


def _sealed(engine: sa.Engine) -> int:
    """Wait until every entry has its place under a checkpoint, and return how many there are."""
    until = time.monotonic() + SEALING_S
    while time.monotonic() < until:
        with transaction(engine) as connection:
            waiting = connection.scalar(sa.text("select count(*) from ledger_inbox"))
            size = connection.scalar(sa.text("select count(*) from ledger_entry")) or 0
            shown = connection.scalar(sa.text("select max(size) from ledger_checkpoint")) or 0
        if not waiting and shown >= size:
            return int(size)
        time.sleep(0.1)
    raise TimeoutError(f"the notary left {waiting} entries without a place")


def _counted(engine: sa.Engine) -> dict[str, int]:
    with transaction(engine) as connection:
        return {
            name: int(connection.scalar(sa.text(f"select count(*) from {what}")) or 0)  # noqa: S608
            for name, what in (
                ("refused", "package where not accepted"),
                ("deliveries", "delivery"),
                ("confirmed", "delivery where state = 'confirmed'"),
            )
        }


def _relay(settings: Settings) -> None:
    from axis.relay.run import work

    work(settings)


def loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Return the loop that is cheapest here."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop
