"""What an auditor does: verify everything, take the log home, follow it, convict it."""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from ledger.material import entry, sealed

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, verify_checkpoint
from axis.ledger.entry import Sealer
from axis.ledger.examine import Wrong
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import leaf_hash
from axis.ledger.note import Note
from axis.ledger.proof import parse_proof, verify_proof
from axis.ledger.splitview import SplitView, parse_split_view, verify_split_view
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import Tile, parse_bundle, tiles_of
from axis.notary import verification
from axis.notary.office import folder_of, signer_of
from axis.notary.process import sequence_pending
from axis.notary.verification import Verdict, verify_log
from axis.settings import NotarySettings, Settings, load_settings
from axis.store import ledger
from axis.store.engine import open_engine, transaction
from axis.store.tables import METADATA
from axis.store.tables.ledger import LEDGER_ENTRY
from cli import axis

SIZE = 600
ENTRIES = sealed(Sealer(b"k" * 32), SIZE)
YEAR = 2026


def at() -> datetime:
    return datetime(YEAR, 11, 21, 20, 0, tzinfo=UTC)


def build(engine: sa.Engine, settings: Settings, *, stop: int = SIZE, start: int = 0) -> None:
    for low in range(start, stop, 150):
        with transaction(engine) as connection:
            ledger.append(connection, ENTRIES[low : min(low + 150, stop)])
        sequence_pending(engine, settings, now=at, elapsed=lambda: 0.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=str(tmp_path / "home"), notary=NotarySettings(batch=100))
    make_notary_key(settings.path(settings.notary.key))
    return settings


def verify(engine: sa.Engine, settings: Settings, **rest: object) -> Verdict:
    return verify_log(
        engine.url.render_as_string(hide_password=False),
        log=YEAR,
        folder=folder_of(settings, YEAR),
        key=signer_of(settings, YEAR).verifier,
        **({"processes": 1} | rest),  # type: ignore[arg-type]
    )


