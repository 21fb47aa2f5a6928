"""Fills the intake, lets real relay workers empty it, and counts what came out."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from typing import Final

import sqlalchemy as sa

from axis.bench.country import SENDER_SYSTEM
from axis.bodies import DiskBodies
from axis.bus.connection import connected, open_channel
from axis.bus.notices import IntakeNotice, encode_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import (
    INTAKE_QUEUE,
    declare_system_queues,
    declare_topology,
    system_queue,
)
from axis.delivery.lanes import Lane
from axis.intake import package_id_of
from axis.relay.pipeline import Outcome
from axis.relay.run import open_worker
from axis.settings import Settings
from axis.store.engine import transaction

#: A run in which no worker says a word for so long is given up.
SILENCE_S: Final = 120.0
_WINDOW: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What waits in the intake."""

    packages: int
    package_bytes: int  #: size of the last one


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What the workers did, from the first notice taken to the last acknowledged."""

    seconds: float
    done: int
    cpu_seconds: float  #: of the workers, without their examining processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the records and the receivers' queues hold afterwards."""

    accepted: int
    refused: int
    deliveries: int
    notices: int
    ledger_entries: int


async def fill(settings: Settings, packages: Iterable[bytes], systems: list[str]) -> Filled:
    """Store the bodies and publish their intake notices.

    Raises:
        PublishUnconfirmedError: RabbitMQ did not take one of them.
    """
    bodies = DiskBodies(settings.path(settings.bodies.path))
    async with connected(settings.amqp.url, name="axis bench, fills") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        await declare_system_queues(channel, systems)
        publisher = Publisher(channel, window=_WINDOW, timeout_s=60)
        count, size = 0, 0
        pending: list[tuple[str, str, bytes]] = []
        for package in packages:
            stored = bodies.put(package)
            count, size = count + 1, len(package)
            notice = IntakeNotice(
                package_id=package_id_of(SENDER_SYSTEM, stored.digest),
                system_id=SENDER_SYSTEM,
                digest=stored.digest.hex(),
                size_bytes=size,
                door="bench",
                received_at=datetime.now(UTC),
            )
            pending.append(("", INTAKE_QUEUE, encode_notice(notice)))
            if len(pending) == _WINDOW:
                await _publish(publisher, pending)
                pending.clear()
        await _publish(publisher, pending)
        return Filled(packages=count, package_bytes=size)


def work(settings: Settings, packages: int) -> Worked:
    """Run ``relay.workers`` processes until all packages have their verdict.

    Raises:
        queue.Empty: no worker said a word for two minutes.
    """
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[int, float, float, int, float]] = context.Queue()
    processes = [
        context.Process(target=_worker, args=(settings, results, number))
        for number in range(settings.relay.workers)
    ]
    for process in processes:
        process.start()
    began, ended, done = float("inf"), 0.0, 0
    cpu: dict[int, float] = {}
    try:
        while done < packages:
            number, first, last, count, used = results.get(timeout=SILENCE_S)
            began, ended, done = min(began, first), max(ended, last), done + count
            cpu[number] = used
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
    return Worked(seconds=ended - began, done=done, cpu_seconds=sum(cpu.values()))


async def count(settings: Settings, engine: sa.Engine, systems: list[str]) -> Counted:
    """Count what is recorded and what waits in the receivers' queues."""
    with transaction(engine) as connection:

        def rows(query: str) -> int:
            return int(connection.scalar(sa.text(f"select count(*) from {query}")) or 0)  # noqa: S608

        accepted = rows("package where accepted")
        refused = rows("package where not accepted")
        deliveries = rows("delivery")
        entries = rows("ledger_inbox") + rows("ledger_entry")
    notices = 0
    async with connected(settings.amqp.url, name="axis bench, counts") as opened:
        channel = await open_channel(opened, confirms=False)
        for system in systems:
            for lane in Lane:
                answer = await channel.queue_declare(system_queue(system, lane), passive=True)
                notices += answer.message_count or 0
    return Counted(
        accepted=accepted,
        refused=refused,
        deliveries=deliveries,
        notices=notices,
        ledger_entries=entries,
    )


async def _publish(publisher: Publisher, notices: list[tuple[str, str, bytes]]) -> None:
    for failure in await publisher.publish_all(notices):
        if failure is not None:
            raise failure


def _worker(
    settings: Settings, results: Queue[tuple[int, float, float, int, float]], number: int
) -> None:
    import uvloop

    def told(outcome: Outcome) -> None:
        judged = outcome.accepted + outcome.refused
        results.put((number, outcome.began, outcome.ended, judged, time.process_time() - idle))

    worker = open_worker(settings, told=told)
    idle = time.process_time()

    async def until_told() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await worker.run(stop)

    with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        runner.run(until_told())
