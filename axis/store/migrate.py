"""Brings the tables to the revision that this version works with, and checks that they are.

Every process asks which revision the tables have when it starts, and only that: alembic, which
takes a tenth of a second to load, is loaded where tables are changed or compared.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from axis.store.engine import transaction
from axis.store.errors import SchemaOutdatedError
from axis.store.tables import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

#: What a migration says of itself; alembic demands these very lines.
_SAYS: Final = re.compile(
    r"^(revision|down_revision)(?:: [^=]+)? = [\"']([\w.-]+)[\"']", re.MULTILINE
)
#: Alembic's own table.
_VERSION: Final = sa.table("alembic_version", sa.column("version_num"))


def upgrade(engine: sa.Engine, revision: str = "head") -> str:
    """Bring the tables to ``revision`` in one transaction and return it.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    from alembic import command

    with transaction(engine) as connection:
        command.upgrade(_config(connection), revision)
        return current_revision(connection) or "empty"


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Take the tables back to ``revision``; only for tests of the migrations themselves."""
    from alembic import command

    with transaction(engine) as connection:
        command.downgrade(_config(connection), revision)


@cache
def head_revision() -> str:
    """Return the revision that this version works with: the one that no other follows."""
    said: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in files("migrations").joinpath("versions").iterdir():
        if file.name.endswith(".py"):
            for name, revision in _SAYS.findall(file.read_text(encoding="utf-8")):
                said[name].add(revision)
    heads = said["revision"] - said["down_revision"]
    return heads.pop() if len(heads) == 1 else "empty"


def current_revision(connection: sa.Connection) -> str | None:
    """Return the revision that the tables are at; None where there are none."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.scalar(sa.select(_VERSION.c.version_num))
    return revision


def check(engine: sa.Engine) -> None:
    """Refuse to work on tables of another revision.

    Raises:
        SchemaOutdatedError: the tables are older or newer.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        got = current_revision(connection) or "empty"
    expected = head_revision()
    if got != expected:
        raise SchemaOutdatedError(got=got, expected=expected)


def refuse_other_revision(engine: sa.Engine, error: BaseException) -> None:
    """Return where the tables are those of this version: what is missing is our own mistake.

    Raises:
        SchemaOutdatedError: they are not, which explains ``error``.
    """
    try:
        with engine.connect() as connection:
            got = current_revision(connection) or "empty"
    except DBAPIError:
        return  # the database went away meanwhile; the first error says enough
    if got != (expected := head_revision()):
        raise SchemaOutdatedError(got=got, expected=expected) from error


def differences(engine: sa.Engine) -> list[Any]:
    """Return where the migrated tables and the models differ, as alembic's operations."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with transaction(engine) as connection:

        def is_ours(thing: Any, _name: object, kind: str, *_: object) -> bool:
            """Leave out indexes that only the other database has."""
            only = thing.info.get("only") if kind == "index" else None
            return only in (None, connection.dialect.name)

        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_ours}
        )
        found: list[Any] = compare_metadata(context, METADATA)
        return found


def _config(connection: sa.Connection | None) -> Config:
    from alembic.config import Config

    config = Config()
    with as_file(files("migrations").joinpath("env.py")) as entry:
        config.set_main_option("script_location", str(entry.parent))
    config.attributes["connection"] = connection
    return config
