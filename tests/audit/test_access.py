"""Who may take an export or a report, asked of real users of PostgreSQL, and what is recorded."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from ledger.material import entry, sealed

from axis.errors import AxisError
from axis.ledger.entry import LoggedEntry, Sealer, parse_leaf
from axis.ledger.events import Event
from axis.ledger.opening import open_entry
from axis.notary.process import sequence_pending
from axis.people.account import account
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.settings import Settings, load_settings
from axis.store import ledger
from axis.store.engine import open_engine, transaction
from axis.store.exports import record_export
from axis.store.migrate import upgrade
from cli import axis

AT = datetime.now(UTC)
SEALER = Sealer(b"k" * 32)
SIZE = 20
WHY = "decision 12/QĐ-TTr"


@dataclass(frozen=True, slots=True)
class Users:
    """The URLs of one database for its owner, an auditor, and a worker."""

    owner: str
    auditor: str
    worker: str


@pytest.fixture
def users(postgresql: PrivatePostgreSQL, postgresql_url: str) -> Iterator[Users]:
    """A migrated database with roles, and a login for each; the logins end with the test."""
    owner = postgresql_url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = open_engine(owner)
    mark = uuid.uuid4().hex[:8]
    urls = {}
    with engine.begin() as connection:
        for role in ("axis_auditor", "axis_worker"):
            connection.exec_driver_sql(
                f"do $$ begin create role {role}; exception when duplicate_object then null; end $$"
            )
            name = f"{role}_{mark}"
            connection.exec_driver_sql(f"create role {name} login password 'p' in role {role}")
            urls[role] = engine.url.set(username=name, password="p").render_as_string(
                hide_password=False
            )
    upgrade(engine)
    yield Users(owner, urls["axis_auditor"], urls["axis_worker"])
    with engine.begin() as connection:
        for role in urls:
            connection.exec_driver_sql(f"drop role {role}_{mark}")
    engine.dispose()


@pytest.fixture
def home(users: Users, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a log of 20 entries and keys of its own for exports."""
    for name, value in {
        "HOME": str(tmp_path),
        "DATABASE_URL": users.owner,
        "AUDIT_ROLE": "axis_auditor",
        "AUDIT_DATABASE_URL": users.auditor,
        "AUDIT_KEY": "audit.key",
        "AUDIT_SALT_KEY": "audit-salt.key",
    }.items():
        monkeypatch.setenv(f"AXIS_{name}", value)
    for words in (("notary", "init"), ("audit", "init")):
        assert call(*words).exit_code == 0
    settings = load_settings()
    engine = open_engine(users.owner)
    with transaction(engine) as connection:
        ledger.append(connection, sealed(SEALER, SIZE))
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    engine.dispose()
    return settings


def call(*words: str) -> Result:
    return CliRunner().invoke(axis, list(words))


def export(folder: Path, *, why: str = WHY) -> Result:
    return call("audit", "export", str(folder), "--why", why, "--json")


def code_of(result: Result) -> str:
    assert isinstance(result.exception, AxisError), result.output
    return result.exception.code


def recorded(users: Users, settings: Settings) -> LoggedEntry | None:
    """Return what was recorded after the first 20 entries."""
    engine = open_engine(users.owner)
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)
    with transaction(engine) as connection:
        found = ledger.entry_at(connection, AT.year, SIZE)
    engine.dispose()
    return found


def test_an_auditor_takes_an_export_without_the_keys_of_the_notary(
    home: Settings, users: Users, tmp_path: Path
) -> None:
    for name in (home.notary.key, home.notary.salt_key):
        home.path(name).rename(home.path(f"{name}.away"))
    done = export(tmp_path / "out")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["rows"] == SIZE
    assert call("audit", "key").stdout.strip() == answer["key"]
    assert call("audit", "verify", str(tmp_path / "out"), "--key", answer["key"]).exit_code == 0
    for name in (home.notary.key, home.notary.salt_key):
        home.path(f"{name}.away").rename(home.path(name))
    found = recorded(users, home)
    assert found is not None
    assert parse_leaf(found.leaf).event == Event.LEDGER_EXPORT
    opened = open_entry(found.leaf, found.salt, found.opening)
    assert (opened["who"], opened["why"]) == (account(), WHY)
    assert opened["system"].startswith("axis_auditor_")
    for secret in (account(), WHY):
        assert secret.encode() not in found.leaf


def test_a_report_is_asked_for_and_recorded_likewise(
    home: Settings, users: Users, tmp_path: Path
) -> None:
    today = f"{AT:%Y-%m-%d}"
    words = ("audit", "report", str(tmp_path / "r.html"), "--from", today, "--until", today)
    assert call(*words).exit_code == 2  # without --why
    assert call(*words, "--why", WHY).exit_code == 0
    found = recorded(users, home)
    assert found is not None
    assert open_entry(found.leaf, found.salt, found.opening)["why"] == WHY


@pytest.mark.parametrize("user", ["owner", "worker"])
def test_a_user_of_the_database_without_the_role_gets_nothing(
    home: Settings, users: Users, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    monkeypatch.setenv("AXIS_AUDIT_DATABASE_URL", getattr(users, user))
    assert code_of(export(tmp_path / "out")) == "audit.not-an-auditor"
    assert not (tmp_path / "out").exists()
    assert recorded(users, home) is None


def test_an_account_that_is_not_named_gets_nothing(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AXIS_AUDIT_PEOPLE", '["somebody-else"]')
    assert code_of(export(tmp_path / "out")) == "audit.not-an-auditor"
    monkeypatch.setenv("AXIS_AUDIT_PEOPLE", json.dumps(["somebody-else", account()]))
    assert export(tmp_path / "out").exit_code == 0, home


def test_nobody_gets_anything_without_saying_why(home: Settings, tmp_path: Path) -> None:
    assert code_of(export(tmp_path / "out", why=" ")) == "audit.no-reason", home


def test_what_a_user_who_may_only_read_can_write_is_the_record_of_an_export_and_nothing_else(
    users: Users,
) -> None:
    engine = open_engine(users.auditor)
    forged = SEALER.seal(entry(1, Event.CONTENT_HANDOVER))
    wrong = SEALER.seal(entry(2, Event.LEDGER_EXPORT))
    wrong = type(wrong)(
        **{name: getattr(wrong, name) for name in wrong.__struct_fields__ if name != "leaf_hash"},
        leaf_hash=bytes(32),
    )
    for refused in (forged, wrong):
        with pytest.raises(sa.exc.ProgrammingError), transaction(engine) as connection:
            record_export(connection, refused)
    with pytest.raises(sa.exc.ProgrammingError), transaction(engine) as connection:
        ledger.append(connection, [forged])
    engine.dispose()
    worker = open_engine(users.worker)
    right = SEALER.seal(entry(3, Event.LEDGER_EXPORT))
    with pytest.raises(sa.exc.ProgrammingError), transaction(worker) as connection:
        record_export(connection, right)
    worker.dispose()
