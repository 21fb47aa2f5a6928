"""The bench measures what it says: every package through the whole relay, none lost or doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from axis.bench.errors import BenchUnusableError, FloorFailedError
from axis.bench.floor import run_floor
from axis.bench.machine import describe_machine
from axis.bench.relay import FanoutBench, RelayBench, run, run_fanout
from axis.bench.servers import Servers
from axis.bus.connection import connected, open_channel
from axis.bus.publisher import Publisher
from axis.bus.topology import INTAKE_QUEUE, declare_topology
from axis.sandbox.postgresql import PrivatePostgreSQL


def bench(docs: int = 120) -> RelayBench:
    return RelayBench(docs=docs, size_bytes=2000, workers=2)


def test_all_packages_arrive_once_and_the_servers_are_left_clean(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    where = Servers(amqp=amqp_url, pg=postgresql.url)
    for number in range(2):
        figures = run(bench(), where, tmp_path / str(number))
        assert (figures["lost"], figures["duplicated"], figures["refused"]) == (0, 0, 0)
        assert figures["done"] == figures["docs"] == 120
        assert figures["ledger_entries"] == 240
        assert figures["docs_per_s"] > 0


def test_a_circular_reaches_every_office_once(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    where = Servers(amqp=amqp_url, pg=postgresql.url)
    circular = FanoutBench(docs=2, offices=150, systems=5, workers=1)
    figures = run_fanout(circular, where, tmp_path)
    assert (figures["lost"], figures["duplicated"], figures["refused"]) == (0, 0, 0)
    assert figures["deliveries_per_s"] > 0


async def test_servers_that_hold_other_work_are_not_touched(
    tmp_path: Path, amqp_url: str, postgresql: PrivatePostgreSQL
) -> None:
    async with connected(amqp_url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        publisher = Publisher(channel, window=1, timeout_s=10)
        await publisher.publish(b"precious", routing_key=INTAKE_QUEUE)
        where = Servers(amqp=amqp_url, pg=postgresql.url)
        with pytest.raises(BenchUnusableError) as caught:
            await asyncio.to_thread(run, bench(), where, tmp_path)
        assert caught.value.code == "bench.servers-in-use"
        left = await channel.queue_declare(INTAKE_QUEUE, passive=True)
        assert left.message_count == 1


def test_a_yardstick_that_gives_no_figure_says_why(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("raise SystemExit('no servers')")
    where = Servers(amqp="amqp://127.0.0.1:1/", pg="postgresql://127.0.0.1:1/x")
    with pytest.raises(FloorFailedError) as caught:
        run_floor(script, bench(), where)
    assert caught.value.code == "bench.floor-failed"
    assert caught.value.facts["reason"] == "no servers"


def test_a_figure_names_its_machine() -> None:
    machine = describe_machine()
    assert machine["cores"]
    assert machine["memory_kib"]
