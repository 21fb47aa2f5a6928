"""What the checks ask the records: nothing here changes anything, and nothing takes long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.store.tables.courier import WEBHOOK_HEALTH
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.directory import SYSTEM
from axis.store.tables.ledger import INSERT_ONLY, LEDGER_CHECKPOINT, LEDGER_ENTRY, LEDGER_INBOX
from axis.store.tables.life import SYSTEM_HEALTH
from axis.store.tables.parts import PART
from axis.structs import ready


class Server(NamedTuple):
    """What a PostgreSQL says of itself."""

    version: int  #: such as 150010
    shown: str
    user: str
    is_superuser: bool
    connections: int  #: taken now
    most: int  #: that users may take
    checksums: bool


def server_of(connection: sa.Connection) -> Server | None:
    """Return what the server says of itself; None for SQLite."""
    if connection.dialect.name != "postgresql":
        return None
    row = connection.execute(
        sa.text(
            "select current_setting('server_version_num')::int as version,"
            " current_setting('server_version') as shown, session_user::text as user,"
            " (select rolsuper from pg_roles where rolname = session_user) as is_superuser,"
            " (select count(*) from pg_stat_activity where backend_type = 'client backend')"
            "  as connections,"
            " current_setting('max_connections')::int"
            "  - current_setting('superuser_reserved_connections')::int as most,"
            " current_setting('data_checksums') = 'on' as checksums"
        )
    ).one()
    return Server(**row._asdict())


def time_of(connection: sa.Connection) -> datetime | None:
    """Return what the server's clock says; None for SQLite, which has none of its own."""
    if connection.dialect.name != "postgresql":
        return None
    at: datetime | None = connection.scalar(sa.text("select clock_timestamp()"))
    return at


#: Role → table → rights that it must have; all others on these tables it must not have.
RIGHTS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "axis_worker": {
        "ledger_inbox": frozenset({"SELECT", "INSERT"}),
        "ledger_entry": frozenset({"SELECT"}),
        "ledger_checkpoint": frozenset({"SELECT"}),
    },
    "axis_notary": {
        "ledger_inbox": frozenset({"SELECT", "INSERT", "DELETE"}),
        "ledger_entry": frozenset({"SELECT", "INSERT"}),
        "ledger_checkpoint": frozenset({"SELECT", "INSERT"}),
    },
    "axis_auditor": {
        "ledger_entry": frozenset({"SELECT"}),
        "ledger_checkpoint": frozenset({"SELECT"}),
        "package": frozenset({"SELECT"}),
        "delivery": frozenset({"SELECT"}),
    },
}
#: What none of them may do where it is not named above.
_CHANGES: Final = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


class RightGap(NamedTuple):
    """A right that a role lacks, or has and must not have."""

    role: str
    table: str
    right: str
    lacks: bool


def right_gaps(connection: sa.Connection) -> list[RightGap] | None:
    """Return where roles have other rights than they must; None where there are no such roles."""
    if connection.dialect.name != "postgresql":
        return None
    there = set(
        connection.scalars(
            sa.text("select rolname from pg_roles where rolname = any(:names)"),
            {"names": list(RIGHTS)},
        )
    )
    ask = sa.text("select has_table_privilege(:role, :name, :right)")
    gaps = []
    for role in sorted(there):
        for table, wanted in RIGHTS[role].items():
            for right in ("SELECT", *_CHANGES):
                has = connection.scalar(ask, {"role": role, "name": table, "right": right})
                if has != (right in wanted):
                    gaps.append(RightGap(role, table, right, lacks=right in wanted))
    return gaps if there else None


def unguarded(connection: sa.Connection) -> list[str]:
    """Return the tables that only grow and whose trigger is gone or off."""
    names = [table.name for table, _ in INSERT_ONLY]
    if connection.dialect.name != "postgresql":
        there = set(connection.scalars(sa.text("select name from sqlite_master")))
        kinds = ("update", "delete", "replace")
        return [name for name in names if not {f"{name}_no_{kind}" for kind in kinds} <= there]
    there = set(
        connection.scalars(
            sa.text(
                "select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                " where t.tgname = c.relname || '_only_grows' and t.tgenabled <> 'D'"
                " and pg_table_is_visible(c.oid)"
            )
        )
    )
    return [name for name in names if name not in there]


class Unsigned(NamedTuple):
    """What waits for its place, or for a signature over it."""

    entries: int
    oldest: datetime | None  #: when the oldest was written
    signed_at: datetime | None  #: when a checkpoint was signed last


