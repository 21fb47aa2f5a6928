"""Accounts of the console: made, reset and removed by commands; what is kept opens nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from click.testing import CliRunner

from axis.access.sealing import KEY_BYTES
from axis.directory.errors import OfficeUnknownError
from axis.ledger.keys import write_key_file
from axis.people.duties import Role
from axis.people.errors import NotPermittedError
from axis.signin.accounts import Kind, change_password, open_account, prove
from axis.signin.errors import (
    AccountTakenError,
    ConsoleAccountUnknownError,
    PasswordWeakError,
    SessionOverError,
    SigninDeniedError,
)
from axis.signin.passwords import hash_password, is_password, step_of_code
from axis.signin.sessions import Terms, begin_session, person_of, sign_out
from axis.store.console import account_named, list_accounts
from axis.store.engine import transaction
from axis.store.people import roles_of_all
from axis.store.tables.console import CONSOLE_SESSION
from cli import axis

KEY = b"k" * KEY_BYTES
TERMS = Terms(idle=timedelta(minutes=30), whole=timedelta(hours=10))


@pytest.fixture
def run(sqlite_engine: sa.Engine, tmp_path: Path) -> Any:
    write_key_file(tmp_path / "access.key", KEY)
    url = sqlite_engine.url.render_as_string(hide_password=False)
    env = {"AXIS_HOME": str(tmp_path), "AXIS_DATABASE_URL": url, "LANG": "C"}

    def run(*words: str) -> list[dict[str, Any]]:
        result = CliRunner().invoke(axis, [*words, "--json"], env=env)
        if result.exception is not None:
            raise result.exception
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


def _prove(engine: sa.Engine, said: dict[str, Any], now: datetime, **other: str) -> str:
    words = {"name": said["name"], "password": said["password"]} | other
    code = words.pop("code", pyotp.TOTP(said["totp"]).at(now))
    return prove(engine, **words, code=code, key=lambda: KEY, now=now).name


def test_what_the_command_prints_signs_in_once_for_each_code(
    run: Any, sqlite_engine: sa.Engine, now: datetime
) -> None:
    said = run("console", "account", "add", "hoa", "--role", "operator")[0]
    assert said["url"].endswith("/console")
    assert said["uri"].startswith("otpauth://totp/")
    assert _prove(sqlite_engine, said, now) == "hoa"
    with pytest.raises(SigninDeniedError):
        _prove(sqlite_engine, said, now)
    later = now + timedelta(seconds=60)
    assert _prove(sqlite_engine, said, later) == "hoa"
    with pytest.raises(SigninDeniedError):
        _prove(sqlite_engine, said, later + timedelta(hours=1), code="")
    for wrong in ({"password": "wrong"}, {"name": "nobody"}, {"code": "１２３４５６"}):
        with pytest.raises(SigninDeniedError):
            _prove(sqlite_engine, said, later + timedelta(hours=1), **wrong)
    with pytest.raises(AccountTakenError):
        run("console", "account", "add", "hoa", "--role", "auditor")
    with transaction(sqlite_engine) as connection:
        kept = account_named(connection, "hoa")
    assert kept is not None
    assert said["password"] not in (kept.password or "")
    assert said["totp"].encode() not in (kept.totp or b"")


def test_a_reset_ends_what_was_and_a_removal_ends_all(
    run: Any, sqlite_engine: sa.Engine, now: datetime
) -> None:
    before = run("console", "account", "add", "lan", "--role", "auditor")[0]
    secret = begin_session(sqlite_engine, "lan", terms=TERMS, now=now)
    assert person_of(sqlite_engine, secret, terms=TERMS, now=now).kind is Kind.AUDITOR
    after = run("console", "account", "reset", "lan", "--yes")[0]
    with pytest.raises(SessionOverError):
        person_of(sqlite_engine, secret, terms=TERMS, now=now)
    with pytest.raises(SigninDeniedError):
        _prove(sqlite_engine, before, now)
    assert _prove(sqlite_engine, after, now) == "lan"
    assert [row["name"] for row in run("console", "account", "list")] == ["lan"]
    run("console", "account", "remove", "lan", "--yes", "--why", "chuyển công tác")
    assert run("console", "account", "list") == []
    with pytest.raises(SigninDeniedError):
        _prove(sqlite_engine, after, now + timedelta(minutes=5))
    for verb in ("remove", "reset"):
        with pytest.raises(ConsoleAccountUnknownError):
            run("console", "account", verb, "lan", "--yes")
    again = run("console", "account", "add", "lan", "--role", "auditor")[0]
    assert _prove(sqlite_engine, again, now) == "lan"


def test_where_people_are_named_only_an_administrator_makes_accounts(
    run: Any, sqlite_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axis.people.account.account", lambda: "root-hoa")
    run("admin", "add", "root-hoa", "--role", "administrator")
    run("console", "account", "add", "nam", "--role", "operator")
    run("console", "account", "add", "lan", "--role", "auditor")
    with transaction(sqlite_engine) as connection:
        assert set(roles_of_all(connection)["nam"]) == {Role.OPERATOR}
        assert "lan" not in roles_of_all(connection)
    monkeypatch.setattr("axis.people.account.account", lambda: "somebody")
    with pytest.raises(NotPermittedError):
        run("console", "account", "reset", "nam", "--yes")
    commands = [act["command"] for act in run("admin", "acts")]
    assert commands.count("console account add") == 2


def test_a_viewer_needs_an_office_and_the_others_none(run: Any) -> None:
    with pytest.raises(OfficeUnknownError):
        run("console", "account", "add", "minh", "--role", "viewer", "--office", "H99")
    for words in (["--role", "viewer"], ["--role", "auditor", "--office", "H14"]):
        with pytest.raises(SystemExit):
            run("console", "account", "add", "minh", *words)
    with pytest.raises(SystemExit):
        run("console", "account", "add", " ", "--role", "auditor")


def test_a_session_ends_when_it_rests_when_it_is_old_and_when_it_is_left(
    engine: sa.Engine, now: datetime
) -> None:
    with transaction(engine) as connection:
        open_account(connection, "hoa", Kind.OPERATOR, office_id=None, key=KEY, by="test", now=now)
        assert [one.name for one in list_accounts(connection)] == ["hoa"]

    def person(secret: str, after: timedelta) -> str:
        return person_of(engine, secret, terms=TERMS, now=now + after).name

    first = begin_session(engine, "hoa", terms=TERMS, now=now)
    assert person(first, timedelta(minutes=29)) == "hoa"
    assert person(first, timedelta(minutes=58)) == "hoa"
    for minutes in (89, 1000):
        with pytest.raises(SessionOverError):
            person(first, timedelta(minutes=minutes))
    second = begin_session(engine, "hoa", terms=TERMS, now=now)
    for minutes in range(0, 600, 20):
        assert person(second, timedelta(minutes=minutes)) == "hoa"
    with pytest.raises(SessionOverError):
        person(second, timedelta(minutes=601))
    third = begin_session(engine, "hoa", terms=TERMS, now=now + timedelta(days=1))
    with transaction(engine) as connection:
        count = sa.select(sa.func.count()).select_from(CONSOLE_SESSION)
        assert connection.scalar(count) == 1  # those that are over were forgotten
    sign_out(engine, third)
    for secret in (third, "", None, "guess"):
        with pytest.raises(SessionOverError):
            person_of(engine, secret, terms=TERMS, now=now + timedelta(days=1))


def test_a_password_of_ones_own_replaces_the_first(engine: sa.Engine, now: datetime) -> None:
    with transaction(engine) as connection:
        given = open_account(
            connection, "hoa", Kind.OPERATOR, office_id=None, key=KEY, by="test", now=now
        )
    for before, after, refused in (
        ("wrong", "một mật khẩu đủ dài", SigninDeniedError),
        (given.password, given.password, PasswordWeakError),
        (given.password, "ngắn", PasswordWeakError),
        (given.password, "x" * 300, PasswordWeakError),
    ):
        with pytest.raises(refused):
            change_password(engine, "hoa", before, after)
    change_password(engine, "hoa", given.password, "một mật khẩu đủ dài")
    with transaction(engine) as connection:
        account = account_named(connection, "hoa")
    assert account is not None
    assert not account.must_change
    assert is_password(account.password, "một mật khẩu đủ dài")


def test_codes_of_clocks_that_are_a_little_off_count() -> None:
    secret, at = "JBSWY3DPEHPK3PXP" * 2, datetime(2026, 11, 20, 3, 0, 15, tzinfo=UTC)
    step = int(at.timestamp()) // 30
    for off in (-30, 0, 30):
        code = pyotp.TOTP(secret).at(int(at.timestamp()) + off)
        assert step_of_code(secret, code, at) == step + off // 30
    assert step_of_code(secret, pyotp.TOTP(secret).at(int(at.timestamp()) - 90), at) is None
    assert not is_password("no hash of ours", "x")
    assert not is_password(None, "x")


def test_passwords_are_kept_by_the_profile_of_rfc_9106() -> None:
    """64 MiB, three passes: what a library's default promises may change, this may not."""
    assert PasswordHasher().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hash_password("một mật khẩu đủ dài").startswith("$argon2id$")
