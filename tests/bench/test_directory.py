"""The directory's bench asks the directory what it measures."""

from __future__ import annotations

from axis.bench.directory import run


def test_a_small_country_is_measured() -> None:
    figures = run({"offices": 1500})
    assert figures["offices"] == 1500
    assert figures["database"] == "sqlite"
    assert len(figures) > 5
