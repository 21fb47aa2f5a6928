"""A large attachment goes through the axis without ever being in memory."""

from __future__ import annotations

from axis.bench.parts import run


def test_an_attachment_of_200_mb_costs_less_than_64_mb_of_memory() -> None:
    row = run(200)
    assert row["bytes"] == 200 * 1024 * 1024
    assert row["peak_over_idle_mib"] < 64
