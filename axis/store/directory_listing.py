"""Finds which offices a change touched, for systems that follow the directory."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.directory import TABLES
from axis.store.tables.directory import OFFICE


def touched_offices(connection: sa.Connection, *, since: int, until: int) -> dict[str, int]:
    """Return the offices that changes after ``since`` up to ``until`` touched, with the last one.

    Only offices whose own facts changed are there: a new name of a parent does not touch its
    children. With ``since=0`` all offices are there.
    """
    touched: dict[str, int] = {}
    for table, _ in TABLES.values():
        if "office_id" not in table.c:
            continue
        for column in (table.c.since_version, table.c.until_version):
            rows = connection.execute(
                sa.select(table.c.office_id, sa.func.max(column))
                .where(column > since, column <= until)
                .group_by(table.c.office_id)
            )
            for office_id, version in rows:
                touched[office_id] = max(version, touched.get(office_id, 0))
    if since == 0:  # nobody was told of what was recorded by mistake and taken back
        believed = set(
            connection.scalars(
                sa.select(OFFICE.c.office_id).where(OFFICE.c.until_version.is_(None))
            )
        )
        return {office_id: v for office_id, v in touched.items() if office_id in believed}
    return touched
