"""Accounts of people at the console, and the proof that somebody is one of them.

What an account may change is asked of :mod:`axis.people`, as for commands; its kind only says what
the console shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from axis.access.sealing import open_secret, seal_secret
from axis.signin.errors import (
    AccountTakenError,
    ConsoleAccountUnknownError,
    PasswordWeakError,
    SigninDeniedError,
)
from axis.signin.passwords import (
    LEAST,
    hash_password,
    is_password,
    new_password,
    new_totp,
    step_of_code,
)
from axis.store.console import (
    AccountRecord,
    account_named,
    add_account,
    end_sessions,
    save_account,
    use_step,
)
from axis.store.engine import transaction

_SEAL: Final = "console"


class Kind(StrEnum):
    """What the console shows an account."""

    OPERATOR = "operator"  #: everything, with what can be done about it
    AUDITOR = "auditor"  #: everything; changes nothing
    VIEWER = "viewer"  #: the documents of one office


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person is told once, and nobody can read again."""

    name: str
    password: str
    totp: str  #: secret of the authenticator, Base32


def open_account(
    connection: sa.Connection,
    name: str,
    kind: Kind,
    *,
    office_id: str | None,
    key: bytes,
    by: str,
    now: datetime,
) -> Given:
    """Record an account and return what its person needs to sign in.

    Raises:
        AccountTakenError: there is one of this name.
    """
    before = account_named(connection, name)
    if before is not None and before.removed_at is None:
        raise AccountTakenError(name=name)
    given, record = _new_secrets(name, key)
    record = replace(record, kind=kind.value, office_id=office_id, created_at=now, created_by=by)
    (add_account if before is None else save_account)(connection, record)
    return given


def open_openid_account(
    connection: sa.Connection,
    name: str,
    kind: Kind,
    *,
    office_id: str | None,
    by: str,
    now: datetime,
) -> None:
    """Record an account whose person signs in by the OpenID provider, and in no other way.

    Raises:
        AccountTakenError: there is one of this name.
    """
    before = account_named(connection, name)
    if before is not None and before.removed_at is None:
        raise AccountTakenError(name=name)
    record = AccountRecord(
        name=name,
        kind=kind.value,
        office_id=office_id,
        password=None,
        totp=None,
        totp_step=None,
        must_change=False,
        created_at=now,
        created_by=by,
    )
    (add_account if before is None else save_account)(connection, record)


def reset_account(connection: sa.Connection, name: str, *, key: bytes) -> Given:
    """Give an account a new password and code, and end its sessions.

    Raises:
        ConsoleAccountUnknownError: there is none of this name.
    """
    before = demand_account(connection, name)
    given, fresh = _new_secrets(name, key)
    save_account(
        connection,
        replace(before, password=fresh.password, totp=fresh.totp, totp_step=None, must_change=True),
    )
    end_sessions(connection, name)
    return given


def close_account(connection: sa.Connection, name: str, *, by: str, now: datetime) -> None:
    """Take an account's secrets and sessions away; that it was there stays on the record.

    Raises:
        ConsoleAccountUnknownError: there is none of this name.
    """
    before = demand_account(connection, name)
    save_account(
        connection,
        replace(before, password=None, totp=None, removed_at=now, removed_by=by),
    )
    end_sessions(connection, name)


def demand_account(connection: sa.Connection, name: str) -> AccountRecord:
    """Return an account that was not removed.

    Raises:
        ConsoleAccountUnknownError: there is none of this name.
    """
    found = account_named(connection, name)
    if found is None or found.removed_at is not None:
        raise ConsoleAccountUnknownError(name=name)
    return found


def prove(
    engine: sa.Engine,
    name: str,
    password: str,
    code: str,
    *,
    key: Callable[[], bytes],
    now: datetime,
) -> AccountRecord:
    """Return the account of who gives its password and a code that was not used yet.

    Raises:
        SigninDeniedError: something of it is wrong.
        DatabaseUnavailableError: cannot tell now.
    """
    with transaction(engine) as connection:
        account = account_named(connection, name)
    kept = account.password if account is not None and account.removed_at is None else None
    # Both are looked at whatever the first one says: the time tells nothing.
    right = is_password(kept, password)
    if account is None or account.totp is None or not right:
        raise SigninDeniedError
    secret = open_secret(key(), account.totp, secret_id=account.name, system_id=_SEAL).decode()
    step = step_of_code(secret, "".join(code.split()), now)
    if step is None:
        raise SigninDeniedError
    with transaction(engine) as connection:
        if not use_step(connection, account.name, step):
            raise SigninDeniedError  # somebody has seen the code over the shoulder
    return account


def change_password(engine: sa.Engine, name: str, before: str, after: str) -> None:
    """Put a password that its person chose in the place of the one before.

    Raises:
        SigninDeniedError: the one before is another.
        PasswordWeakError: the new one is too short, or no new one.
    """
    with transaction(engine) as connection:
        account = demand_account(connection, name)
        if not is_password(account.password, before):
            raise SigninDeniedError
        if secrets.compare_digest(before.encode(), after.encode()):
            raise PasswordWeakError(least=LEAST)
        save_account(connection, replace(account, password=hash_password(after), must_change=False))


def _new_secrets(name: str, key: bytes) -> tuple[Given, AccountRecord]:
    given = Given(name=name, password=new_password(), totp=new_totp())
    sealed = seal_secret(key, given.totp.encode(), secret_id=name, system_id=_SEAL)
    return given, AccountRecord(
        name=name,
        kind="",
        office_id=None,
        password=hash_password(given.password),
        totp=sealed,
        totp_step=None,
        must_change=True,
        created_at=datetime.min,  # noqa: DTZ901  the caller says when
        created_by="",
    )
