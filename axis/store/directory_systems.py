"""Records a system together with the offices that it acts for, as installations begin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from axis.directory.systems import plan_add, plan_assign
from axis.directory.values import ReceivesBy
from axis.store.directory_changes import change_directory


def connect_system(
    engine: sa.Engine,
    system_id: str,
    codes: Iterable[str],
    *,
    name: str,
    receives_by: ReceivesBy,
    by: str,
    at: datetime,
) -> None:
    """Add a connected system and let it act for offices, since ever where nobody did before.

    Raises:
        DirectoryRefusedError, OfficeUnknownError, SystemExistsError: the directory says otherwise.
        DatabaseUnavailableError: the database cannot be reached.
    """
    change_directory(
        engine,
        lambda directory: plan_add(
            directory, system_id, name=name, receives_by=receives_by, connected=True
        ),
        kind="system",
        by=by,
        at=at,
    )
    change_directory(
        engine,
        lambda directory: plan_assign(directory, system_id, codes, start=None, now=at),
        kind="system",
        by=by,
        at=at,
    )
