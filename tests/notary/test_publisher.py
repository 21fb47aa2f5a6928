"""What the notary builds, signs and shows: whole after every crash, and never two stories."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import sealed

from axis.errors import AxisError
from axis.ledger.checkpoint import verify_checkpoint
from axis.ledger.entry import Sealer, parse_leaf
from axis.ledger.events import Event
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import Tile, TileNodes, parse_bundle, tiles_of
from axis.notary import publisher
from axis.notary.office import Office, folder_of, memory_of, signer_of
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.checkpoints import checkpoints_of
from axis.store.engine import open_engine, transaction

SEALER = Sealer(b"k" * 32)
ENTRIES = sealed(SEALER, 700)


class Clock:
    """A clock and a timer that tests set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
        self.timer = 0.0

    def pass_time(self, span: timedelta) -> None:
        self.at += span
        self.timer += span.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=str(tmp_path / "home"), notary=NotarySettings(batch=100))
    make_notary_key(settings.path(settings.notary.key))
    return settings


def office(engine: sa.Engine, settings: Settings, clock: Clock) -> Office:
    return Office(
        engine, settings, holder="test", now=lambda: clock.at, elapsed=lambda: clock.timer
    )


def add(engine: sa.Engine, start: int, stop: int) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, ENTRIES[start:stop])


def code_of(attempt: Callable[[], object]) -> str:
    with pytest.raises(AxisError) as refused:
        attempt()
    return refused.value.code


def audit(engine: sa.Engine, settings: Settings, size: int, log: int = 2026) -> None:
    """Check everything from what is shown alone; then that the records agree."""
    folder = folder_of(settings, log)
    shown = folder.read_checkpoint()
    assert shown is not None
    checkpoint = verify_checkpoint(shown, signer_of(settings, log).verifier).checkpoint
    assert checkpoint.size == size
    nodes = TileNodes(folder.read, size)
    assert root_hash(nodes, size) == checkpoint.root
    leaves: list[bytes] = []
    for tile in tiles_of(size):
        content = folder.read(tile)
        if tile.level is None:
            leaves += parse_bundle(content, tile.width)
    assert len(leaves) == size
    for index in range(0, size, 37):
        proof = inclusion_proof(nodes, index, size)
        verify_inclusion(leaf_hash(leaves[index]), index, size, proof, checkpoint.root)
    assert leaves == list(ledger.leaves_between(engine, log, 0, size, chunk=100))
    with transaction(engine) as connection:
        signed = checkpoints_of(connection, log)
    assert signed[-1].note == shown
    frontier, grown = Frontier(), {}
    for leaf in leaves:
        frontier.append(leaf_hash(leaf))
        grown[frontier.size] = frontier.root
    for old in signed:
        assert old.root == grown[old.size]
        proof = consistency_proof(nodes, old.size, size)
        verify_consistency(old.size, size, proof, old.root, checkpoint.root)


