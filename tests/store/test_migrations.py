"""The migrations build exactly the tables of the models, on both databases, and can be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.store.engine import check_durability, open_engine
from axis.store.errors import DatabaseUnavailableError, SchemaOutdatedError, UnsafeDatabaseError
from axis.store.migrate import check, differences, downgrade, head_revision, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """Each database in turn, without a table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        plain: str = request.getfixturevalue("postgresql_url")
        url = plain.replace("postgresql:", "postgresql+psycopg:")
    engine = open_engine(url)
    yield engine
    engine.dispose()


def test_migrated_tables_are_those_of_the_models(empty: sa.Engine) -> None:
    assert upgrade(empty) == head_revision()
    assert differences(empty) == []


def test_every_revision_can_be_taken_back_and_done_again(empty: sa.Engine) -> None:
    upgrade(empty)
    downgrade(empty, "base")
    assert sa.inspect(empty).get_table_names() == ["alembic_version"]
    upgrade(empty)
    assert differences(empty) == []


def test_upgrading_again_changes_nothing(empty: sa.Engine) -> None:
    assert upgrade(empty) == upgrade(empty)
    check(empty)


def test_tables_of_another_revision_are_refused(empty: sa.Engine) -> None:
    with pytest.raises(SchemaOutdatedError) as caught:
        check(empty)
    assert caught.value.code == "store.schema-outdated"
    upgrade(empty, "0001_directory")
    with pytest.raises(SchemaOutdatedError):
        check(empty)


def test_a_server_that_may_forget_a_commit_is_refused(postgresql_url: str) -> None:
    url = postgresql_url.replace("postgresql:", "postgresql+psycopg:")
    unsafe = open_engine(f"{url}?options=-csynchronous_commit%3Doff")
    with pytest.raises(UnsafeDatabaseError) as caught:
        check_durability(unsafe)
    assert caught.value.code == "store.unsafe"
    unsafe.dispose()
    safe = open_engine(url)
    check_durability(safe)
    safe.dispose()


def test_a_database_that_is_not_there_is_an_outage() -> None:
    engine = open_engine("postgresql+psycopg://axis@127.0.0.1:1/axis")
    with pytest.raises(DatabaseUnavailableError) as caught:
        check(engine)
    assert caught.value.code == "store.unavailable"


def test_sqlite_keeps_what_it_committed(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1
    engine.dispose()
