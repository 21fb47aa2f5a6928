"""The packages that were judged, each with its one verdict."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.errors import Fault, Place, Refusal
from axis.store.arrays import among, is_postgresql, rows_among
from axis.store.bulk import copy_rows, driver_types, insert_rows
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.life import BODY_PURGE


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecord:
    """A package that was judged. The header's fields are None where it could not be read."""

    id: UUID
    system_id: str
    digest: bytes
    size_bytes: int
    door: str
    received_at: datetime
    decided_at: datetime
    accepted: bool
    refusal: Refusal | None = None
    kind: str | None = None  #: the message type: ``document``, ``status``, ``dossier`` …
    document_id: str | None = None
    sign: str | None = None
    subject: str | None = None
    sender: str | None = None  #: OrganId as written
    sender_office: str | None = None
    about_package_id: UUID | None = None  #: of a status: the document package that it is about
    about_delivery_id: UUID | None = None
    business_type: int | None = None
    status_code: str | None = None
    priority: int | None = None
    due_on: date | None = None
    certificate: bytes | None = None
    weak: str | None = None


#: The columns of a new row; the others have their defaults.
_NAMES: Final = tuple(name for name in PackageRecord.__slots__ if name != "refusal")
_PLAIN: Final = attrgetter(*_NAMES)
_JUDGED: Final = among(PACKAGE, ("id", "accepted"), locked=False)


def add_packages(connection: sa.Connection, packages: Sequence[PackageRecord]) -> None:
    """Record verdicts.

    Raises:
        sqlalchemy.exc.IntegrityError: one of them was judged meanwhile; give the transaction up.
    """
    if not packages:
        return
    if connection.dialect.name == "postgresql":
        types = {**driver_types(PACKAGE, _NAMES), "refusal": "text"}  # JSON is text on its way
        copy_rows(connection, PACKAGE.name, types, map(_values, packages))
        return
    insert_rows(connection, PACKAGE, [_row(package) for package in packages])


def judged(connection: sa.Connection, ids: Collection[UUID]) -> Mapping[UUID, bool]:
    """Return which of the packages have their verdict already, and whether they were accepted."""
    if is_postgresql(connection):
        return {row[0]: row[1] for row in rows_among(connection, _JUDGED, ids)}
    query = sa.select(PACKAGE.c.id, PACKAGE.c.accepted).where(PACKAGE.c.id.in_(ids))
    return {row.id: row.accepted for row in connection.execute(query)}


