"""Runs relay workers as processes: the interpreter's lock is per process, and so is a crash."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from axis.admission.policy import parse_policy
from axis.bodies import open_bodies
from axis.envelope.limits import Limits
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.relay.batches import Outcome
from axis.relay.examiners import Examiners
from axis.relay.reference import ReferenceSource
from axis.relay.worker import Worker
from axis.settings import Settings
from axis.store.engine import check_durability, open_engine
from axis.store.migrate import check
from axis.trust.material import TrustFolder

#: How long one thread may keep the others from the interpreter: a worker's threads wait for servers
#: far more often than they compute, and Python's 5 ms would be added to each of these waits.
SWITCH_S: Final = 0.0005


def open_worker(settings: Settings, *, told: Callable[[Outcome], None] | None = None) -> Worker:
    """Return a worker on the installation that the settings name.

    Raises:
        SchemaOutdatedError: the tables are not those of this version.
        UnsafeDatabaseError: a commit could be lost.
        KeyFileUnreadableError: the salt key is not there; ``axis ledger init`` makes one.
    """
    engine = open_engine(settings.database_url)
    check(engine)
    check_durability(engine)
    limits = Limits(package_bytes=settings.limits.package_bytes)
    return Worker(
        settings=settings,
        engine=engine,
        bodies=open_bodies(settings),
        reference=ReferenceSource(
            engine,
            limits=limits,
            trust=TrustFolder(
                settings.path(settings.trust.anchors),
                settings.path(settings.trust.intermediates),
                settings.path(settings.trust.crls),
            ),
            policy=parse_policy(settings.policy.rules),
            grace=timedelta(days=settings.directory.grace_days),
        ),
        examiners=Examiners(
            processes=settings.relay.examiners,
            limits=limits,
            second_opinion=settings.trust.second_opinion,
        ),
        sealer=Sealer(read_key_file(settings.path(settings.notary.salt_key))),
        clock=lambda: datetime.now(UTC),
        told=told or _ignore,
    )


def _ignore(_outcome: Outcome) -> None:
    """Nobody counts."""


def work(settings: Settings) -> None:
    """Run one worker in this process until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH_S)
    worker = open_worker(settings)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await worker.run(stop)

    with worker.examiners, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(until_told())


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None  # Windows has no uvloop
    return uvloop.Loop
