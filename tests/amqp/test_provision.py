"""``axis system provision`` against a real RabbitMQ."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import aiormq
import msgspec
import pytest
from click.testing import CliRunner, Result

from adapters.amqp.errors import ManagementError
from adapters.amqp.management import Management
from adapters.amqp.permissions import SYSTEM
from axis.bus.management import management_url
from axis.directory.errors import SystemUnknownError
from cli import axis
from tests.amqp.door import Door, remove_account


@pytest.fixture
def bare(door: Door, tmp_path: Path) -> Door:
    """The door; the system ``khac`` has no account, and the settings are in a file."""
    remove_account(door, "khac")
    (tmp_path / "axis.toml").write_bytes(msgspec.toml.encode(door.axis.settings))
    return door


def call(door: Door, *words: str, error: str | None = None) -> Result:
    config = f"{door.axis.settings.home}/axis.toml"
    result = CliRunner().invoke(axis, ["--config", config, "system", "provision", *words])
    if error is None:
        assert result.exit_code == 0, (result.output, result.exception)
    else:
        assert getattr(result.exception, "code", None) == error, result.exception
    return result


def steps(result: Result) -> dict[str, str]:
    return {step["what"]: step["action"] for step in json.loads(result.stdout)["steps"]}


def enters(door: Door, password: str) -> bool:
    door.passwords["khac"] = password

    async def enter() -> bool:
        try:
            connection = await aiormq.connect(door.url("khac"))
        except (aiormq.exceptions.AMQPError, ConnectionError):
            return False
        await connection.close()
        return True

    return asyncio.run(enter())


def test_without_yes_it_says_what_it_would_do_and_does_nothing(bare: Door):
    result = call(bare, "khac", "--json")
    assert set(steps(result).values()) == {"create"}
    said = json.loads(result.stdout)
    assert (said["done"], said["password"]) == (False, None)
    assert bare.management.get(f"/users/{bare.account('khac')}") is None
    assert bare.management.get(f"/vhosts/{bare.account('khac')}") is None


def test_with_yes_the_system_can_enter_and_the_second_time_nothing_changes(bare: Door):
    said = json.loads(call(bare, "khac", "--yes", "--json").stdout)
    assert said["done"]
    assert enters(bare, said["password"])
    again = json.loads(call(bare, "khac", "--yes", "--json").stdout)
    assert (again["changes"], again["password"]) == (0, None)
    assert enters(bare, said["password"])


def test_the_password_goes_to_a_file_that_only_its_owner_reads(bare: Door, tmp_path: Path):
    file = tmp_path / "khac.password"
    result = call(bare, "khac", "--yes", "--password-file", str(file))
    password = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert password not in result.output
    assert enters(bare, password)


def test_a_new_password_ends_the_old_one(bare: Door):
    first = json.loads(call(bare, "khac", "--yes", "--json").stdout)["password"]
    result = call(bare, "khac", "--rotate", "--yes", "--json")
    assert steps(result)["user"] == "change"
    assert enters(bare, json.loads(result.stdout)["password"])
    assert not enters(bare, first)


def test_what_was_widened_by_hand_is_shown_and_taken_back(bare: Door):
    call(bare, "khac", "--yes")
    name, other = bare.account("khac"), bare.account("vpcp")
    wide = {"configure": ".*", "write": ".*", "read": ".*"}
    bare.management.put(f"/permissions/{name}/{name}", wide)
    bare.management.put(f"/permissions/{other}/{name}", wide)
    bare.management.put(f"/permissions/{name}/{other}", wide)
    bare.management.put(f"/user-limits/{name}/max-connections", {"value": 1000})
    user = bare.management.get(f"/users/{name}")
    bare.management.put(
        f"/users/{name}", {"tags": "administrator", "password_hash": user["password_hash"]}
    )
    shown = steps(call(bare, "khac", "--json"))
    assert {what for what, action in shown.items() if action != "keep"} == {
        f"permissions of {name}",
        f"permissions of {other}",
        f"permissions in {other}",
        "limit user max-connections",
        "user",
    }
    call(bare, "khac", "--yes")
    assert bare.management.get(f"/users/{name}")["tags"] in ([], "")
    assert [row["vhost"] for row in bare.management.get(f"/users/{name}/permissions")] == [name]
    now = {row["user"]: row for row in bare.management.get(f"/vhosts/{name}/permissions")}
    assert now.keys() == {name, bare.management.user}
    assert now[name]["configure"] == SYSTEM.configure
    assert json.loads(call(bare, "khac", "--json").stdout)["changes"] == 0


def test_a_user_with_a_certificate_has_no_password(bare: Door):
    password = json.loads(call(bare, "khac", "--yes", "--json").stdout)["password"]
    assert steps(call(bare, "khac", "--external", "--yes", "--json"))["user"] == "change"
    assert not enters(bare, password)
    assert not enters(bare, "")


def test_an_account_that_is_removed_opens_nothing(bare: Door):
    password = json.loads(call(bare, "khac", "--yes", "--json").stdout)["password"]
    call(bare, "khac", "--remove", "--yes")
    assert not enters(bare, password)
    assert bare.management.get(f"/vhosts/{bare.account('khac')}") is None


def test_only_systems_that_receive_by_amqp_get_an_account(bare: Door):
    call(bare, "nobody", error=SystemUnknownError.code)
    config = f"{bare.axis.settings.home}/axis.toml"
    words = ["--config", config, "system", "set", "khac", "--receives-by", "poll"]
    assert CliRunner().invoke(axis, words).exit_code == 0
    call(bare, "khac", "--yes", error="amqp.not-by-amqp")


def test_a_management_api_that_does_not_answer_is_named():
    with (
        Management("http://axis:x@127.0.0.1:9") as management,
        pytest.raises(ManagementError) as no,
    ):
        management.get("/overview")
    assert no.value.code == "amqp.management"


def test_the_management_api_stands_beside_the_broker_where_nothing_is_said():
    assert management_url("amqp://a:b%40@broker:5672/v") == "http://a:b%40@broker:15672"
