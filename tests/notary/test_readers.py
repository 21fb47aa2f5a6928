"""What the axis wrote, read by the code of others: Go's checksum database, and npm's provenance.

Neither shares code with ours or with the other. Each test has its control: one changed bit, and
they say no.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import sealed
from witness.served import SIGNER, Served

from axis.ledger.entry import LoggedEntry, Sealer
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import inclusion_proof
from axis.ledger.note import VerifierKey
from axis.ledger.receipt import make_receipt
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import Tile, TileNodes
from axis.notary.attendance import attend
from axis.notary.office import folder_of, signer_of
from axis.notary.process import sequence_pending
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.engine import transaction

HERE = Path(__file__).parent
YEAR = 2026
AT = datetime(YEAR, 11, 21, tzinfo=UTC)
ORIGIN = f"axis.example/ledger/{YEAR}"

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reader in Go, built; skips where there is no Go or its modules cannot be had."""
    tool = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if tool is None:
        pytest.skip("no Go toolchain on this machine")
    program = tmp_path_factory.mktemp("reader") / "reader"
    built = subprocess.run(
        [tool, "build", "-o", str(program), "."],
        cwd=HERE / "reader",
        env=os.environ | {"GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"the Go modules cannot be had: {built.stderr.strip()[-200:]}")
    return program


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The reader in JavaScript, installed; skips where there is no Node.js or no package."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        pytest.skip("no Node.js on this machine")
    folder = tmp_path_factory.mktemp("reader_node")
    for name in ("package.json", "read.js"):
        shutil.copy(HERE / "reader_node" / name, folder)
    words = ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
    installed = subprocess.run(
        [npm, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    if installed.returncode:
        pytest.skip(f"@sigstore/verify cannot be had: {installed.stderr.strip()[-200:]}")
    return [program, str(folder / "read.js")]


def run(*words: object) -> Done:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, timeout=60
    )


@dataclass(frozen=True, slots=True)
class Log:
    """A log, the key that it is verified with, and its records."""

    engine: sa.Engine
    folder: TileFolder
    key: VerifierKey

    def receipt(self, index: int) -> bytes:
        """Return the receipt for an entry, made from the shown checkpoint."""
        note = self.folder.read_checkpoint()
        assert note is not None
        size = int(note.split("\n")[1])
        with transaction(self.engine) as connection:
            entry: LoggedEntry | None = ledger.entry_at(connection, YEAR, index)
        assert entry is not None
        path = inclusion_proof(TileNodes(self.folder.read, size), index, size)
        return str(make_receipt(entry, path, note)).encode()


def grow(engine: sa.Engine, settings: Settings, size: int) -> Log:
    make_notary_key(settings.path(settings.notary.key))
    with transaction(engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), size))
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    return Log(engine, folder_of(settings, YEAR), signer_of(settings, YEAR).verifier)


@pytest.fixture
def cosigned(sqlite_engine: sa.Engine, tmp_path: Path) -> Log:
    """A log of 700 entries whose shown checkpoint a real witness has cosigned."""
    settings = Settings(home=str(tmp_path / "home"))
    log = grow(sqlite_engine, settings, 700)
    signer = signer_of(settings, YEAR)
    with closing(Served(tmp_path, logs=[signer])) as served:
        watched = NotarySettings(witnesses=(f"{served.url} {SIGNER.verifier}",), witness_quorum=1)
        settings = Settings(home=settings.home, notary=watched)
        attend(sqlite_engine, settings, lambda: AT)
    sequence_pending(sqlite_engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    return log


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_go_reads_every_entry_and_every_growth_of_our_log(
    sqlite_engine: sa.Engine, tmp_path: Path, go: Path, size: int
) -> None:
    log = grow(sqlite_engine, Settings(home=str(tmp_path / "home")), size)
    done = run(go, log.folder.path, log.key)
    assert (done.returncode, done.stdout) == (0, f"{ORIGIN} {size}\n"), done
    bundle = log.folder.path / Tile(None, 0, min(size, 256)).path
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"!")
    assert run(go, log.folder.path, log.key).returncode == 1


def test_go_finds_the_witness_on_our_checkpoint_and_misses_one_that_did_not_sign(
    cosigned: Log, go: Path
) -> None:
    done = run(go, cosigned.folder.path, cosigned.key, SIGNER.verifier)
    assert (done.returncode, done.stdout) == (0, f"{ORIGIN} 700\n"), done
    shown = cosigned.folder.path / "checkpoint"
    text = shown.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if "witness.example" not in line]
    shown.write_text("".join(kept), encoding="utf-8")
    assert run(go, cosigned.folder.path, cosigned.key).returncode == 0
    missed = run(go, cosigned.folder.path, cosigned.key, SIGNER.verifier)
    assert missed.returncode == 1
    assert "witness.example has not signed" in missed.stderr


@pytest.mark.parametrize("index", [0, 255, 256, 699])
def test_go_verifies_a_receipt_with_its_witness(
    cosigned: Log, go: Path, tmp_path: Path, index: int
) -> None:
    file = tmp_path / "one.tlog-proof"
    file.write_bytes(cosigned.receipt(index))
    done = run(go, file, cosigned.key, SIGNER.verifier)
    assert (done.returncode, done.stdout) == (0, f"{ORIGIN} 700 {index}\n"), done
    other = 1 if index == 0 else 0
    file.write_bytes(moved(cosigned.receipt(index), index, other))
    assert run(go, file, cosigned.key).returncode == 1


@pytest.mark.parametrize("index", [0, 255, 256, 699])
def test_what_verifies_the_provenance_of_npm_packages_verifies_a_receipt(
    cosigned: Log, node: list[str], tmp_path: Path, index: int
) -> None:
    file = tmp_path / "one.tlog-proof"
    file.write_bytes(cosigned.receipt(index))
    done = run(*node, file, cosigned.key)
    assert (done.returncode, done.stdout) == (0, f"{ORIGIN} 700 {index}\n"), done
    file.write_bytes(moved(cosigned.receipt(index), index, 1 if index == 0 else 0))
    assert run(*node, file, cosigned.key).returncode == 1
    file.write_bytes(cosigned.receipt(index))
    assert run(*node, file, SIGNER.verifier).returncode == 1  # a key that has not signed for it


def moved(receipt: bytes, index: int, other: int) -> bytes:
    """Return a receipt that says that the entry stands at another place."""
    assert f"\nindex {index}\n".encode() in receipt
    return receipt.replace(f"\nindex {index}\n".encode(), f"\nindex {other}\n".encode(), 1)
