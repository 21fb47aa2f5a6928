"""A process killed at any named point: the next one finishes its work, once in effect."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from axis.clock.due import Due
from axis.clock.process import Clock
from axis.consistency.check import check
from axis.delivery.states import State
from axis.ledger.keys import make_notary_key
from axis.mailbox import confirm, fetch
from axis.notary.process import sequence_pending
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from tests.clock.papers import put
from tests.clock.test_tell import told
from tests.faults.crashing import POINTS, later, much_later
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package

ROOT = Path(__file__).parents[2]


async def killed(axis: Installation, point: str, delivery_id: object = "") -> None:
    """Run the point's work in a process of its own until it is killed there."""
    config = Path(axis.settings.home) / "axis.toml"
    config.write_bytes(msgspec.toml.encode(axis.settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    words = [sys.executable, "-m", "tests.faults.crashing", point, str(delivery_id)]
    done = await asyncio.to_thread(
        subprocess.run,
        words,
        cwd=ROOT,
        env=environment | {"AXIS_CONFIG": str(config)},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


def points(job: str) -> list[str]:
    return [point for point, (of, *_) in POINTS.items() if of == job]


async def a_document(axis: Installation):
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document(to=(H14,)))), system="vpcp")
        await axis.verdict(ticket.package_id)
    with transaction(axis.engine) as connection:
        return deliveries_of(connection, [ticket.package_id])[0]


def sound(axis: Installation) -> None:
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []


@pytest.mark.parametrize("point", points("fetch") + points("confirm"))
async def test_a_mailbox_killed_at_a_point_gives_out_once_in_effect(
    axis: Installation, point: str
) -> None:
    delivery = await a_document(axis)
    facts = {"delivery_id": delivery.id, "system_id": "khac", "now": datetime.now(UTC)}
    if point.startswith("confirm"):
        fetch(axis.engine, axis.bodies, axis.sealer, **facts)
    await killed(axis, point, delivery.id)
    sound(axis)
    fetch(axis.engine, axis.bodies, axis.sealer, **facts)
    assert confirm(axis.engine, axis.sealer, **facts).state is State.CONFIRMED
    assert axis.count("ledger_inbox", f"delivery_id = '{_written(axis, delivery.id)}'") == 3
    sound(axis)


@pytest.mark.parametrize("point", points("tell"))
async def test_a_clock_killed_at_a_point_tells_everything_in_the_end(
    axis: Installation, point: str
) -> None:
    deliveries = put(axis, 20, at=datetime.now(UTC))
    await killed(axis, point)
    await Clock(axis.engine, axis.settings, axis.sealer, clock=later).tell()
    assert set(await told(axis)) == {one.id for one in deliveries}
    assert axis.count("delivery", "offered_at is not null") == 20


@pytest.mark.parametrize("point", points("expire"))
async def test_a_clock_killed_at_a_point_ends_each_delivery_once(
    axis: Installation, point: str
) -> None:
    put(axis, 5, at=datetime.now(UTC))
    await killed(axis, point)
    Due(
        engine=axis.engine, settings=axis.settings.clock, sealer=axis.sealer, clock=much_later
    ).round()
    assert axis.count("delivery", "state = 'expired'") == axis.count("ledger_inbox") == 5


@pytest.mark.parametrize("point", points("notary"))
async def test_a_notary_killed_at_a_point_leaves_a_ledger_that_goes_on(
    axis: Installation, point: str
) -> None:
    make_notary_key(axis.settings.path(axis.settings.notary.key))
    await a_document(axis)
    await killed(axis, point)
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document(2, to=(H41,)))), system="vpcp")
        await axis.verdict(ticket.package_id)
    sequence_pending(axis.engine, axis.settings)
    assert axis.count("ledger_inbox") == 0
    assert axis.count("ledger_entry") == 4
    assert axis.count("ledger_checkpoint") >= 1
    sound(axis)


def _written(axis: Installation, one: object) -> str:
    """Return an id as the database writes it."""
    return str(one) if axis.engine.dialect.name == "postgresql" else str(one).replace("-", "")
