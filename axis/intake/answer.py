"""The sender's answer: the one verdict on a package, as the records hold it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.envelope.errors import AttachmentMissingError
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, package_by_id

_PAUSE_S: Final = 0.05


def wait_for_verdicts(
    engine: sa.Engine,
    package_ids: Collection[UUID],
    *,
    timeout_s: float,
    since: datetime | None = None,
) -> Mapping[UUID, PackageRecord]:
    """Return the verdicts that are there within ``timeout_s``; the others are still to come.

    A package that was refused for want of an attachment brought apart may pass when it is sent
    again: with ``since`` (before it was handed over) an older refusal of that kind is waited over.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    until = time.monotonic() + timeout_s
    found: dict[UUID, PackageRecord] = {}
    while True:
        with transaction(engine) as connection:
            for package_id in package_ids:
                if package_id not in found:
                    package = package_by_id(connection, package_id)
                    if package is not None and not may_change(package, since):
                        found[package_id] = package
        if len(found) == len(set(package_ids)) or time.monotonic() >= until:
            break
        time.sleep(_PAUSE_S)
    if len(found) == len(set(package_ids)):
        return found
    with transaction(engine) as connection:
        rest = (package_by_id(connection, one) for one in set(package_ids) - found.keys())
        return found | {package.id: package for package in rest if package is not None}


def may_change(package: PackageRecord, since: datetime | None) -> bool:
    """Say whether an answer may be the one before the package was handed over at ``since``."""
    refusal = package.refusal
    return (
        since is not None
        and refusal is not None
        and refusal.code == AttachmentMissingError.code
        and bool(refusal.facts.get("apart"))
        and package.decided_at < since
    )
