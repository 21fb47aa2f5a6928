"""An hourly round costs what is new, not what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.store.due import overdue
from axis.store.engine import transaction
from axis.store.reminders import unreminded
from axis.store.retention import left_to_remove, purgeable

NOW = datetime(2026, 11, 22, tzinfo=UTC)

#: Packages delivered more than 400 days ago, one a second, the newest first.
_WHEN = "timestamptz '2026-11-22' - interval '400 days' - n * interval '1 second'"
_FILL = (
    f"""insert into package (id, system_id, digest, size_bytes, door, received_at, decided_at,
          accepted, kind, purged)
        select md5('p' || n)::uuid, 's', sha256(n::text::bytea), 1, 'test', {_WHEN}, {_WHEN},
          true, 'document', cast(:purged as boolean)
        from generate_series(cast(:low as int), cast(:high as int)) n""",
    f"""insert into delivery (id, package_id, position, address, office_id, system_id, lane, state,
          routed_at, fetched_at, confirmed_at, last_entry)
        select md5('d' || n)::uuid, md5('p' || n)::uuid, 0, 'H41', 'o', 's', 'normal', 'confirmed',
          {_WHEN}, {_WHEN}, {_WHEN}, md5('e' || n)::uuid
        from generate_series(cast(:low as int), cast(:high as int)) n""",
)
_PURGED = """insert into body_purge (package_id, digest, retention, recorded_at, removed_at)
    select md5('p' || n)::uuid, sha256(n::text::bytea), 'documents', now(), now()
    from generate_series(cast(:low as int), cast(:high as int)) n"""


def fill(engine: sa.Engine, low: int, high: int, *, purged: bool) -> None:
    with transaction(engine) as connection:
        for statement in (*_FILL, *([_PURGED] if purged else [])):
            connection.execute(sa.text(statement), {"low": low, "high": high, "purged": purged})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("vacuum analyze"))


def blocks(engine: sa.Engine) -> dict[str, int]:
    """Return how many blocks each of the clock's questions reads."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    found = {}
    with transaction(engine) as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        for name, ask in {
            "purgeable": lambda: purgeable(
                connection,
                kind="document",
                accepted=True,
                before=NOW - timedelta(days=365),
                limit=200,
            ),
            "left": lambda: left_to_remove(connection, after=None, limit=200),
            "overdue": lambda: overdue(connection, Lane.NORMAL, before=NOW, limit=500),
            "unreminded": lambda: unreminded(
                connection, "late", Lane.NORMAL, before=NOW, limit=500
            ),
        }.items():
            ask()
            statement, values = asked[-1]
            explain = f"explain (analyze, buffers, format json) {statement}"
            (plan,) = connection.exec_driver_sql(explain, values).scalar_one()
            read = plan["Plan"]
            found[name] = read["Shared Hit Blocks"] + read["Shared Read Blocks"]
    return found


def test_what_was_kept_for_years_costs_no_round_of_the_clock_anything(
    postgresql_engine: sa.Engine,
) -> None:
    fill(postgresql_engine, 1, 200, purged=False)
    fill(postgresql_engine, 201, 100_000, purged=True)
    # Two hundred bodies, four blocks each; to walk past all that went would be 3,300.
    assert {name: count for name, count in blocks(postgresql_engine).items() if count > 1_200} == {}
