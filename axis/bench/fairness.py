"""Measures what is urgent while circulars to every commune and a flood of large documents go on.

The flood stands in the intake before the first express document is sent; these are sent one after
the other at a fixed pace until the flood has been worked through. The way of an express document
ends when its receiver has its notice, has read its bytes and has confirmed it. Only those that were
sent while the flood was under way count.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from aiormq.abc import DeliveredMessage
from msgspec.structs import replace

from axis.bench.country import (
    SENDER,
    SENDER_SYSTEM,
    Country,
    build_country,
    country_of,
    document,
    packages,
)
from axis.bench.day import loop_factory, until_taken
from axis.bench.servers import Servers, installation
from axis.bench.soundness import wrong_of
from axis.bench.spread import spread_ms
from axis.bench.watch import Watch
from axis.bodies import Bodies, open_bodies
from axis.bus.connection import connected, open_channel
from axis.bus.notices import DeliveryNotice, IntakeNotice, encode_notice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_system_queues, declare_topology, intake_queue, system_queue
from axis.delivery.lanes import Lane
from axis.delivery.states import Event
from axis.envelope.writer import encode
from axis.errors import AxisError
from axis.intake import package_id_of
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox.batch import StepOrder, take_steps
from axis.relay.run import work
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, serve_notary
from axis.settings import RelaySettings, Settings
from axis.store.engine import open_engine, transaction
from axis.trust.sign import Signer, sign

#: Express documents that a run must have to say anything of the 99th percentile.
LEAST: Final = 100
#: The aim: 99 of 100 express documents are there sooner.
AIM_S: Final = 1.0
#: A flood of which nothing more was done for so long is given up.
SILENCE_S: Final = 120.0
_URGENT: Final = 3  #: Priority of an express document
_LOOK_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessBench:
    """What to measure."""

    circulars: int  #: to every office
    large: int  #: documents of ``large_bytes``
    large_bytes: int = 10_000_000
    every_s: float = 0.05  #: from one express document to the next
    least: int = LEAST
    workers: int = 2
    examiners: int = 1
    offices: int = 3321
    systems: int = 34


@dataclass(slots=True)
class _Express:
    """Express documents on their way."""

    sent: dict[UUID, float] = field(default_factory=dict)
    way_s: list[float] = field(default_factory=list)
    again: int = 0  #: notices of what had come before


def run(
    bench: FairnessBench, where: Servers, home: Path, say: Callable[..., None]
) -> dict[str, Any]:
    """Measure once and return the figures; ``wrong`` names what makes them worthless.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
        TimeoutError: nothing came for two minutes.
    """
    country = country_of(bench.offices, bench.systems)
    relay = RelaySettings(workers=bench.workers, examiners=bench.examiners)
    with installation(
        where, home, relay=relay, second_opinion=True, systems=country.systems
    ) as settings:
        prepare(settings)
        engine = open_engine(settings.database_url)
        try:
            signer = build_country(engine, settings.path("certs"), country)
            bodies = open_bodies(settings)
            say("{count} packages are written and signed …", count=bench.circulars + bench.large)
            flood = _stored(
                bodies,
                packages(country, signer, count=bench.circulars, size_bytes=30_000, to_all=True),
            ) + _stored(
                bodies,
                packages(country, signer, count=bench.large, size_bytes=bench.large_bytes),
            )
            return _measure(bench, settings, where, engine, country, signer, flood, say)
        finally:
            engine.dispose()


def _measure(
    bench: FairnessBench,
    settings: Settings,
    where: Servers,
    engine: sa.Engine,
    country: Country,
    signer: Signer,
    flood: Sequence[IntakeNotice],
    say: Callable[..., None],
) -> dict[str, Any]:
    targets = {f"relay-{number}": work for number in range(bench.workers)}
    supervisor = Supervisor(settings, {**targets, "notary": serve_notary})
    urgent = _Urgent(bench, settings, engine, country, signer)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        supervisor.start()
        try:
            runner.run(until_taken(settings, bench.workers))
            say("express documents beside the flood …")
            pids = {**supervisor.process_ids(), "offices": os.getpid(), **where.pids}
            with Watch(pids) as watch:
                began = time.perf_counter()
                express = runner.run(urgent.beside(flood))
                seconds = time.perf_counter() - began
                used = watch.figures(units=len(flood) + len(express.sent))
                series = watch.series()
        finally:
            supervisor.stop()
    with transaction(engine) as connection:
        refused = connection.scalar(sa.text("select count(*) from package where not accepted"))
        deliveries = int(connection.scalar(sa.text("select count(*) from delivery")) or 0)
    expected = bench.circulars * bench.offices + bench.large + len(express.sent)
    figures: dict[str, Any] = {
        "seconds": round(seconds, 2),
        "circulars": bench.circulars,
        "large": bench.large,
        "large_bytes": bench.large_bytes,
        "deliveries": deliveries,
        "deliveries_per_s": round(deliveries / seconds, 1),
        "express": len(express.sent),
        "express_way": spread_ms(express.way_s),
        "workers": bench.workers,
        "examiners": bench.examiners,
        **used,
        "refused": int(refused or 0),
        "lost": max(expected - deliveries, 0),
        "duplicated": max(deliveries - expected, 0) + express.again,
        "series": series,
    }
    wrong = wrong_of(figures, demands_load=False)
    if len(express.way_s) < bench.least:
        wrong.append(
            f"only {len(express.way_s)} express documents were sent while the flood was under way"
        )
    slow = express.way_s and figures["express_way"].get("p99_ms", 0) > AIM_S * 1000
    figures["aim_kept"] = not slow
    return figures | {"wrong": wrong}


class _Urgent:
    """Who sends and who receives express documents, in one process."""

    def __init__(
        self,
        bench: FairnessBench,
        settings: Settings,
        engine: sa.Engine,
        country: Country,
        signer: Signer,
    ) -> None:
        self._bench = bench
        self._settings = settings
        self._engine = engine
        self._country = country
        self._signer = signer
        self._bodies = open_bodies(settings)
        self._sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
        self._system, codes = next(iter(country.offices.items()))
        self._code = codes[0]
        self._inbox: asyncio.Queue[DeliveryNotice] = asyncio.Queue()
        self._express = _Express()
        self._confirmed: set[UUID] = set()

    async def beside(self, flood: Sequence[IntakeNotice]) -> _Express:
        """Let the flood in, send express documents until it is over, and wait for all of them.

        Raises:
            TimeoutError: nothing came for two minutes.
        """
        url = self._settings.amqp.url
        async with (
            connected(url, name="axis bench, sends") as sending,
            connected(url, name="axis bench, takes") as taking,
        ):
            channel = await open_channel(sending, confirms=True)
            await declare_topology(channel)
            await declare_system_queues(channel, self._country.systems)
            publisher = Publisher(channel, window=400, timeout_s=60)
            took = await open_channel(taking, confirms=False)
            queue = system_queue(self._system, Lane.EXPRESS)
            await took.basic_consume(queue, self._receive, no_ack=True)
            await _publish(publisher, flood, Lane.NORMAL)
            receiving = asyncio.create_task(self._take())
            try:
                await self._send(publisher, len(flood))
                async with asyncio.timeout(SILENCE_S):
                    while self._express.sent.keys() - self._confirmed:
                        await asyncio.sleep(0.05)
                        if receiving.done():
                            receiving.result()
            finally:
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)
        return self._express

    async def _send(self, publisher: Publisher, flood: int) -> None:
        until = time.monotonic() + SILENCE_S
        number, done, looked = 0, 0, time.monotonic()
        turn = asyncio.get_running_loop().time()
        while done < flood:
            notice = await asyncio.to_thread(self._write, number)
            self._express.sent[notice.package_id] = time.perf_counter()
            await _publish(publisher, [notice], Lane.EXPRESS)
            number += 1
            if time.monotonic() - looked > _LOOK_S:
                before, done = done, await asyncio.to_thread(self._judged)
                looked = time.monotonic()
                until = looked + SILENCE_S if done > before else until
                if looked > until:
                    raise TimeoutError(f"{flood - done} packages of the flood were not judged")
            turn += self._bench.every_s
            await asyncio.sleep(max(0.0, turn - asyncio.get_running_loop().time()))

    def _write(self, number: int) -> IntakeNotice:
        plain = document(10_000_000 + number, SENDER, [self._code])
        envelope = replace(plain, other_info=replace(plain.other_info, priority=_URGENT))
        package = sign(encode(envelope, {"1": os.urandom(15_000)}), self._signer)
        return _stored(self._bodies, [package])[0]

    def _judged(self) -> int:
        """Return how many packages of the flood have their verdict."""
        with transaction(self._engine) as connection:
            query = sa.text("select count(*) from package where coalesce(priority, 0) <> :urgent")
            return int(connection.scalar(query, {"urgent": _URGENT}) or 0)

    async def _receive(self, message: DeliveredMessage) -> None:
        notice = parse_notice(message.body, queue=self._system)
        if isinstance(notice, DeliveryNotice):
            self._inbox.put_nowait(notice)

    async def _take(self) -> None:
        """Read the bytes of what has come, and confirm it."""
        while True:
            notices = [await self._inbox.get()]
            while not self._inbox.empty():
                notices.append(self._inbox.get_nowait())
            fresh = [one for one in notices if one.package_id not in self._confirmed]
            self._express.again += len(notices) - len(fresh)
            if fresh:
                await asyncio.to_thread(self._confirm, fresh)
            now = time.perf_counter()
            for one in fresh:
                self._confirmed.add(one.package_id)
                self._express.way_s.append(now - self._express.sent[one.package_id])

    def _confirm(self, notices: Sequence[DeliveryNotice]) -> None:
        for one in notices:
            self._bodies.check(bytes.fromhex(one.digest))
        for step in (Event.FETCH, Event.CONFIRM):
            orders = [
                StepOrder(delivery_id=one.delivery_id, system_id=self._system, step=step)
                for one in notices
            ]
            for answer in take_steps(self._engine, self._sealer, orders, now=datetime.now(UTC)):
                if isinstance(answer, AxisError):
                    raise answer


def _stored(bodies: Bodies, written: Iterable[bytes]) -> list[IntakeNotice]:
    """Store packages of the bench's sender and return their notices."""
    notices = []
    for package in written:
        stored = bodies.put(package)
        notices.append(
            IntakeNotice(
                package_id=package_id_of(SENDER_SYSTEM, stored.digest),
                system_id=SENDER_SYSTEM,
                digest=stored.digest.hex(),
                size_bytes=stored.size_bytes,
                door="bench",
                received_at=datetime.now(UTC),
            )
        )
    return notices


async def _publish(publisher: Publisher, notices: Sequence[IntakeNotice], lane: Lane) -> None:
    letters = [("", intake_queue(lane), encode_notice(one)) for one in notices]
    for failure in await publisher.publish_all(letters):
        if failure is not None:
            raise failure
