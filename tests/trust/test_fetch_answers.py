"""OCSP answers are fetched on schedule, from OpenSSL's responder, and cached until their half."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from axis.clock.upkeep import Upkeep
from axis.errors import AxisError
from axis.settings import Settings, TrustSettings
from axis.store.alarms import alarms
from axis.store.engine import transaction
from axis.store.trust import bind_certificate, load_registry, register_certificate
from axis.trust.certificates import Certificate, read_der
from axis.trust.fetch_answers import fetch_answers
from axis.trust.material import TrustFolder, load_folders
from axis.trust.path import judge_of
from tests.trust.authority import Made, crl, make
from tests.trust.responder import responding, write_index
from tests.trust.test_fetch import Site

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

HOUR = timedelta(hours=1)
SECONDS = timedelta(minutes=4)  #: the responder's clock goes on while the test's stands still
DOWN = "http://127.0.0.1:9"


class World:
    """An authority with offices, and the folders of the axis."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.home = folder
        self.root = make("Root", now=self.now, ca=True)
        self.issuing = make("Issuing", now=self.now, ca=True, issuer=self.root)
        self.good = make("Good", now=self.now, issuer=self.issuing)
        self.revoked = make("Revoked", now=self.now, issuer=self.issuing)
        self.unknown = make("Unknown", now=self.now, issuer=self.issuing)
        self.stranger = make("Stranger", now=self.now)
        self.crls = folder / "certs" / "crls"
        for name, made in (("anchors", self.root), ("intermediates", self.issuing)):
            (folder / "certs" / name).mkdir(parents=True)
            pem = made.certificate.public_bytes(Encoding.PEM)
            (folder / "certs" / name / "one.pem").write_bytes(pem)
        self.crls.mkdir()
        lists = crl(self.root, now=self.now).public_bytes(Encoding.DER)
        (self.crls / "root.crl").write_bytes(lists)
        self.index()

    def index(self, good: str = "V") -> None:
        states = {"Good": (self.good, good), "Revoked": (self.revoked, "R")}
        write_index(self.home, states, self.now)

    def fetch(self, *made: Made, urls: tuple[str, ...], later: timedelta = timedelta()) -> list:
        return list(
            fetch_answers(
                [certificate(one) for one in made],
                [self.issuing.certificate, self.root.certificate],
                urls,
                self.crls,
                clock=lambda: self.now + later,
            )
        )

    def judge(self, made: Made, later: timedelta = timedelta()) -> str:
        folders = (self.home / "certs" / name for name in ("anchors", "intermediates", "crls"))
        try:
            at = self.now + SECONDS + later
            judge_of(load_folders(*folders)).judge(certificate(made), at)
        except AxisError as error:
            return error.code
        return "valid"


def certificate(made: Made) -> Certificate:
    return read_der(made.certificate.public_bytes(Encoding.DER))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def responder(world: World) -> Iterator[str]:
    with responding(world.home, world.issuing) as url:
        yield url


def test_answers_of_openssl_decide_about_certificates(world: World, responder: str) -> None:
    assert world.judge(world.good) == "certificate.revocation-unknown"
    found = world.fetch(world.good, world.revoked, world.unknown, world.stranger, urls=(responder,))
    assert [one.outcome for one in found] == ["good", "revoked", "failed"]
    assert found[2].refusal.code == "certificate.answer-not-fetched"
    assert found[2].refusal.facts["reason"] == "unknown"
    assert world.judge(world.good) == "valid"
    assert world.judge(world.revoked) == "certificate.revoked"
    assert world.judge(world.unknown) == "certificate.revocation-unknown"


def test_an_answer_counts_until_its_end_and_no_second_longer(world: World, responder: str) -> None:
    (one,) = world.fetch(world.good, urls=(responder,))
    end = one.until - world.now - SECONDS
    assert world.judge(world.good, end) == "valid"
    late = end + timedelta(seconds=1)
    assert world.judge(world.good, late) == "certificate.revocation-unknown"


def test_a_fresh_answer_is_not_asked_for_again(world: World, responder: str) -> None:
    world.fetch(world.good, urls=(responder,))
    (again,) = world.fetch(world.good, urls=(DOWN,))
    assert again.outcome == "fresh"
    (due,) = world.fetch(world.good, urls=(DOWN,), later=timedelta(minutes=40))
    assert due.outcome == "failed"
    assert world.judge(world.good, timedelta(minutes=40)) == "valid"  # the one at hand counts


def test_another_responder_is_asked_when_one_does_not_answer(world: World, responder: str) -> None:
    (one,) = world.fetch(world.good, urls=(DOWN, "ftp://x", responder))
    assert (one.outcome, one.url) == ("good", responder)


