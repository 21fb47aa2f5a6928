"""``axis bench directory``: a generated country of 123,000 offices, loaded, asked and refreshed.

The tree has the shape of the real directory: 34 provinces, their departments, communes, and the
offices under these; a third of them with two codes, a tenth merged into another.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from axis.bench.watch import Watch
from axis.directory.change import Change
from axis.directory.records import Fact
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    VIETNAM,
    ActingFact,
    CodeFact,
    Kind,
    Level,
    NameFact,
    OfficeFact,
    ParentFact,
    Scheme,
    StandingFact,
    State,
    SuccessionFact,
    SuccessionKind,
    SystemFact,
    micros,
)
from axis.store.directory import load_directory, refresh_directory
from axis.store.directory_changes import record_change
from axis.store.engine import open_engine, transaction
from axis.store.tables import METADATA

OFFICES = 123_000
REFORM = micros(datetime(2025, 7, 1, tzinfo=VIETNAM))
AFTER = datetime(2025, 7, 2, tzinfo=UTC)
_NAMES = ("Sở Nội vụ", "Ủy ban nhân dân xã Hòa Tiến", "Phòng Kinh tế", "Trường Tiểu học Kim Đồng")


def run(args: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of one run.

    ``args``: ``offices`` (default 123,000) and ``database_url`` (a database without tables;
    default: a SQLite file in a temporary folder).
    """
    offices = int(args.get("offices") or OFFICES)
    with tempfile.TemporaryDirectory(prefix="axis-bench-") as folder:
        url = args.get("database_url") or f"sqlite:///{folder}/directory.db"
        engine = open_engine(str(url).replace("postgresql://", "postgresql+psycopg://", 1))
        METADATA.create_all(engine)
        with Watch({"bench": os.getpid()}) as watch:
            started = time.perf_counter()
            fill_directory(engine, offices)
            filled_s = time.perf_counter() - started
            figures = {"offices": offices, "database": engine.dialect.name, "import_s": filled_s}
            figures |= _measure_load(engine)
            used, series = watch.figures(units=offices), watch.series()
        engine.dispose()
        figures |= _measure_memory(str(engine.url.render_as_string(hide_password=False)))
    rounded = {key: round(v, 3) if isinstance(v, float) else v for key, v in figures.items()}
    return {**rounded, **used, "series": series, "wrong": []}


def country(offices: int) -> Iterator[Fact]:
    """Yield the facts of a generated country."""
    provinces = 34
    keys: list[str] = []
    for number in range(provinces):
        yield SystemFact(f"s{number:02}", f"eOffice {number}", "amqp", "active", True)
    for number in range(offices):
        key = f"{number:020x}"
        province = number % provinces
        keys.append(key)
        yield OfficeFact(key, Kind.COMMITTEE if number < 3400 else Kind.DEPARTMENT)
        code = f"H{province + 1:02}" if number < provinces else f"H{province + 1:02}.{number}"
        level = Level.PROVINCIAL if number < provinces else Level.COMMUNE
        merged = number > provinces * 2 and number % 10 == 0
        end = REFORM if merged else FOREVER
        yield StandingFact(key, level, State.ACTIVE, ALWAYS, end)
        yield NameFact(key, f"{_NAMES[number % 4]} {number}", False, ALWAYS, FOREVER)
        yield CodeFact(key, code, Scheme.QD20, ALWAYS, end)
        if number % 3 == 0:
            old = f"{number // 100 % 1000:03}.{number % 100:02}.{number // 1000:02}.G{province:02}"
            yield CodeFact(key, f"{old}.{number}", Scheme.QCVN102, ALWAYS, end)
        if number >= provinces:
            yield ParentFact(key, keys[province if number < 3400 else number // 36], ALWAYS, end)
        yield ActingFact(key, f"s{province:02}", ALWAYS, FOREVER)
        if merged:
            yield StandingFact(key, level, State.CLOSED, REFORM, FOREVER)
            into = keys[number - 1]
            yield SuccessionFact(
                key, f"m{number}", SuccessionKind.MERGE, into, REFORM, "NQ 202/2025/QH15"
            )


def fill_directory(engine: sa.Engine, offices: int) -> None:
    """Record a generated country."""
    with transaction(engine) as connection:
        change = Change(added=tuple(country(offices)))
        record_change(connection, change, kind="import", by="bench", at=AFTER)


def _measure_load(engine: sa.Engine) -> dict[str, float]:
    with transaction(engine) as connection:
        started = time.perf_counter()
        directory = load_directory(connection)
        load_s = time.perf_counter() - started
    codes = [fact.code for record in directory.records() for fact in record.codes]
    merged = [f.code for r in directory.records() for f in r.codes if f.end == REFORM]
    figures = {"load_s": load_s}
    for name, asked in (("resolve", codes), ("resolve_merged", merged)):
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            for code in asked:
                directory.resolve(code, AFTER)
            best = min(best, (time.perf_counter() - started) / len(asked))
        figures[f"{name}_us"] = best * 1e6
    office_ids = [record.office_id for record in directory.records()]
    started = time.perf_counter()
    for office_id in office_ids:
        directory.system_of(office_id, AFTER)
    figures["system_of_us"] = (time.perf_counter() - started) / len(office_ids) * 1e6
    with transaction(engine) as connection:
        names = [directory.record(office_id).names[0] for office_id in office_ids[:100]]  # type: ignore[union-attr]
        renamed = tuple(NameFact(n.office_id, n.name + " A", False, n.start, n.end) for n in names)
        change = Change(added=renamed, retired=tuple(names))
        record_change(connection, change, kind="rename", by="bench", at=AFTER)
    with transaction(engine) as connection:
        started = time.perf_counter()
        refreshed = refresh_directory(connection, directory)
        figures["refresh_100_changes_s"] = time.perf_counter() - started
        started = time.perf_counter()
        refresh_directory(connection, refreshed)
        figures["refresh_unchanged_us"] = (time.perf_counter() - started) * 1e6
    return figures


def _measure_memory(url: str) -> dict[str, float]:
    """Load the snapshot in a process of its own and return what it grew by."""
    done = subprocess.run(
        [sys.executable, "-m", "axis.bench.directory", url],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    before, peak, after = (float(word) for word in done.stdout.split())
    return {"snapshot_mib": after - before, "snapshot_peak_mib": peak - before}


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _tell_memory(url: str) -> None:
    engine = open_engine(url)
    with transaction(engine) as connection:
        connection.execute(sa.text("select 1"))
        gc.collect()
        before = _resident_mib()
        directory = load_directory(connection)
    gc.collect()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{before} {peak} {_resident_mib()}\n")
    assert len(directory)  # noqa: S101  kept alive until it is measured


if __name__ == "__main__":
    _tell_memory(sys.argv[1])
