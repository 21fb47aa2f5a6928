"""What the clock closes and writes by itself: once each, also after an outage."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.delivery.workdays import VIETNAM, Workdays
from axis.reports.clerk import Clerk
from axis.reports.errors import ScheduleWrongError
from axis.reports.files import put_file
from axis.reports.periods import Kind, parse_period
from axis.reports.schedule import entry_of
from axis.sections import ReportSettings, ScheduledReport
from axis.settings import Settings
from axis.store.alarms import alarms
from axis.store.closed_reports import closed_report, files_since
from axis.store.engine import transaction
from tests.reports.rows import at, delivery, keep, package

DAYS = Workdays()
EPOCH = datetime(2020, 1, 1, tzinfo=VIETNAM)


def said(name: str = "tuan", report: str = "weekly", **facts: object) -> ScheduledReport:
    return ScheduledReport(name=name, report=report, **facts)  # type: ignore[arg-type]


def settings(home: Path, *schedule: ScheduledReport) -> Settings:
    return Settings(home=str(home), reports=ReportSettings(schedule=schedule))


class Working:
    """A clerk whose clock the test turns."""

    def __init__(self, engine: sa.Engine, own: Settings) -> None:
        self.now = at("10 08:00")
        self.clerk = Clerk(engine=engine, settings=own, clock=lambda: self.now)

    def until_nothing_is_due(self, text: str) -> int:
        self.now = at(text)
        rounds = 0
        while self.clerk.round():
            rounds += 1
            assert rounds < 100
        return rounds


def test_figures_are_closed_and_files_written_once_and_made_up_for_after_an_outage(
    engine: sa.Engine, tmp_path: Path
) -> None:
    own = settings(
        tmp_path,
        said(formats=("json", "csv")),
        said("ngay", "daily", formats=("json",), folder="reports/daily", at="18:00"),
    )
    work = Working(engine, own)
    folder = tmp_path / "reports"
    assert work.until_nothing_is_due("05 08:00") <= 2  # no document: nothing to close
    files = set(folder.rglob("*"))
    paper = package("a", at("03 09:00"))
    keep(engine, paper, delivery(paper, "b"))
    # Week 45 ends on Sunday the 8th and closes on Monday at noon, not before.
    work.until_nothing_is_due("09 12:00:30")
    assert not (folder / "tuan-2026-W45.csv").exists()
    work.until_nothing_is_due("09 12:02")
    written = folder / "tuan-2026-W45.json"
    (line,) = [json.loads(one) for one in written.read_bytes().splitlines() if b'"b"' in one]
    assert (line["came"], line["not_taken"], line["closed"]) == (1, 1, True)
    assert (folder / "tuan-2026-W45.csv").exists()
    with transaction(engine) as connection:
        assert closed_report(connection, "2026-W45") is not None
        assert closed_report(connection, "2026-10") is None
    # Once: who takes a file away does not get it again.
    written.unlink()
    assert work.until_nothing_is_due("09 12:03") == 0
    assert not written.exists()
    # Nobody worked for two weeks: each of them is made up for, with what it was at its close.
    fresh = Working(engine, own)
    fresh.until_nothing_is_due("24 09:00")
    for name in ("tuan-2026-W46.csv", "tuan-2026-W47.csv"):
        assert (folder / name).exists(), name
    days = {one.name for one in (folder / "daily").iterdir()}
    assert {f"ngay-2026-11-{day:02}.json" for day in range(9, 24)} <= days
    assert "ngay-2026-11-24.json" not in days
    assert not [one for one in folder.rglob(".*") if one not in files]  # no half of a file
    with transaction(engine) as connection:
        kept = {
            f"{one.name} {one.period} {one.form}": one for one in files_since(connection, EPOCH)
        }
    one = kept["tuan 2026-W46 csv"]
    assert hashlib.sha256(Path(one.path).read_bytes()).digest() == one.digest
    assert one.written_at == at("24 09:00")


def test_a_crash_between_file_and_record_writes_the_same_bytes_again(
    sqlite_engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(sqlite_engine, package("a", at("03 09:00")))
    own = settings(tmp_path, said(formats=("html",)))
    file = tmp_path / "reports" / "tuan-2026-W45.html"

    def crash(path: Path, content: bytes) -> None:
        put_file(path, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("axis.reports.clerk.put_file", crash)
        with pytest.raises(KeyboardInterrupt):
            Working(sqlite_engine, own).until_nothing_is_due("10 08:00")
    before = file.read_bytes()
    Working(sqlite_engine, own).until_nothing_is_due("11 08:00")
    assert file.read_bytes() == before


def test_what_cannot_be_written_raises_an_alarm_and_delays_nothing_else(
    sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    keep(sqlite_engine, package("a", at("03 09:00")))
    (tmp_path / "full").write_text("a file where a folder should be")
    own = settings(
        tmp_path,
        said("no-folder", formats=("csv",), folder="full"),
        said("no-office", formats=("csv",), office="H99.99"),
        said("Wrong Name"),
        said("good", formats=("csv",)),
    )
    work = Working(sqlite_engine, own)
    for _ in range(3):
        work.clerk.round()

    def wrong() -> set[tuple[str, str]]:
        with transaction(sqlite_engine) as connection:
            return {(one.code, one.subject) for one in alarms(connection)}

    assert wrong() == {
        ("report.file-unwritable", "no-folder"),
        ("report.office-unknown", "no-office"),
        ("report.schedule-wrong", "Wrong Name"),
    }
    assert (tmp_path / "reports" / "good-2026-W45.csv").exists()
    (tmp_path / "full").unlink()
    work.clerk.round()
    assert (tmp_path / "full" / "no-folder-2026-W45.csv").exists()
    assert ("report.file-unwritable", "no-folder") not in wrong()


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "../x"},
        {"name": ""},
        {"report": "yearly"},
        {"formats": ("doc",)},
        {"formats": ()},
        {"by": "ward"},
        {"by": "type"},  # of days only
        {"level": "ward"},
        {"at": "25:00"},
        {"lang": "fr"},
        {"office": "H1", "province": "H2"},
    ],
)
def test_an_entry_that_cannot_be_followed_is_refused(facts: dict[str, object]) -> None:
    with pytest.raises(ScheduleWrongError) as caught:
        entry_of(said(**facts))  # type: ignore[arg-type]
    assert caught.value.code == "report.schedule-wrong"


def test_a_file_waits_for_the_time_of_the_day_that_is_wished() -> None:
    week = parse_period(Kind.WEEKLY, "2026-W46")
    day = parse_period(Kind.DAILY, "2026-11-20")
    due = [
        entry_of(said(at="13:30")).due_at(week, DAYS),
        entry_of(said(at="07:30")).due_at(week, DAYS),
        entry_of(said(report="daily")).due_at(day, DAYS),
        entry_of(said(report="daily", at="07:00")).due_at(day, DAYS),
    ]
    assert due == [at("16 13:30"), at("17 07:30"), at("20 17:01"), at("21 07:00")]
    assert week.first == date(2026, 11, 9)
