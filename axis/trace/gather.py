"""Collects all that the records know about one document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.errors import DocumentAmbiguousError, DocumentUnknownError
from axis.ledger.entry import LoggedEntry
from axis.store.answers import answers_of
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.store.messages import (
    MessageRecord,
    messages_by_id,
    packages_in,
    stories_named,
    stories_of,
)
from axis.store.packages import (
    PackageRecord,
    package_by_id,
    packages_by_id,
    packages_named,
    packages_of_document,
)
from axis.store.parts import PackagePart, parts_of_packages
from axis.store.requests import requests_among
from axis.store.types import load_types
from axis.types.book import Book

#: A chain of replacements that is longer than this is told in part.
MOST_PACKAGES: Final = 1000
#: Documents of one number that a refusal to choose names.
MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Packages about one document, oldest first, with their deliveries and ledger entries."""

    packages: tuple[PackageRecord, ...]
    deliveries: tuple[DeliveryRecord, ...]
    entries: tuple[LoggedEntry, ...]
    parts: Mapping[UUID, list[PackagePart]] = field(default_factory=dict)  #: that came apart
    #: of those that are of another type than edXML's own
    messages: Mapping[UUID, MessageRecord] = field(default_factory=dict)
    stories: Mapping[UUID, list[tuple[str, str]]] = field(default_factory=dict)  #: they belong to
    answers: Mapping[UUID, tuple[str, ...]] = field(default_factory=dict)  #: ids that they answer
    types: Book = field(default_factory=Book)  #: of these packages and stories


def gather(
    engine: sa.Engine, name: str, *, party: str | None = None, stories: bool = False
) -> Story:
    """Return the story of a document by package id, DocumentId or number/notation.

    With ``party`` a name stands for what that office sent or was sent, where there is such a thing.
    With ``stories`` whatever belongs to one dossier, one period of a report or one task is one
    story, and goes by its key: for operators, because it reaches beyond one document's offices.

    Raises:
        DocumentUnknownError: nothing goes by this name.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        named = _named(connection, name.strip(), party) or _named(connection, name.strip())
        if stories:
            named += _belonging(connection, name.strip(), named)
        if not named:
            raise DocumentUnknownError(name=name)
        family = _family(connection, named, stories=stories)
        packages = sorted(family.values(), key=lambda p: (p.decided_at, p.received_at, str(p.id)))
        ids = [package.id for package in packages]
        belonging = stories_of(connection, ids)
        kinds = {package.kind for package in packages if package.kind}
        kinds |= {kind for some in belonging.values() for kind, _ in some}
        return Story(
            packages=tuple(packages),
            deliveries=tuple(deliveries_of(connection, ids)),
            entries=tuple(entries_of(connection, ids)),
            parts=parts_of_packages(connection, ids),
            messages=messages_by_id(connection, ids),
            stories=belonging,
            answers=answers_of(connection, ids),
            types=load_types(connection, only=kinds),
        )


def gather_one(engine: sa.Engine, name: str, *, party: str | None = None) -> Story:
    """Return the story of the one document that goes by ``name``, for proof of what happened.

    Args:
        engine: the records.
        name: package id, DocumentId or number/notation.
        party: the office that asks; only documents that it sent or was sent are meant then.

    Raises:
        DocumentUnknownError: nothing goes by this name.
        DocumentAmbiguousError: several documents have this number.
        DatabaseUnavailableError: the database cannot be reached.
    """
    among = candidates(engine, name, party=party)
    if len(among) > 1:
        raise ambiguous(name, among)
    return gather(engine, name, party=party)


def ambiguous(name: str, among: Sequence[PackageRecord]) -> DocumentAmbiguousError:
    """Return the refusal to choose, which names the newest of the documents."""
    ids = "; ".join(str(one.document_id) for one in among[-MOST_NAMED:])
    return DocumentAmbiguousError(name=name, count=len(among), candidates=ids)


def candidates(
    engine: sa.Engine, name: str, *, party: str | None = None, stories: bool = False
) -> list[PackageRecord]:
    """Return the accepted documents that a number/notation means: one, or several to choose from.

    Documents that replace or change one another are one. A DocumentId or an id is never ambiguous;
    nothing is returned for them. ``party``: see :func:`gather_one`; ``stories``: :func:`gather`.
    """
    with transaction(engine) as connection:
        documents: dict[str, PackageRecord] = {}
        for package in _named(connection, name.strip(), party):
            if package.accepted and package.document_id and package.sign == name.strip():
                documents.setdefault(package.document_id, package)
        if len(documents) > 1:
            first = next(iter(documents.values()))
            family = {
                one.document_id for one in _family(connection, [first], stories=stories).values()
            }
            if documents.keys() <= family:
                return [first]
        return list(documents.values())


def _family(
    connection: sa.Connection, named: Iterable[PackageRecord], *, stories: bool = False
) -> dict[UUID, PackageRecord]:
    """Return all packages of these documents, and of those that they change or that change them."""
    family: dict[UUID, PackageRecord] = {}
    told: set[str] = set()
    heard: set[tuple[str, str]] = set()
    fresh = {package.id: package for package in named}
    while fresh and len(family) < MOST_PACKAGES:
        family |= fresh
        for document_id in sorted({p.document_id for p in fresh.values() if p.document_id} - told):
            told.add(document_id)
            for package in packages_of_document(connection, document_id):
                family[package.id] = package
        related = {
            package_id
            for request in requests_among(connection, list(family))
            for package_id in (request.package_id, request.target_package_id)
        }
        if stories:
            ours = {one for some in stories_of(connection, list(family)).values() for one in some}
            related |= set(packages_in(connection, ours - heard, limit=MOST_PACKAGES))
            heard |= ours
        found = [package_by_id(connection, one) for one in sorted(related - family.keys())]
        fresh = {package.id: package for package in found if package is not None}
    return family


def _belonging(
    connection: sa.Connection, key: str, named: Iterable[PackageRecord]
) -> list[PackageRecord]:
    """Return what belongs to the stories that go by a key, beyond what was found by name."""
    ids = set(packages_in(connection, stories_named(connection, key), limit=MOST_PACKAGES))
    return list(packages_by_id(connection, ids - {one.id for one in named}).values())


def _named(connection: sa.Connection, name: str, party: str | None = None) -> list[PackageRecord]:
    try:
        package = package_by_id(connection, UUID(name))
    except ValueError:
        package = None
    return [package] if package else packages_named(connection, name, party=party)
