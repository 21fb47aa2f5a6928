"""Collects all that the records know about one document."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.errors import DocumentUnknownError
from axis.ledger.entry import LoggedEntry
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.store.packages import (
    PackageRecord,
    package_by_id,
    packages_named,
    packages_of_document,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Packages about one document, oldest first, with their deliveries and ledger entries."""

    packages: tuple[PackageRecord, ...]
    deliveries: tuple[DeliveryRecord, ...]
    entries: tuple[LoggedEntry, ...]


def gather(engine: sa.Engine, name: str) -> Story:
    """Return the story of a document by package id, DocumentId or number/notation.

    Raises:
        DocumentUnknownError: nothing goes by this name.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        named = _named(connection, name.strip())
        if not named:
            raise DocumentUnknownError(name=name)
        document_ids = {package.document_id for package in named if package.document_id}
        family = {package.id: package for package in named}
        for document_id in sorted(document_ids):
            for package in packages_of_document(connection, document_id):
                family[package.id] = package
        packages = sorted(family.values(), key=lambda p: (p.decided_at, p.received_at, str(p.id)))
        ids = [package.id for package in packages]
        return Story(
            packages=tuple(packages),
            deliveries=tuple(deliveries_of(connection, ids)),
            entries=tuple(entries_of(connection, ids)),
        )


def _named(connection: sa.Connection, name: str) -> list[PackageRecord]:
    try:
        package = package_by_id(connection, UUID(name))
    except ValueError:
        package = None
    return [package] if package else packages_named(connection, name)
