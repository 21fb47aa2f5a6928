"""A worker killed between any two steps loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from axis.bus.connection import connected, open_channel
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.topology import INTAKE_QUEUE, PARKED_QUEUE, system_queue
from axis.delivery.lanes import Lane
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from axis.store.packages import judged
from tests.relay.crashing import POINTS
from tests.relay.installation import Installation
from tests.relay.papers import G22, H41, document, package
from tests.relay.test_pipeline import until_depth

DOCS = 60
ROOT = Path(__file__).parents[2]


def start(axis: Installation, *words: str) -> subprocess.Popen[bytes]:
    """Start a worker as a process of its own."""
    config = Path(axis.settings.home) / "axis.toml"
    settings = structs.replace(axis.settings, relay=structs.replace(axis.settings.relay, batch=10))
    config.write_bytes(msgspec.toml.encode(settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.relay.crashing", *words],
        cwd=ROOT,
        env=environment | {"AXIS_CONFIG": str(config)},
    )


async def audit(axis: Installation, ids: list) -> None:
    """Every package was accepted once, recorded once, and its receiver told."""
    with transaction(axis.engine) as connection:
        verdicts = judged(connection, ids)
        deliveries = {delivery.id for delivery in deliveries_of(connection, ids)}
    assert verdicts == dict.fromkeys(ids, True)
    assert axis.count("package") == axis.count("delivery") == len(ids) == len(deliveries)
    assert axis.count("ledger_inbox") + axis.count("ledger_entry") == 2 * len(ids)
    told = set()
    queue = system_queue("nghean", Lane.NORMAL)
    async with connected(axis.settings.amqp.url, name="audit") as connection:
        channel = await open_channel(connection, confirms=False)
        parked = await channel.queue_declare(PARKED_QUEUE, passive=True)
        assert parked.message_count == 0
        while True:
            message = await channel.basic_get(queue, no_ack=True)
            if not message.body:
                break
            notice = parse_notice(message.body, queue=queue)
            assert isinstance(notice, DeliveryNotice)
            told.add(notice.delivery_id)
    assert told == deliveries


async def fill(axis: Installation, count: int = DOCS) -> list:
    packages = [axis.sign(G22, package(document(n, to=(H41,)))) for n in range(count)]
    return [ticket.package_id for ticket in await axis.submit_all(packages, system="vpcp")]


@pytest.mark.parametrize(
    ("engine", "point"),
    [*(("postgresql", point) for point in POINTS), ("sqlite", "recorded"), ("sqlite", "published")],
    indirect=["engine"],
)
async def test_a_worker_killed_at_a_step_is_made_up_for(axis: Installation, point: str) -> None:
    ids = await fill(axis)
    worker = start(axis, point, "3")
    assert await asyncio.to_thread(worker.wait, 120) == -signal.SIGKILL
    async with axis.running():
        await until_depth(axis, INTAKE_QUEUE, 0)
        for package_id in ids:
            await axis.verdict(package_id)
    await audit(axis, ids)


async def test_workers_killed_at_any_moment_under_load_lose_nothing(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    ids = await fill(axis, 300)
    for _ in range(6):
        before = axis.count("package")
        worker = start(axis, "never", "0")
        async with asyncio.timeout(120):
            # The kill comes a chosen number of packages later, so it always hits work under way.
            while axis.count("package") < min(before + chance.randrange(1, 40), 290):
                await asyncio.sleep(0.005)
        worker.kill()
        assert await asyncio.to_thread(worker.wait, 120) == -signal.SIGKILL
    async with axis.running():
        for package_id in ids:
            await axis.verdict(package_id)
        await until_depth(axis, INTAKE_QUEUE, 0)
    await audit(axis, ids)
