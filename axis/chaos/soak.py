"""A soak run: load, faults at random moments, healing, and the count of what was lost or doubled.

A run in which a fault did not really happen proves nothing about it: its verdict is INVALID.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from axis.bodies import open_bodies
from axis.bus.connection import connected, open_channel
from axis.bus.topology import PARKED_QUEUE, UNROUTED_QUEUE, intake_queue, system_queue
from axis.chaos.faults import FAULTS
from axis.chaos.offices import Offices
from axis.chaos.papers import CODE_OF
from axis.chaos.proxy import Mode
from axis.chaos.world import SYSTEMS, Scene, World, world
from axis.consistency.check import check
from axis.delivery.lanes import Lane
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.ledger.merkle import leaf_hash
from axis.store.engine import transaction
from axis.store.ledger import entries_between, head_size, latest_log

#: How long the axis may take to be done with everything after the last fault.
HEALING_S: Final = 180.0
#: When it is asked whether each queue has a leader, and how long the answers may take.
LEADER_S: Final = 30.0
#: How often a kind of fault that did not happen is tried before the run counts as invalid.
_TRIES: Final = 4


@dataclass(slots=True)
class Report:
    """What a soak run found."""

    seed: int
    minutes: float
    figures: dict[str, Any] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)  #: that really happened
    failed_faults: Counter[str] = field(default_factory=Counter)  #: that did not
    wrong: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """PASS, FAIL, or INVALID where a kind of fault never happened."""
        if self.wrong:
            return "FAIL"
        return "INVALID" if set(FAULTS) - set(self.faults) else "PASS"

    def to_json(self) -> dict[str, Any]:
        """Return the report as one object."""
        return {
            "verdict": self.verdict,
            "seed": self.seed,
            "minutes": self.minutes,
            **self.figures,
            "faults": dict(sorted(self.faults.items())),
            "faults_that_did_not_happen": dict(sorted(self.failed_faults.items())),
            "wrong": self.wrong[:50],
        }


def soak(
    home: Path,
    *,
    minutes: float,
    seed: int,
    rate: float,
    pause_s: tuple[float, float] = (2.0, 8.0),
    say: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Run for ``minutes``, then heal and count.

    Raises:
        NoRabbitMQError, NoPostgreSQLError: none is installed.
    """
    chance = random.Random(seed)  # noqa: S311  a schedule, no secret
    report = Report(seed=seed, minutes=minutes)
    with world(home) as one:
        offices = Offices(one, rate=rate, chance=random.Random(seed + 1))  # noqa: S311
        asyncio.run(_run(one, offices, report, minutes, chance, pause_s, say))
        judge(one, offices, report)
    return report


async def _run(
    one: World,
    offices: Offices,
    report: Report,
    minutes: float,
    chance: random.Random,
    pause_s: tuple[float, float],
    say: Callable[[str], None],
) -> None:
    sending, receiving = asyncio.Event(), asyncio.Event()
    mending = asyncio.create_task(_mend(one, receiving))
    senders = [
        asyncio.create_task(offices.send(sending)),
        asyncio.create_task(offices.collect(sending)),
    ]
    receivers = [asyncio.create_task(offices.receive(name, receiving)) for name in SYSTEMS]
    receivers.append(asyncio.create_task(one.endpoint.serve(receiving)))
    until = time.monotonic() + minutes * 60
    # Every kind of fault once, in a random order; then whatever comes.
    schedule = chance.sample(sorted(FAULTS), len(FAULTS))
    while time.monotonic() < until or schedule:
        await asyncio.sleep(chance.uniform(*pause_s))
        name = schedule.pop() if schedule else chance.choice(sorted(FAULTS))
        happened = await asyncio.to_thread(FAULTS[name], one, chance)
        (report.faults if happened else report.failed_faults)[name] += 1
        if not report.faults[name] and report.failed_faults[name] < _TRIES:
            schedule.insert(0, name)  # what the last fault left behind hid this one
        say(f"{name}: {'yes' if happened else 'NO'}; {len(offices.book.sent)} sent")
        for task in (*senders, *receivers, mending):
            if task.done():
                task.result()  # an office that dies is a bug of the run itself
    sending.set()
    await asyncio.gather(*senders)
    # Heal: nothing is done by hand from here but to wait, and what an operator does for a queue
    # that RabbitMQ left without a leader when it was started after a kill.
    one.amqp.mode = one.database.mode = Mode.PASS
    began = time.monotonic()
    asked = restarted = False
    while time.monotonic() < began + HEALING_S:
        if time.monotonic() > began + LEADER_S and not asked:
            asked, restarted = True, not await answer(one)
            if restarted:
                say("a queue has no leader: RabbitMQ is started again")
                await asyncio.to_thread(one.rabbitmq.kill)
                await asyncio.to_thread(one.rabbitmq.start)
        left = await offices.look_once()
        waiting = await asyncio.to_thread(undone, one)
        if not left and waiting == 0:
            break
        say(f"healing: {left} without an answer, {waiting} not done")
        await asyncio.sleep(2)
    report.figures["healing_s"] = round(time.monotonic() - began, 1)
    report.figures["rabbitmq_restarted"] = int(restarted)
    receiving.set()
    await asyncio.gather(*receivers)
    mending.cancel()
    await asyncio.gather(mending, return_exceptions=True)
    report.figures["parked_notices"], report.figures["unrouted_notices"] = await aside(one)


