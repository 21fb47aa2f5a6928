"""An office gets its place by one command, and a person who says yes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import structs

from adapters.client.errors import ProblemError
from adapters.folder import enrol
from adapters.folder.run import Agent
from axis.enrollment.desk import offer
from axis.enrollment.request import read_request, statement
from axis.errors import AxisError
from axis.trust.keys import write_key
from axis.trust.pki import KeyKind, issue
from cli import axis as command
from tests.client.running import Running
from tests.conftest import CHECKOUT
from tests.folder.office import FORM, Office, open_office
from tests.folder.test_journey import is_done
from tests.relay.papers import H41

UNSERVED = "000.09.09.H41"


@pytest.fixture
def config(world: Running, tmp_path: Path) -> Path:
    path = tmp_path / "axis.toml"
    settings = structs.replace(
        world.axis.settings,
        trust=structs.replace(
            world.axis.settings.trust,
            anchors="certs/anchors",
            intermediates="certs/intermediates",
            crls="certs/crls",
        ),
    )
    path.write_bytes(msgspec.toml.encode(settings))
    return path


def call(config: Path | None, *words: str) -> Result:
    given = ["--config", str(config)] if config else []
    return CliRunner().invoke(command, ["--lang", "en", *given, *words])


def bundle_of(world: Running, config: Path, tmp_path: Path, office: str = UNSERVED) -> Path:
    path = tmp_path / f"{office}.toml"
    result = call(config, "enrollment", "new", office, "--url", world.url, "--out", str(path))
    assert result.exit_code == 0, result.output
    return path


def test_an_office_enrols_and_documents_reach_it(
    world: Running, config: Path, tmp_path: Path
) -> None:
    bundle, home = bundle_of(world, config, tmp_path), tmp_path / "xa"
    first = call(None, "agent", "enroll", str(bundle), "--folder", str(home))
    assert isinstance(first.exception, AxisError)
    assert first.exception.code == "agent.waits"
    fingerprint = first.exception.facts["fingerprint"]
    (asked,) = listed(config)
    assert (asked["state"], asked["fingerprint"]) == ("requested", fingerprint)
    wrong = call(config, "enrollment", "approve", asked["id"], "--fingerprint", "0000")
    assert isinstance(wrong.exception, AxisError)
    assert wrong.exception.code == "enrollment.fingerprint"
    words = ("enrollment", "approve", asked["id"], "--fingerprint", str(fingerprint))
    lacking = call(config, *words)
    assert isinstance(lacking.exception, AxisError)
    assert lacking.exception.code == "enrollment.certificate"
    approved = call(config, *words, "--authority", str(world.anchors))
    assert approved.exit_code == 0, approved.output
    again = call(config, *words, "--authority", str(world.anchors))
    assert isinstance(again.exception, AxisError)
    assert again.exception.code == "enrollment.state"
    second = call(None, "agent", "enroll", str(bundle), "--folder", str(home), "--json")
    assert second.exit_code == 0, second.output
    third = call(None, "agent", "enroll", str(bundle), "--folder", str(home))
    assert isinstance(third.exception, AxisError)
    assert third.exception.code == "agent.enrolled"
    assert (home / "keys/office.key").stat().st_mode & 0o077 == 0
    assert (home / "keys/token").stat().st_mode & 0o077 == 0

    settings = home / "agent.toml"
    settings.write_text(settings.read_text() + "settle_s = 0\n")
    (home / "trust/crls/issuing.crl").write_bytes((world.anchors / "crls/issuing.crl").read_bytes())
    (home / "trust/crls/root.crl").write_bytes((world.anchors / "crls/root.crl").read_bytes())
    with world.client("vpcp") as client:
        client.submit(world.axis.sign("000.00.00.G22", paper_to(UNSERVED)))
    office = Office(home=home, world=world)
    office.take(until=lambda: is_done(office))
    office.drop("báo cáo.pdf", b"%PDF")
    office.drop("báo cáo.toml", FORM)
    office.send(until=lambda: bool(office.names("sent")) and not office.names("outbox"))
    well = call(None, "agent", "doctor", "--folder", str(home), "--json")
    found = {row["check"]: row["outcome"] for row in rows(well)}
    assert set(found.values()) == {"ok"}, well.output
    assert well.exit_code == 0


def paper_to(code: str) -> bytes:
    from tests.relay.papers import document, package

    return package(document(77, to=(code,)))


def listed(config: Path) -> list[dict]:
    return rows(call(config, "enrollment", "list", "--json"))


def rows(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_an_office_with_a_certificate_of_its_own_enrols_with_it(
    world: Running, config: Path, tmp_path: Path
) -> None:
    key, certificate = issue(
        world.anchors, name="xã", code=UNSERVED, now=datetime.now(UTC), kind=KeyKind.RSA2048
    )
    write_key(tmp_path / "own.key", key)
    (tmp_path / "own.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    bundle = enrol.read_bundle(bundle_of(world, config, tmp_path))
    own = enrol.Own(certificate=tmp_path / "own.pem", key=tmp_path / "own.key")
    with pytest.raises(AxisError) as waits:
        enrol.enroll(tmp_path / "xa", bundle, own=own)
    (asked,) = listed(config)
    assert asked["has_certificate"]
    words = ("enrollment", "approve", asked["id"], "--fingerprint")
    assert call(config, *words, str(waits.value.facts["fingerprint"])).exit_code == 0
    enrol.enroll(tmp_path / "xa", bundle, own=own)
    agent = Agent(tmp_path / "xa")
    assert agent.signer.certificate.sha256 == certificate.sha256


def test_a_code_is_the_first_keys_and_ends(world: Running, config: Path, tmp_path: Path) -> None:
    path = bundle_of(world, config, tmp_path)
    bundle = enrol.read_bundle(path)
    with pytest.raises(AxisError, match="waits"):
        enrol.enroll(tmp_path / "first", bundle)
    with pytest.raises(ProblemError) as thief:
        enrol.enroll(tmp_path / "second", bundle)
    assert thief.value.code == "enrollment.used"
    with pytest.raises(ProblemError) as guess:
        enrol.enroll(tmp_path / "third", structs.replace(bundle, code="axe_guess"))
    assert guess.value.code == "enrollment.unknown"
    (asked,) = listed(config)
    said = call(config, "enrollment", "reject", asked["id"], "--yes", "--why", "không rõ ai xin")
    assert said.exit_code == 0
    with pytest.raises(ProblemError) as no:
        enrol.enroll(tmp_path / "first", bundle)
    assert no.value.code == "enrollment.rejected"
    assert "không rõ ai xin" in no.value.problem.title
    path.write_text("[")
    with pytest.raises(AxisError) as broken:
        enrol.read_bundle(path)
    assert broken.value.code == "agent.bundle"


def test_a_token_that_was_lost_on_its_way_is_replaced(
    world: Running, config: Path, tmp_path: Path
) -> None:
    bundle = enrol.read_bundle(bundle_of(world, config, tmp_path))
    with pytest.raises(AxisError) as waits:
        enrol.enroll(tmp_path / "xa", bundle)
    (asked,) = listed(config)
    call(
        config,
        *("enrollment", "approve", asked["id"], "--authority", str(world.anchors)),
        *("--fingerprint", str(waits.value.facts["fingerprint"])),
    )
    enrol.enroll(tmp_path / "xa", bundle)
    lost = (tmp_path / "xa/keys/token").read_text()
    (tmp_path / "xa/agent.toml").unlink()
    enrol.enroll(tmp_path / "xa", bundle)
    agent = Agent(tmp_path / "xa")
    assert (tmp_path / "xa/keys/token").read_text() != lost
    time.sleep(1.1)  # the doors believe a revoked token no longer than a second
    with agent.spool() as spool, agent.client(spool) as client:
        assert client.me().system_id == "agent-000-09-09-h41"
    (tmp_path / "xa/keys/token").write_text(lost)
    with agent.spool() as spool, agent.client(spool) as client, pytest.raises(AxisError) as over:
        client.me()
    assert over.value.code == "access.expired"


@pytest.mark.parametrize("flaw", ["old", "other-key", "no-request", "other-method", "no-time"])
def test_a_request_that_does_not_prove_its_key_is_refused(
    world: Running, config: Path, tmp_path: Path, flaw: str
) -> None:
    bundle = enrol.read_bundle(bundle_of(world, config, tmp_path))
    key = enrol._own_key(tmp_path / "office.key")
    asking = enrol._asking_for_certificate(key, bundle)
    now = datetime.now(UTC)
    match flaw:
        case "old":
            now = datetime(2031, 1, 1, tzinfo=UTC)
        case "other-key":
            other = enrol._own_key(tmp_path / "other.key")
            asking["request"] = enrol._asking_for_certificate(other, bundle)["request"]
        case "no-request":
            asking["request"] = "-----BEGIN NOTHING-----"
        case "other-method":
            asking["algorithm"] = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
        case "no-time":
            asking["at"] = "yesterday"
    with pytest.raises(AxisError) as caught:
        read_request(certificate=None, now=now, **asking)
    assert caught.value.code == "enrollment.request"
    assert statement("a", "b").startswith(b"axis enrolment v1\n")


def test_a_bundle_is_for_an_office_that_exists(world: Running) -> None:
    with pytest.raises(AxisError) as caught:
        offer(
            world.axis.engine,
            office_code="X99",
            system_id="x",
            by="test",
            now=datetime.now(UTC),
            days=7,
        )
    assert caught.value.code == "office.unknown"


def test_an_agent_runs_as_a_process_and_ends_when_it_is_told(
    world: Running, tmp_path: Path
) -> None:
    office = open_office(tmp_path / "nghean", world, H41, "nghean", poll_s=1)
    office.drop("công văn.pdf", b"%PDF")
    office.drop("công văn.toml", FORM.replace(H41, "000.00.00.H14"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    words = [sys.executable, "cli.py", "agent", "run", "--folder", str(office.home)]
    with world.client("vpcp") as client:
        client.submit(world.axis.sign("000.00.00.G22", paper_to(H41)))
    agent = subprocess.Popen(words, cwd=CHECKOUT, env=environment)
    try:
        wait_until(lambda: bool(office.names("sent")) and bool(office.names("inbox")))
        with pytest.raises(AxisError) as busy:
            office.agent.run(threading.Event())
        assert busy.value.code == "agent.busy"
    finally:
        agent.send_signal(signal.SIGTERM)
    assert agent.wait(120) == 0


def wait_until(condition: object, timeout_s: float = 120) -> None:
    end = time.monotonic() + timeout_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)
