"""The examples of docs/integrate/amqp.md, run as they stand there."""

from __future__ import annotations

import asyncio
import re
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.amqp.door import Door
from tests.relay.papers import G22, document, package

PAGE = Path(__file__).parent.parent.parent / "docs" / "integrate" / "amqp.md"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The programs of the page, written into a folder."""
    found = re.findall(
        r"<!-- run: ([\w.]+) -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert [name for name, _ in found] == ["send.py", "receive.py"]
    for name, text in found:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


async def run(door: Door, program: Path, system_id: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        *words,
        env={"AMQP_URL": door.url(system_id), "AMQP_USER": door.account(system_id)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_the_examples_send_and_receive_a_document(door: Door, programs: Path, tmp_path: Path):
    signed = door.axis.sign(G22, package(document(content=b"x" * 30_000), b"x" * 30_000))
    file = tmp_path / "one.edxml"
    file.write_bytes(signed)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    async with door.serving():
        sent, received = await asyncio.gather(
            run(door, programs / "send.py", "vpcp", str(file)),
            run(door, programs / "receive.py", "nghean", str(inbox), "1"),
        )
        assert sent.startswith("accepted ")
        assert received.startswith("received ")
        (one,) = inbox.iterdir()
        assert sha256(one.read_bytes()).digest() == sha256(signed).digest()
        assert door.axis.count("delivery", "state = 'confirmed'") == 1
        file.write_bytes(signed[:-40])
        refused = await run(door, programs / "send.py", "vpcp", str(file))
        assert refused.startswith("refused envelope.truncated")
