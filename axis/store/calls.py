"""When each system called last: one row for each, written now and then and never on a hot path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from axis.store.tables.access import SYSTEM_CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCall:
    """When a system called last, and through which door."""

    at: datetime
    door: str


def note_calls(connection: sa.Connection, calls: Mapping[str, LastCall]) -> None:
    """Record calls; an older one never takes the place of a newer."""
    if not calls:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = make(SYSTEM_CALL)
    # In one order, so that two processes do not wait for each other.
    rows = [
        {"system_id": key, "at": calls[key].at, "door": calls[key].door} for key in sorted(calls)
    ]
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["system_id"],
            set_={"at": new.excluded.at, "door": new.excluded.door},
            where=new.excluded.at > SYSTEM_CALL.c.at,
        ),
        rows,
    )


def last_calls(connection: sa.Connection) -> Mapping[str, LastCall]:
    """Return the last call of every system that ever called."""
    return {
        row.system_id: LastCall(at=row.at, door=row.door)
        for row in connection.execute(sa.select(SYSTEM_CALL))
    }
