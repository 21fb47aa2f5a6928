"""The page for developers in Python: every block of it runs against a real axis."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from axis.trust.pki import issue
from tests.client.running import Running
from tests.conftest import CHECKOUT
from tests.relay.papers import G22, H41, document, package

PAGE = CHECKOUT / "docs/integrate/python.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_every_block_of_the_page_runs(
    world: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(world.anchors, "anchors")
    Path("token.txt").write_text(world.tokens["vpcp"])
    Path("axis.vkey").write_text(world.log_key)
    sign = world.axis.sign
    Path("cong-van.edxml").write_bytes(sign(G22, package(document(7816))))
    write_key_of(world)
    with world.client("nghean") as other:
        other.submit(sign(H41, package(document(12, sender=H41, to=(G22,)))))
    names: dict[str, object] = {"__name__": "page"}
    for number, block in enumerate(BLOCK.findall(PAGE.read_text(encoding="utf-8")), 1):
        code = block.replace("https://truc.example.vn", world.url)
        exec(compile(code, f"python.md, block {number}", "exec"), names)
    said = capsys.readouterr().out
    assert "accepted ['000.00.00.H41']" in said
    assert H41 in said
    assert list(tmp_path.glob("*.tlog-proof"))


def write_key_of(world: Running) -> None:
    """A key on disk for the sending office, registered and bound."""
    from datetime import UTC, datetime

    from cryptography.hazmat.primitives.serialization import Encoding

    from axis.store.directory import load_directory
    from axis.store.engine import transaction
    from axis.store.trust import bind_certificate, register_certificate
    from axis.trust.keys import write_key

    now = datetime.now(UTC)
    key, certificate = issue(world.anchors, name="VPCP", code=G22, now=now)
    with transaction(world.axis.engine) as connection:
        office = load_directory(connection).find(G22, now)
        assert office is not None
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    write_key(Path("office.key"), key)
    Path("office.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