def test_a_responder_that_the_authority_named_may_answer(world: World) -> None:
    usage = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)]
    named = make("Responder", now=world.now, issuer=world.issuing, extensions=usage)
    with responding(world.home, world.issuing, signer=named) as url:
        (one,) = world.fetch(world.good, urls=(url,))
    assert one.outcome == "good"
    assert world.judge(world.good) == "valid"


def test_nobody_else_may_answer(world: World) -> None:
    with responding(world.home, world.issuing, signer=world.stranger) as url:
        (one,) = world.fetch(world.good, urls=(url,))
    assert one.outcome == "failed"
    assert not list(world.crls.glob("*.ors"))


def test_an_answer_without_an_end_is_not_taken(world: World) -> None:
    with responding(world.home, world.issuing, minutes=None) as url:
        (one,) = world.fetch(world.good, urls=(url,))
    assert one.refusal.code == "certificate.answer-not-fetched"


def test_a_refusal_leaves_the_answer_at_hand(world: World, responder: str) -> None:
    world.fetch(world.good, urls=(responder,))
    kept = {path: path.read_bytes() for path in world.crls.iterdir()}
    site = Site()
    try:
        for data in (b"\x30\x03\x0a\x01\x06", b"no answer", b"\x30" * 70_000):  # 6: unauthorized
            site.files = {"/": data}
            site.server.RequestHandlerClass.do_POST = site.server.RequestHandlerClass.do_GET
            (one,) = world.fetch(world.good, urls=(f"{site.url}/",), later=timedelta(minutes=40))
            assert one.outcome == "failed"
    finally:
        site.close()
    assert {path: path.read_bytes() for path in world.crls.iterdir()} == kept


def test_a_revocation_is_seen_at_the_next_asking(world: World, responder: str) -> None:
    world.fetch(world.good, urls=(responder,))
    world.index(good="R")
    with responding(world.home, world.issuing) as url:
        (one,) = world.fetch(world.good, urls=(url,), later=timedelta(minutes=36))
    assert one.outcome == "revoked"
    assert world.judge(world.good) == "certificate.revoked"


def test_the_clock_brings_answers_and_raises_an_alarm_while_it_cannot(
    world: World, sqlite_engine: sa.Engine, responder: str
) -> None:
    known = certificate(world.good)
    with transaction(sqlite_engine) as connection:
        register_certificate(connection, known, at=world.now)
        bind_certificate(connection, known.sha256, "office-1", valid_from=world.now)
    folders = TrustFolder(*(world.home / "certs" / n for n in ("anchors", "intermediates", "crls")))

    def upkeep(url: str, later: timedelta = timedelta()) -> list[tuple[str, int, bool]]:
        settings = Settings(home=str(world.home), trust=TrustSettings(ocsp_urls=(url,)))
        Upkeep(
            engine=sqlite_engine, settings=settings, clock=lambda: world.now + later
        ).bring_answers()
        with transaction(sqlite_engine) as connection:
            found = alarms(connection, over=True)
        return [(one.code, one.times, one.ended_at is None) for one in found]

    def admitted(later: timedelta = timedelta()) -> str:
        with transaction(sqlite_engine) as connection:
            registry = load_registry(connection, folders.current())
        try:
            registry.admit(known.sha256, office_id="office-1", at=world.now + SECONDS + later)
        except AxisError as error:
            return f"{error.fault.value}: {error.code}"
        return "admitted"

    code = "certificate.answer-not-fetched"
    later = "outage: certificate.revocation-unknown"  # kept and tried again, not refused for good
    assert admitted() == later
    assert upkeep(DOWN) == [(code, 1, True)]
    assert upkeep(DOWN) == [(code, 2, True)]
    assert upkeep(responder) == [(code, 2, False)]
    assert admitted() == "admitted"
    assert upkeep(DOWN, 2 * HOUR) == [(code, 1, True)]
    assert admitted(2 * HOUR) == later


def test_the_clock_brings_lists_too(world: World, sqlite_engine: sa.Engine) -> None:
    site = Site()
    try:
        site.files["/list"] = crl(world.issuing, now=world.now).public_bytes(Encoding.DER)
        urls = (f"{site.url}/list", f"{site.url}/absent")
        settings = Settings(home=str(world.home), trust=TrustSettings(crl_urls=urls))
        upkeep = Upkeep(engine=sqlite_engine, settings=settings, clock=lambda: world.now)
        assert upkeep.bring_lists() == 1
    finally:
        site.close()
    assert world.judge(world.good) == "valid"
    with transaction(sqlite_engine) as connection:
        (alarm,) = alarms(connection)
    assert (alarm.code, alarm.subject) == ("certificate.list-not-fetched", urls[1])
