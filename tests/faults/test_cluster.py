"""The parts of the drill on three machines; the drill itself takes root and ten minutes."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from axis.chaos import clustered, network
from axis.chaos.balancer import balance
from axis.chaos.cluster import Outside
from axis.chaos.clustered import until
from axis.chaos.drill import DrillReport, Passed
from axis.chaos.errors import ClusterError, NoNetworkError
from axis.chaos.mishaps import MISHAPS
from axis.chaos.network import Machine
from axis.chaos.units import Units
from axis.sandbox.errors import NoSwiftError
from axis.sandbox.ports import free_ports
from axis.sandbox.swift import find_swift
from cli import axis

NAMES = tuple(MISHAPS)


def report_of(*happened: str) -> DrillReport:
    report = DrillReport(seed=1, minutes=1.0)
    report.passed = [
        Passed(mishap=name, happened=True, recovered_s=1.0, stalled_s=1.0, whole_s=1.0)
        for name in happened
    ]
    return report


def test_a_drill_passes_only_where_every_mishap_happened_and_nothing_was_wrong() -> None:
    assert report_of(*NAMES).verdict == "PASS"
    assert report_of(*NAMES[1:]).verdict == "INVALID"
    wrong = report_of(*NAMES)
    wrong.wrong.append("lost: one")
    assert wrong.verdict == "FAIL"
    assert wrong.to_json()["mishaps"][0]["recovered_s"] == 1.0


def test_a_balancer_passes_over_a_server_that_is_gone() -> None:
    port, gone, there = free_ports(3)

    async def story() -> bytes:
        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"here")
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", there):
            at_work = asyncio.create_task(
                balance(port, [("127.0.0.1", gone), ("127.0.0.1", there)])
            )
            try:
                async with asyncio.timeout(120):
                    while True:
                        try:
                            reader, writer = await asyncio.open_connection("127.0.0.1", port)
                            break
                        except OSError:
                            await asyncio.sleep(0.01)
                    said = await reader.read(4)
                    writer.close()
                    return said
            finally:
                at_work.cancel()
                await asyncio.gather(at_work, return_exceptions=True)

    assert asyncio.run(story()) == b"here"


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not there")
def test_a_unit_is_started_again_until_nobody_wants_it(tmp_path: Path) -> None:
    sleeper = ("-c", "import time; time.sleep(600)")
    units = Units(Outside(), tmp_path, (), {"sleeper": sleeper})

    def next_id(*before: int | None) -> int:
        end = time.monotonic() + 120
        while (found := units.process_id("sleeper")) in {None, *before}:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert found is not None
        return found

    try:
        assert units.process_id("sleeper") is None
        units.start()
        first = next_id()
        assert units.kill("sleeper") == first
        second = next_id(first)
        assert units.restart("sleeper")  # it ended by itself when it was told to
        third = next_id(first, second)
        assert units.kill("sleeper", stay=True) == third
        assert units.process_id("sleeper") is None
    finally:
        units.close()
    assert not Path(f"/proc/{third}/environ").exists()


def test_what_cannot_be_run_here_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(NoNetworkError) as caught:
        network._ip("no-such-object")
    assert caught.value.code == "chaos.no-network"
    monkeypatch.setattr(clustered, "START_S", 0.0)
    with pytest.raises(ClusterError) as failed:
        until(lambda: time.monotonic() < 0, "RabbitMQ", Machine("m1", "10.77.0.11", "", ""))
    assert failed.value.code == "chaos.cluster"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSwiftError) as absent:
        find_swift()
    assert absent.value.code == "sandbox.no-swift"


def test_the_command_names_its_mishaps_and_knows_no_others() -> None:
    done = CliRunner().invoke(axis, ["chaos", "cluster", "--list"])
    assert done.output.splitlines() == list(NAMES)
    wrong = CliRunner().invoke(axis, ["chaos", "cluster", "--only", "flood"])
    assert wrong.exit_code == 2
