"""Every cell of the tables and every crash point has a test that bears its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from axis.delivery.course import ANSWERING, COURSE
from axis.delivery.states import Event, State
from tests.faults.points import BY_TESTS, PAGE, renewed

ROOT = Path(__file__).parents[2]
TABLES = ("tests/delivery/test_states.py", "tests/delivery/test_course.py")


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    """The names of all collected tests, by file, as far as they are in brackets."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*words, *BY_TESTS, *TABLES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    found: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        file, _, test = line.partition("::")
        if test:
            found.setdefault(file, set()).add(test)
    return found


@pytest.mark.parametrize("file", BY_TESTS)
def test_each_crash_point_is_hit_by_a_test_that_names_it(
    names: dict[str, set[str]], file: str
) -> None:
    missing = [
        point
        for point in BY_TESTS[file]
        if not any(f"{point}]" in name or f"{point}-" in name for name in names[file])
    ]
    assert missing == []


def test_each_cell_of_a_deliverys_life_is_a_test(names: dict[str, set[str]]) -> None:
    prefix = "test_each_step_leads_where_the_table_says_or_is_refused"
    due = {f"{prefix}[{event.value}-{state.value}]" for event in Event for state in State}
    assert due <= names["tests/delivery/test_states.py"]


def test_each_cell_of_the_course_of_statuses_is_a_test(names: dict[str, set[str]]) -> None:
    found = names["tests/delivery/test_course.py"]
    for before, row in COURSE.items():
        for comes in row:
            start = f"test_a_status_advances_repeats_or_is_refused[{before}-{comes}-"
            assert any(name.startswith(start) for name in found), start
    for outcome, row in ANSWERING.items():
        for comes in row:
            word = outcome.value if outcome is not None else None
            start = f"test_an_answer_answers_a_request_or_is_refused[{word}-{comes}-"
            assert any(name.startswith(start) for name in found), start


def test_the_page_lists_the_points_that_there_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python -m tests.faults.points"
