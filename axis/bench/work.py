"""Fills the intake, lets real relay workers empty it, and counts what came out."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from axis.bench.country import SENDER_SYSTEM
from axis.bench.servers import Servers
from axis.bench.watch import Watch
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
from axis.relay.batches import Outcome
from axis.relay.run import SWITCH_S, open_worker
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
    stage_s: dict[str, float]  #: seconds of processor by stage, in the workers themselves
    batch_s: list[float]  #: how long each batch took, from its notices to their end
    progress: list[tuple[float, int]]  #: seconds since the beginning, packages done in a batch
    used: dict[str, Any]  #: what it cost the machine, see :meth:`axis.bench.watch.Watch.figures`
    series: list[dict[str, Any]] = field(default_factory=list)


class _Told(NamedTuple):
    """What a worker tells of a batch."""

    worker: int
    began: float
    ended: float
    judged: int
    cpu_s: float  #: of the whole process since it could work
    stage_s: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the records and the receivers' queues hold afterwards."""

    accepted: int
    refused: int
    deliveries: int
    notices: int
    ledger_entries: int

    def since(self, before: Counted) -> Counted:
        """Return what came after an earlier count."""
        return Counted(
            **{
                one.name: getattr(self, one.name) - getattr(before, one.name)
                for one in fields(self)
            }
        )


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


def work(settings: Settings, packages: int, where: Servers) -> Worked:
    """Run ``relay.workers`` processes until all packages have their verdict.

    Raises:
        queue.Empty: no worker said a word for two minutes.
    """
    context = multiprocessing.get_context("spawn")
    results: Queue[_Told] = context.Queue()
    processes = [
        context.Process(target=_worker, args=(settings, results, number))
        for number in range(settings.relay.workers)
    ]
    for process in processes:
        process.start()
    told: list[_Told] = []
    done = 0
    pids = {f"relay-{number}": one.pid for number, one in enumerate(processes) if one.pid}
    try:
        with Watch({**pids, **where.pids}) as watch:
            while done < packages:
                one = results.get(timeout=SILENCE_S)
                told.append(one)
                done += one.judged
            began, ended = min(one.began for one in told), max(one.ended for one in told)
            used = watch.figures(units=packages, since=began, until=ended)
            series = watch.series()
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
    stage_s: dict[str, float] = {}
    for one in told:
        for name, seconds in one.stage_s.items():
            stage_s[name] = stage_s.get(name, 0.0) + seconds
    last = {one.worker: one.cpu_s for one in told}  # the latest of each
    stage_s["carry"] = max(0.0, sum(last.values()) - sum(stage_s.values()))
    return Worked(
        seconds=ended - began,
        done=done,
        stage_s=stage_s,
        batch_s=[one.ended - one.began for one in told],
        progress=sorted((one.ended - began, one.judged) for one in told),
        used=used,
        series=series,
    )


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


def _worker(settings: Settings, results: Queue[_Told], number: int) -> None:
    import uvloop

    def told(outcome: Outcome) -> None:
        results.put(
            _Told(
                worker=number,
                began=outcome.began,
                ended=outcome.ended,
                judged=outcome.accepted + outcome.refused,
                cpu_s=time.process_time() - idle,
                stage_s=outcome.stages.cpu_s,
            )
        )

    sys.setswitchinterval(SWITCH_S)  # as in a worker that serves
    worker = open_worker(settings, told=told)
    idle = time.process_time()

    async def until_told() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await worker.run(stop)

    with worker.examiners, asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        runner.run(until_told())
