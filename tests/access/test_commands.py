"""``axis system token|secret|certificate``: what an administrator sees and what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

import cli
from axis.serve.prepare import prepare
from axis.settings import Settings
from axis.trust.pki import KeyKind, init_authority, issue


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AXIS_HOME", str(tmp_path))
    monkeypatch.delenv("AXIS_CONFIG", raising=False)
    prepare(Settings(home=str(tmp_path)))
    assert _axis("system add vpcp").exit_code == 0
    return tmp_path


def _axis(line: str) -> Result:
    return CliRunner().invoke(cli.axis, line.split(), standalone_mode=False)


def _json(line: str) -> list[dict]:
    result = _axis(line)
    assert result.exception is None, result.output
    return [json.loads(one) for one in result.stdout.splitlines()]


def test_a_token_is_shown_once_and_its_list_has_no_secret(home: Path):
    (made,) = _json("system token new vpcp --scope send --days 5 --json")
    assert made["token"].startswith(f"axt_{made['id']}_")
    assert made["scopes"] == ["send"]
    (listed,) = _json("system token list vpcp --json")
    assert listed["state"] == "active"
    assert made["token"].split("_", 2)[2] not in json.dumps(listed)
    assert _json(f"system token revoke {made['id']} --yes --json")[0]["changed"] is True
    assert _json(f"system token revoke {made['id']} --yes --json")[0]["changed"] is False
    assert _json("system token list --json")[0]["state"] == "revoked"


def test_rotating_lets_the_old_one_live_for_the_overlap(home: Path):
    _json("system token new vpcp --json")
    _json("system token new vpcp --rotate --json")
    old, new = _json("system token list vpcp --json")
    assert old["state"] == new["state"] == "active"
    assert old["expires_at"] < new["expires_at"]


def test_a_secret_of_today_can_be_brought_along_and_is_kept_encrypted(home: Path):
    file = home / "secret.txt"
    file.write_text("axis-test-secret\n")
    (made,) = _json(f"system secret new vpcp --file {file} --json")
    assert made["secret"] is None
    (own,) = _json("system secret new vpcp --rotate --json")
    assert len(own["secret"]) == 64
    assert b"axis-test-secret" not in (home / "axis.db").read_bytes()
    rows = _json("system secret list vpcp --json")
    assert [row["state"] for row in rows] == ["active", "active"]
    assert _json(f"system secret revoke {own['id']} --yes --json")[0]["changed"] is True


def test_a_certificate_is_bound_to_a_system_once(home: Path):
    now = datetime.now(UTC)
    authority = home / "ca"
    init_authority(authority, now=now, name="Test")
    _, certificate = issue(authority, name="vpcp", now=now, kind=KeyKind.P256)
    pem = home / "client.pem"
    from cryptography import x509

    pem.write_bytes(x509.load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM))
    digest = certificate.sha256.hex()
    from axis.store.engine import open_engine, transaction
    from axis.store.trust import register_certificate

    with transaction(open_engine(Settings(home=str(home)).database_url)) as connection:
        register_certificate(connection, certificate, at=now)
    assert _json(f"system certificate bind vpcp {digest[:8]} --json")[0]["changed"] is True
    assert _json(f"system certificate bind vpcp {digest[:8]} --json")[0]["changed"] is False
    assert _json("system certificate list --json")[0]["state"] == "active"
    assert _json(f"system certificate release vpcp {digest[:8]} --json")[0]["changed"] is True
    assert _json("system certificate list --json")[0]["state"] == "revoked"


def test_a_system_that_is_not_there_gets_nothing(home: Path):
    for line in ("system token new nobody", "system secret new nobody"):
        error = _axis(line).exception
        assert getattr(error, "code", None) == "system.unknown"
