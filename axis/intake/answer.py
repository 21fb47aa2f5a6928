"""The sender's answer: the one verdict on a package, as the records hold it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.store.engine import transaction
from axis.store.packages import PackageRecord, package_by_id

_PAUSE_S: Final = 0.05


def wait_for_verdicts(
    engine: sa.Engine, package_ids: Collection[UUID], *, timeout_s: float
) -> Mapping[UUID, PackageRecord]:
    """Return the verdicts that are there within ``timeout_s``; the others are still to come.

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
                    if package is not None:
                        found[package_id] = package
        if len(found) == len(set(package_ids)) or time.monotonic() >= until:
            return found
        time.sleep(_PAUSE_S)
