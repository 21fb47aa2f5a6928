"""Documents by words and offices, as people ask for them.

Newest first, a page at a time, in bounded work. Where few documents fit, by the statistics of
their words, the index over words and offices is asked. Else a page is looked for among the newest
first; only where these do not fill it, the index is asked after all: then not so many fit. Where
nothing but days and states narrow the search, it goes back step by step and says how far it came.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from axis.delivery.states import State
from axis.search.wanted import Standing, Wanted
from axis.store.due import UNFINISHED
from axis.store.tables.console import DOCUMENT_SEARCH
from axis.store.tables.delivery import DELIVERY, PACKAGE

#: Of the newest documents, so many are looked at before the index is asked.
NEWEST: Final = 10_000
#: Where some of these fit but no page of them, at most so many: farther back the index is quicker.
DEEPEST: Final = 120_000
#: Where the planner expects no more than this, the index is asked at once.
FEW: Final = 3000
#: Without words or offices, so many are looked at for one page.
LOOKED_AT: Final = 20_000
#: Nobody waits longer for the rest of a page (ms); then the search says so.
PATIENCE_MS: Final = 4000

_C: Final = DOCUMENT_SEARCH.c
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Documents that fit, newest first."""

    ids: tuple[UUID, ...]
    after: Place | None  #: where the next page begins; None: there is nothing more
    looked_back_to: datetime | None = None  #: the page is short because this is how far it came


def hits(
    connection: sa.Connection, wanted: Wanted, *, after: Place | None = None, limit: int = 20
) -> Hits:
    """Return a page of documents.

    Raises:
        sqlalchemy.exc.OperationalError: it would have taken too long.
    """
    within = _within(wanted, after)
    narrowed = bool(wanted.words or wanted.office_ids or wanted.only_of)
    depth = NEWEST if narrowed else LOOKED_AT
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"set local statement_timeout = {PATIENCE_MS}"))
        connection.execute(sa.text("set local enable_seqscan = off"))
        connection.execute(sa.text("set local jit = off"))
    if wanted.standing is Standing.STUCK:
        return _of_stuck(connection, wanted, within, limit)
    few = True
    if connection.dialect.name == "postgresql" and narrowed:
        few = _expected(connection, wanted) <= FEW
        if few:
            return _by_index(connection, wanted, within, limit)
    found = _among_newest(connection, wanted, within, depth=depth, limit=limit)
    if narrowed and 0 < len(found) <= limit:
        # By how many of these fit, a page stands half so far back; chance is uneven.
        deeper = depth * (limit + 1) * 2 // len(found)
        if deeper <= DEEPEST:
            depth = deeper
            found = _among_newest(connection, wanted, within, depth=depth, limit=limit)
    if len(found) > limit:
        return _page(found, limit)
    edge = connection.execute(
        sa.select(_C.at, _C.package_id)
        .where(*within)
        .order_by(_C.at.desc(), _C.package_id.desc())
        .offset(depth - 1)
        .limit(1)
    ).first()
    if edge is None:  # all there is was looked at
        return Hits(ids=tuple(row.package_id for row in found), after=None)
    if not narrowed or (wanted.standing is not None and not few):
        # Very many documents have these words, and the index does not know how far they are.
        return Hits(
            ids=tuple(row.package_id for row in found),
            after=(edge.at, edge.package_id),
            looked_back_to=edge.at,
        )
    return _by_index(connection, wanted, within, limit)


def _among_newest(
    connection: sa.Connection,
    wanted: Wanted,
    within: Sequence[sa.ColumnElement[bool]],
    *,
    depth: int,
    limit: int,
) -> Sequence[Any]:
    """Return what fits among the newest documents, at most one more than a page."""
    newest = (
        sa.select(_C.package_id, _C.at, _C.words, _C.offices)
        .where(*within)
        .order_by(_C.at.desc(), _C.package_id.desc())
        .limit(depth)
        .subquery("newest")
    )
    query = (
        sa.select(newest.c.package_id, newest.c.at)
        .where(*_fitting(connection, newest.c, wanted))
        .order_by(newest.c.at.desc(), newest.c.package_id.desc())
        .limit(limit + 1)
    )
    return connection.execute(query).all()


def _of_stuck(
    connection: sa.Connection,
    wanted: Wanted,
    within: Sequence[sa.ColumnElement[bool]],
    limit: int,
) -> Hits:
    """Begin with what is held or set aside: that is little beside all documents."""
    plain = replace(wanted, standing=None)
    stuck = sa.select(DELIVERY.c.package_id).where(
        DELIVERY.c.state.in_((State.HELD.value, State.PARKED.value))
    )
    query = (
        sa.select(_C.package_id, _C.at)
        .where(_C.package_id.in_(stuck), *within, *_fitting(connection, _C, plain))
        .order_by(_C.at.desc(), _C.package_id.desc())
        .limit(limit + 1)
    )
    return _page(connection.execute(query).all(), limit)


