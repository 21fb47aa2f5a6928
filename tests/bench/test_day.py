"""A day of the nation: what it is made of, and a small part of one carried for real."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from statistics import mean

import pytest

from axis.bench.day import DayBench, run
from axis.bench.mix import DAY, plan
from axis.bench.servers import Servers
from axis.sandbox.postgresql import PrivatePostgreSQL

CODES = [f"G{number}.001" for number in range(10, 90)]


def test_a_day_has_the_packages_sizes_and_receivers_that_were_counted() -> None:
    papers = plan(0.1, CODES)
    statuses = 2 * sum(len(paper.answering) for paper in papers)
    assert len(papers) + statuses == round(DAY * 0.1)
    assert round(statuses / (len(papers) + statuses), 3) == 0.61
    shares = Counter(paper.size_bytes for paper in papers)
    assert {size: round(count / len(papers), 2) for size, count in shares.items()} == {
        30_000: 0.60,
        200_000: 0.30,
        1_000_000: 0.09,
        10_000_000: 0.01,
    }
    assert round(mean(len(paper.to) for paper in papers), 1) == 3.6
    for paper in papers:
        assert paper.sender not in paper.to
        assert len(set(paper.to)) == len(paper.to)
        assert paper.answering <= set(paper.to)


def test_a_day_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert plan(0.01, CODES, seed=7) == plan(0.01, CODES, seed=7)
    assert plan(0.01, CODES, seed=7) != plan(0.01, CODES, seed=8)


@pytest.mark.timeout(900)  # a minute of work, on a machine that may be busy
def test_a_tenth_of_a_day_is_carried_answered_and_sealed(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    where = Servers(amqp=amqp_url, pg=postgresql.url)
    said: list[str] = []
    home = tmp_path / "home"
    try:
        figures = run(
            DayBench(scale=0.1, workers=2), where, home, lambda text, **_: said.append(text)
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)  # a gigabyte of bodies
    assert figures["lost"] == figures["duplicated"] == figures["refused"] == 0
    assert figures["packages"] == figures["documents"] + figures["statuses"] == round(DAY * 0.1)
    # Each package is accepted and each delivery routed, fetched and confirmed, under a checkpoint.
    assert figures["ledger_entries"] >= figures["packages"] + 3 * figures["deliveries"]
    assert figures["way"]["document"].keys() == {"p50_ms", "p99_ms"}
    processes = {"relay-0", "relay-1", "notary", "offices"}
    assert figures["cpu_ms"].keys() == processes | {"others"}
    assert all(figures["peak_mib"][name] > 20 for name in processes)
    assert said


def test_a_part_of_a_day_is_spread_over_some_seconds(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    where = Servers(amqp=amqp_url, pg=postgresql.url)
    bench = DayBench(scale=0.001, workers=1, minutes=0.1, offices=120, systems=4)
    figures = run(bench, where, tmp_path, lambda *_, **__: None)
    assert figures["wrong"] == []
    assert figures["packages"] == 89
    assert figures["confirmed_seconds"] > 6 * 34 / 35  # when the last of 35 documents is sent
    assert figures["grown_mib"].keys() == {"relay-0", "notary", "offices"}
