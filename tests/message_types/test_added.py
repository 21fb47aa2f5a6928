"""A fifth type is added by its page alone: nothing of the program changes, and it is carried."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from axis.store.engine import transaction
from axis.store.messages import messages_by_id
from cli import axis as axis_command
from tests.relay.installation import Installation
from tests.relay.papers import G22, H41

CHECKOUT = Path(__file__).parent.parent.parent
PAGE = (CHECKOUT / "docs" / "integrate" / "message-type.md").read_text(encoding="utf-8")
FILES = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def program() -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for room in ("axis", "adapters", "migrations")
        for path in (CHECKOUT / room).rglob("*.py")
    }


def make_folder(name: str) -> str:
    Path(name).mkdir(parents=True)
    return ""


def write_files() -> None:
    for name, text in FILES:
        Path(name).write_text(text, encoding="utf-8")


def package(name: str) -> bytes:
    return Path(name).read_bytes()


async def test_the_page_alone_adds_a_type_and_it_is_carried(
    axis_on_postgresql: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    axis = axis_on_postgresql
    before = program()
    assert "meeting" not in " ".join(path.read_text() for path in map(Path, before)).split()
    monkeypatch.chdir(tmp_path)
    env = {
        "AXIS_HOME": axis.settings.home,
        "AXIS_DATABASE_URL": axis.settings.database.url,
        "AXIS_LANG": "vi",
    }

    def run(line: str) -> str:
        words = shlex.split(line)
        if words[0] == "mkdir":
            return make_folder(words[-1])
        result = CliRunner().invoke(axis_command, words[1:], env=env, catch_exceptions=False)
        assert result.exit_code == 0, (line, result.output)
        return result.stdout

    # 1. The folder, its files, and every command of the page up to the first message.
    first, *rest = [line for block in COMMANDS for line in block.splitlines() if line]
    run(first)
    write_files()
    follows = [line for line in rest if line.split()[2] in {"league", "unsynced"}]
    follows += [line for line in rest if line.startswith("axis trace")]
    for line in rest:
        if line not in follows:
            run(line)

    # 2. An invitation and its answer go through the relay.
    async def send(code: str, package: bytes, system: str) -> None:
        ticket = await axis.submit(axis.sign(code, package), system=system)
        answer = await axis.verdict(ticket.package_id, timeout_s=120)
        assert answer.accepted, answer.refusal
        with transaction(axis.engine) as connection:
            assert messages_by_id(connection, [answer.id])[answer.id].type == "meeting"

    run("axis type frame xsd/meeting/1/examples/answer.xml --type meeting/1 --out answer.edxml")
    async with axis.running():
        await send(G22, package("invite.edxml"), "vpcp")
        await send(H41, package("answer.edxml"), "nghean")

    # 3. What the page says that can be seen is seen.
    league, trace, unsynced = (
        [json.loads(line) for line in run(f"{command} --json").splitlines()]
        for command in (follows[0], follows[2], follows[1])
    )
    assert [(row["code"], row["standing"]) for row in league] == [
        ("000.00.00.H41", "in-time"),
        ("000.00.00.H14", "waits"),
    ]
    assert [one["title"] for one in trace] == [
        "Giấy mời họp: mời họp (1)",
        "Giấy mời họp: trả lời (1)",
    ]
    assert len(unsynced) == 3
    assert program() == before
