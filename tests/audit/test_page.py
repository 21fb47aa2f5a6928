"""docs/audit.md, done as it is written: every command block, in order, by a reader of the page."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from evidence.test_evidence import make_seal
from witness.served import SIGNER, Served

from axis.ledger.keys import make_notary_key
from axis.mailbox import confirm, fetch
from axis.notary.attendance import attend
from axis.notary.office import folder_of, signer_of
from axis.notary.process import sequence_pending
from axis.sandbox.tsa import DevelopmentTsa
from axis.settings import EvidenceSettings, NotarySettings, Settings
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from tests.relay.installation import Installation, build
from tests.relay.papers import G22, H41, document, package

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "audit.md"


def blocks() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a reader of the page works."""

    folder: Path
    settings: Settings
    log: str  #: address of the published log

    def run(self, block: str) -> subprocess.CompletedProcess[str]:
        here = block.replace("https://axis.example/ledger/2026", self.log)
        return subprocess.run(
            ["sh", "-euc", here], cwd=self.folder, capture_output=True, text=True, check=False
        )


async def deliver(axis: Installation) -> bytes:
    """Carry one document to one office, which confirms it; return its bytes."""
    signed = axis.sign(G22, package(document(7816, to=(H41,))))
    async with axis.running():
        ticket = await axis.submit(signed, system="vpcp")
        await axis.verdict(ticket.package_id)
    with transaction(axis.engine) as connection:
        (delivery,) = deliveries_of(connection, [ticket.package_id])
    taken = {"delivery_id": delivery.id, "system_id": "nghean", "now": datetime.now(UTC)}
    fetch(axis.engine, axis.bodies, axis.sealer, **taken)
    confirm(axis.engine, axis.sealer, **taken)
    return signed


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[DevelopmentTsa]:
    with DevelopmentTsa(tmp_path / "tsa") as authority:
        yield authority


