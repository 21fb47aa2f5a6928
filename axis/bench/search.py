"""Search and trace among millions of documents that are generated straight into PostgreSQL."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from axis.bench.millions import BUSY, WORDS, generate
from axis.bench.pages import measure_pages
from axis.bench.servers import own_database
from axis.bench.spread import asked_ms
from axis.bench.watch import Watch, server_pids
from axis.figures.counting import hour_of
from axis.search.finding import find
from axis.search.wanted import Standing, Wanted
from axis.store.engine import open_engine, reading, transaction
from axis.store.figures import backlog_of_now, count_hour, traffic
from axis.store.migrate import upgrade
from axis.trace.gather import gather


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBench:
    """How much is generated, and how often each question is asked."""

    docs: int = 100_000
    asked: int = 200
    offices: int = 123_000  #: in the directory


def run(bench: SearchBench, pg: str, home: Path, say: Callable[..., None]) -> dict[str, Any]:
    """Generate, ask, and return the figures (seconds and milliseconds)."""
    with own_database(pg) as url:
        engine = open_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        try:
            upgrade(engine)
            figures: dict[str, Any] = {"docs": bench.docs, "offices": bench.offices}
            with Watch({"bench": os.getpid(), **server_pids({"postgresql": home})}) as watch:
                figures |= generate(engine, docs=bench.docs, offices=bench.offices, say=say)
                figures |= _ask(engine, bench, say)
                figures |= measure_pages(
                    engine, home, _paths(engine), asked=bench.asked, measure=asked_ms, say=say
                )
                used = watch.figures(units=bench.docs)
                return {"wrong": [], **figures, **used, "series": watch.series()}
        finally:
            engine.dispose()


def _ask(engine: sa.Engine, bench: SearchBench, say: Callable[..., None]) -> dict[str, Any]:
    chance = random.Random(2026)  # noqa: S311  it chooses questions
    now = datetime.now(UTC)
    with reading(engine) as connection:
        some = connection.execute(
            sa.text("select id, sign from package tablesample bernoulli (:share) limit :count"),
            {"share": min(100.0, 300.0 * bench.asked / bench.docs), "count": bench.asked},
        ).all()
    days = (timedelta(days=chance.randrange(1, 200)) for _ in range(10**9))

    def words(count: int, begin: int, end: int) -> str:
        return " ".join(chance.choice(WORDS[begin:end]) for _ in range(count))

    def wanted(kind: str, number: int) -> Wanted:
        office = f"{chance.randrange(min(BUSY, bench.offices)):020x}"
        row = some[number % len(some)]
        match kind:
            case "number":
                return Wanted(text=row.sign)
            case "id":
                return Wanted(text=str(row.id))
            case "common words":
                return Wanted(text=words(2, 0, 8))
            case "rarer words":
                return Wanted(text=words(3, 8, len(WORDS)))
            case "rare word":
                return Wanted(text=f"tu{chance.randrange(bench.docs // 50 + 100)}")
            case "no such word":
                return Wanted(text=f"{words(1, 0, 4)} khongcotrongdanhsach")
            case "office":
                return Wanted(office_ids=(office,))
            case "words and office":
                return Wanted(text=words(2, 4, 40), office_ids=(office,))
            case "words and days":
                until = now - next(days)
                return Wanted(text=words(2, 4, 40), since=until - timedelta(days=30), until=until)
            case _:
                return Wanted(text=words(2, 0, 20), standing=chance.choice(list(Standing)))

    kinds = (
        "number", "id", "common words", "rarer words", "rare word", "no such word", "office",
        "words and office", "words and days", "words and state",
    )  # fmt: skip
    figures: dict[str, Any] = {}
    for kind in kinds:
        say("asking for: {kind}", kind=kind)

        def ask(number: int, kind: str = kind) -> None:
            find(engine, wanted(kind, number))

        figures[f"search, {kind}"] = asked_ms(ask, bench.asked)
    figures["trace"] = asked_ms(
        lambda number: gather(engine, some[number % len(some)].sign), bench.asked
    )
    figures |= _pages(engine, now)
    return figures


def _pages(engine: sa.Engine, now: datetime) -> dict[str, Any]:
    """Measure what the first page and the reports ask for."""
    hour = hour_of(now) - timedelta(hours=2)
    started = time.perf_counter()
    with transaction(engine) as connection:
        count_hour(connection, hour, now=now)
    counted_ms = (time.perf_counter() - started) * 1000

    def overview(_: int) -> None:
        with transaction(engine) as connection:
            traffic(connection, since=now - timedelta(days=30), until=now)
            backlog_of_now(connection, limit=8)

    return {"count an hour, ms": round(counted_ms, 1), "overview": asked_ms(overview, 20)}


def _paths(engine: sa.Engine) -> dict[str, Callable[[int], str]]:
    """Return the pages that people open, with what they ask of each."""
    chance = random.Random(2027)  # noqa: S311  it chooses questions
    with reading(engine) as connection:
        some = connection.execute(
            sa.text("select id, sign from package where accepted order by digest limit 100")
        ).all()

    def search(**fields: str) -> str:
        return f"/search?{urlencode(fields)}"

    return {
        "overview": lambda _: "/",
        "search, number": lambda n: search(q=some[n % len(some)].sign, all="1"),
        "search, words": lambda _: search(q=" ".join(chance.choices(WORDS[4:40], k=2))),
        "search, nothing asked": lambda _: "/search",
        "document": lambda n: f"/document/{some[n % len(some)].id}",
        "stuck": lambda _: "/stuck",
        "offices": lambda _: "/offices",
        "office": lambda n: f"/offices/H{n % 34 + 1:02}",
        "systems": lambda _: "/systems",
        "certificates": lambda _: "/certificates",
        "ledger": lambda _: "/ledger",
        "reports": lambda _: "/reports",
    }
