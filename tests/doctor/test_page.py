"""The page names every check, and none that is not there."""

from __future__ import annotations

import re

from house.house import CHECKOUT

from axis.doctor.checks import ALL


def test_the_page_lists_the_checks_as_they_are() -> None:
    page = (CHECKOUT / "docs" / "operate" / "doctor.md").read_text(encoding="utf-8")
    table = page.partition("## The checks\n")[2].partition("\nWhere")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(one.name, one.en, one.vi) for one in ALL]
