"""A notary that stands by on another machine shows what the one at work signs, and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import sealed

from axis.ledger.entry import Sealer
from axis.ledger.errors import RewrittenError, RolledBackError
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import root_hash
from axis.ledger.tiles import TileNodes
from axis.notary.following import Follower
from axis.notary.office import folder_of
from axis.notary.process import sequence_pending
from axis.settings import Settings
from axis.store import ledger
from axis.store.checkpoints import last_checkpoint
from axis.store.engine import open_engine, transaction


@pytest.fixture
def machines(tmp_path: Path) -> tuple[Settings, Settings]:
    """Two machines with the same key, and a folder each."""
    one, other = (Settings(home=str(tmp_path / name)) for name in ("one", "other"))
    key = one.path(one.notary.key)
    key.parent.mkdir(parents=True)
    make_notary_key(key)
    other.path(other.notary.key).parent.mkdir(parents=True)
    shutil.copy(key, other.path(other.notary.key))
    return one, other


def add(engine: sa.Engine, count: int, start: int = 0) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), count, start=start))


def shown(engine: sa.Engine, settings: Settings) -> tuple[str | None, bytes]:
    """Return the checkpoint that a machine shows, and the root that its tiles give."""
    with transaction(engine) as connection:
        signed = last_checkpoint(connection, ledger.latest_log(connection) or 0)
    assert signed is not None
    folder = folder_of(settings, signed.log)
    nodes = TileNodes(folder.read, signed.size)
    return folder.read_checkpoint(), root_hash(nodes, signed.size)


def test_a_standby_has_the_tiles_and_takes_over_where_the_other_ended(
    engine: sa.Engine, machines: tuple[Settings, Settings]
) -> None:
    one, other = machines
    follower = Follower(engine, other)
    assert follower.round() == 0  # nothing was ever signed
    add(engine, 300)
    sequence_pending(engine, one)
    assert follower.round() == 300
    assert shown(engine, other) == shown(engine, one)
    assert follower.round() == 0
    add(engine, 300, start=300)
    sequence_pending(engine, one)
    assert follower.round() == 300
    assert shown(engine, other) == shown(engine, one)
    # The other machine signs; now the first one follows, with what it showed before.
    add(engine, 10, start=600)
    assert sequence_pending(engine, other) == 10
    assert Follower(engine, one).round() == 10
    assert shown(engine, one) == shown(engine, other)


def test_a_standby_shows_nothing_of_records_that_were_rewritten(
    sqlite_engine: sa.Engine, machines: tuple[Settings, Settings]
) -> None:
    engine, (one, other) = sqlite_engine, machines
    add(engine, 20)
    sequence_pending(engine, one)
    with transaction(engine) as connection:
        connection.exec_driver_sql("drop trigger ledger_entry_no_update")
        leaf = sealed(Sealer(b"k" * 32), 1, start=99)[0].leaf
        connection.execute(
            sa.text("update ledger_entry set leaf = :leaf where leaf_index = 7"), {"leaf": leaf}
        )
    with pytest.raises(RewrittenError) as caught:
        Follower(engine, other).round()
    assert caught.value.code == "notary.rewritten"
    with transaction(engine) as connection:
        log = ledger.latest_log(connection) or 0
    assert folder_of(other, log).read_checkpoint() is None


def test_a_standby_signs_nothing_over_a_database_that_was_rolled_back(
    sqlite_engine: sa.Engine, machines: tuple[Settings, Settings], tmp_path: Path
) -> None:
    one, other = machines
    add(sqlite_engine, 20)
    sequence_pending(sqlite_engine, one)
    yesterday = tmp_path / "yesterday.db"
    with closing(sqlite3.connect(sqlite_engine.url.database or "")) as database:
        database.execute("vacuum into ?", [str(yesterday)])
    add(sqlite_engine, 20, start=20)
    sequence_pending(sqlite_engine, one)
    Follower(sqlite_engine, other).round()
    restored = open_engine(f"sqlite:///{yesterday}")
    try:
        with pytest.raises(RolledBackError) as caught:
            sequence_pending(restored, other)
        assert caught.value.code == "notary.rolled-back"
    finally:
        restored.dispose()
