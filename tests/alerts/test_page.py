"""The page names codes that exist, and commands that can be given."""

from __future__ import annotations

import re

from house.house import CHECKOUT, refusals, refuse_wrong_call

PAGE = (CHECKOUT / "docs" / "operate" / "alerts.md").read_text(encoding="utf-8")


def test_every_code_on_the_page_is_one() -> None:
    table = PAGE.partition("## What is alarmed\n")[2].partition("\nand every")[0]
    codes = set(re.findall(r"`([a-z]+\.[a-z-]+)`", table))
    assert len(codes) > 20
    assert sorted(codes - set(refusals())) == []


def test_every_command_on_the_pages_can_be_given() -> None:
    for name in ("alerts", "doctor", "metrics"):
        page = (CHECKOUT / "docs" / "operate" / f"{name}.md").read_text(encoding="utf-8")
        for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if line.startswith("axis "):
                    refuse_wrong_call(line)
