"""Sessions of browsers: a random secret in a cookie, its digest in the records.

A session ends when nothing was asked for a while, and in any case after a working day; when the
account is removed or reset; and when its person signs out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.signin.accounts import Kind
from axis.signin.errors import FormForgedError, SessionOverError
from axis.store.console import (
    account_named,
    add_session,
    end_session,
    forget_sessions,
    session_of,
    touch_session,
)
from axis.store.engine import reading, transaction

#: That a session is in use is written down this often.
TOUCHED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long a session lasts."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in."""

    name: str
    kind: Kind
    office_id: str | None
    must_change: bool
    secret: str  #: of the session

    @property
    def form_token(self) -> str:
        """What each form of this session carries, and no other site can know."""
        return form_token(self.secret)

    def demand_own(self, token: str) -> None:
        """Return where a form is from a page of this session.

        Raises:
            FormForgedError: it is not.
        """
        demand_token(self.secret, token)


def begin_session(engine: sa.Engine, name: str, *, terms: Terms, now: datetime) -> str:
    """Return the secret of a new session; those that are over are forgotten."""
    secret = secrets.token_urlsafe(32)
    with transaction(engine) as connection:
        forget_sessions(connection, idle=now - terms.idle, whole=now - terms.whole)
        add_session(connection, _digest(secret), name, at=now)
    return secret


def person_of(engine: sa.Engine, secret: str | None, *, terms: Terms, now: datetime) -> Person:
    """Return who is signed in with a secret.

    Raises:
        SessionOverError: nobody, now.
        DatabaseUnavailableError: cannot tell now.
    """
    if not secret:
        raise SessionOverError
    with reading(engine) as connection:
        session = session_of(connection, _digest(secret))
        account = account_named(connection, session.account) if session else None
    if session is None or account is None or account.removed_at is not None:
        raise SessionOverError
    if now - session.seen_at > terms.idle or now - session.created_at > terms.whole:
        raise SessionOverError
    if now - session.seen_at > TOUCHED_EVERY:
        with transaction(engine) as connection:
            touch_session(connection, _digest(secret), at=now)
    return Person(
        name=account.name,
        kind=Kind(account.kind),
        office_id=account.office_id,
        must_change=account.must_change,
        secret=secret,
    )


def sign_out(engine: sa.Engine, secret: str) -> None:
    """End a session."""
    with transaction(engine) as connection:
        end_session(connection, _digest(secret))


def form_token(secret: str) -> str:
    """Return what a form carries, derived from the secret of a cookie."""
    return hmac.new(secret.encode(), b"axis console form", hashlib.sha256).hexdigest()


def demand_token(secret: str, token: str) -> None:
    """Return where a form carries what its cookie's secret gives.

    Raises:
        FormForgedError: it does not.
    """
    if not secret or not hmac.compare_digest(form_token(secret).encode(), token.encode()):
        raise FormForgedError


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
