"""Other axes on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from adapters.peer.process import Links
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.settings import load_settings
from axis.store.engine import transaction
from axis.store.peers import note_answer, note_failure, peers
from cli import axis


class Shell:
    def __init__(self, home: Path, engine: sa.Engine) -> None:
        self.home, self.engine = home, engine
        url = engine.url.render_as_string(hide_password=False)
        self.env = {"AXIS_HOME": str(home), "AXIS_DATABASE_URL": url, "LANG": "C"}

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(axis, ["peer", *words], env=self.env)

    def rows(self, *words: str, code: int = 0) -> list[dict]:
        result = self(*words, "--json")
        assert result.exit_code == code, (result.output, result.exception)
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def shell(tmp_path: Path, engine: sa.Engine) -> Shell:
    return Shell(tmp_path, engine)


ADD = ("add", "truc-tinh", "--url", "https://truc.tinh.vn/", "--token-file")


def test_an_axis_is_added_once_and_its_address_changed(shell: Shell) -> None:
    token = str(shell.home / "token")
    assert shell.rows(*ADD, token) == [{"system_id": "truc-tinh", "url": "https://truc.tinh.vn"}]
    shell.rows("add", "truc-tinh", "--url", "https://moi.tinh.vn", "--token-file", token)
    (row,) = shell.rows("list")
    assert (row["url"], row["token_file"]) == ("https://moi.tinh.vn", token)


def test_a_system_of_another_kind_does_not_become_an_axis(shell: Shell) -> None:
    CliRunner().invoke(axis, ["system", "add", "truc-tinh"], env=shell.env)
    error = shell(*ADD, "token").exception
    assert isinstance(error, AxisError)
    assert error.code == "peer.other-system"
    assert shell.rows("list") == []


def test_status_says_of_each_link_whether_it_works(shell: Shell) -> None:
    shell.rows(*ADD, "token")
    assert [row["link"] for row in shell.rows("status")] == ["not tried"]
    now = datetime.now(UTC)
    with transaction(shell.engine) as connection:
        note_failure(connection, "truc-tinh", reason="no route", at=now)
    (row,) = shell.rows("status", code=1)
    assert (row["link"], row["failure"], row["waiting"]) == ("down", "no route", 0)
    with transaction(shell.engine) as connection:
        note_answer(connection, "truc-tinh", at=now)
    assert [row["link"] for row in shell.rows("status")] == ["up"]


async def test_a_token_that_cannot_be_read_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.rows(*ADD, str(shell.home / "absent"))
    for name, value in shell.env.items():
        monkeypatch.setenv(name, value)
    with transaction(shell.engine) as connection:
        (peer,) = peers(connection)
    with pytest.raises(AxisError) as caught:
        await Links(shell.engine, load_settings(), Sealer(b"k" * 32)).round(peer)
    assert caught.value.code == "peer.token-unreadable"
    with transaction(shell.engine) as connection:
        (peer,) = peers(connection)
    assert peer.failed_at is not None
