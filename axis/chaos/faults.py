"""The faults of a soak run: each happens, is healed, and says whether it really happened."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from typing import Final

from axis.chaos.proxy import Mode
from axis.chaos.world import World
from axis.errors import AxisError

#: How long a fault that lasts lasts, in seconds.
SPAN_S: Final = (1.0, 4.0)


def kill_process(name: str) -> Callable[[World, random.Random], bool]:
    """Return the fault that kills a process of the axis; the supervisor starts it again."""

    def kill(world: World, _chance: random.Random) -> bool:
        # It may be on its way back from the fault before.
        _until(lambda: name in world.supervisor.process_ids())
        pid = world.supervisor.process_ids().get(name)
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        return _until(lambda: world.supervisor.process_ids().get(name) not in {None, pid})

    return kill


def kill_rabbitmq(world: World, chance: random.Random) -> bool:
    """Kill RabbitMQ and start it again on its data."""
    world.rabbitmq.kill()
    gone = not world.rabbitmq.is_running
    _last(chance)
    world.rabbitmq.start()
    return gone and world.rabbitmq.is_running


def kill_postgresql(world: World, chance: random.Random) -> bool:
    """Kill PostgreSQL, all its processes, and start it again on its data."""
    world.postgresql.kill()
    gone = not world.postgresql.is_running
    _last(chance)
    world.postgresql.start()
    return gone and world.postgresql.is_running


def cut_rabbitmq(world: World, _chance: random.Random) -> bool:
    """Reset all connections to RabbitMQ."""
    return world.amqp.cut() > 0


def cut_postgresql(world: World, _chance: random.Random) -> bool:
    """Reset all connections to PostgreSQL."""
    return world.database.cut() > 0


def blackhole_rabbitmq(world: World, chance: random.Random) -> bool:
    """Swallow everything between the axis and RabbitMQ, then reset what hangs."""
    before = world.amqp.seen.swallowed_bytes
    world.amqp.mode = Mode.BLACKHOLE
    _last(chance)
    world.amqp.mode = Mode.PASS
    world.amqp.cut()
    return world.amqp.seen.swallowed_bytes > before


def deafen_rabbitmq(world: World, chance: random.Random) -> bool:
    """Lose confirms: RabbitMQ gets everything, the axis hears nothing."""
    before = world.amqp.seen.swallowed_bytes
    world.amqp.mode = Mode.DEAF
    _last(chance)
    world.amqp.mode = Mode.PASS
    world.amqp.cut()
    return world.amqp.seen.swallowed_bytes > before


def blackhole_postgresql(world: World, chance: random.Random) -> bool:
    """Swallow everything between the axis and PostgreSQL, then reset what hangs."""
    before = world.database.seen.swallowed_bytes
    world.database.mode = Mode.BLACKHOLE
    _last(chance)
    world.database.mode = Mode.PASS
    world.database.cut()
    return world.database.seen.swallowed_bytes > before


def lose_commit(world: World, _chance: random.Random) -> bool:
    """Let a COMMIT take effect and lose its answer."""
    before = world.database.seen.lost_commits
    world.database.lose_next_commit()
    return _until(lambda: world.database.seen.lost_commits > before)


def alarm(world: World, chance: random.Random) -> bool:
    """Raise RabbitMQ's memory alarm: it stops reading from whoever publishes."""
    world.rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
    seen = _until(
        lambda: "memory" in world.rabbitmq.rabbitmqctl("eval", "rabbit_alarm:get_alarms().")
    )
    _last(chance)
    world.rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0.4")
    return seen


def reorganise(world: World, chance: random.Random) -> bool:
    """Merge or divide an office while papers are on their way to it."""
    ended = len(world.reform.after)

    def happened() -> bool:
        try:
            world.reform.happen(world.engine, chance)
        except AxisError:  # the database is not back yet
            return False
        return True

    return _until(happened) and len(world.reform.after) > ended


FAULTS: Final[Mapping[str, Callable[[World, random.Random], bool]]] = {
    "relay killed": kill_process("relay-0"),
    "other relay killed": kill_process("relay-1"),
    "notary killed": kill_process("notary"),
    "clock killed": kill_process("clock"),
    "gateway killed": kill_process("gateway"),
    "courier killed": kill_process("courier"),
    "RabbitMQ killed": kill_rabbitmq,
    "PostgreSQL killed": kill_postgresql,
    "RabbitMQ cut": cut_rabbitmq,
    "PostgreSQL cut": cut_postgresql,
    "RabbitMQ swallowed": blackhole_rabbitmq,
    "PostgreSQL swallowed": blackhole_postgresql,
    "confirms lost": deafen_rabbitmq,
    "COMMIT's answer lost": lose_commit,
    "memory alarm": alarm,
    "office merged or divided": reorganise,
}


def _last(chance: random.Random) -> None:
    time.sleep(chance.uniform(*SPAN_S))


def _until(condition: Callable[[], bool], *, timeout_s: float = 30.0) -> bool:
    """Say whether a condition came true in time."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False
