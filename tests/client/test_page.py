"""The page for developers in Python: every block of it runs against a real axis."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.client.running import Running, write_key_of
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
    write_key_of(world, Path())
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
