"""What is wrong is listed with its next step, until it is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from axis.errors import AxisError
from axis.store.alarms import raise_alarm
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from cli import axis

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


class Shell:
    def __init__(self, home: Path, engine: sa.Engine) -> None:
        url = engine.url.render_as_string(hide_password=False)
        self.env = {"AXIS_HOME": str(home), "AXIS_DATABASE_URL": url, "LANG": "C"}

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(axis, words, env=self.env)

    def rows(self, *words: str, code: int = 0) -> list[dict]:
        result = self("alert", *words, "--json")
        assert result.exit_code == code, (result.output, result.exception)
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def shell(tmp_path: Path, engine: sa.Engine) -> Shell:
    with transaction(engine) as connection:
        for minutes in (0, 5):
            raise_alarm(
                connection,
                DatabaseUnavailableError(reason="no route").refusal,
                "db-2",
                at=NOW + timedelta(minutes=minutes),
            )
    return Shell(tmp_path, engine)


def test_an_alarm_says_since_when_how_often_and_what_to_do(shell: Shell) -> None:
    (row,) = shell.rows("list", code=1)
    assert (row["code"], row["subject"], row["times"]) == ("store.unavailable", "db-2", 2)
    assert row["since"] == "2026-03-02T01:00:00Z"
    assert "no route" in row["text"]
    assert row["next"] == DatabaseUnavailableError.hint_en
    told = shell("--lang", "vi", "alert", "list").stdout
    assert DatabaseUnavailableError.vi.split("{")[0].split()[0] in told


def test_what_was_seen_to_is_over_and_may_come_again(shell: Shell, engine: sa.Engine) -> None:
    shell.rows("end", "store.unavailable", "db-2")
    assert shell.rows("list") == []
    assert len(shell.rows("list", "--all")) == 1
    error = shell("alert", "end", "store.unavailable", "db-2").exception
    assert isinstance(error, AxisError)
    assert error.code == "alert.unknown"
    with transaction(engine) as connection:
        raise_alarm(connection, DatabaseUnavailableError(reason="again").refusal, "db-2", at=NOW)
    assert [row["times"] for row in shell.rows("list", code=1)] == [1]


def test_where_nothing_is_wrong_it_says_so(shell: Shell) -> None:
    shell.rows("end", "store.unavailable", "db-2")
    result = shell("alert", "list")
    assert (result.exit_code, result.stderr) == (0, "nothing is wrong\n")
