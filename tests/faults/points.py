"""All crash points, listed in docs/reliability.md: ``python -m tests.faults.points``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults import crashing
from tests.relay import crashing as relay
from tests.retention import crashing as retention

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_PART = re.compile(r"(<!-- crash points -->\n).*?(<!-- end crash points -->)", re.DOTALL)

#: Where tests name the points of a process → the points.
BY_TESTS: Mapping[str, Sequence[str]] = {
    "tests/relay/test_crash.py": relay.POINTS,
    "tests/retention/test_purge.py": retention.POINTS,
    "tests/faults/test_crash_points.py": [
        point for point, (job, *_) in crashing.POINTS.items() if job != "gateway"
    ],
    "tests/faults/test_gateway_killed.py": [
        point for point, (job, *_) in crashing.POINTS.items() if job == "gateway"
    ],
}


def table() -> str:
    """Return the points as a table."""
    lines = ["| killed at | by |", "|---|---|"]
    for tests, points in BY_TESTS.items():
        words = "; ".join(points)
        lines.append(f"| {words} | `{tests}` |")
    return "\n".join(lines) + "\n"


def renewed(text: str) -> str:
    """Return the page with its list written anew."""
    assert _PART.search(text)
    return _PART.sub(lambda found: found[1] + table() + found[2], text)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
