"""Finds documents: first those that go by what was typed, then those whose words fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from axis.delivery.states import State
from axis.delivery.sums import Sum, sum_up
from axis.directory.search import NameIndex
from axis.search.errors import SearchTooWideError
from axis.search.wanted import Wanted
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.packages import PackageRecord, package_by_id, packages_by_id, packages_named
from axis.store.searching import Hits, Place, concerns, hits, states_of
from axis.store.types import roles

#: Offices that one search goes by, at most.
MOST_OFFICES: Final = 100
_CANCELLED: Final = "57014"  # SQLSTATE: the statement took too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A document package with how many deliveries are how far."""

    package: PackageRecord
    states: Mapping[State, int]

    @property
    def sum(self) -> Sum:
        """How far the document is."""
        return sum_up(state for state, count in self.states.items() for _ in range(min(count, 2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found."""

    named: tuple[Listed, ...]  #: go by what was typed: one document, or several of one number
    fitting: tuple[Listed, ...]  #: newest first
    after: Place | None  #: where the next page begins
    looked_back_to: datetime | None  #: the page is short because this is how far it came

    @property
    def only(self) -> UUID | None:
        """The one document that what was typed names, or None."""
        documents = {one.package.document_id or str(one.package.id) for one in self.named}
        return self.named[-1].package.id if len(documents) == 1 else None


def find(
    engine: sa.Engine,
    wanted: Wanted,
    *,
    after: Place | None = None,
    limit: int = 20,
    also_words: bool = False,
) -> Found:
    """Return a page of documents.

    Args:
        engine: the records.
        wanted: what is looked for.
        after: the last one of the page before.
        limit: at most so many, beside those that go by what was typed.
        also_words: look for the words of a number too, where documents go by it.

    Raises:
        SearchTooWideError: it would take too long.
        DatabaseUnavailableError: the records cannot be reached.
    """
    try:
        with transaction(engine) as connection:
            named = _named(connection, wanted) if after is None else []
            listed = (
                Hits(ids=(), after=None)
                if named and (wanted.package_id is not None or not also_words)
                else hits(connection, wanted, after=after, limit=limit)
            )
            seen = {one.id for one in named}
            packages = packages_by_id(connection, listed.ids)
            rest = [packages[key] for key in listed.ids if key in packages and key not in seen]
            states = states_of(connection, [one.id for one in (*named, *rest)])
    except DatabaseUnavailableError as error:
        cause = error.__cause__
        if isinstance(cause, DBAPIError) and getattr(cause.orig, "sqlstate", "") == _CANCELLED:
            raise SearchTooWideError from error
        raise
    return Found(
        named=_listed(named, states),
        fitting=_listed(rest, states),
        after=listed.after,
        looked_back_to=listed.looked_back_to,
    )


def offices_like(names: NameIndex, text: str, at: datetime) -> tuple[str, ...]:
    """Return the offices that a name without marks, or a code of any time, may mean."""
    found = names.search(text, at, limit=MOST_OFFICES, closed=True)
    return tuple(office.office_id for office in found)


def _named(connection: sa.Connection, wanted: Wanted) -> list[PackageRecord]:
    if wanted.package_id is not None:
        package = package_by_id(connection, wanted.package_id)
        found = [package] if package else []
    elif wanted.name:
        known = roles(connection)
        found = [one for one in packages_named(connection, wanted.name) if known.is_paper(one.kind)]
    else:
        return []
    if wanted.only_of is not None:
        own = concerns(connection, [one.id for one in found], wanted.only_of)
        found = [one for one in found if one.id in own]
    return found


def _listed(
    packages: Iterable[PackageRecord], states: Mapping[UUID, Mapping[State, int]]
) -> tuple[Listed, ...]:
    return tuple(Listed(package=one, states=states.get(one.id, {})) for one in packages)
