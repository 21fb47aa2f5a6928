"""The arithmetic of scale agrees with what was measured, and the page with the arithmetic."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from axis.bench.scale import NATION_PER_MONTH, Load, checks, limits, markdown, most_per_month, need
from cli import axis
from tests.house.house import CHECKOUT


def test_what_is_reckoned_of_this_machine_is_what_was_measured_on_it() -> None:
    for name, says, measured in checks():
        assert 0.75 < says / measured < 1.25, name


def test_a_hundred_times_the_flow_takes_a_hundred_times_the_work() -> None:
    one, many = (need(Load(per_month=NATION_PER_MONTH * times)) for times in (1, 100))
    for name in ("entries_per_year", "bodies_tb_per_year", "network_mb_per_s_busy"):
        assert many[name] == pytest.approx(100 * one[name])
    assert many["queues"] == one["queues"]  # they follow the systems, not the flow
    assert many["machines_axis"] >= one["machines_axis"] >= 2


def test_what_breaks_first_is_whole_where_it_is_said_to_break() -> None:
    name, most = most_per_month(Load(per_month=NATION_PER_MONTH))
    used = limits(Load(per_month=most))
    assert used[name] == pytest.approx(1.0)
    assert max(used.values()) == used[name]


def test_the_page_has_the_tables_of_the_arithmetic() -> None:
    page = (CHECKOUT / "docs" / "scale.md").read_text()
    for table in markdown().strip().split("\n\n"):
        assert table in page


def test_the_command_reckons_any_flow() -> None:
    done = CliRunner().invoke(axis, ["bench", "scale", "--month", "1000000", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["packages_per_day"] == 32258
    assert "PostgreSQL" in CliRunner().invoke(axis, ["bench", "scale"]).output
