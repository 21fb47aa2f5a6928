"""Why each of some deliveries has not been confirmed, from the records of their systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.errors import Lang
from axis.store.calls import last_calls
from axis.store.deliveries import DeliveryRecord
from axis.store.directory_systems import systems_named
from axis.store.engine import transaction
from axis.store.health import healths
from axis.trace.waiting import Why, why


def reasons(
    engine: sa.Engine, deliveries: Sequence[DeliveryRecord], *, now: datetime, lang: Lang
) -> Mapping[UUID, Why]:
    """Return why each delivery that is not confirmed is where it is, by its id.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    names = {one.system_id for one in deliveries if one.system_id}
    with transaction(engine) as connection:
        systems = systems_named(connection, names)
        health, calls = healths(connection), last_calls(connection)
    found = {
        one.id: why(
            one,
            system=systems.get(one.system_id or ""),
            health=health.get(one.system_id or ""),
            called=calls.get(one.system_id or ""),
            now=now,
            lang=lang,
        )
        for one in deliveries
    }
    return {key: reason for key, reason in found.items() if reason is not None}