@pytest.fixture
def desk(
    tmp_path: Path, sqlite_engine: sa.Engine, amqp_url: str, tsa: DevelopmentTsa
) -> Iterator[Desk]:
    """An axis that carried a document, with a witness, a time stamp and a published log."""
    import asyncio

    home, folder = tmp_path / "home", tmp_path / "desk"
    home.mkdir()
    folder.mkdir()
    installed = build(home, sqlite_engine, amqp_url, now=datetime.now(UTC).replace(microsecond=0))
    body = asyncio.run(deliver(installed))
    notary = NotarySettings(tsa_url=tsa.url, tsa_roots=str(tsa.roots), witness_quorum=1)
    settings = Settings(
        home=str(home),
        database=installed.settings.database,
        amqp=installed.settings.amqp,
        notary=notary,
        evidence=EvidenceSettings(key="seal.key", certificate="seal.pem"),
    )
    make_notary_key(settings.path(settings.notary.key))
    make_seal(home, ec.generate_private_key(ec.SECP256R1()))
    year = datetime.now(UTC).year
    sequence_pending(sqlite_engine, settings)
    with closing(Served(tmp_path, logs=[signer_of(settings, year)])) as served:
        watched = NotarySettings(
            tsa_url=tsa.url,
            tsa_roots=str(tsa.roots),
            witness_quorum=1,
            witnesses=(f"{served.url} {SIGNER.verifier}",),
        )
        attend(
            sqlite_engine,
            Settings(home=str(home), database=settings.database, notary=watched),
            lambda: datetime.now(UTC),
        )
    sequence_pending(sqlite_engine, settings)
    _lay_out(folder, settings, body, tsa)
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder_of(settings, year).path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Desk(folder, settings, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def _lay_out(folder: Path, settings: Settings, body: bytes, tsa: DevelopmentTsa) -> None:
    """Put on the desk what the page speaks of: the axis, the readers, the keys of others."""
    (folder / "package.edxml").write_bytes(body)
    (folder / "witnesses.vkey").write_text(f"{SIGNER.verifier}\n", encoding="utf-8")
    shutil.copy(tsa.roots, folder / "tsa-roots.pem")
    (folder / "docs").mkdir()
    shutil.copy(PAGE.with_name("verify_receipt.py"), folder / "docs")
    for name in ("reader", "reader_node"):
        shutil.copytree(CHECKOUT / "tests/notary" / name, folder / "tests/notary" / name)
    (folder / "axis.toml").write_text(
        f"home = '{settings.home}'\n"
        f"[database]\nurl = '{settings.database.url}'\n"
        f"[amqp]\nurl = '{settings.amqp.url}'\n"
        f"[notary]\nwitness_quorum = 1\n"
        "[evidence]\nkey = 'seal.key'\ncertificate = 'seal.pem'\n",
        encoding="utf-8",
    )


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``axis``, ``python3`` and ``go`` as the page calls them."""
    programs = tmp_path / "bin"
    programs.mkdir()
    python = shlex.quote(sys.executable)
    script = programs / "axis"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(CHECKOUT))} exec {python} -m cli "$@"\n'
    )
    script.chmod(0o755)
    (programs / "python3").symlink_to(sys.executable)
    for name in ("AXIS_HOME", "AXIS_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    path = f"{programs}:/usr/bin:/bin:/usr/local/bin:/usr/local/go/bin"
    if found := shutil.which("go"):
        path += f":{Path(found).parent}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    return programs


def test_a_reader_goes_from_the_key_to_the_verdict_as_the_page_says(
    desk: Desk, tools: Path
) -> None:
    assert tools.is_dir()
    said = ""
    for block in blocks():
        if "go build" in block and shutil.which("go") is None:
            continue
        done = desk.run(block)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        said += done.stdout
    for verdict in ("VALID", "good: sealed", "valid: ", "ContentHandover", "consistent"):
        assert verdict in said, verdict
    assert "NOT VALID" not in said


def test_one_changed_byte_turns_every_verdict(desk: Desk, tools: Path) -> None:
    assert tools.is_dir()
    for block in blocks()[:6]:
        if "go build" not in block:
            assert desk.run(block).returncode == 0, block
    copy = desk.folder / "package.edxml"
    copy.write_bytes(copy.read_bytes()[:-1] + b" ")
    (bundle,) = (desk.folder / "log/tile/entries").glob("000.p/*")
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"!")
    for line in (
        "axis ledger verify --tiles log --key axis.vkey",
        "python3 docs/verify_receipt.py axis.vkey receipts/*-SubmissionAcceptance.tlog-proof package.edxml",  # noqa: E501  as on the page
        "axis receipt verify receipts/* --key axis.vkey --body package.edxml",
    ):
        assert any(line in block for block in blocks())
        assert desk.run(line).returncode == 1, line


def test_after_yesterdays_backup_the_operator_reads_what_the_page_says(
    desk: Desk, tools: Path
) -> None:
    assert tools.is_dir()
    records = Path(desk.settings.database_url.removeprefix("sqlite:///"))
    kept = desk.folder / "backup.db"
    with closing(sqlite3.connect(records)) as now, closing(sqlite3.connect(kept)) as backup:
        now.backup(backup)
    assert desk.run('axis audit export steps --why "after the backup"').returncode == 0
    assert desk.run("axis notary --once").returncode == 0
    for end in ("", "-wal", "-shm"):
        records.with_name(records.name + end).unlink(missing_ok=True)
    shutil.copy(kept, records)
    done = desk.run("axis notary --once")
    assert done.returncode == 70
    page = PAGE.read_text(encoding="utf-8").partition("## 10.")[2]
    shown = page.partition("```text\n")[2].partition("```")[0].splitlines()
    for line, told in zip(shown, done.stderr.strip().splitlines()[-2:], strict=True):
        assert re.sub(r"\d+ |\(.*\)", "", line) == re.sub(r"\d+ |\(.*\)", "", told)
