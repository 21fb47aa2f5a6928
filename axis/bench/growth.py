"""What a document costs where many went before: the relay and the questions, in two databases.

They stand on one server, one with few generated documents and one with millions; the same load
goes to each in turn, so that whatever else the machine does meets both. Neither is empty: a
question that finds nothing is no measure of one that does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

from axis.bench.country import Country, build_country, country_of, packages
from axis.bench.millions import generate
from axis.bench.relay import SYSTEMS, losses
from axis.bench.servers import Servers, installation
from axis.bench.soundness import wrong_of
from axis.bench.spread import asked_ms
from axis.bench.work import count, fill, work
from axis.mailbox.take import waiting
from axis.serve.prepare import prepare
from axis.settings import RelaySettings, Settings
from axis.store.engine import open_engine, reading
from axis.store.retention import purgeable
from axis.store.tables.delivery import PACKAGE
from axis.trace.gather import gather
from axis.trust.sign import Signer

#: Offices of the generated directory, in both databases.
OFFICES: Final = 3400
_PURGED: Final = 200  #: bodies that one step of a purge takes


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthBench:
    """What to measure."""

    history: int  #: documents that went before, in one of the two databases
    few: int = 10_000  #: and in the other
    docs: int = 3000  #: of each run
    size_bytes: int = 5000  #: of the attachment, in Base64
    workers: int = 2
    pairs: int = 3
    asked: int = 100  #: how often each question is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A database and what was measured there."""

    settings: Settings
    engine: sa.Engine
    signer: Signer
    runs: list[dict[str, Any]]


def run(bench: GrowthBench, where: Servers, home: Path, say: Callable[..., None]) -> dict[str, Any]:
    """Measure both in turn; ``ratio`` is what a document or a question costs, many to few.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
    """
    country = country_of(SYSTEMS, SYSTEMS)
    with (
        _place(bench, where, home / "few", country, history=bench.few, say=say) as few,
        _place(bench, where, home / "many", country, history=bench.history, say=say) as many,
    ):
        for pair in range(bench.pairs):
            say("run {pair} of {pairs} …", pair=pair + 1, pairs=bench.pairs)
            for place in (few, many):
                place.runs.append(_relay(bench, where, place, country))
        rows = {
            name: {
                **_middle(place.runs),
                "peak_mib": place.runs[-1]["peak_mib"],
                **_questions(place, bench.asked),
            }
            for name, place in (("few", few), ("many", many))
        }
        runs = [*few.runs, *many.runs]
        return {
            "history": bench.history,
            "beside": bench.few,
            "docs": bench.docs,
            "pairs": bench.pairs,
            **rows,
            "ratio": _ratios(rows["few"], rows["many"]),
            "lost": sum(one["lost"] for one in runs),
            "duplicated": sum(one["duplicated"] for one in runs),
            "refused": sum(one["refused"] for one in runs),
            "wrong": [why for one in runs for why in wrong_of(one, demands_load=False)],
        }


@contextmanager
def _place(
    bench: GrowthBench,
    where: Servers,
    home: Path,
    country: Country,
    *,
    history: int,
    say: Callable[..., None],
) -> Iterator[_Place]:
    with installation(
        where,
        home,
        relay=RelaySettings(workers=bench.workers),
        second_opinion=True,
        systems=country.systems,
    ) as settings:
        prepare(settings)
        engine = open_engine(settings.database_url)
        try:
            generate(engine, docs=history, offices=OFFICES, say=say)
            signer = build_country(engine, settings.path("certs"), country)
            asyncio.run(fill(settings, (), country.systems))  # their queues, to be counted
            yield _Place(settings=settings, engine=engine, signer=signer, runs=[])
        finally:
            engine.dispose()


def _relay(bench: GrowthBench, where: Servers, place: _Place, country: Country) -> dict[str, Any]:
    settings, systems = place.settings, country.systems
    made = packages(country, place.signer, count=bench.docs, size_bytes=bench.size_bytes)
    before = asyncio.run(count(settings, place.engine, systems))
    asyncio.run(fill(settings, made, systems))
    worked = work(settings, bench.docs, where)
    # The queues are shared by both places: what the other left there is in neither count.
    done = asyncio.run(count(settings, place.engine, systems)).since(before)
    return {
        "seconds": worked.seconds,
        "docs_per_s": round(bench.docs / worked.seconds, 1),
        **worked.used,
        **losses(done, packages=bench.docs, deliveries=bench.docs),
    }


def _middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    names = runs[0]["cpu_ms"]
    return {
        "docs_per_s": median(one["docs_per_s"] for one in runs),
        "runs": [one["docs_per_s"] for one in runs],
        "cpu_ms": {name: median(one["cpu_ms"][name] for one in runs) for name in names},
        "written_mib": median(one["written_mib"] for one in runs),
    }


def _questions(place: _Place, asked: int) -> dict[str, float]:
    """Return milliseconds, medians, of what is asked all day about the past."""
    engine = place.engine
    now = datetime.now(UTC)
    with reading(engine) as connection:
        oldest: datetime | None = connection.scalar(sa.select(sa.func.min(PACKAGE.c.decided_at)))
        # Half of the past may go: to look for few old ones among young ones is another question.
        before = now - (now - (oldest or now)) / 2
        system = connection.scalar(
            sa.text(
                "select system_id from delivery where state = 'routed'"
                " group by system_id order by count(*) desc limit 1"
            )
        )
        some = list(
            connection.scalars(
                sa.text(
                    "select id from package where accepted and decided_at < :yesterday"
                    " order by digest limit :asked"
                ),
                {"asked": asked, "yesterday": now - timedelta(days=1)},
            )
        )

    def purge(_: int) -> None:
        with reading(engine) as connection:
            purgeable(connection, kind="document", accepted=True, before=before, limit=_PURGED)

    return {
        "mailbox_ms": asked_ms(lambda _: waiting(engine, system or "", limit=100), asked)["p50_ms"],
        "trace_ms": asked_ms(lambda n: gather(engine, str(some[n % len(some)])), asked)["p50_ms"],
        "purge_step_ms": asked_ms(purge, asked)["p50_ms"],
    }


def _ratios(few: dict[str, Any], many: dict[str, Any]) -> dict[str, float]:
    """Return what it costs after many, to after few: above 1 is dearer."""
    costs = {
        "cpu_ms": sum(many["cpu_ms"].values()) / max(sum(few["cpu_ms"].values()), 1e-9),
        "seconds": few["docs_per_s"] / many["docs_per_s"],
    }
    costs |= {
        name: many[name] / max(few[name], 1e-9)
        for name in ("written_mib", "mailbox_ms", "trace_ms", "purge_step_ms")
    }
    return {name: round(value, 3) for name, value in costs.items()}
