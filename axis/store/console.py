"""Accounts of the console and the sessions of their browsers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from axis.store.tables.console import CONSOLE_ACCOUNT, CONSOLE_SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """An account, as it is kept."""

    name: str
    kind: str
    office_id: str | None
    password: str | None  #: Argon2id
    totp: bytes | None  #: sealed
    totp_step: int | None
    must_change: bool
    created_at: datetime
    created_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A browser that was signed in."""

    account: str
    created_at: datetime
    seen_at: datetime


def account_named(connection: sa.Connection, name: str) -> AccountRecord | None:
    """Return an account, also one that was removed."""
    query = sa.select(CONSOLE_ACCOUNT).where(CONSOLE_ACCOUNT.c.name == name)
    row = connection.execute(query).first()
    return AccountRecord(**row._asdict()) if row else None


def list_accounts(connection: sa.Connection) -> list[AccountRecord]:
    """Return the accounts that were not removed."""
    query = sa.select(CONSOLE_ACCOUNT).where(CONSOLE_ACCOUNT.c.removed_at.is_(None))
    rows = connection.execute(query.order_by(CONSOLE_ACCOUNT.c.name))
    return [AccountRecord(**row._asdict()) for row in rows]


def add_account(connection: sa.Connection, account: AccountRecord) -> None:
    """Record a new account."""
    connection.execute(sa.insert(CONSOLE_ACCOUNT).values(_values(account)))


def save_account(connection: sa.Connection, account: AccountRecord) -> None:
    """Record an account as it is now."""
    connection.execute(
        sa.update(CONSOLE_ACCOUNT)
        .where(CONSOLE_ACCOUNT.c.name == account.name)
        .values(_values(account))
    )


def use_step(connection: sa.Connection, name: str, step: int) -> bool:
    """Record that the code of a period was used; False: that one or a later one was already."""
    c = CONSOLE_ACCOUNT.c
    done = connection.execute(
        sa.update(CONSOLE_ACCOUNT)
        .where(c.name == name, c.removed_at.is_(None))
        .where(sa.or_(c.totp_step.is_(None), c.totp_step < step))
        .values(totp_step=step)
    )
    return done.rowcount == 1


def add_session(connection: sa.Connection, digest: bytes, account: str, *, at: datetime) -> None:
    """Record that a browser is signed in."""
    row = {"digest": digest, "account": account, "created_at": at, "seen_at": at}
    connection.execute(sa.insert(CONSOLE_SESSION).values(row))


def session_of(connection: sa.Connection, digest: bytes) -> SessionRecord | None:
    """Return the session with a digest."""
    c = CONSOLE_SESSION.c
    query = sa.select(c.account, c.created_at, c.seen_at).where(c.digest == digest)
    row = connection.execute(query).first()
    return SessionRecord(**row._asdict()) if row else None


def touch_session(connection: sa.Connection, digest: bytes, *, at: datetime) -> None:
    """Record that a session is in use."""
    connection.execute(
        sa.update(CONSOLE_SESSION).where(CONSOLE_SESSION.c.digest == digest).values(seen_at=at)
    )


def end_session(connection: sa.Connection, digest: bytes) -> None:
    """Forget a session."""
    connection.execute(sa.delete(CONSOLE_SESSION).where(CONSOLE_SESSION.c.digest == digest))


def end_sessions(connection: sa.Connection, account: str) -> None:
    """Forget all sessions of an account."""
    connection.execute(sa.delete(CONSOLE_SESSION).where(CONSOLE_SESSION.c.account == account))


def forget_sessions(connection: sa.Connection, *, idle: datetime, whole: datetime) -> None:
    """Forget sessions that were last seen before ``idle`` or began before ``whole``."""
    c = CONSOLE_SESSION.c
    connection.execute(
        sa.delete(CONSOLE_SESSION).where(sa.or_(c.seen_at < idle, c.created_at < whole))
    )


def _values(account: AccountRecord) -> dict[str, object]:
    return {name: getattr(account, name) for name in AccountRecord.__slots__}
