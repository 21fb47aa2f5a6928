"""Which documents say that they answer which; reports ask whether a DueDate was kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa

from axis.store.bulk import insert_rows
from axis.store.tables.reports import DOCUMENT_ANSWER


def answers_of(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> dict[UUID, tuple[str, ...]]:
    """Return what packages say that they answer; those that answer nothing are left out."""
    c = DOCUMENT_ANSWER.c
    query = sa.select(c.package_id, c.document_id).where(c.package_id.in_(package_ids))
    found: dict[UUID, tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(c.package_id, c.document_id)):
        found[row.package_id] = (*found.get(row.package_id, ()), row.document_id)
    return found


def add_answers(connection: sa.Connection, answers: Mapping[UUID, Collection[str]]) -> None:
    """Record what accepted documents answer.

    Args:
        answers: package → the DocumentIds in its ResponseFor.
    """
    insert_rows(
        connection,
        DOCUMENT_ANSWER,
        [
            {"package_id": package_id, "document_id": document_id}
            for package_id, named in answers.items()
            for document_id in sorted(named)
        ],
    )
