"""``axis cert`` and ``axis envelope sign|verify`` as an administrator calls them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import cli
from axis.store.engine import open_engine
from axis.store.tables import METADATA
from axis.trust.certificates import read_one
from axis.trust.pki import init_authority, issue_into, revoke, write_crls
from tests.trust.material import package

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def axis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Call:
    """Call the command line; returns exit code, stdout and stderr."""
    monkeypatch.setenv("AXIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    METADATA.create_all(open_engine(f"sqlite:///{tmp_path / 'home' / 'axis.db'}"))

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

    return call


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    folder = tmp_path / "ca"
    init_authority(folder, now=datetime.now(UTC))
    issue_into(folder, name="Văn phòng Chính phủ", code="G22", now=datetime.now(UTC))
    return folder


@pytest.fixture
def signed(axis: Call, ca: Path, tmp_path: Path) -> Path:
    (tmp_path / "new.edxml").write_bytes(package())
    office = ca / "offices" / "G22.pem"
    out = tmp_path / "signed.edxml"
    code, _, _ = axis(
        "envelope", "sign", tmp_path / "new.edxml", "--key", office.with_suffix(".key"),
        "--cert", office, "--out", out,
    )  # fmt: skip
    assert code == 0
    return out


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_authority_and_an_office_are_made_with_keys_for_the_owner_alone(
    axis: Call, tmp_path: Path
) -> None:
    assert axis("cert", "init-ca", "ca")[0] == 0
    assert axis("cert", "issue", "ca", "--name", "Xã A", "--code", "H49.1.2")[0] == 0
    keys = list((tmp_path / "ca").rglob("*.key"))
    assert len(keys) == 3
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    code, _, err = axis("cert", "init-ca", "ca")  # nothing is overwritten
    assert code == 1
    assert err.startswith("certificate.authority-exists")
    assert axis("cert", "issue", "ca", "--name", "Xã A", "--code", "H49.1.2")[0] == 1


def test_a_signed_package_verifies_by_anchors_and_by_pin(
    axis: Call, ca: Path, signed: Path
) -> None:
    for options in (("--trust", ca), ("--pin", ca / "offices" / "G22.pem")):
        code, out, _ = axis("envelope", "verify", signed, *options, "--json")
        assert code == 0
        (row,) = rows(out)
        assert row["file"] == str(signed)
        assert row["verdict"] == "passed"
        assert row["code"] is None
        assert {step["outcome"] for step in row["steps"]} == {"passed"}


def test_both_shapes_can_be_signed(axis: Call, ca: Path, tmp_path: Path, signed: Path) -> None:
    office = ca / "offices" / "G22.pem"
    code, out, _ = axis(
        "envelope", "sign", signed, "--key", office.with_suffix(".key"), "--cert", office,
        "--shape", "manifest", "--pss",
    )  # fmt: skip
    assert code == 0
    (tmp_path / "manifest.edxml").write_text(out, encoding="utf-8")
    code, out, _ = axis("envelope", "verify", "manifest.edxml", "--trust", ca, "--json")
    assert code == 0
    assert rows(out)[0]["shape"] == "manifest"


def test_many_files_pass_only_together(axis: Call, ca: Path, tmp_path: Path, signed: Path) -> None:
    bad = tmp_path / "bad.edxml"
    bad.write_bytes(signed.read_bytes().replace(b">7816<", b">7817<"))
    (tmp_path / "text.edxml").write_text("not xml")
    code, out, _ = axis(
        "envelope", "verify", signed, bad, tmp_path / "new.edxml", "text.edxml",
        "--trust", ca, "--json",
    )  # fmt: skip
    assert code == 1
    got = rows(out)
    assert [row["verdict"] for row in got] == ["passed", "failed", "failed", "failed"]
    assert [row["code"] for row in got][:3] == [
        None,
        "signature.digest-mismatch",
        "signature.missing",
    ]
    steps = {step["step"]: step["outcome"] for step in got[1]["steps"]}
    assert steps["rules"] == "passed"
    assert steps["signature"] == "failed"
    assert steps["certificate"] == "skipped"


def test_every_step_is_explained_in_both_languages(axis: Call, ca: Path, signed: Path) -> None:
    _, english, _ = axis("envelope", "verify", signed, "--trust", ca)
    _, vietnamese, _ = axis("--lang", "vi", "envelope", "verify", signed, "--trust", ca)
    assert len(english.splitlines()) == len(vietnamese.splitlines()) == 9
    assert "chữ ký" in vietnamese


def test_without_anchors_or_fresh_lists_the_answer_is_that_it_cannot_be_told(
    axis: Call, ca: Path, signed: Path
) -> None:
    code, out, _ = axis("envelope", "verify", signed, "--json")
    assert (code, rows(out)[0]["code"]) == (3, "certificate.no-anchors")
    assert rows(out)[0]["verdict"] == "indeterminate"
    for each in (ca / "crls").iterdir():
        each.unlink()
    code, out, _ = axis("envelope", "verify", signed, "--trust", ca, "--json")
    assert (code, rows(out)[0]["code"]) == (3, "certificate.revocation-unknown")


def test_a_package_is_judged_at_the_instant_that_is_asked_for(
    axis: Call, ca: Path, signed: Path
) -> None:
    office = ca / "offices" / "G22.pem"
    certificate = read_one(office.read_bytes(), source="test")
    late = (certificate.not_after + timedelta(days=1)).isoformat()
    early = (certificate.not_before - timedelta(days=1)).isoformat()
    for at, expected in ((late, "certificate.expired"), (early, "certificate.not-yet-valid")):
        for options in (("--trust", ca), ("--pin", office)):
            code, out, _ = axis("envelope", "verify", signed, *options, "--at", at, "--json")
            assert (code, rows(out)[0]["code"]) == (1, expected)


def test_a_certificate_that_is_not_the_pinned_one_is_refused(
    axis: Call, ca: Path, signed: Path
) -> None:
    other, _ = issue_into(ca, name="Khác", code="H49", now=datetime.now(UTC))
    code, out, _ = axis("envelope", "verify", signed, "--pin", other, "--json")
    assert (code, rows(out)[0]["code"]) == (1, "certificate.unregistered")


def test_a_revoked_certificate_is_refused(axis: Call, ca: Path, signed: Path) -> None:
    certificate = read_one((ca / "offices" / "G22.pem").read_bytes(), source="test")
    revoke(ca, certificate, now=datetime.now(UTC) - timedelta(minutes=1))
    code, out, _ = axis("envelope", "verify", signed, "--trust", ca, "--json")
    assert (code, rows(out)[0]["code"]) == (1, "certificate.revoked")


def test_a_key_that_others_may_read_signs_nothing(axis: Call, ca: Path, tmp_path: Path) -> None:
    (tmp_path / "new.edxml").write_bytes(package())
    office = ca / "offices" / "G22.pem"
    office.with_suffix(".key").chmod(0o644)
    code, out, err = axis(
        "envelope", "sign", tmp_path / "new.edxml", "--key", office.with_suffix(".key"),
        "--cert", office,
    )  # fmt: skip
    assert (code, out) == (1, "")
    assert err.startswith("key.permissions")


def test_certificates_are_registered_listed_shown_and_revoked(axis: Call, ca: Path) -> None:
    office = ca / "offices" / "G22.pem"
    code, out, _ = axis("cert", "register", office, "--json")
    assert code == 0
    sha256 = rows(out)[0]["sha256"]
    assert rows(axis("cert", "register", office, "--json")[1])[0]["registered"] is False
    assert [row["sha256"] for row in rows(axis("cert", "list", "--json")[1])] == [sha256]
    assert rows(axis("cert", "expiring", "--days", "30", "--json")[1]) == []
    assert len(rows(axis("cert", "expiring", "--days", "800", "--json")[1])) == 1
    assert rows(axis("cert", "show", sha256[:10], "--json")[1])[0]["state"] == "active"
    assert axis("cert", "show", "ffffffff")[0] == 1
    assert axis("cert", "revoke", sha256[:10], "--reason", "mất thẻ", "--yes")[0] == 0
    assert rows(axis("cert", "show", sha256[:10], "--json")[1])[0]["state"] == "revoked"
    for words in (("cert", "list"), ("cert", "show", sha256[:10]), ("cert", "check")):
        assert sha256[:12] in axis(*words)[1] or "G22" in axis(*words)[1]


def test_checking_certificates_tells_what_acceptance_would(
    axis: Call, ca: Path, tmp_path: Path
) -> None:
    axis("cert", "register", ca / "offices" / "G22.pem")
    code, out, _ = axis("cert", "check", "--json")
    assert (code, rows(out)[0]["code"]) == (3, "certificate.no-anchors")
    folder = tmp_path / "home" / "certs"
    folder.mkdir(parents=True)
    for name in ("anchors", "intermediates", "crls"):
        (folder / name).symlink_to(ca / name)
    assert axis("cert", "check")[0] == 0
    write_crls(ca, now=datetime.now(UTC) - timedelta(days=60))
    code, out, _ = axis("cert", "check", "--json")
    assert (code, rows(out)[0]["code"]) == (3, "certificate.revocation-unknown")
    assert axis("cert", "crl", ca)[0] == 0
    assert axis("cert", "check")[0] == 0
    assert axis("cert", "crl", ca, "--revoke", ca / "offices" / "G22.pem")[0] == 0
    code, out, _ = axis("cert", "check", "--json")
    assert (code, rows(out)[0]["code"]) == (1, "certificate.revoked")


def test_an_office_that_does_not_exist_is_bound_to_nothing(axis: Call, ca: Path) -> None:
    code, _, err = axis("cert", "register", ca / "offices" / "G22.pem", "--office", "X99")
    assert code == 1
    assert err.startswith("office.unknown")
    assert rows(axis("cert", "list", "--json")[1]) == []
