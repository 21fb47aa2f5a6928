"""The pages on threats and conformance name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("page", ["threats.md", "conformance.md"])
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", (CHECKOUT / "docs" / page).read_text()))
    known = set()
    for path in (CHECKOUT / "tests").rglob("*.py"):
        known.update(re.findall(r"def (test_\w+)", path.read_text()))
    assert len(named) > 5
    assert named - known == set()


def test_every_threat_has_a_row() -> None:
    rows = re.findall(r"^\| (\d+) \|", (CHECKOUT / "docs" / "threats.md").read_text(), re.MULTILINE)
    assert [int(each) for each in rows] == list(range(1, 26))
