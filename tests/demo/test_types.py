"""The demo of message types: three example systems, and the list of 17:00 right about each."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from adapters.demo.types.run import run_types
from cli import axis


def test_three_example_systems_carry_all_four_types(tmp_path: Path, amqp_url: str) -> None:
    lines: list[str] = []
    wrong = run_types(tmp_path / "demo", lang="vi", echo=lines.append, broker_url=amqp_url)
    told = "\n".join(lines)
    assert wrong == [], told
    # What the checks of the story rest on was really there to be checked.
    assert told.count("danh sách 17:00 có") == 3
    assert "H41-0003 (3): bản số 3 của H41-0003 đến trước bản số 2 [sender]" in told
    assert "báo cáo 17:00 đúng với cả bốn loại" in told


def test_types_and_a_door_are_not_asked_for_at_once() -> None:
    for words in (["--types", "--door", "rest"], ["--types", "--two-axes"]):
        assert CliRunner().invoke(axis, ["demo", *words]).exit_code == 2