def still_lacking(connection: sa.Connection, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the packages that were refused for want of something that may have come.

    That is an attachment brought apart, or the revision before.
    """
    if not ids:
        return set()
    query = (
        sa.select(PACKAGE.c.id, PACKAGE.c.refusal)
        .where(PACKAGE.c.id.in_(ids), PACKAGE.c.accepted.is_(False))
        .with_for_update()
    )
    return {
        row.id
        for row in connection.execute(query)
        if (row.refusal["code"] == "attachment.missing" and row.refusal["facts"].get("apart"))
        or row.refusal["code"] == "order.revision-early"
    }


def mark_heard(connection: sa.Connection, ids: Collection[UUID], *, at: datetime) -> None:
    """Record that refused packages were judged once more, with the same answer."""
    if ids:
        connection.execute(sa.update(PACKAGE).where(PACKAGE.c.id.in_(ids)).values(decided_at=at))


def reopen_packages(connection: sa.Connection, packages: Sequence[PackageRecord]) -> None:
    """Put a new verdict in the place of a refusal; the ledger keeps both."""
    for package in packages:
        # Its bytes came again with it, whatever became of those that were refused.
        connection.execute(sa.delete(BODY_PURGE).where(BODY_PURGE.c.package_id == package.id))
        row = _row(package)
        row["purged"] = False
        connection.execute(sa.update(PACKAGE).where(PACKAGE.c.id == row.pop("id")).values(row))


def package_by_id(connection: sa.Connection, package_id: UUID) -> PackageRecord | None:
    """Return one package, or None where it was not judged yet."""
    row = connection.execute(sa.select(PACKAGE).where(PACKAGE.c.id == package_id)).first()
    return package_of(row) if row else None


def packages_by_id(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> dict[UUID, PackageRecord]:
    """Return those of the packages that were judged."""
    rows = connection.execute(sa.select(PACKAGE).where(PACKAGE.c.id.in_(package_ids)))
    return {row.id: package_of(row) for row in rows}


def packages_sent(
    connection: sa.Connection,
    system_id: str,
    *,
    before: tuple[datetime, UUID] | None = None,
    only_open: bool = False,
    limit: int = 100,
) -> list[PackageRecord]:
    """Return what a system submitted and was judged, the newest first.

    Args:
        connection: the transaction.
        system_id: who sent.
        before: instant of decision and id of the last one of the page before.
        only_open: only packages that somebody has still to take.
        limit: at most so many.
    """
    query = sa.select(PACKAGE).where(PACKAGE.c.system_id == system_id)
    if before is not None:
        bounds = (
            sa.literal(before[0], PACKAGE.c.decided_at.type),
            sa.literal(before[1], PACKAGE.c.id.type),
        )
        query = query.where(sa.tuple_(PACKAGE.c.decided_at, PACKAGE.c.id) < sa.tuple_(*bounds))
    if only_open:
        query = query.where(
            sa.exists().where(
                DELIVERY.c.package_id == PACKAGE.c.id, DELIVERY.c.state.in_(UNFINISHED)
            )
        )
    query = query.order_by(PACKAGE.c.decided_at.desc(), PACKAGE.c.id.desc()).limit(limit)
    return [package_of(row) for row in connection.execute(query)]


def packages_named(
    connection: sa.Connection, name: str, *, party: str | None = None, limit: int = 200
) -> list[PackageRecord]:
    """Return the packages that go by a DocumentId or by number/notation, oldest first.

    With ``party`` only those that this office sent, or that were for it under any of its codes.
    """
    query = (
        sa.select(PACKAGE)
        .where(sa.or_(PACKAGE.c.document_id == name, PACKAGE.c.sign == name))
        .where(*([] if party is None else [_concerns(party)]))
        .order_by(PACKAGE.c.decided_at, PACKAGE.c.received_at, PACKAGE.c.id)
        .limit(limit)
    )
    return [package_of(row) for row in connection.execute(query)]


def _concerns(office: str) -> sa.ColumnElement[bool]:
    received = sa.exists().where(
        DELIVERY.c.package_id == PACKAGE.c.id,
        sa.or_(DELIVERY.c.address == office, DELIVERY.c.office_id == office),
    )
    return sa.or_(PACKAGE.c.sender == office, received)


def packages_of_document(
    connection: sa.Connection, document_id: str, *, limit: int = 200
) -> list[PackageRecord]:
    """Return everything said about one DocumentId: the document, its changes, its statuses."""
    query = (
        sa.select(PACKAGE)
        .where(PACKAGE.c.document_id == document_id)
        .order_by(PACKAGE.c.decided_at, PACKAGE.c.received_at, PACKAGE.c.id)
        .limit(limit)
    )
    return [package_of(row) for row in connection.execute(query)]


def _values(package: PackageRecord) -> tuple[Any, ...]:
    """Return a new row as the driver takes it, the refusal last."""
    refusal = refusal_to_json(package.refusal)
    return (*_PLAIN(package), None if refusal is None else json.dumps(refusal))


def _row(package: PackageRecord) -> dict[str, Any]:
    row = {name: getattr(package, name) for name in PackageRecord.__slots__}
    row["refusal"] = refusal_to_json(package.refusal)
    return row


def package_of(row: sa.Row[Any]) -> PackageRecord:
    """Return a row of the table as a record."""
    values = {name: getattr(row, name) for name in PackageRecord.__slots__}
    values["refusal"] = refusal_from_json(values["refusal"])
    return PackageRecord(**values)


def refusal_to_json(refusal: Refusal | None) -> dict[str, Any] | None:
    """Return a refusal as JSON that is kept."""
    if refusal is None:
        return None
    place = refusal.place
    return {
        "code": refusal.code,
        "fault": refusal.fault.value,
        "facts": dict(refusal.facts),
        "place": {"xpath": place.xpath, "line": place.line, "column": place.column}
        if place
        else None,
    }


def refusal_from_json(value: Mapping[str, Any] | None) -> Refusal | None:
    """Return a refusal that was kept."""
    if value is None:
        return None
    return Refusal(
        code=value["code"],
        fault=Fault(value["fault"]),
        facts=value["facts"],
        place=Place(**value["place"]) if value["place"] else None,
    )
