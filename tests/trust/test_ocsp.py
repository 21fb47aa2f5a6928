"""OCSP answers: good, revoked, stale, for another, by another."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from axis.errors import AxisError
from axis.trust.links import link_of
from axis.trust.material import Material, load_material
from axis.trust.ocsp import read_answers
from axis.trust.path import PathJudge, PathRules
from tests.trust.authority import Made, crl, make

HOUR = timedelta(hours=1)
FOR_OCSP = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)]


class World:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.root = make("Root", now=now, ca=True)
        self.issuing = make("Issuing", now=now, ca=True, issuer=self.root)
        self.office = make("Office", now=now, issuer=self.issuing)
        self.lists = [crl(self.root, now=now)]

    def answer(
        self,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        *,
        about: Made | None = None,
        issuer: Made | None = None,
        signer: Made | None = None,
        until: timedelta | None = HOUR,
        since: timedelta = -HOUR,
        enclosed: Made | None = None,
        kind: hashes.HashAlgorithm | None = None,
    ) -> bytes:
        signing = signer or self.issuing
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=(about or self.office).certificate,
                issuer=(issuer or self.issuing).certificate,
                algorithm=kind or hashes.SHA256(),
                cert_status=status,
                this_update=self.now + since,
                next_update=None if until is None else self.now + until,
                revocation_time=self.now - HOUR if revoked else None,
                revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signing.certificate)
        )
        if enclosed is not None:
            builder = builder.certificates([enclosed.certificate])
        return builder.sign(signing.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def judge(self, *answers: bytes, at: datetime | None = None, with_list: bool = False) -> str:
        lists = [*self.lists, *([crl(self.issuing, now=self.now)] if with_list else [])]
        material = Material(
            anchors=(self.root.certificate,),
            intermediates=(self.issuing.certificate,),
            crls=tuple(lists),
            answers=tuple(a for each in answers for a in read_answers(each, source="test")),
        )
        try:
            PathJudge(material).find(link_of(self.office.certificate), at or self.now, PathRules())
        except AxisError as error:
            return error.code
        return "valid"


@pytest.fixture
def world(now: datetime) -> World:
    return World(now)


UNKNOWN = "certificate.revocation-unknown"


def test_a_good_answer_of_the_issuer_is_enough(world: World) -> None:
    assert world.judge() == UNKNOWN
    assert world.judge(world.answer()) == "valid"
    assert world.judge(world.answer(kind=hashes.SHA1())) == "valid"


def test_a_revoked_answer_outweighs_a_list_that_knows_nothing(world: World) -> None:
    answer = world.answer(ocsp.OCSPCertStatus.REVOKED)
    assert world.judge(answer, with_list=True) == "certificate.revoked"
    assert world.judge(world.answer(), answer) == "certificate.revoked"


def test_a_list_that_revokes_outweighs_a_good_answer(world: World, now: datetime) -> None:
    world.lists.append(crl(world.issuing, now=now, revoked=[world.office.certificate]))
    assert world.judge(world.answer()) == "certificate.revoked"


def test_an_unknown_answer_tells_nothing(world: World) -> None:
    answer = world.answer(ocsp.OCSPCertStatus.UNKNOWN)
    assert world.judge(answer) == UNKNOWN
    assert world.judge(answer, with_list=True) == "valid"


def test_an_answer_counts_between_its_two_instants(world: World, now: datetime) -> None:
    second = timedelta(seconds=1)
    answer = world.answer()
    for at, expected in (
        (now - HOUR, "valid"),
        (now + HOUR, "valid"),
        (now + HOUR + second, UNKNOWN),
    ):
        assert world.judge(answer, at=at) == expected
    assert world.judge(world.answer(since=HOUR / 2, until=HOUR)) == UNKNOWN
    assert world.judge(world.answer(until=None)) == UNKNOWN


def test_an_answer_about_another_certificate_or_issuer_tells_nothing(
    world: World, now: datetime
) -> None:
    other = make("Office", now=now, issuer=world.issuing)
    assert world.judge(world.answer(about=other)) == UNKNOWN
    assert world.judge(world.answer(issuer=world.root)) == UNKNOWN
    namesake = make("Issuing", now=now, ca=True, issuer=world.root)
    assert world.judge(world.answer(issuer=namesake)) == UNKNOWN


def test_an_answer_by_somebody_else_tells_nothing(world: World, now: datetime) -> None:
    stranger = make("Issuing", now=now, ca=True)
    assert world.judge(world.answer(signer=stranger)) == UNKNOWN
    assert world.judge(world.answer(signer=world.root)) == UNKNOWN
    assert world.judge(world.answer(signer=world.office, enclosed=world.office)) == UNKNOWN


def test_a_responder_that_the_issuer_named_may_answer(world: World, now: datetime) -> None:
    responder = make("Responder", now=now, issuer=world.issuing, extensions=FOR_OCSP)
    assert world.judge(world.answer(signer=responder, enclosed=responder)) == "valid"
    assert world.judge(world.answer(signer=responder)) == UNKNOWN
    elsewhere = make("Responder", now=now, issuer=world.root, extensions=FOR_OCSP)
    assert world.judge(world.answer(signer=elsewhere, enclosed=elsewhere)) == UNKNOWN
    expired = make("Responder", now=now, issuer=world.issuing, extensions=FOR_OCSP, until=-HOUR)
    assert world.judge(world.answer(signer=expired, enclosed=expired)) == UNKNOWN


def test_answers_are_read_from_the_folder_of_lists(
    world: World, now: datetime, tmp_path: Path
) -> None:
    for name in ("anchors", "intermediates", "crls"):
        (tmp_path / name).mkdir()
    (tmp_path / "anchors" / "root.der").write_bytes(
        world.root.certificate.public_bytes(Encoding.DER)
    )
    (tmp_path / "crls" / "office.ors").write_bytes(world.answer())
    (tmp_path / "crls" / "root.crl").write_bytes(world.lists[0].public_bytes(Encoding.DER))
    material = load_material(tmp_path)
    assert (len(material.answers), len(material.crls)) == (1, 1)


@pytest.mark.parametrize("data", [b"", b"x", b"0\x00", bytes(100)])
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(AxisError) as caught:
        read_answers(data, source="test")
    assert caught.value.code == "certificate.unreadable"


def test_an_unsuccessful_answer_says_nothing() -> None:
    failed = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    assert read_answers(failed.public_bytes(Encoding.DER), source="test") == []


def test_a_certificate_with_an_extension_twice_leads_nowhere(now: datetime) -> None:
    """Found by fuzzing: the library refuses to list the extensions of such a certificate."""
    from tests.trust.authority import usage

    made = make("Office", now=now, key_usage=usage("digital_signature"))
    der = made.certificate.public_bytes(Encoding.DER)
    twice = der.replace(b"\x55\x1d\x13", b"\x55\x1d\x0f")  # basic constraints become key usage
    assert twice != der
    with pytest.raises(AxisError) as caught:
        link_of(x509.load_der_x509_certificate(twice))
    assert caught.value.code == "certificate.no-path"
