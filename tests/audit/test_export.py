"""Exports for auditors: every form says the same, nothing is lost, every file is signed for."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from ledger.material import entry, package, sealed

from axis.audit import export as exporting
from axis.audit.access import Auditor
from axis.audit.export import Order, export_rows
from axis.audit.manifest import Manifest, verify_export
from axis.audit.rows import COLUMNS, Choice
from axis.errors import AxisError
from axis.ledger.entry import Sealer, parse_leaf
from axis.ledger.events import Event
from axis.ledger.keys import make_notary_key, make_salt_key, read_signer
from axis.ledger.opening import open_entry
from axis.notary.process import sequence_pending
from axis.settings import Settings
from axis.store import ledger
from axis.store.checkpoints import last_checkpoint
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages
from cli import axis

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
SIZE = 500
SEALER = Sealer(b"k" * 32)
WHY = ("--why", "12/QĐ-TTr")
AUDITOR = Auditor(who="an", why="12/QĐ-TTr", user="")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=str(tmp_path / "home"))
    make_notary_key(settings.path(settings.notary.key))
    make_salt_key(settings.path(settings.notary.salt_key))
    return settings


@pytest.fixture
def filled(engine: sa.Engine, settings: Settings) -> sa.Engine:
    """A log of 500 acceptances and one refusal; one package is in the records."""
    refused = SEALER.seal(
        entry(1_000, Event.SUBMISSION_REJECTION, reason="signature.missing", document="=1+1")
    )
    record = PackageRecord(
        id=package(7),
        system_id="vpcp",
        digest=bytes(32),
        size_bytes=1,
        door="test",
        received_at=AT,
        decided_at=AT,
        accepted=True,
        kind="document",
        document_id="000.00.00.G22,2026/11/21,7/VPCP-TTĐT",
        sign="7/VPCP-TTĐT",
        sender="000.00.00.G22",
    )
    with transaction(engine) as connection:
        add_packages(connection, [record])
        ledger.append(connection, [*sealed(SEALER, SIZE - 1), refused])
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    return engine


def order(engine: sa.Engine, form: str, part_rows: int = 10**6, **choice: object) -> Order:
    with transaction(engine) as connection:
        checkpoint = last_checkpoint(connection, 2026)
    assert checkpoint is not None
    return Order(
        log=2026,
        size=checkpoint.size,
        root=checkpoint.root,
        choice=Choice(**choice),  # type: ignore[arg-type]
        format=form,
        part_rows=part_rows,
    )


def make(engine: sa.Engine, settings: Settings, what: Order, folder: Path) -> Manifest:
    key = read_signer(settings.path(settings.notary.key), "axis.example/ledger/2026/export")
    manifest = export_rows(engine, what, folder, key, sealer=SEALER, auditor=AUDITOR, now=AT)
    assert verify_export(folder, key.verifier) == manifest
    return manifest


def read(folder: Path, form: str) -> Iterator[list[str]]:
    """Yield the rows of an export as texts, by code that did not write them."""
    for path in sorted(folder.glob(f"part-*.{form}")):
        match form:
            case "csv":
                with path.open(encoding="utf-8-sig", newline="") as file:
                    heading, *rows = csv.reader(file)
                assert heading == list(COLUMNS.values())
                yield from ([cell.removeprefix("'") for cell in row] for row in rows)
            case "jsonl":
                for line in path.read_text(encoding="utf-8").splitlines():
                    row = json.loads(line)
                    yield [_text(row[name]) for name in COLUMNS]
            case "parquet":
                table = pq.read_table(path)
                assert table.schema.field("sign").metadata == {b"title": "Số, ký hiệu".encode()}
                yield from ([_text(row[name]) for name in COLUMNS] for row in table.to_pylist())
            case _:
                book = openpyxl.load_workbook(path, read_only=True)
                heading, *rows = book.active.iter_rows(values_only=True)  # type: ignore[union-attr]
                assert list(heading) == list(COLUMNS.values())
                yield from ([_text(cell) for cell in row] for row in rows)
                book.close()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def test_every_form_says_the_same(filled: sa.Engine, settings: Settings, tmp_path: Path) -> None:
    found = {}
    for form in ("csv", "jsonl", "parquet", "xlsx"):
        assert make(filled, settings, order(filled, form), tmp_path / form).rows == SIZE
        found[form] = list(read(tmp_path / form, form))
    assert found["csv"] == found["jsonl"] == found["parquet"] == found["xlsx"]
    row = dict(zip(COLUMNS, found["csv"][7], strict=True))
    assert row["sign"] == "7/VPCP-TTĐT"
    assert row["sender"] == "000.00.00.G22"
    assert row["proof"] == "2026/7"
    assert dict(zip(COLUMNS, found["csv"][-1], strict=True))["reason"] == "signature.missing"


def test_a_cell_is_never_a_formula(filled: sa.Engine, settings: Settings, tmp_path: Path) -> None:
    make(filled, settings, order(filled, "csv"), tmp_path / "csv")
    last = (tmp_path / "csv" / "part-00000.csv").read_text(encoding="utf-8-sig").splitlines()[-1]
    assert ",'=1+1," in last
    make(filled, settings, order(filled, "xlsx"), tmp_path / "xlsx")
    book = openpyxl.load_workbook(tmp_path / "xlsx" / "part-00000.xlsx")
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("choice", "rows"),
    [
        ({"offices": frozenset(["000.00.00.G22"])}, 500),
        ({"offices": frozenset(["000.00.00.H99"])}, 0),
        ({"event": "SubmissionRejection"}, 1),
        ({"document": "7/VPCP-TTĐT"}, 1),
        ({"document": "000.00.00.G22,2026/11/21,7/VPCP-TTĐT"}, 1),
        ({"begin": date(2026, 11, 21), "end": date(2026, 11, 21)}, 500),
        ({"begin": date(2026, 11, 22)}, 0),
        ({"end": date(2026, 11, 20)}, 0),
        ({"state": "routed"}, 0),
        ({"kind": "document"}, 1),
        ({"kind": "status"}, 0),
    ],
)
def test_only_what_was_chosen_is_exported(
    filled: sa.Engine, settings: Settings, tmp_path: Path, choice: dict[str, object], rows: int
) -> None:
    manifest = make(filled, settings, order(filled, "jsonl", **choice), tmp_path / "out")
    assert manifest.rows == rows
    assert len(list(read(tmp_path / "out", "jsonl"))) == rows


def test_parts_together_are_the_whole(
    filled: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    for part_rows, files in ((100, 5), (499, 2), (500, 1), (150, 4)):
        folder = tmp_path / str(part_rows)
        manifest = make(filled, settings, order(filled, "jsonl", part_rows), folder)
        assert len(manifest.files) == files
        assert [row[1] for row in read(folder, "jsonl")] == [str(n) for n in range(SIZE)]


def test_an_interrupted_export_goes_on_and_ends_as_if_nothing_had_been(
    filled: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make(filled, settings, order(filled, "csv", 120), tmp_path / "whole")
    written = []
    real = exporting.WRITERS["csv"]

    def interrupted(path: Path, rows: object) -> None:
        written.append(path.name)
        real(path, rows)  # type: ignore[arg-type]
        if len(written) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "WRITERS", {"csv": interrupted})
    with pytest.raises(KeyboardInterrupt):
        make(filled, settings, order(filled, "csv", 120), tmp_path / "out")
    assert make(filled, settings, order(filled, "csv", 120), tmp_path / "out") == whole
    assert written == [f".part-0000{n}.csv" for n in (0, 1, 2, 2, 3, 4)]


def test_another_export_is_not_mixed_into_the_folder(
    filled: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    make(filled, settings, order(filled, "csv"), tmp_path / "out")
    with pytest.raises(AxisError) as refused:
        make(filled, settings, order(filled, "csv"), tmp_path / "out")
    assert refused.value.code == "audit.other-export"


@pytest.mark.parametrize("name", ["part-00001.csv", "manifest.json", "manifest.note"])
def test_a_changed_or_missing_file_is_found(
    filled: sa.Engine, settings: Settings, tmp_path: Path, name: str
) -> None:
    key = read_signer(settings.path(settings.notary.key), "axis.example/ledger/2026/export")
    folder = tmp_path / "out"
    make(filled, settings, order(filled, "csv", 300), folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content.replace(b"1", b"2", 1))
    with pytest.raises(AxisError) as refused:
        verify_export(folder, key.verifier)
    assert refused.value.code in {"audit.export-damaged", "ledger.note-signature"}
    (folder / name).unlink()
    with pytest.raises(AxisError) as refused:
        verify_export(folder, key.verifier)
    assert refused.value.code == "audit.export-damaged"


def test_the_export_is_itself_on_the_record(
    filled: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    make(filled, settings, order(filled, "csv"), tmp_path / "out")
    sequence_pending(filled, settings, now=lambda: AT, elapsed=lambda: 0.0)
    with transaction(filled) as connection:
        last = ledger.entry_at(connection, 2026, SIZE)
    assert last is not None
    leaf = parse_leaf(last.leaf)
    assert leaf.event == Event.LEDGER_EXPORT
    assert isinstance(leaf.facts, dict)
    assert leaf.facts["rows"] == SIZE
    opened = open_entry(last.leaf, last.salt, last.opening)
    assert (opened["who"], opened["why"]) == (AUDITOR.who, AUDITOR.why)


def test_the_commands_write_and_verify(
    sqlite_engine: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(sqlite_engine) as connection:
        ledger.append(connection, sealed(SEALER, 20))
    sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    monkeypatch.setenv("AXIS_HOME", settings.home)
    monkeypatch.setenv("AXIS_DATABASE_URL", str(sqlite_engine.url))
    out = str(tmp_path / "out")
    made = CliRunner().invoke(axis, ["audit", "export", out, "--format", "xlsx", "--json", *WHY])
    assert made.exit_code == 0, made.output
    answer = json.loads(made.stdout)
    assert answer["rows"] == 20
    good = CliRunner().invoke(axis, ["audit", "verify", out, "--key", answer["key"], "--json"])
    assert json.loads(good.stdout)["good"] is True


def test_the_export_command_takes_a_branch(
    sqlite_engine: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(sqlite_engine) as connection:
        ledger.append(connection, sealed(SEALER, 20))
    sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    monkeypatch.setenv("AXIS_HOME", settings.home)
    monkeypatch.setenv("AXIS_DATABASE_URL", str(sqlite_engine.url))

    def run(*words: str) -> int:
        return CliRunner().invoke(axis, list(words)).exit_code

    offices = tmp_path / "offices.csv"
    offices.write_text(
        "code,name,level,parent_code,valid_from,other_codes\n"
        "000.00.00.G22,Văn phòng Chính phủ,central,,,\nH44,Tỉnh Phú Thọ,provincial,,,\n",
        encoding="utf-8",
    )
    assert run("office", "import", str(offices)) == 0
    rows = {}
    for code in ("000.00.00.G22", "H44"):
        out = tmp_path / code
        assert run("audit", "export", str(out), "--branch", code, *WHY) == 0
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["choice"]["branch"].startswith(f"{code}: 1 offices, sha256:")
        rows[code] = manifest["rows"]
    assert rows == {"000.00.00.G22": 20, "H44": 0}
    assert run("audit", "export", str(tmp_path / "none"), "--branch", "H99", *WHY) == 1
    assert run("audit", "export", str(tmp_path / "none"), "--at", "2026-01-01", *WHY) == 2


def test_memory_does_not_grow_with_the_log(
    sqlite_engine: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    """Four times the entries take the same memory: two chunks of 2,000 of them, and no more."""
    most = []
    for start, stop in ((0, 6_000), (6_000, 24_000)):
        with transaction(sqlite_engine) as connection:
            ledger.append(connection, sealed(SEALER, stop - start, start))
        sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
        what = order(sqlite_engine, "jsonl", 5_000)
        make(sqlite_engine, settings, what, tmp_path / f"warm-{stop}")  # what is loaded only once
        tracemalloc.start()
        make(sqlite_engine, settings, what, tmp_path / str(stop))
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < most[0] * 1.2
