"""The lock that makes one notary, or one clock, of many processes.

PostgreSQL: an advisory lock of a session of its own, which the server frees when the process dies.
SQLite: a lock on a file beside the database, which the kernel frees when the process dies.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from axis.ledger.errors import NotaryBusyError
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError

_ADVISORY_KEYS: Final = {
    "notary": 0x61786973_6E6F7461,  #: "axisnota"
    "clock": 0x61786973_636C6F63,  #: "axiscloc"
}


class Lock:
    """A lock that is held; it can be lost when the database goes away."""

    def __init__(self, connection: sa.Connection | None) -> None:
        self._connection = connection

    def check(self) -> None:
        """Find out whether the lock is still ours.

        Raises:
            DatabaseUnavailableError: the session that held the lock is gone.
        """
        if self._connection is None:
            return
        try:
            self._connection.exec_driver_sql("select 1")
        except DBAPIError as error:
            raise DatabaseUnavailableError(reason=str(error.orig).strip()) from error


@contextmanager
def hold_lock(engine: sa.Engine, office: str = "notary") -> Iterator[Lock]:
    """Hold the lock of an office, ``notary`` or ``clock``, while the block runs.

    Raises:
        NotaryBusyError: another process or thread holds it.
        DatabaseUnavailableError: the database cannot be reached.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine, _ADVISORY_KEYS[office]) as lock:
            yield lock
    else:
        with _file_lock(_lock_file(engine, office)) as lock:
            yield lock


def is_held(engine: sa.Engine, office: str) -> bool:
    """Say whether some process holds an office now.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    if engine.dialect.name != "postgresql":
        try:
            with _file_lock(_lock_file(engine, office)):
                return False
        except NotaryBusyError:
            return True
        except OSError:
            return False  # there is no such folder: nobody ever worked here
    with transaction(engine) as connection:
        return bool(
            connection.scalar(
                sa.text(
                    "select count(*) from pg_locks where locktype = 'advisory' and granted"
                    " and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = :key"
                    " and database = (select oid from pg_database"
                    "  where datname = current_database())"
                ),
                {"key": _ADVISORY_KEYS[office]},
            )
        )


def held_from(engine: sa.Engine, office: str) -> str | None:
    """Return the address from which an office is held on PostgreSQL; None where it is free.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        found: str | None = connection.scalar(
            sa.text(
                "select host(client_addr) from pg_locks join pg_stat_activity using (pid)"
                " where locktype = 'advisory' and granted and objsubid = 1"
                " and (classid::bigint << 32 | objid::bigint) = :key"
            ),
            {"key": _ADVISORY_KEYS[office]},
        )
    return found


def _lock_file(engine: sa.Engine, office: str) -> Path:
    name = (engine.url.database or "").removeprefix("file:").partition("?")[0]
    return Path(f"{unquote(name)}.{office}")


@contextmanager
def _advisory_lock(engine: sa.Engine, number: int) -> Iterator[Lock]:
    try:
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    except DBAPIError as error:
        raise DatabaseUnavailableError(reason=str(error.orig).strip()) from error
    try:
        key = {"key": number}
        if not connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), key):
            raise NotaryBusyError
        try:
            yield Lock(connection)
        finally:
            if not connection.invalidated:
                connection.execute(sa.text("select pg_advisory_unlock(:key)"), key)
    except DBAPIError as error:
        raise DatabaseUnavailableError(reason=str(error.orig).strip()) from error
    finally:
        connection.close()


@contextmanager
def _file_lock(path: Path) -> Iterator[Lock]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotaryBusyError from error
        yield Lock(None)
    finally:
        os.close(handle)
