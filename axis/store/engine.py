"""Connects to the database and makes its durability what the receipts promise.

SQLite: write-ahead log with ``synchronous=FULL`` and one writer at a time (``BEGIN IMMEDIATE``).
PostgreSQL: ``synchronous_commit`` and ``fsync`` must be on; a server that runs without is refused.
Where a table or a column is missing, the tables are of another revision, and that is what is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from axis.store.errors import DatabaseUnavailableError, UnsafeDatabaseError
from axis.store.unsafe import UNSAFE


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


def open_reader(url: str, *, answer_s: float = 4.0) -> sa.Engine:
    """Return an engine that only reads and waits for nothing long: for who looks from outside.

    A SQLite file that is not there is not made, and readers stand in no writer's way.
    """
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///")).absolute()
        engine = sa.create_engine(
            f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true",
            connect_args={"timeout": answer_s, "check_same_thread": False},
        )
        sa.event.listen(engine, "connect", _prepare_sqlite_reader)
        return engine
    options = f"-c default_transaction_read_only=on -c statement_timeout={int(answer_s * 1000)}"
    return sa.create_engine(
        url,
        pool_size=8,
        connect_args={"connect_timeout": max(2, int(answer_s)), "options": options},
    )


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open one transaction; it is durable when the block has ended.

    Raises:
        DatabaseUnavailableError: the database cannot be reached, or went away; whether the
            transaction took effect is unknown, and the caller does the work again (all work is
            idempotent).
        SchemaOutdatedError: the tables are not those of this version.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        _explain(engine, error)
        raise


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a connection for statements that read and need not agree with each other.

    On PostgreSQL each stands for itself: without begin and commit, a question is one round trip.

    Raises:
        DatabaseUnavailableError: the database cannot be reached, or went away.
        SchemaOutdatedError: the tables are not those of this version.
    """
    if engine.dialect.name != "postgresql":
        with transaction(engine) as connection:
            yield connection
        return
    try:
        with engine.connect() as opened:
            yield opened.execution_options(isolation_level="AUTOCOMMIT")
    except DBAPIError as error:
        _explain(engine, error)
        raise


def check_durability(engine: sa.Engine) -> None:
    """Refuse a database on which a commit could be forgotten.

    Raises:
        UnsafeDatabaseError: PostgreSQL's ``fsync``, ``full_page_writes`` or ``synchronous_commit``
            is off (for this user, too), or SQLite does not sync.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        for setting, value in durability(connection).items():
            if value in UNSAFE.get(setting, ()):
                raise UnsafeDatabaseError(setting=setting, got=value)


def durability(connection: sa.Connection) -> dict[str, str]:
    """Return the settings that decide whether a commit survives a power cut, as they are now."""
    if connection.dialect.name != "postgresql":
        names = ("synchronous", "journal_mode", "foreign_keys")
        return {one: str(connection.scalar(sa.text(f"pragma {one}"))) for one in names}
    names = ("fsync", "full_page_writes", "synchronous_commit")
    return {one: str(connection.scalar(sa.text(f"show {one}"))) for one in names}


#: What PostgreSQL calls a table or a column that is not there (SQLSTATE).
_NOT_THERE: Final = frozenset({"42P01", "42703"})


def _explain(engine: sa.Engine, error: DBAPIError) -> None:
    """Raise what the database's error means for who called.

    Raises:
        SchemaOutdatedError: what is missing belongs to another revision of the tables.
        DatabaseUnavailableError: the database cannot be reached, or went away.
    """
    text = str(error.orig).strip()
    is_missing = getattr(error.orig, "sqlstate", None) in _NOT_THERE or text.startswith(
        ("no such table", "no such column")
    )
    if is_missing:
        from axis.store.migrate import refuse_other_revision  # it opens transactions itself

        refuse_other_revision(engine, error)
        return
    if isinstance(error, OperationalError) or error.connection_invalidated:
        raise DatabaseUnavailableError(reason=text) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_immediate
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000"):
        connection.execute(f"pragma {pragma}")


def _prepare_sqlite_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("pragma query_only=ON")
    connection.execute("pragma synchronous=FULL")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin immediate")