def test_everything_that_has_a_place_is_signed_for_and_shown(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    notary = office(engine, settings, clock)
    for start, stop in ((0, 1), (1, 255), (255, 256), (256, 600), (600, 700)):
        add(engine, start, stop)
        assert notary.round() == stop - start
        audit(engine, settings, stop)
    assert notary.round() == 0


def test_an_empty_log_is_not_signed_for(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    assert office(engine, settings, clock).round() == 0
    assert folder_of(settings, 2026).read_checkpoint() is None


def test_a_notary_that_takes_over_goes_on_with_the_same_tree(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    for stop in range(70, 701, 70):
        add(engine, stop - 70, stop)
        office(engine, settings, clock).round()
    audit(engine, settings, 700)


def test_partial_tiles_go_when_the_full_one_is_there_and_readers_do_not_notice(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    notary = office(engine, settings, clock)
    add(engine, 0, 100)
    notary.round()
    folder = folder_of(settings, 2026)
    tile, bundle = Tile(0, 0, 100), Tile(None, 0, 100)
    before = folder.read(tile), folder.read(bundle)
    assert (folder.path / tile.path).exists()
    add(engine, 100, 300)
    notary.round()
    assert not (folder.path / tile.path).exists()
    assert (folder.read(tile), folder.read(bundle)) == before


def test_a_lost_folder_is_made_anew_from_the_records(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    add(engine, 0, 600)
    office(engine, settings, clock).round()
    shutil.rmtree(folder_of(settings, 2026).path)
    add(engine, 600, 650)
    office(engine, settings, clock).round()
    audit(engine, settings, 650)


@pytest.mark.parametrize("tile", [Tile(0, 1, 44), Tile(None, 1, 44), Tile(1, 0, 1)])
def test_a_damaged_tile_is_no_ground_to_sign_on(
    engine: sa.Engine, settings: Settings, clock: Clock, tile: Tile
) -> None:
    add(engine, 0, 300)
    office(engine, settings, clock).round()
    place = folder_of(settings, 2026).path / tile.path
    place.write_bytes(place.read_bytes()[:-1] + b"\x00")
    add(engine, 300, 310)
    assert code_of(lambda: office(engine, settings, clock).round()) == "ledger.tile-conflict"


class PowerCutError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("took_effect", [False, True])
@pytest.mark.parametrize("step", range(14))
def test_after_a_crash_at_any_write_the_next_notary_finishes_the_work(
    sqlite_engine: sa.Engine,
    settings: Settings,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    took_effect: bool,
) -> None:
    engine = sqlite_engine
    add(engine, 0, 250)
    office(engine, settings, clock).round()
    add(engine, 250, 520)
    left = [step]

    def crashing(write: Callable[..., None]) -> Callable[..., None]:
        def wrapped(*args: object) -> None:
            left[0] -= 1
            if left[0] == -1 and not took_effect:
                raise PowerCutError
            write(*args)
            if left[0] == -1:
                raise PowerCutError

        return wrapped

    from axis.ledger import tilefolder

    with monkeypatch.context() as patch:
        patch.setattr(tilefolder, "_write_whole", crashing(tilefolder._write_whole))
        patch.setattr(publisher, "add_checkpoint", crashing(publisher.add_checkpoint))
        try:
            office(engine, settings, clock).round()
        except PowerCutError:
            pass
        else:
            assert left[0] >= 0, "the crash did not come"
    add(engine, 520, 530)
    office(engine, settings, clock).round()
    audit(engine, settings, 530)


@pytest.mark.parametrize("lost", ["nothing else", "folder", "memory"])
def test_yesterdays_database_makes_the_notary_refuse(
    sqlite_engine: sa.Engine, settings: Settings, clock: Clock, tmp_path: Path, lost: str
) -> None:
    add(sqlite_engine, 0, 100)
    office(sqlite_engine, settings, clock).round()
    backup = tmp_path / "backup.db"
    with sqlite_engine.connect() as connection:
        connection.rollback()
    raw = sqlite_engine.raw_connection()
    raw.driver_connection.execute("vacuum into ?", (str(backup),))  # type: ignore[union-attr]
    raw.close()
    add(sqlite_engine, 100, 200)
    office(sqlite_engine, settings, clock).round()
    if lost == "folder":
        shutil.rmtree(folder_of(settings, 2026).path)
    if lost == "memory":
        shutil.rmtree(memory_of(settings, 2026).parent)
    restored = open_engine(f"sqlite:///{backup}")
    # As it came back, and after other entries were put where the lost ones had been.
    assert code_of(lambda: office(restored, settings, clock).round()) == "notary.rolled-back"
    add(restored, 300, 600)
    with transaction(restored) as connection:
        epoch = ledger.take_over(connection, "test", clock.at)
        ledger.sequence(connection, log=2026, epoch=epoch, limit=1000)
    assert code_of(lambda: office(restored, settings, clock).round()) == "notary.rewritten"
    restored.dispose()


def test_a_database_that_was_restored_with_every_entry_is_believed(
    sqlite_engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    add(sqlite_engine, 0, 100)
    office(sqlite_engine, settings, clock).round()
    with sqlite_engine.begin() as connection:  # as if the last checkpoint had not been recorded
        connection.exec_driver_sql("drop trigger ledger_checkpoint_no_delete")
        connection.exec_driver_sql("delete from ledger_checkpoint")
    office(sqlite_engine, settings, clock).round()
    audit(sqlite_engine, settings, 100)


def test_rows_that_were_changed_after_signing_stop_the_notary(
    sqlite_engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    add(sqlite_engine, 0, 100)
    office(sqlite_engine, settings, clock).round()
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("drop trigger ledger_entry_no_update")
        connection.exec_driver_sql(
            "update ledger_entry set leaf = x'7b7d' where leaf_index = 99 and log = 2026"
        )
    assert code_of(lambda: office(sqlite_engine, settings, clock).round()) == "notary.rewritten"


def test_a_notary_that_was_succeeded_signs_nothing(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    old = office(engine, settings, clock)
    add(engine, 0, 10)
    old.round()
    office(engine, settings, clock)
    add(engine, 10, 20)
    assert code_of(old.round) == "notary.fenced"
    audit(engine, settings, 10)


def test_a_succeeded_notary_that_had_built_already_still_signs_nothing(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    old = office(engine, settings, clock)
    add(engine, 0, 10)
    old.round()
    new = office(engine, settings, clock)
    add(engine, 10, 20)
    with transaction(engine) as connection:
        ledger.sequence(connection, log=2026, epoch=new.epoch, limit=100)
    assert code_of(lambda: old._publish(2026)) == "notary.fenced"
    audit(engine, settings, 10)
    new.round()
    audit(engine, settings, 20)


def test_a_clock_that_was_set_stops_the_signing_until_it_is_right(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    notary = office(engine, settings, clock)
    add(engine, 0, 10)
    notary.round()
    clock.at += timedelta(days=60)
    assert code_of(notary.round) == "notary.clock-jumped"
    clock.at -= timedelta(days=61)
    assert code_of(notary.round) == "notary.clock-jumped"
    # A new process believes the clock it finds, but not that it is before the last signature.
    add(engine, 10, 20)
    assert code_of(office(engine, settings, clock).round) == "notary.clock-backwards"
    clock.at += timedelta(days=1)
    office(engine, settings, clock).round()
    audit(engine, settings, 20)


def test_a_new_year_begins_a_new_log_that_says_where_the_old_one_ended(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    notary = office(engine, settings, clock)
    add(engine, 0, 10)
    notary.round()
    clock.pass_time(timedelta(days=60))
    add(engine, 10, 30)
    assert notary.round() == 20
    audit(engine, settings, 10, log=2026)
    audit(engine, settings, 21, log=2027)
    with transaction(engine) as connection:
        first = ledger.entry_at(connection, 2027, 0)
        last = checkpoints_of(connection, 2026)[-1]
    assert first is not None
    leaf = parse_leaf(first.leaf)
    assert leaf.event == Event.LEDGER_CONTINUATION
    assert leaf.facts == {
        "origin": "axis.example/ledger/2026",
        "size": 10,
        "root": last.root.hex(),
    }
    clock.at -= timedelta(days=60)
    assert code_of(office(engine, settings, clock).round) == "notary.clock-backwards"


def test_a_folder_never_gets_a_second_content_for_a_name(tmp_path: Path) -> None:
    folder = TileFolder(tmp_path)
    folder.write([(Tile(0, 0, 1), bytes(32))])
    folder.write([(Tile(0, 0, 1), bytes(32))])
    assert code_of(lambda: folder.write([(Tile(0, 0, 1), b"x" * 32)])) == "ledger.tile-conflict"
    assert code_of(lambda: folder.read(Tile(0, 1, 1))) == "ledger.tile-missing"


def test_a_key_that_others_can_read_is_not_used(
    engine: sa.Engine, settings: Settings, clock: Clock
) -> None:
    key = settings.path(settings.notary.key)
    key.chmod(0o640)
    add(engine, 0, 1)
    assert code_of(office(engine, settings, clock).round) == "ledger.key-open"
    key.chmod(0o600)
    assert code_of(lambda: make_notary_key(key)) == "ledger.key-exists"
    key.write_bytes(b"no key")
    assert code_of(office(engine, settings, clock).round) == "notary.key"
    key.chmod(0o600)
    key.unlink()
    key.mkdir()
    assert code_of(office(engine, settings, clock).round) == "ledger.key-unreadable"