def _expected(connection: sa.Connection, wanted: Wanted) -> int:
    """Return how many documents the planner expects to fit, by the statistics of words."""
    plain = replace(wanted, standing=None)
    query = sa.select(_C.package_id).where(*_fitting(connection, _C, plain))
    compiled = query.compile(dialect=connection.dialect)
    row = connection.exec_driver_sql(f"explain (format json) {compiled}", compiled.params).scalar()
    rows: int = row[0]["Plan"]["Plan Rows"] if row else 0
    return rows


def _by_index(
    connection: sa.Connection,
    wanted: Wanted,
    within: Sequence[sa.ColumnElement[bool]],
    limit: int,
) -> Hits:
    """Ask the index over words and offices; few documents fit, or the newest had filled a page."""
    if connection.dialect.name == "postgresql":
        # The planner knows each word's frequency but not which words go together.
        connection.execute(sa.text("set local enable_indexscan = off"))
    fitting = (
        sa.select(_C.package_id, _C.at)
        .where(*within, *_fitting(connection, _C, wanted))
        .cte("fitting")
        .prefix_with("materialized", dialect="postgresql")
    )
    query = (
        sa.select(fitting.c.package_id, fitting.c.at)
        .order_by(fitting.c.at.desc(), fitting.c.package_id.desc())
        .limit(limit + 1)
    )
    found = connection.execute(query).all()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("set local enable_indexscan = on"))
    return _page(found, limit)


def _page(found: Sequence[Any], limit: int) -> Hits:
    page = found[:limit]
    more = len(found) > limit
    return Hits(
        ids=tuple(row.package_id for row in page),
        after=(page[-1].at, page[-1].package_id) if more else None,
    )


def _within(wanted: Wanted, after: Place | None) -> list[sa.ColumnElement[bool]]:
    within: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        within.append(_C.at >= wanted.since)
    if wanted.until is not None:
        within.append(_C.at < wanted.until)
    if after is not None:
        bounds = (sa.literal(after[0], _C.at.type), sa.literal(after[1], _C.package_id.type))
        within.append(sa.tuple_(_C.at, _C.package_id) < sa.tuple_(*bounds))
    return within


def _fitting(
    connection: sa.Connection,
    columns: sa.ColumnCollection[str, sa.ColumnElement[Any]],
    wanted: Wanted,
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions beside the time."""
    fitting: list[sa.ColumnElement[bool]] = []
    if wanted.words:
        fitting.append(_has_words(connection, columns["words"], wanted.words))
    if wanted.office_ids:
        fitting.append(_has_offices(connection, columns["offices"], wanted.office_ids))
    if wanted.only_of is not None:
        fitting.append(_has_offices(connection, columns["offices"], [wanted.only_of]))
    if wanted.standing is not None:
        fitting.append(_stands(columns["package_id"], wanted.standing))
    return fitting


def _has_words(
    connection: sa.Connection, column: sa.ColumnElement[Any], words: Sequence[str]
) -> sa.ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        # Folding leaves letters and digits only, so that nothing can be an operator in here.
        query = " & ".join(f"'{word}'" for word in words)
        return column.op("@@", is_comparison=True)(sa.cast(query, postgresql.TSQUERY))
    return sa.and_(*(column.contains(f" {word} ", autoescape=True) for word in words))


def _has_offices(
    connection: sa.Connection, column: sa.ColumnElement[Any], office_ids: Sequence[str]
) -> sa.ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        wanted = sa.literal(list(office_ids), postgresql.ARRAY(sa.Text))
        return column.op("&&", is_comparison=True)(wanted)
    return sa.or_(*(column.contains(f" {one} ", autoescape=True) for one in office_ids))


def _stands(package_id: sa.ColumnElement[Any], standing: Standing) -> sa.ColumnElement[bool]:
    def some(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.exists().where(DELIVERY.c.package_id == package_id, *conditions)

    unfinished = some(DELIVERY.c.state.in_(UNFINISHED))
    if standing is Standing.UNDER_WAY:
        return unfinished
    if standing is Standing.DELIVERED:
        return sa.and_(some(DELIVERY.c.state == State.CONFIRMED.value), ~unfinished)
    return sa.exists().where(PACKAGE.c.id == package_id, PACKAGE.c.accepted.is_(False))


def states_of(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[State, int]]:
    """Return how many deliveries of each package are in which state; offered is routed here."""
    found: dict[UUID, dict[State, int]] = {}
    query = (
        sa.select(DELIVERY.c.package_id, DELIVERY.c.state, sa.func.count())
        .where(DELIVERY.c.package_id.in_(package_ids))
        .group_by(DELIVERY.c.package_id, DELIVERY.c.state)
    )
    for package_id, state, count in connection.execute(query):
        found.setdefault(package_id, {})[State(state)] = count
    return found


def concerns(connection: sa.Connection, package_ids: Collection[UUID], office_id: str) -> set[UUID]:
    """Return those of the packages that an office sent or gets."""
    sent = sa.select(PACKAGE.c.id).where(
        PACKAGE.c.id.in_(package_ids), PACKAGE.c.sender_office == office_id
    )
    got = sa.select(DELIVERY.c.package_id).where(
        DELIVERY.c.package_id.in_(package_ids), DELIVERY.c.office_id == office_id
    )
    return set(connection.scalars(sa.union(sent, got)))
