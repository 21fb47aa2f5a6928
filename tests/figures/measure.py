"""Measures the statistics feed and the report of 17:00: ``python -m tests.figures.measure [N]``.

Fills a private PostgreSQL with a month of N deliveries, 6,000 offices, 3.6 addressees each, in four
message types; then asks as an operations centre does, and counts one day at 17:00.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import sqlalchemy as sa

from axis.directory.snapshot import Directory
from axis.directory.values import Office
from axis.figures.feed import By, Row, as_csv, ask
from axis.reports.days import take_day
from axis.reports.periods import Kind, parse_period
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.store.directory import load_directory
from axis.store.engine import open_engine, transaction
from axis.store.feed import LONGEST_OF_ALL
from axis.store.migrate import upgrade
from axis.store.types import save_type, set_state
from axis.types.book import State
from axis.types.folder import files_of, folder_of
from tests.reports.measure import DELIVERIES, PACKAGES

T = TypeVar("T")

MONTH = "2026-10"
TYPES = ("dossier", "report", "task")
OFFICES = """
insert into office (office_id, kind, since_version)
select 'o' || i, 'committee', 1 from generate_series(0, 5999) i
"""
STANDINGS = """
insert into office_standing (office_id, level, state, since_version)
select 'o' || i,
  case when i < 100 then 'central' when i < 1000 then 'provincial' else 'commune' end, 'active', 1
from generate_series(0, 5999) i
"""
CODES = """
insert into office_code (office_id, code, scheme, since_version)
select 'o' || i, 'o' || i, 'qd20', 1 from generate_series(0, 5999) i
"""
VERSION = "update directory_version set version = 1"
#: Of a hundred packages 60 are dossiers, 5 reports, 5 tasks; what tasks ask is due in ten days.
KINDS = """
update package set kind = case when n < 60 then 'dossier' when n < 65 then 'report' else 'task' end
from (select id as i, abs(hashtext(id::text)::bigint) % 100 as n from package) of
where id = i and n < 70
"""
MESSAGES = """
insert into message (package_id, type, version, sender_office, step, order_key, revision, content,
  due_at)
select id, kind, '1', sender_office, case kind when 'task' then 'assign' when 'report' then
  'request' else 'state' end, id::text, 1, digest, case when kind <> 'dossier' then
  date_trunc('day', decided_at, '+07') + interval '10 days 17 hours' end
from package where kind <> 'document'
"""
STORIES = "insert into story select package_id, type, order_key from message"


def main(deliveries: int) -> None:
    """Print how long each question takes."""
    with TemporaryDirectory() as folder, PrivatePostgreSQL(Path(folder) / "pg") as server:
        engine = open_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
        upgrade(engine)
        end = datetime.fromisoformat(f"{MONTH}-30T12:00+07:00")
        with transaction(engine) as connection:
            for name in TYPES:
                save_type(connection, name, "1", files_of(folder_of(name, "1")), at=end)
                set_state(connection, name, "1", State.ACTIVE, at=end)
        begin = time.perf_counter()
        with engine.begin() as connection:
            values = {"month": MONTH, "documents": round(deliveries / 3.6)}
            connection.execute(sa.text(PACKAGES), values)
            for statement in (
                OFFICES,
                STANDINGS,
                CODES,
                VERSION,
                KINDS,
                DELIVERIES,
                MESSAGES,
                STORIES,
            ):
                connection.execute(sa.text(statement))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("vacuum analyze"))
        print(f"generated in {time.perf_counter() - begin:.0f} s", flush=True)
        with transaction(engine) as connection:
            directory = load_directory(connection)
        for what, span in (
            ("an hour", timedelta(hours=1)),
            ("a day", timedelta(days=1)),
            ("a month", timedelta(days=30)),
        ):
            _feed(engine, directory, what, end - span, span)
        day = parse_period(Kind.DAILY, f"{MONTH}-20")
        report = _timed("17:00 of a day", lambda: take_day(engine, day, now=day.end))
        sums: dict[str, list[int]] = {}
        for line in report.lines:
            mine = sums.setdefault(line.type, [0, 0, 0])
            own = (line.tally.arose, line.tally.due, line.tally.late)
            sums[line.type] = [a + b for a, b in zip(mine, own, strict=True)]
        print(f"  {len(report.lines)} rows; arose, due, late: {sums}")
        engine.dispose()


def _feed(
    engine: sa.Engine, directory: Directory, what: str, since: datetime, span: timedelta
) -> None:
    def rows(by: By, office: Office | None = None) -> list[Row]:
        with transaction(engine) as connection:
            until = since + span
            return ask(connection, directory, since=since, until=until, by=by, office=office)

    found = _timed(f"{what} by level", lambda: rows(By.LEVEL))
    print(f"  {len(found)} rows, {sum(one.came for one in found)} deliveries")
    if span <= LONGEST_OF_ALL:
        found = _timed(f"{what} by office", lambda: rows(By.OFFICE))
        size = len(_timed(f"{what} by office as CSV", lambda: as_csv(found)))
        print(f"  {len(found)} rows, {size / 1e6:.1f} MB")
    one = directory.office("o17", since)
    found = _timed(f"{what} of one office", lambda: rows(By.OFFICE, one))
    print(f"  {len(found)} rows")


def _timed(what: str, work: Callable[[], T]) -> T:
    begin, cpu = time.perf_counter(), time.process_time()
    done = work()
    took, own = time.perf_counter() - begin, time.process_time() - cpu
    print(f"{what}: {took:.2f} s, of it Python {own:.2f} s", flush=True)
    return done


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
