"""What the hub holds while RabbitMQ comes and goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from adapters.amqp.names import account_of
from axis.bodies import DiskBodies
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.settings import Settings
from axis.store.engine import check_durability, open_engine
from axis.store.migrate import check


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The records, the bytes and the settings."""

    settings: Settings
    engine: sa.Engine
    bodies: DiskBodies
    sealer: Sealer
    clock: Callable[[], datetime] = _now

    def account(self, system_id: str) -> str:
        """Return the name of a system's user and virtual host."""
        return account_of(system_id, self.settings.hub.prefix)


def open_rooms(settings: Settings) -> Rooms:
    """Open the installation that the settings name.

    Raises:
        SchemaOutdatedError: the tables are not those of this version.
        UnsafeDatabaseError: a commit could be lost.
        KeyFileUnreadableError: the salt key is not there.
    """
    engine = open_engine(settings.database_url)
    check(engine)
    check_durability(engine)
    return Rooms(
        settings=settings,
        engine=engine,
        bodies=DiskBodies(settings.path(settings.bodies.path)),
        sealer=Sealer(read_key_file(settings.path(settings.notary.salt_key))),
    )
