"""The pages for those who join: what they tell operators to type is what the axis takes."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from axis.courier.notice import Named, Notice
from axis.serve.prepare import prepare
from axis.settings import load_settings
from axis.trust.pki import init_authority, issue
from cli import axis
from tests.conftest import CHECKOUT

PAGES = sorted((CHECKOUT / "docs" / "integrate").glob("*.md"))
OFFICES = """\
code,name,level,parent_code
000.00.00.G22,Văn phòng Chính phủ,central,
000.00.00.H41,UBND tỉnh Nghệ An,provincial,
000.01.01.H41,UBND xã Kim Liên,commune,000.00.00.H41
H26,UBND thành phố Hà Nội,provincial,
H26.1,UBND phường Ba Đình,commune,H26
H49,UBND tỉnh Quảng Ninh,provincial,
H49.12,UBND xã Ba Chẽ,commune,H49
"""
#: What needs a server, or is one; each door's own tests run these.
SERVERS = ("axis system provision", "axis hub", "axis system webhook test")


def lines(page: Path) -> list[str]:
    blocks = re.findall(
        r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    text = "\n".join(blocks).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.startswith("axis ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_is_one_of_the_axis(page: Path) -> None:
    for line in lines(page):
        command: click.Command = axis
        words, parent = shlex.split(line, comments=True)[1:], None
        while isinstance(command, click.Group):
            parent = command.make_context(command.name, list(words[:1]), parent=parent)
            name, found, _ = command.resolve_command(parent, list(words))
            assert found is not None, line
            command, words = found, words[1:]
        try:
            command.make_context(name, list(words), parent=parent)
        except click.BadParameter as error:  # a file of the example
            assert "does not exist" in error.message, f"{line}: {error.message}"  # noqa: PT017


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh installation, and the files that the pages name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AXIS_HOME", str(tmp_path / "axis"))
    monkeypatch.setenv("LANG", "C")
    (tmp_path / "axis").mkdir()
    prepare(load_settings())
    authority, now = tmp_path / "ca", datetime.now(UTC)
    init_authority(authority, now=now, name="Trial")
    for name in ("he-thong", "so-noi-vu", "tinh-ca"):
        _, certificate = issue(authority, name=name, now=now, code=name)
        Path(f"{name}.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    Path("offices.csv").write_text(OFFICES, encoding="utf-8")
    assert run("axis office import offices.csv").exit_code == 0
    return tmp_path


def run(line: str) -> Result:
    return CliRunner().invoke(axis, shlex.split(line, comments=True)[1:])


def test_what_the_pages_say_to_operators_can_be_typed_as_it_stands(office: Path) -> None:
    for name in ("rest", "vxp", "webhook", "peer", "amqp"):
        digits = ""
        for line in lines(CHECKOUT / "docs" / "integrate" / f"{name}.md"):
            if line.startswith(SERVERS):
                continue
            typed = line.replace(" G22", " 000.00.00.G22").replace("9c41e2", digits)
            result = run(typed)
            assert result.exit_code == 0, (line, result.output, result.exception)
            if line.startswith("axis cert register"):
                found = re.search(r"[0-9a-f]{12}", result.output)
                assert found is not None, result.output
                digits = found[0]
    shown = [json.loads(line) for line in run("axis system list --json").stdout.splitlines()]
    systems = {one["system_id"]: one for one in shown}
    assert {"vpubnd-h49", "vxp.hni.01", "truc-tinh", "vpcp"} <= systems.keys()


def test_the_notice_of_the_page_is_the_one_that_is_pushed() -> None:
    text = (CHECKOUT / "docs" / "integrate" / "webhook.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    shown = json.loads(block)
    assert set(shown) == set(Notice.__struct_encode_fields__)
    assert set(shown["deliveries"][0]) == set(Named.__struct_encode_fields__)
