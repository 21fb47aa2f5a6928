"""What the hub holds while RabbitMQ comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from adapters.amqp.names import account_of
from axis.bodies import Bodies, open_bodies
from axis.errors import AxisError
from axis.gateway.calls import Calls
from axis.gateway.desk import Desk
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.mailbox.batch import Look, StepOrder, look, take_steps
from axis.settings import Settings
from axis.store.deliveries import DeliveryRecord, Held
from axis.store.engine import check_durability, open_engine
from axis.store.migrate import check

#: Threads that speak with the database and the disk, and connections that they share.
THREADS: Final = 12


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The records, the bytes and the settings."""

    settings: Settings
    engine: sa.Engine
    bodies: Bodies
    sealer: Sealer
    calls: Calls
    clock: Callable[[], datetime] = _now

    def account(self, system_id: str) -> str:
        """Return the name of a system's user and virtual host."""
        return account_of(system_id, self.settings.hub.prefix)


class Desks:
    """Looks and steps of all systems, many in one transaction."""

    def __init__(self, rooms: Rooms) -> None:
        async def looks(orders: Sequence[Look]) -> Sequence[Held | AxisError]:
            return await asyncio.to_thread(look, rooms.engine, orders)

        async def steps(orders: Sequence[StepOrder]) -> Sequence[DeliveryRecord | AxisError]:
            return await asyncio.to_thread(
                take_steps, rooms.engine, rooms.sealer, orders, now=rooms.clock()
            )

        self.looks: Desk[Look, Held] = Desk(looks)
        self.steps: Desk[StepOrder, DeliveryRecord] = Desk(steps)


def open_rooms(settings: Settings) -> Rooms:
    """Open the installation that the settings name.

    Raises:
        SchemaOutdatedError: the tables are not those of this version.
        UnsafeDatabaseError: a commit could be lost.
        KeyFileUnreadableError: the salt key is not there.
    """
    engine = open_engine(settings.database_url, pool_size=THREADS)
    check(engine)
    check_durability(engine)
    return Rooms(
        settings=settings,
        engine=engine,
        calls=Calls(engine),
        bodies=open_bodies(settings),
        sealer=Sealer(read_key_file(settings.path(settings.notary.salt_key))),
    )
