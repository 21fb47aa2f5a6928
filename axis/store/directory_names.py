"""Looks up the names behind some codes, without loading the country."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from axis.store.tables.directory import OFFICE_CODE, OFFICE_NAME

#: Codes of one query; SQLite takes some thousands of parameters.
_LOT = 500


def names_of(
    connection: sa.Connection, codes: Collection[str], *, at: datetime
) -> Mapping[str, str]:
    """Return the name at ``at`` of the office that has each code then; unknown codes are absent."""
    found: dict[str, str] = {}
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _LOT):
        query = (
            sa.select(OFFICE_CODE.c.code, OFFICE_NAME.c.name)
            .join(OFFICE_NAME, OFFICE_NAME.c.office_id == OFFICE_CODE.c.office_id)
            .where(OFFICE_CODE.c.code.in_(wanted[start : start + _LOT]))
            .where(OFFICE_NAME.c.variant.is_(False))
            .where(_holds(OFFICE_CODE, at), _holds(OFFICE_NAME, at))
        )
        found.update({row.code: row.name for row in connection.execute(query)})
    return found


def _holds(table: sa.Table, at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.until_version.is_(None),
        sa.or_(table.c.valid_from.is_(None), table.c.valid_from <= at),
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > at),
    )
