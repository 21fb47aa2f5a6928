"""Writes the tables into docs/delivery.md: ``python -m tests.delivery.pages``."""

from __future__ import annotations

import re
from pathlib import Path

from axis.delivery.diagrams import (
    causes_table,
    course_diagram,
    course_table,
    states_diagram,
    states_table,
)

PAGE = Path(__file__).parents[2] / "docs" / "delivery.md"
PARTS = {
    "states-diagram": states_diagram,
    "states-table": states_table,
    "course-diagram": course_diagram,
    "course-table": course_table,
    "causes": causes_table,
}


def renewed(text: str) -> str:
    """Return the page with every marked part written anew."""
    for name, part in PARTS.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert marked.search(text), name
        text = marked.sub(lambda found, part=part: found[1] + part() + "\n" + found[2], text)
    return text


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
