"""The clock writes what is searched and counted, beside its rounds."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from axis.clock.process import Clock
from axis.figures.buckets import DOCUMENTS
from axis.ledger.entry import Sealer
from axis.settings import AlertSettings, ClockSettings, Settings
from axis.store.engine import transaction
from axis.store.figures import traffic
from tests.search.test_search import NOW, Shelf


async def test_a_document_is_found_and_counted_while_the_clock_runs(
    sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    settings = Settings(
        home=str(tmp_path),
        clock=ClockSettings(interval_s=0.05),
        alerts=AlertSettings(every_s=0),
    )
    now = NOW + timedelta(minutes=1)
    clock = Clock(sqlite_engine, settings, Sealer(b"k" * 32), clock=lambda: now)
    shelf = Shelf(sqlite_engine)
    shelf.put("V/v liên thông", "1/A")

    def counted() -> int:
        with transaction(sqlite_engine) as connection:
            rows = traffic(connection, since=NOW - timedelta(hours=1), until=now)
        return sum(row.deliveries for row in rows if row.bucket == DOCUMENTS)

    async with clock._upkeep(), asyncio.timeout(120):
        while shelf.find("lien thong") != ["1/A"] or counted() != 1:
            await asyncio.sleep(0.05)
        shelf.put("Báo cáo mưa lũ", "2/A")
        while shelf.find("mua lu") != ["2/A"]:
            await asyncio.sleep(0.05)