def unsigned(connection: sa.Connection) -> Unsigned:
    """Return how far the notary is behind."""
    waiting = connection.scalar(sa.select(sa.func.count()).select_from(LEDGER_INBOX)) or 0
    last = connection.execute(
        sa.select(LEDGER_CHECKPOINT.c.log, LEDGER_CHECKPOINT.c.size, LEDGER_CHECKPOINT.c.signed_at)
        .order_by(LEDGER_CHECKPOINT.c.log.desc(), LEDGER_CHECKPOINT.c.size.desc())
        .limit(1)
    ).first()
    log, size = (last.log, last.size) if last else (0, 0)
    placed = sa.select(LEDGER_ENTRY.c.leaf).where(
        LEDGER_ENTRY.c.log == log, LEDGER_ENTRY.c.leaf_index >= size
    )
    beyond = connection.scalar(sa.select(sa.func.count()).select_from(placed.subquery())) or 0
    leaf = connection.scalar(placed.order_by(LEDGER_ENTRY.c.leaf_index).limit(1))
    if leaf is None:
        oldest = sa.select(LEDGER_INBOX.c.leaf).order_by(LEDGER_INBOX.c.position).limit(1)
        leaf = connection.scalar(oldest)
    return Unsigned(waiting + beyond, _time_of_leaf(leaf), last.signed_at if last else None)


class _Leaf(msgspec.Struct, frozen=True):
    time: datetime


def _time_of_leaf(leaf: Any) -> datetime | None:
    if leaf is None:
        return None
    try:
        return msgspec.json.decode(bytes(leaf), type=ready(_Leaf)).time
    except msgspec.MsgspecError:
        return None  # of a newer version


class Parked(NamedTuple):
    """Deliveries that were set aside for one reason."""

    reason: str
    deliveries: int
    oldest: datetime


def parked(connection: sa.Connection, state: State = State.PARKED) -> list[Parked]:
    """Return what is parked (or in another state that waits for a person), by reason."""
    query = (
        sa.select(DELIVERY.c.held_reason, sa.func.count(), sa.func.min(DELIVERY.c.routed_at))
        .where(DELIVERY.c.state == state.value)
        .group_by(DELIVERY.c.held_reason)
        .order_by(DELIVERY.c.held_reason)
    )
    found = _rows(connection, query)
    return [Parked(reason or "–", count, oldest) for reason, count, oldest in found]


def oldest_untold(connection: sa.Connection, systems: Sequence[str]) -> Mapping[Lane, datetime]:
    """Return since when the oldest delivery of each lane waits for a queue to be told of it."""
    query = (
        sa.select(DELIVERY.c.lane, sa.func.min(DELIVERY.c.routed_at))
        .where(
            DELIVERY.c.state == State.ROUTED.value,
            DELIVERY.c.offered_at.is_(None),
            DELIVERY.c.system_id.in_(systems),
        )
        .group_by(DELIVERY.c.lane)
    )
    return {Lane(lane): oldest for lane, oldest in _rows(connection, query)}


class Failing(NamedTuple):
    """A system that does not take what it is told."""

    system_id: str
    way: str
    failures: int
    reason: str


def failing(connection: sa.Connection) -> list[Failing]:
    """Return the systems that take nothing now."""
    found = []
    for way, table in (("queue", SYSTEM_HEALTH), ("webhook", WEBHOOK_HEALTH)):
        query = sa.select(table.c.system_id, table.c.failures, table.c.reason)
        found += [Failing(one, way, times, why) for one, times, why in _rows(connection, query)]
    return sorted(found)


def sent_lately(connection: sa.Connection, *, most: int) -> Mapping[str, list[datetime]]:
    """Return when each connected system sent its last packages, the newest first."""
    systems = connection.scalars(
        sa.select(SYSTEM.c.system_id)
        .where(SYSTEM.c.until_version.is_(None), SYSTEM.c.state == "active")
        .order_by(SYSTEM.c.system_id)
    )
    return {
        system_id: list(
            connection.scalars(
                sa.select(PACKAGE.c.decided_at)
                .where(PACKAGE.c.system_id == system_id)
                .order_by(PACKAGE.c.decided_at.desc())
                .limit(most)
            )
        )
        for system_id in list(systems)
    }


def bytes_since(connection: sa.Connection, since: datetime) -> int:
    """Return how many bytes of bodies came since an instant."""
    packages = sa.select(sa.func.sum(PACKAGE.c.size_bytes)).where(PACKAGE.c.decided_at >= since)
    parts = sa.select(sa.func.sum(PART.c.size_bytes)).where(PART.c.received_at >= since)
    return int(connection.scalar(packages) or 0) + int(connection.scalar(parts) or 0)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[Any]:
    return [tuple(row) for row in connection.execute(query)]
