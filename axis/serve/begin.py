"""How a process of the axis begins: it waits for what is away, and refuses what is unsafe.

A server that is away comes back by itself, so the process says so once and waits. A setting under
which something accepted could be lost does not mend itself: the process ends and names it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from axis.bodies.errors import BodyStoreFullError
from axis.bodies.opening import check_bodies
from axis.bus.connection import connected, open_channel
from axis.bus.errors import BusUnavailableError
from axis.bus.topology import declare_topology
from axis.errors import Refusal
from axis.metrics import begin_counting
from axis.serve.logs import begin_logging
from axis.settings import Settings
from axis.store.engine import check_durability, open_engine
from axis.store.errors import DatabaseUnavailableError
from axis.store.migrate import check
from axis.telemetry import begin_tracing

_FIRST_S: Final = 0.5
_MOST_S: Final = 10.0
#: RabbitMQ is not waited for here: every process waits for it by itself, and does the rest.
_ASK_S: Final = 5.0


def begin(
    settings: Settings,
    process: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return when this process may work.

    Args:
        settings: of the installation.
        process: its name, in what it says.
        sleep: what waits between two tries.

    Raises:
        SchemaOutdatedError: the tables are not those of this version.
        UnsafeDatabaseError: a commit could be lost.
        UnsafeQueueError: a queue is there under which notices could be lost.
        BodyStoreUnsafeError: the store of bodies forgets conditions, or travels in the clear.
        BodyStoreSettingsError, BodyStoreAbsentError: it cannot be opened.
        SettingsError: the settings of the log are wrong.
        TelemetryAbsentError: traces are asked for, and the library is not installed.
    """
    begin_logging(settings.logs, process)
    if settings.metrics.port:
        begin_counting(settings.path(settings.metrics.folder), process)
    if settings.telemetry.endpoint:
        begin_tracing(settings.telemetry.endpoint, process)
    await_database(settings, process, sleep=sleep)
    with suppress(BodyStoreFullError):  # it is away; whoever needs it says so when asked
        check_bodies(settings)
    with suppress(BusUnavailableError, TimeoutError):
        asyncio.run(check_queues(settings))


async def check_queues(settings: Settings) -> None:
    """Refuse a RabbitMQ that has queues under which notices could be lost; declare what is absent.

    Raises:
        UnsafeQueueError: there is one.
        BusUnavailableError, TimeoutError: RabbitMQ is away.
    """
    async with (
        asyncio.timeout(_ASK_S),
        connected(settings.amqp.url, name="axis, looks at the queues") as connection,
    ):
        await declare_topology(await open_channel(connection, confirms=False))


def await_database(
    settings: Settings,
    process: str,
    *,
    tables: bool = True,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return when the database answers and is safe; that it is away is said once.

    Args:
        settings: of the installation.
        process: who waits.
        tables: they must be those of this version.
        sleep: what waits between two tries.

    Raises:
        SchemaOutdatedError: the tables are not those of this version.
        UnsafeDatabaseError: a commit could be lost.
    """
    engine = open_engine(settings.database_url)
    pause_s, waits = _FIRST_S, False
    try:
        while True:
            try:
                check_durability(engine)
                if tables:
                    check(engine)
            except DatabaseUnavailableError as error:
                if not waits:
                    _say(process, "waits", error.refusal)
                waits = True
                sleep(pause_s)
                pause_s = min(pause_s * 2, _MOST_S)
            else:
                break
    finally:
        engine.dispose()
    if waits:
        sys.stderr.write(f"axis {process}: the database answers, work begins\n")
        sys.stderr.flush()


def say_refusal(process: str, refusal: Refusal) -> None:
    """Write on one line why a process ends."""
    _say(process, "does not start", refusal)


def _say(process: str, what: str, refusal: Refusal) -> None:
    text = " ".join(refusal.text().split())
    sys.stderr.write(f"axis {process} {what}: {refusal.code}: {text} → {refusal.hint()}\n")
    sys.stderr.flush()
