"""Bodies go when their time is over, and only then; a purge that is killed is finished later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from axis.consistency.check import check
from axis.delivery.states import State
from axis.errors import AxisError
from axis.mailbox import fetch
from axis.retention.hold import hold, lift
from axis.retention.purge import YOUNG_S, purge
from axis.store.deliveries import save_deliveries
from axis.store.engine import transaction
from tests.clock.papers import put
from tests.relay.installation import Installation
from tests.relay.papers import H14
from tests.retention.crashing import DOCUMENTS, POINTS

ROOT = Path(__file__).parents[2]
OLD = timedelta(days=40)


def now() -> datetime:
    return datetime.now(UTC)


def late() -> float:
    return time.time() + 2 * YOUNG_S


def over(axis: Installation, count: int, *, first: int = 0, ago: timedelta = OLD):
    """Documents that were confirmed long ago, with their bodies."""
    from dataclasses import replace

    deliveries = put(axis, count, at=now() - ago, first=first, system="khac", address=H14)
    at = now() - ago
    ended = [
        replace(one, state=State.CONFIRMED, fetched_at=at, confirmed_at=at) for one in deliveries
    ]
    with transaction(axis.engine) as connection:
        save_deliveries(connection, ended)
    for number in range(first, first + count):
        axis.bodies.put(f"body {number}".encode())
    return ended


def files(axis: Installation) -> int:
    return sum(path.is_file() for path in axis.bodies.root.glob("*/*/*"))


def run(axis: Installation, *, wall=late):
    return purge(axis.engine, axis.bodies, axis.sealer, DOCUMENTS, now=now(), wall=wall)


def test_what_is_over_its_time_goes_and_the_rest_stays(axis: Installation) -> None:
    over(axis, 3)
    over(axis, 2, first=10, ago=timedelta(days=20))
    put(axis, 1, at=now() - OLD, first=20)
    axis.bodies.put(b"body 20")
    done = run(axis)
    assert (done.recorded, done.removed, files(axis)) == (3, 3, 3)
    assert axis.count("body_purge", "removed_at is not null") == 3
    assert axis.count("ledger_inbox") == 3
    again = run(axis)
    assert (again.recorded, again.removed) == (0, 0)
    assert axis.count("package") == 6


def test_what_was_purged_is_not_given_out_and_says_why(axis: Installation) -> None:
    (delivery,) = over(axis, 1)
    run(axis)
    with pytest.raises(AxisError) as caught:
        fetch(
            axis.engine,
            axis.bodies,
            axis.sealer,
            delivery_id=delivery.id,
            system_id="khac",
            now=now(),
        )
    assert caught.value.code == "delivery.purged"


def test_what_is_on_hold_stays_until_the_hold_is_lifted(axis: Installation) -> None:
    first, second = over(axis, 2)
    facts = {"who": "Lan", "why": "thanh tra", "now": now()}
    assert hold(axis.engine, axis.sealer, "0/VPCP-TTĐT", **facts) == [first.package_id]
    assert hold(axis.engine, axis.sealer, str(first.package_id), **facts) == []
    assert run(axis).removed == 1
    assert not axis.bodies.has(_digest(1))
    assert axis.bodies.has(_digest(0))
    assert lift(axis.engine, axis.sealer, "0/VPCP-TTĐT", **facts) == [first.package_id]
    assert run(axis).removed == 1
    assert second.package_id != first.package_id
    with pytest.raises(AxisError) as caught:
        hold(axis.engine, axis.sealer, "nothing", **facts)
    assert caught.value.code == "document.unknown"


def test_a_body_that_came_again_a_moment_ago_stays(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    over(axis, 1)
    done = run(axis, wall=time.time)
    assert (done.recorded, done.removed, files(axis)) == (1, 0, 1)
    assert run(axis).removed == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_purge_killed_at_a_step_is_finished_by_the_next(axis: Installation, point: str) -> None:
    over(axis, 6)
    assert start(axis, point).wait(60) == -signal.SIGKILL
    findings = {one.what for one in check(axis.engine, axis.bodies, axis.sealer)}
    assert "body-missing" not in findings
    run(axis)
    assert (axis.count("body_purge", "removed_at is not null"), files(axis)) == (6, 0)
    assert axis.count("ledger_inbox") == 6


def start(axis: Installation, point: str) -> subprocess.Popen[bytes]:
    config = Path(axis.settings.home) / "axis.toml"
    config.write_bytes(msgspec.toml.encode(axis.settings))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.retention.crashing", point],
        cwd=ROOT,
        env=environment | {"AXIS_CONFIG": str(config)},
    )


def _digest(number: int) -> bytes:
    import hashlib

    return hashlib.sha256(f"body {number}".encode()).digest()
