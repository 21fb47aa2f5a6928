"""Questions that a door asks for many callers at once, each as a statement that is made once.

To build a statement costs as much as to run it, and doors ask the same ones hundreds of times a
second. Lists of ids come as one parameter.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.store.deliveries import (
    WAITING_COLUMNS,
    DeliveryRecord,
    Waiting,
    record_of,
    waiting_of,
)
from axis.store.packages import PackageRecord, package_of
from axis.store.tables.delivery import DELIVERY, PACKAGE

#: One descent of the mailbox's index for each system and lane; a statement that is made once.
_NEWEST: Final = """
select wanted.system_id, {lanes} from {wanted}
"""
_NEWEST_OF_LANE: Final = """(
  select routed_at from delivery d where d.system_id = wanted.system_id and d.lane = '{lane}'
  and d.state in ('routed', 'fetched') order by d.routed_at desc limit 1
)"""
_LANES_OF_NEWEST: Final = ", ".join(_NEWEST_OF_LANE.format(lane=lane.value) for lane in Lane)
_NEWEST_ON_POSTGRESQL: Final = _NEWEST.format(
    lanes=_LANES_OF_NEWEST, wanted="unnest(%s::text[]) as wanted(system_id)"
)
_NEWEST_ON_SQLITE: Final = _NEWEST.format(
    lanes=_LANES_OF_NEWEST, wanted="(select value as system_id from json_each(?)) as wanted"
)

#: As the column has them; offered stands in it as routed. Written out, as in the condition of the
#: mailbox's index: with parameters the planner could not tell that the index fits.
_OPEN: Final[list[sa.ColumnElement[str]]] = [
    sa.literal_column(f"'{one.value}'") for one in (State.ROUTED, State.FETCHED)
]
_IDS: Final[sa.BindParameter[Any]] = sa.bindparam("ids", expanding=True)

_PACKAGES: Final = sa.select(PACKAGE).where(PACKAGE.c.id.in_(_IDS))
_DELIVERIES: Final = (
    sa.select(DELIVERY)
    .where(DELIVERY.c.package_id.in_(_IDS))
    .order_by(DELIVERY.c.package_id, DELIVERY.c.position)
)


def _mailbox_of(system: sa.ColumnElement[str]) -> sa.Select[Any]:
    return (
        sa.select(*WAITING_COLUMNS)
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.system_id == system, DELIVERY.c.state.in_(_OPEN))
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)  # "express" < "normal"
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


_SYSTEMS: Final = sa.func.unnest(
    sa.bindparam("systems", type_=postgresql.ARRAY(sa.String))
).table_valued("name", name="systems")
_MAILBOX: Final = _mailbox_of(sa.bindparam("system", type_=sa.String))
_WAITING: Final = _mailbox_of(_SYSTEMS.c.name).lateral("waiting")
_MAILBOXES: Final = sa.select(_WAITING).select_from(_SYSTEMS.join(_WAITING, sa.true()))


def judged_packages(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> dict[UUID, tuple[PackageRecord, list[DeliveryRecord]]]:
    """Return those of the packages that were judged, each with where it goes."""
    found: dict[UUID, tuple[PackageRecord, list[DeliveryRecord]]] = {
        row.id: (package_of(row), [])
        for row in connection.execute(_PACKAGES, {"ids": list(package_ids)})
    }
    accepted = [package.id for package, _ in found.values() if package.accepted]
    if accepted:
        for row in connection.execute(_DELIVERIES, {"ids": accepted}):
            found[row.package_id][1].append(record_of(row))
    return found


def mailboxes(
    connection: sa.Connection, system_ids: Sequence[str], *, limit: int
) -> dict[str, list[Waiting]]:
    """Return what waits for each system, so many at most: express first, then oldest."""
    found: dict[str, list[Waiting]] = {system_id: [] for system_id in system_ids}
    if connection.dialect.name == "postgresql":
        rows = connection.execute(_MAILBOXES, {"systems": list(found), "limit": limit})
        for row in rows:
            found[row.system_id].append(waiting_of(row))
        return found
    for system_id, waiting in found.items():
        rows = connection.execute(_MAILBOX, {"system": system_id, "limit": limit})
        waiting += [waiting_of(row) for row in rows]
    return found


def newest_open(
    connection: sa.Connection, system_ids: Collection[str]
) -> dict[str, tuple[object, ...]]:
    """Return for systems when the newest open delivery of each lane was routed, by the index.

    The instants are as the database has them: they are only compared with each other.
    """
    names = sorted(system_ids)
    if connection.dialect.name == "postgresql":
        rows = connection.exec_driver_sql(_NEWEST_ON_POSTGRESQL, (names,))
    else:
        rows = connection.exec_driver_sql(_NEWEST_ON_SQLITE, (json.dumps(names),))
    return {row[0]: tuple(row[1:]) for row in rows}
