"""``axis policy`` and ``axis report weak-signatures`` as an administrator calls them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

import cli
from axis.store.engine import open_engine, transaction
from axis.store.tables import METADATA
from axis.store.tables.delivery import PACKAGE
from tests.admission.test_policy import COUNTRY

Call = Callable[..., tuple[int, str, str]]
RULES = """[policy]
rules = ["deny new from level=commune to level=central because theo quy chế"]
"""


@pytest.fixture
def axis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Call:
    monkeypatch.setenv("AXIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "axis.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "offices.csv").write_text(COUNTRY, encoding="utf-8")
    METADATA.create_all(open_engine(database(tmp_path)))

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["axis", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else 1
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    assert call("office", "import", "offices.csv")[0] == 0
    assert call("system", "add", "old-eoffice")[0] == 0
    return call


def database(folder: Path) -> str:
    return f"sqlite:///{folder / 'home' / 'axis.db'}"


def test_a_decision_is_explained_and_is_the_exit_code(axis: Call) -> None:
    code, out, _ = axis("policy", "check", "H49.12", "G22", "new", "--json")
    told = json.loads(out)
    assert (code, told["allowed"], told["reason"]) == (1, False, "theo quy chế")
    code, out, _ = axis("policy", "check", "H49", "G22", "new", "--json")
    assert (code, json.loads(out)["rule"]) == (0, None)
    assert axis("policy", "check", "H49.12", "G22", "status")[0] == 0
    code, _, err = axis("policy", "check", "X99", "G22", "new")
    assert (code, err.split(":")[0]) == (1, "office.unknown")
    code, _, err = axis("policy", "check", "H49", "X99", "new")
    assert (code, err.split(":")[0]) == (1, "recipient.unknown")


def test_leave_to_sign_weakly_needs_a_date_and_a_reason(axis: Call) -> None:
    assert axis("policy", "signing", "old-eoffice", "legacy-sha1")[0] == 2
    code, _, err = axis(
        "policy", "signing", "none", "legacy-sha1", "--until", "2030-01-01", "--reason", "cũ"
    )
    assert (code, err.split(":")[0]) == (1, "system.unknown")
    done = axis(
        "policy", "signing", "old-eoffice", "legacy-sha1", "--until", "2030-01-01", "--reason", "cũ"
    )
    assert done[0] == 0
    kinds = [json.loads(line)["kind"] for line in axis("policy", "list", "--json")[1].splitlines()]
    assert kinds == ["rule", "signing"]
    assert axis("policy", "signing", "old-eoffice", "strict")[0] == 0
    states = [
        json.loads(line)["state"] for line in axis("policy", "list", "--json")[1].splitlines()
    ]
    assert states == ["active", "over"]


def test_weakly_signed_packages_are_counted_by_system(axis: Call, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    until = (now + timedelta(days=9)).date().isoformat()
    axis("policy", "signing", "old-eoffice", "legacy-sha1", "--until", until, "--reason", "cũ")
    (row,) = map(json.loads, axis("report", "weak-signatures", "--json")[1].splitlines())
    assert (row["system_id"], row["packages"]) == ("old-eoffice", 0)
    with transaction(open_engine(database(tmp_path))) as connection:
        for weak, at, accepted in (
            ("legacy-sha1", now - timedelta(days=1), True),
            ("legacy-sha1", now - timedelta(days=2), True),
            ("legacy-unsigned", now - timedelta(days=2), True),
            ("legacy-sha1", now - timedelta(days=40), True),
            ("legacy-sha1", now - timedelta(days=1), False),
            (None, now - timedelta(days=1), True),
        ):
            connection.execute(
                sa.insert(PACKAGE).values(
                    id=uuid4(),
                    system_id="old-eoffice",
                    digest=uuid4().bytes * 2,
                    size_bytes=1,
                    door="test",
                    received_at=at,
                    decided_at=at,
                    accepted=accepted,
                    weak=weak,
                )
            )
    rows = list(map(json.loads, axis("report", "weak-signatures", "--json")[1].splitlines()))
    assert [(row["weak"], row["packages"]) for row in rows] == [
        ("legacy-sha1", 2),
        ("legacy-unsigned", 1),
    ]
    assert axis("report", "weak-signatures")[0] == 0
