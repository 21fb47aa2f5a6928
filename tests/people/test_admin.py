"""Who may change something, and what stays on the record of it, through the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from axis.errors import AxisError
from axis.ledger.entry import parse_leaf
from axis.ledger.events import Event
from axis.ledger.opening import open_entry
from axis.people.acts import entry_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of, waiting
from axis.store.people import Act, acts
from axis.store.tables.people import ADMIN_REQUEST
from cli import axis


class Desk:
    """Runs commands against one database, as one account or another."""

    def __init__(self, home: Path, engine: sa.Engine, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.engine = engine
        self._patch = patch
        url = engine.url.render_as_string(hide_password=False)
        self.env = {"AXIS_HOME": str(home), "AXIS_DATABASE_URL": url, "LANG": "C"}

    def __call__(self, who: str, *words: str) -> Result:
        # The account is what the operating system says; a test cannot log in as somebody else.
        self._patch.setattr("axis.people.account.account", lambda: who)
        return CliRunner().invoke(axis, words, env=self.env)

    def done(self, who: str, *words: str) -> list[dict[str, Any]]:
        result = self(who, *words, "--json")
        assert result.exit_code == 0, (result.output, result.exception)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refusal(self, who: str, *words: str) -> AxisError:
        error = self(who, *words).exception
        assert isinstance(error, AxisError), error
        return error

    def acts(self) -> list[Act]:
        with transaction(self.engine) as connection:
            return list(acts(connection))

    def entries(self) -> int:
        with transaction(self.engine) as connection:
            return waiting(connection)


@pytest.fixture
def desk(tmp_path: Path, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, engine, monkeypatch)


@pytest.fixture
def closed(desk: Desk) -> Desk:
    """An axis with people: Hoa may do everything, Lan runs it, Nam keeps the registry."""
    desk.done("root", "admin", "add", "hoa", "--all")
    desk.done("hoa", "admin", "add", "lan", "--role", "operator")
    desk.done("hoa", "admin", "add", "nam", "--role", "registrar", "--role", "administrator")
    return desk


def test_who_has_not_the_role_changes_nothing_and_leaves_nothing(closed: Desk) -> None:
    before = (closed.acts(), closed.entries())
    for who in ("lan", "somebody"):
        refused = closed.refusal(who, "system", "add", "h49")
        assert refused.code == "admin.not-permitted"
        assert refused.facts["role"] == "registrar"
    assert closed.done("nam", "system", "list") == []
    assert (closed.acts(), closed.entries()) == before


def test_a_command_leaves_one_act_and_one_entry_that_proves_it(closed: Desk) -> None:
    before = closed.entries()
    closed.done("nam", "system", "add", "h49", "--name", "Tỉnh", "--why", "QĐ 12")
    act = closed.acts()[0]
    assert (act.who, act.command, act.why) == ("nam", "system add", "QĐ 12")
    assert act.arguments == {"system_id": "h49", "name": "Tỉnh", "receives_by": "poll"} | {
        name: value for name, value in act.arguments.items() if name == "recorded_by"
    }
    assert closed.entries() == before + 1
    with transaction(closed.engine) as connection:
        (entry,) = entries_of(connection, [act.id])
    leaf = parse_leaf(entry.leaf)
    assert leaf.event == Event.ADMINISTRATIVE_ACT
    assert leaf.facts == {"command": "system add", "role": "registrar"}
    opened = open_entry(entry.leaf, entry.salt, entry.opening)
    digest = entry_of(act).body_sha256
    assert digest is not None
    assert (opened["who"], opened["why"]) == ("nam", "QĐ 12")
    assert opened["body"] == f"sha256:{digest.hex()}"


def test_the_record_says_which_file_was_given_by_its_digest(closed: Desk, tmp_path: Path) -> None:
    file = tmp_path / "offices.csv"
    file.write_text("code,name,level\nG22,Văn phòng Chính phủ,central\n", encoding="utf-8")
    closed.done("nam", "office", "import", str(file))
    path = closed.acts()[0].arguments["source"]
    assert path["path"] == str(file)
    assert len(path["sha256"]) == 64


def test_what_only_shows_asks_for_the_role_and_is_not_recorded(closed: Desk) -> None:
    before = closed.entries()
    assert closed("lan", "park", "--system", "x", "--why", "thử").exit_code == 0
    assert (
        closed.refusal("nam", "park", "--system", "x", "--why", "thử").code == "admin.not-permitted"
    )
    assert closed.entries() == before


def test_a_command_that_fails_is_on_the_record_too(closed: Desk) -> None:
    refused = closed.refusal("nam", "system", "assign", "absent", "nowhere")
    assert refused.code != "admin.not-permitted"
    assert closed.acts()[0].command == "system assign"


def test_before_anybody_is_named_everybody_may_and_is_recorded(desk: Desk) -> None:
    desk.done("root", "system", "add", "h49")
    assert [act.who for act in desk.acts()] == ["root"]


def test_the_first_one_named_must_be_able_to_name_others(desk: Desk) -> None:
    assert desk.refusal("root", "admin", "add", "lan", "--role", "operator").code == "admin.first"
    assert desk.done("root", "admin", "list") == []


def test_the_last_administrator_stays(closed: Desk) -> None:
    closed.done("hoa", "admin", "role", "nam", "registrar")
    assert closed.refusal("hoa", "admin", "remove", "hoa", "--yes").code == "admin.last"
    assert closed.refusal("hoa", "admin", "remove", "nobody", "--yes").code == "admin.unknown"
    assert closed.refusal("nam", "admin", "add", "nam", "--all").code == "admin.not-permitted"


def test_roles_are_given_and_taken_back(closed: Desk) -> None:
    closed.done("nam", "admin", "role", "lan", "registrar")
    closed.done("lan", "system", "add", "h49")
    closed.done("nam", "admin", "remove", "lan", "--yes", "--why", "chuyển công tác")
    assert closed.refusal("lan", "system", "add", "h50").code == "admin.not-permitted"
    people = {row["account"]: row["roles"] for row in closed.done("lan", "admin", "list")}
    assert people == {
        "hoa": "administrator, keeper, operator, registrar",
        "nam": "administrator, registrar",
    }


@pytest.fixture
def two(closed: Desk) -> Desk:
    """An axis where systems are changed by two persons."""
    (closed.home / "axis.toml").write_text('[people]\ntwo_persons = ["system"]\n')
    closed.env["AXIS_CONFIG"] = str(closed.home / "axis.toml")
    return closed


def test_two_persons_do_it_once_and_neither_alone(two: Desk) -> None:
    words = ("system", "add", "h49")
    waits = two.refusal("nam", *words)
    assert waits.code == "admin.approval-needed"
    request = str(waits.facts["request"])
    assert two.refusal("nam", *words).facts["request"] == request
    assert two.refusal("nam", "admin", "approve", request).code == "admin.own-request"
    assert two.refusal("lan", "admin", "approve", request).code == "admin.not-permitted"
    assert [row["id"] for row in two.done("hoa", "admin", "requests")] == [request]
    two.done("hoa", "admin", "approve", request, "--why", "đã đối chiếu")
    # Neither another command, nor another person, is covered by it.
    assert two.refusal("nam", "system", "add", "h50").code == "admin.approval-needed"
    assert two.refusal("hoa", *words).code == "admin.approval-needed"
    two.done("nam", *words)
    assert (two.acts()[0].who, two.acts()[0].approved_by) == ("nam", "hoa")
    assert two.refusal("nam", *words).code == "admin.approval-needed"


def test_what_was_refused_or_is_unknown_cannot_be_approved(two: Desk) -> None:
    request = str(two.refusal("nam", "system", "add", "h49").facts["request"])
    two.done("hoa", "admin", "refuse", request, "--why", "sai mã")
    assert two.refusal("hoa", "admin", "approve", request).code == "admin.request-unknown"
    asked_again = two.refusal("nam", "system", "add", "h49")
    assert asked_again.facts["request"] != request


def test_an_approval_lapses_after_a_day(two: Desk) -> None:
    request = str(two.refusal("nam", "system", "add", "h49").facts["request"])
    two.done("hoa", "admin", "approve", request)
    with two.engine.begin() as connection:
        connection.execute(
            sa.update(ADMIN_REQUEST).values(at=datetime.now(UTC) - timedelta(days=1, seconds=1))
        )
    assert two.refusal("nam", "system", "add", "h49").facts["request"] != request
