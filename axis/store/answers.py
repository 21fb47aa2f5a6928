"""Which documents say that they answer which; reports ask whether a DueDate was kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa

from axis.store.bulk import insert_rows
from axis.store.tables.reports import DOCUMENT_ANSWER


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
