"""Reads the groups of addressees and records changes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from axis.directory.groups import GroupPlan, Groups, plan_group
from axis.directory.values import GroupFact, MemberFact, micros
from axis.store.directory import load_directory, rows_of
from axis.store.directory_changes import lock_directory, record_change
from axis.store.engine import transaction
from axis.store.tables.directory import OFFICE_GROUP, OFFICE_GROUP_MEMBER


def load_groups(connection: sa.Connection) -> Groups:
    """Return all groups as they are believed now."""
    return Groups(
        groups=list(rows_of(connection, GroupFact, OFFICE_GROUP.c.until_version.is_(None))),
        members=list(
            rows_of(connection, MemberFact, OFFICE_GROUP_MEMBER.c.until_version.is_(None))
        ),
    )


def set_group(
    engine: sa.Engine, group_id: str, *, start: datetime, by: str, at: datetime, **wanted: Any
) -> tuple[GroupPlan, int]:
    """Make a group be as wanted from ``start`` on; return the plan and the version.

    ``wanted``: the name, rule, members and left_out of :func:`axis.directory.groups.plan_group`.

    Raises:
        GroupRuleError: the rule cannot be read.
        OfficeUnknownError: a member or the rule names an office that nobody knows.
    """
    with transaction(engine) as connection:
        version = lock_directory(connection)
        plan = plan_group(
            load_directory(connection, version=version),
            load_groups(connection),
            group_id,
            start=micros(start),
            at=at,
            **wanted,
        )
        version = record_change(
            connection, plan.change, kind="group", by=by, at=at, facts=plan.summary()
        )
        return plan, version
