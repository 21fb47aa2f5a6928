"""Legal holds: the bytes of a document stay, whatever their age, until somebody lifts the hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from axis.delivery.errors import DocumentUnknownError
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.packages import PackageRecord, package_by_id, packages_named
from axis.store.retention import holds_on, lift_hold, set_hold


def hold(
    engine: sa.Engine, sealer: Sealer, name: str, *, who: str, why: str, now: datetime
) -> list[UUID]:
    """Keep the packages that go by a name; return those that were not kept before.

    Raises:
        DocumentUnknownError: nothing goes by this name.
    """
    with transaction(engine) as connection:
        packages = _named(connection, name)
        held = holds_on(connection, [one.id for one in packages])
        fresh = [one.id for one in packages if one.id not in held]
        for package_id in fresh:
            set_hold(connection, hold_id=uuid4(), package_id=package_id, at=now, by=who, why=why)
        _tell(connection, sealer, Event.LEGAL_HOLD, fresh, who=who, why=why, now=now)
    return fresh


def lift(
    engine: sa.Engine, sealer: Sealer, name: str, *, who: str, why: str, now: datetime
) -> list[UUID]:
    """Lift the holds on the packages that go by a name; return those that were kept.

    Raises:
        DocumentUnknownError: nothing goes by this name.
    """
    with transaction(engine) as connection:
        held = holds_on(connection, [one.id for one in _named(connection, name)])
        for hold_id in held.values():
            lift_hold(connection, hold_id, at=now, by=who)
        _tell(connection, sealer, Event.LEGAL_HOLD_LIFTED, list(held), who=who, why=why, now=now)
    return list(held)


def _tell(
    connection: sa.Connection,
    sealer: Sealer,
    event: Event,
    packages: Sequence[UUID],
    *,
    who: str,
    why: str,
    now: datetime,
) -> None:
    append(
        connection,
        [
            sealer.seal(
                Entry(
                    event=event,
                    at=now,
                    package_id=package_id,
                    occurrence=now.isoformat(),
                    who=who,
                    why=why,
                )
            )
            for package_id in packages
        ],
    )


def _named(connection: sa.Connection, name: str) -> list[PackageRecord]:
    try:
        package = package_by_id(connection, UUID(name))
    except ValueError:
        package = None
    found = [package] if package else packages_named(connection, name)
    if not found:
        raise DocumentUnknownError(name=name)
    return found