async def _mend(one: World, stop: asyncio.Event) -> None:
    """Do what ``axis serve`` does: start again what died."""
    while not stop.is_set():
        one.supervisor.mend()
        await asyncio.sleep(0.2)


def undone(one: Scene) -> int | None:
    """Return how many deliveries are under way and entries without a place; None: cannot tell."""
    try:
        with transaction(one.engine) as connection:
            return int(
                connection.scalar(
                    sa.text(
                        "select (select count(*) from delivery where state in "
                        "('held', 'routed', 'fetched', 'parked') and system_id <> 'soak-sender')"
                        " + (select count(*) from ledger_inbox)"
                    )
                )
                or 0
            )
    except AxisError:
        return None


async def answer(one: World) -> bool:
    """Say whether all queues can be asked: a quorum queue without a leader answers nobody."""
    queues = [intake_queue(lane) for lane in Lane]
    queues += [system_queue(system, lane) for system in SYSTEMS for lane in Lane]
    try:
        async with (
            asyncio.timeout(LEADER_S),
            connected(one.settings.amqp.url, name="soak, looks") as connection,
        ):
            channel = await open_channel(connection, confirms=False)
            for queue in queues:
                await channel.basic_get(queue, no_ack=False)
    except (AxisError, TimeoutError):
        return False
    return True


async def aside(one: Scene) -> tuple[int, int]:
    """Return how many notices stand in the parking queue and in the queue of unrouted ones."""
    async with connected(one.settings.amqp.url, name="soak, counts") as connection:
        channel = await open_channel(connection, confirms=False)
        parked = await channel.queue_declare(PARKED_QUEUE, passive=True)
        unrouted = await channel.queue_declare(UNROUTED_QUEUE, passive=True)
        return parked.message_count or 0, unrouted.message_count or 0


def judge(one: Scene, offices: Offices, report: Report) -> None:
    """Compare what was answered with what arrived, and look into the ledger."""
    book = offices.book
    with transaction(one.engine) as connection:
        rows = connection.execute(
            sa.text(
                "select d.system_id, p.digest, d.state from delivery d"
                " join package p on p.id = d.package_id"
            )
        ).all()
        entries, whole = _ledger(connection)
    states = {(row.system_id, bytes(row.digest)): row.state for row in rows}
    acknowledged = [paper for paper in book.sent.values() if paper.accepted]
    # For each address, where its paper may have gone: several where an office was merged.
    expected = [
        {(system, paper.digest) for system in _may_serve(one, code)}
        for paper in acknowledged
        for code in paper.to
    ]
    possible = set().union(*expected)
    recalled = {key for key in possible if states.get(key) == "recalled"}
    lost = {
        min(keys)
        for keys in expected
        if not any(book.kept[key] for key in keys) and recalled.isdisjoint(keys)
    }
    twice = {min(keys) for keys in expected if sum(book.kept[key] for key in keys) > 1}
    from_nothing = {key for key in book.kept if key not in possible}
    given_out = {key for key in recalled if book.kept[key]}
    report.figures |= {
        "papers": len(book.sent),
        "attempts": sum(paper.tries for paper in book.sent.values()),
        "answered_by_gateway": book.by_http,
        "accepted": len(acknowledged),
        "refused": sum(paper.accepted is False for paper in book.sent.values()),
        "unanswered": sum(paper.accepted is None for paper in book.sent.values()),
        "deliveries": len(expected),
        "to_offices_that_ended": sum(
            code in one.reform.after for p in acknowledged for code in p.to
        ),
        "received": sum(book.kept.values()),
        "recalled": len(recalled),
        "lost": len(lost),
        "duplicated": len(twice) + len(rows) - len(states),
        "from_nothing": len(from_nothing),
        "notices_pushed": one.endpoint.notices,
        "repeats_seen": book.repeats,
        "outages_seen": book.outages,
        "ledger_entries": entries,
    }
    report.wrong += book.wrong
    for name, keys in (
        ("lost", lost),
        ("duplicated", twice),
        ("from nothing", from_nothing),
        ("recalled and given out", given_out),
    ):
        report.wrong += [f"{name}: {digest.hex()} at {system}" for system, digest in sorted(keys)]
    if report.figures["unanswered"]:
        report.wrong.append(f"{report.figures['unanswered']} papers have no answer")
    if report.figures["duplicated"]:
        report.wrong.append("a package has two deliveries to one system")
    if not whole:
        report.wrong.append("the ledger is not whole")
    # The axis's own checker has to agree: it reads the records, the bodies and the ledger.
    bodies = open_bodies(one.settings)
    key = one.settings.path(one.settings.notary.salt_key)
    findings = list(check(one.engine, bodies, Sealer(read_key_file(key)), deep=True))
    report.figures["contradictions"] = len(findings)
    report.wrong += [f"{found.invariant} {found.what}: {found.name}" for found in findings]


def _may_serve(one: Scene, code: str) -> set[str]:
    return {CODE_OF[code]} if code in CODE_OF else one.reform.may_serve(code)


def _ledger(connection: sa.Connection) -> tuple[int, bool]:
    """Return how many entries the ledger has, and whether each has its place and its hash."""
    log = latest_log(connection)
    size = head_size(connection, log) or 0 if log is not None else 0
    if log is None:
        return 0, False
    places, right = [], True
    for entry in entries_between(connection, log, 0, size):
        places.append(entry.leaf_index)
        right = right and leaf_hash(entry.leaf) == entry.leaf_hash
    return size, right and places == list(range(size))
