"""``axis report``: what a person gets, and what a wrong question is answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from axis.delivery.workdays import VIETNAM, Workdays
from axis.errors import AxisError
from axis.reports.closing import close
from axis.reports.periods import Kind, last_closed, period_of
from axis.settings import DatabaseSettings, Settings
from axis.store.directory import load_directory
from axis.store.engine import transaction
from cli import axis as command
from tests.relay.installation import OFFICES
from tests.relay.papers import G22, H41
from tests.reports.rows import delivery, keep, package


@pytest.fixture
def config(sqlite_engine: sa.Engine, tmp_path: Path) -> Path:
    from axis.directory.importing import plan_import
    from axis.store.directory_changes import change_directory

    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    change_directory(
        sqlite_engine,
        lambda known: plan_import(known, OFFICES.encode(), long_ago, source="test"),
        kind="import",
        by="test",
        at=long_ago,
    )
    url = sqlite_engine.url.render_as_string(hide_password=False)
    file = tmp_path / "axis.toml"
    file.write_bytes(
        msgspec.toml.encode(Settings(home=str(tmp_path), database=DatabaseSettings(url=url)))
    )
    return file


def call(config: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--lang", "en", "--config", str(config), "report", *words])


def rows(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_week_is_told_of_an_office_a_level_a_province_and_all(
    config: Path, sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    week = last_closed(Kind.WEEKLY, now, Workdays())
    with transaction(sqlite_engine) as connection:
        directory = load_directory(connection)
    sender, receiver, below = (
        found.office_id
        for code in (G22, H41, "000.09.09.H41")
        if (found := directory.find(code, now)) is not None
    )
    when = week.begin + timedelta(hours=9)
    paper = package(sender, when)
    keep(
        sqlite_engine,
        paper,
        delivery(paper, receiver, 0, confirmed_at=when + timedelta(minutes=5)),
        delivery(paper, below, 1),
    )
    (nghe_an, central) = sorted(
        rows(call(config, "weekly", "--json")), key=lambda row: -int(str(row["came"]))
    )
    assert (nghe_an["code"], nghe_an["came"], nghe_an["in_time"]) == (H41, 2, 1)
    assert (central["code"], central["documents"], central["sends"]) == ("", 1, 2)
    levels = rows(call(config, "weekly", "--by", "level", "--json"))
    came = {row["level"]: row["came"] for row in levels}
    assert came == {"central": 0, "provincial": 1, "commune": 1}
    assert len(rows(call(config, "weekly", "--province", H41, "--json"))) == 2
    (one,) = rows(call(config, "weekly", "--office", "000.09.09.H41", "--at", week.key, "--json"))
    assert (one["came"], one["not_taken"], one["province"]) == (1, 1, H41)
    (nothing,) = rows(call(config, "weekly", "--office", "28.22.H17", "--json"))
    assert nothing["came"] == 0
    (alone,) = rows(call(config, "weekly", "--level", "central", "--json"))
    assert alone["code"] == G22
    table = call(config, "weekly")
    assert "Nghệ An" in table.stdout
    assert week.key in table.stderr
    assert call(config, "weekly", "--format", "csv").stdout_bytes.startswith(b"\xef\xbb\xbf")
    file = tmp_path / "out" / "week.xlsx"
    assert call(config, "weekly", "-O", str(file)).exit_code == 0
    assert openpyxl.load_workbook(file).sheetnames == ["Figures", "Columns"]
    month = rows(call(config, "monthly", "--at", week.key[:4] + "-01", "--json"))
    assert month == []
    assert "There was no document" in call(config, "monthly", "--at", "2026-01").stderr
    assert "backlog" in rows(call(config, "daily", "--json"))[0]


def test_a_correction_shows_first_then_is_a_revision_with_its_reason(
    config: Path, sqlite_engine: sa.Engine
) -> None:
    now = datetime.now(UTC)
    week = last_closed(Kind.WEEKLY, now, Workdays())
    keep(sqlite_engine, package("a", week.begin + timedelta(hours=9)))
    hour = timedelta(hours=1)
    close(sqlite_engine, week, now=now, express=hour, days=Workdays())
    keep(sqlite_engine, package("a", week.begin + timedelta(hours=10)))
    shown = call(config, "correct", week.key, "--why", "a day off was forgotten")
    assert "documents: 1 → 2" in shown.stdout
    assert [row["documents"] for row in rows(call(config, "weekly", "--json"))] == [1]
    done = call(config, "correct", week.key, "--why", "a day off was forgotten", "--yes")
    assert done.stdout.split() == [week.key, "2"]
    (row,) = rows(call(config, "weekly", "--json"))
    assert (row["documents"], row["revision"]) == (2, 2)
    assert "a day off was forgotten" in call(config, "weekly").stderr
    with transaction(sqlite_engine) as connection:
        acts = connection.scalars(sa.text("select command from admin_act")).all()
    assert acts == ["report correct"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("weekly", "--at", "2026-W60"), "report.period-unreadable"),
        (("monthly", "--at", "2026-W10"), "report.period-unreadable"),
        (("daily", "--day", "yesterday"), "report.period-unreadable"),
        (("weekly", "--at", "2999-W01"), "report.period-in-future"),
        (("daily", "--day", "2999-01-01"), "report.period-in-future"),
        (("weekly", "--office", "H99.99"), "report.office-unknown"),
        (("weekly", "--province", "28.22.H17"), "report.not-a-province"),
        (("correct", "2026-W02", "--why", "x"), "report.period-open"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(config, words, code) -> None:
    result = call(config, *words)
    assert isinstance(result.exception, AxisError)
    assert result.exception.code == code


def test_a_file_that_cannot_be_written_is_said(config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = call(config, "weekly", "-O", str(tmp_path / "file" / "week.pdf"))
    assert isinstance(result.exception, AxisError)
    assert result.exception.code == "report.file-unwritable"
    for words in (("--format", "pdf"), ("-O", "x"), ("--office", G22, "--level", "central")):
        assert call(config, "weekly", *words).exit_code == 2
    day = period_of(Kind.DAILY, datetime.now(VIETNAM).date())
    assert call(config, "daily", "--day", day.key).exit_code == 0
