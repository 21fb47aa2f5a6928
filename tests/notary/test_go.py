"""A log that the axis wrote, read by the code of the Go checksum database, which is not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import sealed

from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key
from axis.ledger.tiles import Tile
from axis.notary.office import folder_of, signer_of
from axis.notary.process import sequence_pending
from axis.settings import Settings
from axis.store import ledger
from axis.store.engine import transaction

SOURCE = Path(__file__).parent / "reader"
YEAR = 2026


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader, built; skips where there is no Go or its module cannot be had."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go toolchain")
    program = tmp_path_factory.mktemp("reader") / "reader"
    built = subprocess.run(
        [go, "build", "-o", str(program), "."],
        cwd=SOURCE,
        env=os.environ | {"GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"golang.org/x/mod cannot be had: {built.stderr.strip()[-200:]}")
    return program


def read(reader: Path, folder: Path, key: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(reader), str(folder), key], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_go_reads_every_entry_and_every_growth_of_our_log(
    sqlite_engine: sa.Engine, tmp_path: Path, reader: Path, size: int
) -> None:
    settings = Settings(home=str(tmp_path / "home"))
    make_notary_key(settings.path(settings.notary.key))
    with transaction(sqlite_engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), size))
    sequence_pending(
        sqlite_engine,
        settings,
        now=lambda: datetime(YEAR, 11, 21, tzinfo=UTC),
        elapsed=lambda: 0.0,
    )
    folder = folder_of(settings, YEAR).path
    key = str(signer_of(settings, YEAR).verifier)
    done = read(reader, folder, key)
    assert (done.returncode, done.stdout) == (0, f"axis.example/ledger/{YEAR} {size}\n"), done
    # The control: one changed bit, and it says no.
    bundle = folder / Tile(None, 0, min(size, 256)).path
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"!")
    assert read(reader, folder, key).returncode == 1
