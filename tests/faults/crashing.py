"""A step of the axis that dies at a named point: ``python -m tests.faults.crashing POINT [ID]``.

A gateway serves until a caller brings it to its point; with the point ``-`` it has none.

The relay's points are in tests/relay/crashing.py, the purge's in tests/retention/crashing.py.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from axis.bodies import DiskBodies
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.settings import Settings, load_settings
from axis.store.engine import open_engine

#: point → what runs, where it dies (module, attribute), before or after that call.
POINTS = {
    "fetch: bytes read": ("fetch", "axis.mailbox.take", "move", "before"),
    "fetch: written, not committed": ("fetch", "axis.mailbox.take", "save_deliveries", "after"),
    "fetch: committed, not answered": ("fetch", "axis.mailbox.take", "fetch", "after"),
    "confirm: written, not committed": ("confirm", "axis.mailbox.take", "save_deliveries", "after"),
    "confirm: committed, not answered": ("confirm", "axis.mailbox.take", "confirm", "after"),
    "clock: found, not told": ("tell", "axis.bus.publisher", "Publisher.publish_all", "before"),
    "clock: told, not recorded": ("tell", "axis.clock.tell", "Teller._record", "before"),
    "clock: recorded, not committed": ("tell", "axis.clock.tell", "save_deliveries", "after"),
    "expiry: written, not committed": ("expire", "axis.clock.due", "save_deliveries", "after"),
    "expiry: committed": ("expire", "axis.clock.due", "Due.expire", "after"),
    "notary: placed, not committed": ("notary", "axis.notary.office", "sequence", "after"),
    "notary: committed, not signed": (
        "notary",
        "axis.notary.publisher",
        "Publisher._sign",
        "before",
    ),
    "notary: signed, not recorded": ("notary", "axis.notary.publisher", "Publisher._sign", "after"),
    "notary: recorded, not shown": ("notary", "axis.notary.publisher", "Publisher._show", "before"),
    "notary: shown": ("notary", "axis.notary.publisher", "Publisher._show", "after"),
    "gateway: read, not stored": ("gateway", "axis.bodies.disk", "DiskBodies.put", "before"),
    "gateway: stored, not announced": (
        "gateway",
        "axis.bus.publisher",
        "Publisher.publish",
        "before",
    ),
    "gateway: announced, not answered": (
        "gateway",
        "axis.bus.publisher",
        "Publisher.publish",
        "after",
    ),
    "gateway: judged, not answered": ("gateway", "adapters.rest.sending", "_judged", "before"),
    "gateway: step written, not committed": (
        "gateway",
        "axis.mailbox.batch",
        "save_deliveries",
        "after",
    ),
    "gateway: step committed, not answered": (
        "gateway",
        "axis.gateway.installation",
        "take_steps",
        "after",
    ),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(module: str, attribute: str, when: str) -> None:
    """Replace a function so that the process dies before or after it ran once."""
    owner = importlib.import_module(module)
    *path, name = attribute.split(".")
    for one in path:
        owner = getattr(owner, one)
    real = getattr(owner, name)

    def dying(*args: object, **facts: object) -> object:
        if when == "before":
            die()
        result = real(*args, **facts)
        if inspect.isawaitable(result):
            return dying_after(result)
        die()
        return result

    async def dying_after(result: Awaitable[object]) -> object:
        await result
        die()
        return None

    setattr(owner, name, dying)


def main(point: str, delivery_id: str) -> None:
    settings = load_settings()
    if point == "-":
        serve(settings)
        return
    job, *place = POINTS[point]
    engine = open_engine(settings.database_url)
    sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
    crash_at(*place)
    if job == "gateway":
        serve(settings)
    elif job in {"fetch", "confirm"}:
        from axis.mailbox import take

        facts = {"system_id": "khac", "now": datetime.now(UTC), "delivery_id": UUID(delivery_id)}
        if job == "fetch":
            bodies = DiskBodies(settings.path(settings.bodies.path))
            take.fetch(engine, bodies, sealer, **facts)
        else:
            take.confirm(engine, sealer, **facts)
    elif job == "tell":
        from axis.clock.process import Clock

        asyncio.run(Clock(engine, settings, sealer, clock=later).tell())
    elif job == "expire":
        from axis.clock.due import Due

        Due(engine=engine, settings=settings.clock, sealer=sealer, clock=much_later).round()
    else:
        from axis.notary.process import sequence_pending

        sequence_pending(engine, settings)


def serve(settings: Settings) -> None:
    from adapters.gateway.serve import run

    run(settings)


def later() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def much_later() -> datetime:
    return datetime.now(UTC) + timedelta(days=100)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
