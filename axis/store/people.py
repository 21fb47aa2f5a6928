"""Administrators, their acts and what waits for a second person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.people.duties import Role
from axis.store.tables.people import ADMIN_ACT, ADMIN_REQUEST, ADMINISTRATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One command that a person gave."""

    id: UUID
    at: datetime
    who: str
    role: Role
    command: str
    arguments: Mapping[str, Any]  #: values of JSON; of files and folders their digests
    why: str | None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command that waits for a second person, or waited."""

    id: UUID
    at: datetime
    who: str
    role: Role
    command: str
    arguments: Mapping[str, Any]
    digest: bytes  #: SHA-256 that says which command of whom it is
    why: str | None
    answered_at: datetime | None = None
    answered_by: str | None = None
    approved: bool | None = None
    used_at: datetime | None = None


def roles_of_all(connection: sa.Connection) -> Mapping[str, Collection[Role]]:
    """Return account → roles, of all who have one."""
    query = sa.select(ADMINISTRATOR.c.account, ADMINISTRATOR.c.role).where(
        ADMINISTRATOR.c.taken_at.is_(None)
    )
    found: dict[str, set[Role]] = {}
    for account, role in connection.execute(query):
        found.setdefault(account, set()).add(Role(role))
    return found


def give_roles(
    connection: sa.Connection, account: str, roles: Collection[Role], *, by: str, now: datetime
) -> None:
    """Make ``roles`` all that an account has; what it had besides is taken back."""
    c = ADMINISTRATOR.c
    has = roles_of_all(connection).get(account, set())
    for role in sorted(set(has) - set(roles)):
        connection.execute(
            sa.update(ADMINISTRATOR)
            .where(c.account == account, c.role == role.value, c.taken_at.is_(None))
            .values(taken_at=now, taken_by=by)
        )
    for role in sorted(set(roles) - set(has)):
        row = {"account": account, "role": role.value, "given_at": now, "given_by": by}
        connection.execute(sa.insert(ADMINISTRATOR).values(row))


def add_act(connection: sa.Connection, act: Act) -> None:
    """Record what somebody does."""
    connection.execute(sa.insert(ADMIN_ACT).values(_values(act)))


def acts(
    connection: sa.Connection,
    *,
    who: str | None = None,
    command: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> Sequence[Act]:
    """Return what was done, newest first."""
    c = ADMIN_ACT.c
    query = sa.select(ADMIN_ACT).order_by(c.at.desc(), c.id).limit(limit)
    if who is not None:
        query = query.where(c.who == who)
    if command is not None:
        query = query.where(sa.or_(c.command == command, c.command.startswith(f"{command} ")))
    if since is not None:
        query = query.where(c.at >= since)
    return [Act(**row._asdict() | {"role": Role(row.role)}) for row in connection.execute(query)]


def add_request(connection: sa.Connection, request: Request) -> None:
    """Record that a command waits for a second person."""
    connection.execute(sa.insert(ADMIN_REQUEST).values(_values(request)))


def requests_waiting(connection: sa.Connection, *, since: datetime) -> Sequence[Request]:
    """Return what nobody has answered, oldest first; what is older than ``since`` has lapsed."""
    c = ADMIN_REQUEST.c
    query = sa.select(ADMIN_REQUEST).where(c.answered_at.is_(None), c.at >= since).order_by(c.at)
    return [_request(row) for row in connection.execute(query)]


def request_of_digest(
    connection: sa.Connection, digest: bytes, *, since: datetime
) -> Request | None:
    """Return the newest request for one command of one person that was not used or refused."""
    c = ADMIN_REQUEST.c
    row = connection.execute(
        sa.select(ADMIN_REQUEST)
        .where(c.digest == digest, c.at >= since, c.used_at.is_(None))
        .where(sa.or_(c.approved.is_(None), c.approved))
        .order_by(c.at.desc())
        .limit(1)
        .with_for_update()
    ).first()
    return _request(row) if row else None


def answer_request(
    connection: sa.Connection, request_id: UUID, *, approved: bool, by: str, now: datetime
) -> None:
    """Record what the second person said."""
    connection.execute(
        sa.update(ADMIN_REQUEST)
        .where(ADMIN_REQUEST.c.id == request_id)
        .values(approved=approved, answered_by=by, answered_at=now)
    )


def use_request(connection: sa.Connection, request_id: UUID, *, now: datetime) -> None:
    """Record that an approval was used; it is good for nothing more."""
    connection.execute(
        sa.update(ADMIN_REQUEST).where(ADMIN_REQUEST.c.id == request_id).values(used_at=now)
    )


def _request(row: sa.Row[Any]) -> Request:
    return Request(**row._asdict() | {"role": Role(row.role)})


def _values(record: Act | Request) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in record.__slots__}
    return values | {"role": record.role.value, "arguments": dict(record.arguments)}