def allow_changes(engine: sa.Engine) -> None:
    """Do what the database's administrator can do."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("alter table ledger_entry disable trigger all")
            connection.exec_driver_sql("alter table ledger_checkpoint disable trigger all")
        else:
            for name in ("ledger_entry", "ledger_checkpoint"):
                for what in ("update", "delete", "replace"):
                    connection.exec_driver_sql(f"drop trigger {name}_no_{what}")


def test_a_log_that_nobody_touched_verifies(engine: sa.Engine, settings: Settings) -> None:
    build(engine, settings)
    verdict = verify(engine, settings)
    assert (verdict.is_good, verdict.findings, verdict.entries) == (True, [], SIZE)


def test_several_processes_come_to_the_same_verdict(engine: sa.Engine, settings: Settings) -> None:
    build(engine, settings)
    assert verify(engine, settings, processes=2).is_good


@pytest.mark.parametrize(
    ("statement", "due"),
    [
        ("update ledger_entry set leaf_hash = salt where leaf_index = 41", {(41, Wrong.LEAF_HASH)}),
        ("update ledger_entry set salt = leaf_hash where leaf_index = 41", {(41, Wrong.OPENING)}),
        (
            "update ledger_entry set package_id = entry_id where leaf_index = 599",
            {(599, Wrong.PACKAGE_ID)},
        ),
        (
            "update ledger_entry set delivery_id = entry_id where leaf_index = 0",
            {(0, Wrong.DELIVERY_ID)},
        ),
        ("delete from ledger_entry where leaf_index = 300", {(300, Wrong.MISSING)}),
        (
            (
                "update ledger_checkpoint set root = (select leaf_hash from ledger_entry"
                " where leaf_index = 1) where size = 100"
            ),
            {(100, Wrong.CHECKPOINT)},
        ),
        (
            (
                "update ledger_checkpoint set note = replace(note, 'axis.example', 'axis_example')"
                " where size = 250"
            ),
            {(250, Wrong.CHECKPOINT)},
        ),
    ],
)
def test_what_the_administrator_of_the_database_changes_is_named(
    engine: sa.Engine, settings: Settings, statement: str, due: set[tuple[int, Wrong]]
) -> None:
    build(engine, settings)
    allow_changes(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    verdict = verify(engine, settings)
    assert not verdict.is_good
    assert {(f.at, f.wrong) for f in verdict.findings} == due


def test_a_row_that_was_exchanged_for_a_right_one_is_named_by_the_tree(
    engine: sa.Engine, settings: Settings
) -> None:
    build(engine, settings)
    allow_changes(engine)
    other = Sealer(b"o" * 32).seal(entry(10**6))
    with engine.begin() as connection:
        connection.execute(
            sa.update(LEDGER_ENTRY)
            .where(LEDGER_ENTRY.c.leaf_index == 258)
            .values({name: getattr(other, name) for name in other.__struct_fields__})
        )
    assert [(f.at, f.wrong) for f in verify(engine, settings).findings] == [(258, Wrong.LEAF)]


def test_a_log_that_was_cut_short_misses_every_row_that_was_signed_for(
    engine: sa.Engine, settings: Settings
) -> None:
    build(engine, settings)
    allow_changes(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from ledger_entry where leaf_index >= 590")
        connection.exec_driver_sql("delete from ledger_checkpoint where size > 590")
        connection.exec_driver_sql("update ledger_head set size = 590")
    verdict = verify(engine, settings)
    assert [f.at for f in verdict.findings] == list(range(590, 600))
    assert {f.wrong for f in verdict.findings} == {Wrong.MISSING}


def test_a_damaged_tile_over_right_rows_is_named_as_a_tile(
    engine: sa.Engine, settings: Settings
) -> None:
    build(engine, settings)
    place = folder_of(settings, YEAR).path / Tile(0, 1).path
    place.write_bytes(b"x" + place.read_bytes()[1:])
    assert [(f.at, f.wrong, f.until) for f in verify(engine, settings).findings] == [
        (256, Wrong.TILE, 512)
    ]


def test_an_interrupted_verification_goes_on_where_it_was(
    sqlite_engine: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "PART", 256)
    build(sqlite_engine, settings)
    state, asked = tmp_path / "state", []
    examine = verification.examine_rows

    def interrupted(rows: object, start: int, stop: int) -> object:
        asked.append(start)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return examine(rows, start, stop)  # type: ignore[arg-type]

    monkeypatch.setattr(verification, "examine_rows", interrupted)
    with pytest.raises(KeyboardInterrupt):
        verify(sqlite_engine, settings, resume=state)
    with state.open("ab") as file:
        file.write(b'["half a li')
    assert verify(sqlite_engine, settings, resume=state).is_good
    assert asked == [0, 256, 512, 512]


# On the command line, with exports


@pytest.fixture
def home(
    sqlite_engine: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    build(sqlite_engine, settings)
    monkeypatch.setenv("AXIS_HOME", settings.home)
    monkeypatch.setenv("AXIS_DATABASE_URL", str(sqlite_engine.url))
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "axis.vkey"
    key.write_text(f"{signer_of(settings, YEAR).verifier}\n")
    return load_settings()


def call(*words: str) -> Result:
    return CliRunner().invoke(axis, [*words, "--json"])


def answer(result: Result) -> dict[str, object]:
    found: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return found


def test_head_and_key_say_what_an_auditor_starts_from(home: Settings) -> None:
    head = answer(call("ledger", "head"))
    assert (head["size"], head["signed_size"], head["waiting"]) == (SIZE, SIZE, 0)
    key = answer(call("ledger", "key"))
    assert key["key"] == str(signer_of(home, YEAR).verifier)
    assert CliRunner().invoke(axis, ["ledger", "key"]).stdout.strip() == key["key"]


def test_a_printed_proof_proves_its_entry(home: Settings) -> None:
    for index in (0, 255, 256, 599):
        result = CliRunner().invoke(axis, ["ledger", "proof", str(index)])
        proof = parse_proof(result.stdout.encode())
        verify_proof(proof, ENTRIES[index].leaf_hash, signer_of(home, YEAR).verifier)
    refused = call("ledger", "proof", "600")
    assert isinstance(refused.exception, AxisError)
    assert refused.exception.code == "ledger.not-included"


def test_an_export_is_the_log_byte_for_byte_and_verifies_without_the_database(
    home: Settings, tmp_path: Path
) -> None:
    assert call("ledger", "export", "--tiles", "out").exit_code == 0
    folder = folder_of(home, YEAR)
    due = {tile.path for tile in tiles_of(SIZE)} | {"checkpoint"}
    out = tmp_path / "out"
    assert {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()} == due
    for path in due:
        assert (out / path).read_bytes() == (folder.path / path).read_bytes()
    shutil.rmtree(home.home)
    result = call("ledger", "verify", "--tiles", "out", "--key", "axis.vkey")
    assert result.exit_code == 0
    assert answer(result)["entries"] == SIZE


def test_a_flipped_bit_anywhere_in_an_export_is_named(home: Settings, tmp_path: Path) -> None:
    call("ledger", "export", "--tiles", "out")
    chosen = random.Random(7)
    out = tmp_path / "out"
    files = sorted(p for p in out.rglob("*") if p.is_file())
    for path in files * 3:
        whole = path.read_bytes()
        bit = chosen.randrange(len(whole) * 8)
        path.write_bytes((int.from_bytes(whole) ^ 1 << bit).to_bytes(len(whole)))
        result = call("ledger", "verify", "--tiles", "out", "--key", "axis.vkey")
        name = str(path.relative_to(out))
        if name == "checkpoint":
            assert isinstance(result.exception, AxisError)
        else:
            assert result.exit_code == 1
            named = {json.loads(line).get("path") for line in result.stdout.splitlines()}
            assert name in named
        path.write_bytes(whole)


def test_a_log_is_mirrored_and_verified_over_http(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    folder = folder_of(home, YEAR).path
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    words = ("--source", url, "--key", "axis.vkey")
    try:
        assert call("ledger", "export", "--tiles", "mirror", *words).exit_code == 0
        assert call("ledger", "verify", "--tiles", url, "--key", "axis.vkey").exit_code == 0
        assert call("ledger", "watch", "--memory", "seen", "--once", *words).exit_code == 0
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert call("ledger", "verify", "--tiles", "mirror", "--key", "axis.vkey").exit_code == 0
    refused = call("ledger", "export", "--tiles", "mirror", *words)
    assert isinstance(refused.exception, AxisError)
    assert refused.exception.code == "ledger.source-unavailable"


def test_an_export_goes_on_after_an_interruption_and_with_the_log(
    home: Settings, tmp_path: Path
) -> None:
    call("ledger", "export", "--tiles", "out")
    (tmp_path / "out" / "tile/0/001").unlink()
    (tmp_path / "out" / "checkpoint").unlink()
    assert call("ledger", "export", "--tiles", "out").exit_code == 0
    assert call("ledger", "verify", "--tiles", "out", "--key", "axis.vkey").exit_code == 0


def forge(home: Settings, size: int, root: bytes) -> str:
    """Sign what must never be signed, as a notary with two faces would."""
    signer = signer_of(home, YEAR)
    text = str(Checkpoint(origin=signer.verifier.name, size=size, root=root))
    return str(Note(text=text, signatures=(signer.sign(text),)))


def test_verify_prints_what_is_wrong_and_exits_1(home: Settings, sqlite_engine: sa.Engine) -> None:
    assert call("ledger", "verify", "--processes", "1").exit_code == 0
    allow_changes(sqlite_engine)
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("delete from ledger_entry where leaf_index in (7, 9)")
    result = call("ledger", "verify", "--processes", "1")
    assert result.exit_code == 1
    assert answer(result)["first"] == 7
    assert answer(result)["findings"] == 2


def test_a_monitor_sees_growth_and_a_split_view_and_keeps_the_proof(
    home: Settings, tmp_path: Path
) -> None:
    folder = folder_of(home, YEAR)
    good = folder.read_checkpoint()
    assert good is not None
    watch = ("ledger", "watch", "--memory", "seen", "--once")
    assert answer(call(*watch))["added"] == SIZE
    assert answer(call(*watch))["added"] == 0
    (tmp_path / "seen").write_text(forge(home, 300, b"x" * 32))
    refused = call(*watch)
    assert isinstance(refused.exception, AxisError)
    assert refused.exception.code == "ledger.not-consistent"
    proof = parse_split_view((tmp_path / "seen.split.json").read_bytes())
    a, b = verify_split_view(proof, signer_of(home, YEAR).verifier)
    assert (a.size, b.size) == (300, SIZE)
    (tmp_path / "seen").write_text(forge(home, SIZE, b"x" * 32))
    refused = call(*watch)
    assert isinstance(refused.exception, AxisError)
    assert refused.exception.code == "ledger.split-view"
    (tmp_path / "seen").write_text(forge(home, SIZE + 1, b"x" * 32))
    refused = call(*watch)
    assert isinstance(refused.exception, AxisError)
    assert refused.exception.code == "ledger.rolled-back"


def test_two_offices_with_different_checkpoints_convict_the_log(
    home: Settings, tmp_path: Path
) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    folder = folder_of(home, YEAR)
    mine.write_text(folder.read_checkpoint() or "")
    theirs.write_text(forge(home, SIZE, b"x" * 32))
    words = ("ledger", "consistency", str(mine), "--with", str(theirs), "--convict", "split.json")
    result = call(*words)
    assert result.exit_code == 1
    key = signer_of(home, YEAR).verifier
    proof = parse_split_view((tmp_path / "split.json").read_bytes())
    assert verify_split_view(proof, key)[0].size == SIZE
    theirs.write_text(mine.read_text())
    assert answer(call(*words))["consistent"] is True
    innocent = proof.__class__(a=proof.a, b=proof.a, root=proof.root, path=())
    with pytest.raises(AxisError):
        verify_split_view(innocent, key)


def test_what_is_no_split_view_is_refused_as_such(home: Settings) -> None:
    for content in (b"", b"{}", b'{"kind":"x","a":"","b":"","root":"","path":[]}'):
        with pytest.raises(AxisError) as refused:
            parse_split_view(content)
        assert refused.value.code == "ledger.proof-malformed"
    good = folder_of(home, YEAR).read_checkpoint() or ""
    key = signer_of(home, YEAR).verifier
    root = verify_checkpoint(good, key).checkpoint.root
    with pytest.raises(AxisError) as refused:
        verify_split_view(SplitView(a=good, b=good, root=root, path=()), key)
    assert refused.value.code == "ledger.split-view-unproven"


def test_a_log_without_a_checkpoint_has_no_proofs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXIS_HOME", str(tmp_path))
    engine = open_engine(load_settings().database_url)
    METADATA.create_all(engine)
    engine.dispose()
    for words in (("ledger", "head"), ("ledger", "verify"), ("ledger", "proof", "0")):
        refused = call(*words)
        assert isinstance(refused.exception, AxisError)
        assert refused.exception.code == "ledger.no-checkpoint"


def test_a_log_that_was_never_stamped_says_so(home: Settings) -> None:
    refused = call("ledger", "timestamp", "--log", str(YEAR))
    assert isinstance(refused.exception, AxisError), home
    assert refused.exception.code == "ledger.no-timestamp"


def test_leaves_of_the_export_are_the_entries(home: Settings) -> None:
    folder: TileFolder = folder_of(home, YEAR)
    leaves = [
        leaf
        for tile in tiles_of(SIZE)
        if tile.level is None
        for leaf in parse_bundle(folder.read(tile), tile.width)
    ]
    assert [leaf_hash(leaf) for leaf in leaves] == [e.leaf_hash for e in ENTRIES]
