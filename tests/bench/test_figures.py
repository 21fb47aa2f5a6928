"""Figures are shown, compared and disbelieved by one set of rules for every bench."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

from axis.bench.differences import differences, flat, parse_figures
from axis.bench.errors import FiguresUnreadableError
from axis.bench.page import write_page
from axis.bench.soundness import wrong_of
from axis.bench.spread import spread_ms

FIGURES: dict[str, Any] = {
    "bench": "doors",
    "docs_per_s": 80.0,
    "lost": 0,
    "peak_mib": {"relay-0": 90.5, "<gateway>": 130.0},
    "trips": [
        {"connections": 1, "trips_per_s": 17.0, "submit": {"p50_ms": 51.0}},
        {"connections": 16, "trips_per_s": 65.0, "submit": {"p50_ms": 240.0}},
    ],
    "runs": [79.0, 80.0],
    "machine": {"cores": 2, "processor": "<Xeon>"},
    "series": [{"name": "memory", "unit": "MiB", "at": [0, 1], "lines": {"a": [1, 2]}}],
    "wrong": [],
}
WORDS = dict.fromkeys(("wrong", "machine", "figures", "figure", "before", "now", "change"), "w")


def test_every_figure_has_one_name_and_rows_are_named_by_their_first_field() -> None:
    assert flat(FIGURES) == {
        "docs_per_s": 80.0,
        "lost": 0,
        "peak_mib.relay-0": 90.5,
        "peak_mib.<gateway>": 130.0,
        "trips.connections=1.trips_per_s": 17.0,
        "trips.connections=1.submit.p50_ms": 51.0,
        "trips.connections=16.trips_per_s": 65.0,
        "trips.connections=16.submit.p50_ms": 240.0,
        "runs": "79.0, 80.0",
    }


def test_two_runs_are_compared_figure_by_figure() -> None:
    before = {**FIGURES, "docs_per_s": 64.0, "peak_mib": {}, "lost": 0}
    compared = {one.figure: one.change for one in differences(before, FIGURES)}
    assert compared["docs_per_s"] == "+25.0 %"
    assert compared["lost"] == ""
    assert "peak_mib.relay-0" not in compared
    assert "runs" not in compared


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b'{"bench": "relay"}', b"{}"])
def test_what_is_no_run_of_the_same_bench_is_refused(content: bytes) -> None:
    with pytest.raises(FiguresUnreadableError) as caught:
        parse_figures(content, bench="doors", source="old.json")
    assert caught.value.code == "bench.figures-unreadable"


def test_the_page_draws_curves_and_bars_and_says_first_what_is_wrong() -> None:
    figures = {**FIGURES, "wrong": ["lost: 3 <documents>"]}
    compared = differences({**FIGURES, "docs_per_s": 64.0}, figures)
    page = html.fromstring(
        write_page(figures, title="axis bench doors", words=WORDS, compared=compared)
    )
    first = page.xpath("//body/*")[1]
    assert "lost: 3 <documents>" in first.text_content()
    assert len(page.xpath("//svg[.//polyline]")) == 1
    assert len(page.xpath("//svg[.//rect]")) == 1
    assert "<gateway>" in page.text_content()
    assert "+25.0 %" in page.text_content()
    assert not page.xpath("//script | //link | //img")


def test_a_run_is_disbelieved_that_lost_something_or_left_the_machine_idle() -> None:
    good = {"lost": 0, "duplicated": 0, "refused": 0, "seconds": 9.0, "busy_share": 0.9}
    assert wrong_of(good, demands_load=True) == []
    for name in ("lost", "duplicated", "refused"):
        assert wrong_of({**good, name: 2}, demands_load=False) == [f"{name}: 2"]
    idle = {**good, "busy_share": 0.5}
    assert len(wrong_of(idle, demands_load=True)) == 1
    assert wrong_of(idle, demands_load=False) == []
    assert wrong_of({**idle, "seconds": 0.5}, demands_load=True) == []


def test_times_are_spread_in_milliseconds() -> None:
    assert spread_ms([0.001 * number for number in range(101)]) == {"p50_ms": 50.0, "p99_ms": 99.0}
    assert spread_ms([1.0]) == {}
