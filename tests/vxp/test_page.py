"""The example of docs/integrate/vxp.md, run as it stands there."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from adapters.vxp.codes import number_of
from adapters.vxp.operations import OPERATIONS
from axis.errors import Refusal, catalogue
from tests.relay.papers import G22, document, package
from tests.rest.gateway import Gateway
from tests.vxp.conftest import SECRET, SYSTEM

PAGE = (Path(__file__).parent.parent.parent / "docs" / "integrate" / "vxp.md").read_text()


async def test_the_example_sends_receives_and_confirms(gateway: Gateway, tmp_path: Path):
    (found,) = re.findall(r"<!-- run: poll\.py -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "poll.py").write_text(found, encoding="utf-8")
    signed = gateway.axis.sign(G22, package(document()))
    (tmp_path / "one.edxml").write_bytes(signed)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "poll.py",
        "one.edxml",
        cwd=tmp_path,
        env={
            "VXP_ENDPOINT": f"{gateway.url}/vxp",
            "VXP_SYSTEM": SYSTEM,
            "VXP_SECRET": SECRET.decode(),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "'status': 'OK'" in out.decode()
    assert [one.read_bytes() for one in others_than(tmp_path / "one.edxml")] == [signed]
    assert gateway.axis.count("delivery", "state = 'confirmed'") == 1


def test_the_page_names_every_operation_and_the_right_numbers():
    assert [name for name in OPERATIONS if f"`{name}`" not in PAGE] == []
    for number, examples in re.findall(r"^\| (\d\d) \|[^|]*\| (.*) \|$", PAGE, re.MULTILINE):
        for code in re.findall(r"`([a-z.-]+)`", examples):
            if code in catalogue():
                kind = catalogue()[code]
                assert number_of(Refusal(code=code, fault=kind.fault)) == number


def others_than(file: Path) -> list[Path]:
    return [one for one in file.parent.glob("*.edxml") if one != file]
