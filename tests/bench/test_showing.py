"""A bench is called as people call it: figures, page, difference, and what is wrong, first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from axis.bench import directory
from cli import axis


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AXIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(axis, ["bench", "directory", *words])


def test_a_run_is_shown_kept_and_compared(call: Any, tmp_path: Path) -> None:
    first = call("--offices", "600", "--json")
    assert first.exit_code == 0, first.output
    figures = json.loads(first.stdout)
    assert figures["bench"] == "directory"
    assert figures["machine"]["cores"]
    assert figures["machine"]["load_before"] >= 0
    assert figures["peak_mib"]["bench"] > 0
    before, page = tmp_path / "before.json", tmp_path / "page.html"
    before.write_text(first.stdout)
    second = call("--offices", "600", "--compare", str(before), "--html", str(page))
    compared = {one["figure"]: one["change"] for one in json.loads(second.stdout)["compared"]}
    assert compared["offices"] == "+0.0 %"
    assert "<svg" in page.read_text(encoding="utf-8")
    table = call("--offices", "600", "--table", "--compare", str(before))
    assert "snapshot_mib" in table.stdout
    assert "+0.0 %" in table.stdout


def test_what_makes_figures_worthless_is_said_first_and_exits_1(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "run", lambda _: {"offices": 1, "wrong": ["lost: 3"]})
    result = call("--table")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == "lost: 3"
    result = call("--json")
    assert result.exit_code == 1
    assert next(iter(json.loads(result.stdout))) == "wrong"


def test_nothing_is_measured_where_there_is_nothing_to_compare_with(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "run", lambda _: pytest.fail("it was measured"))
    old = tmp_path / "old.json"
    old.write_text('{"bench": "relay"}')
    result = call("--compare", str(old))
    assert result.exit_code != 0
    assert result.exception.refusal.code == "bench.figures-unreadable"
