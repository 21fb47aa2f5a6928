"""Connects to the database and makes its durability what the receipts promise.

SQLite: write-ahead log with ``synchronous=FULL`` and one writer at a time (``BEGIN IMMEDIATE``).
PostgreSQL: ``synchronous_commit`` and ``fsync`` must be on; a server that runs without is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from axis.store.errors import DatabaseUnavailableError, UnsafeDatabaseError


def open_engine(url: str, *, pool_size: int = 5, ping: bool = True) -> sa.Engine:
    """Return an engine for ``sqlite:///FILE`` or ``postgresql+psycopg://…``, not yet connected.

    Without ``ping`` a connection that died is noticed by who uses it next, who is told to come
    again; that saves a round trip in each transaction.
    """
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, connect_args={"timeout": 60, "check_same_thread": False})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
        return engine
    return sa.create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=ping)


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open one transaction; it is durable when the block has ended.

    Raises:
        DatabaseUnavailableError: the database cannot be reached, or went away; whether the
            transaction took effect is unknown, and the caller does the work again (all work is
            idempotent).
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise DatabaseUnavailableError(reason=str(error.orig).strip()) from error
        raise


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection for statements that read and need not agree with each other.

    On PostgreSQL each stands for itself: without begin and commit, a question is one round trip.

    Raises:
        DatabaseUnavailableError: the database cannot be reached, or went away.
    """
    if engine.dialect.name != "postgresql":
        with transaction(engine) as connection:
            yield connection
        return
    try:
        with engine.connect() as opened:
            yield opened.execution_options(isolation_level="AUTOCOMMIT")
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise DatabaseUnavailableError(reason=str(error.orig).strip()) from error
        raise


def check_durability(engine: sa.Engine) -> None:
    """Refuse a PostgreSQL server on which a commit could be forgotten.

    Raises:
        UnsafeDatabaseError: ``fsync``, ``full_page_writes`` or ``synchronous_commit`` is off.
        DatabaseUnavailableError: the database cannot be reached.
    """
    if engine.dialect.name != "postgresql":
        return
    with transaction(engine) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            value = connection.scalar(sa.text(f"show {setting}"))
            if value == "off":
                raise UnsafeDatabaseError(setting=setting, got=str(value))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_immediate
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000"):
        connection.execute(f"pragma {pragma}")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin immediate")
