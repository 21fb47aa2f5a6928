"""Paths: one flaw each, and the code that names it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from axis.errors import AxisError, Fault
from axis.trust.certificates import read_der
from axis.trust.links import link_of
from axis.trust.material import Material
from axis.trust.path import PathJudge, PathRules
from tests.trust.authority import Made, crl, make, name, usage

DAY = timedelta(days=1)
CANNOT_TELL = ("certificate.revocation-unknown", "certificate.no-anchors")


class World:
    """A root, an issuing authority, an office, and their CRLs."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.root = make("Root", now=now, ca=True)
        self.issuing = make("Issuing", now=now, ca=True, path_length=0, issuer=self.root)
        self.office = make("Office", now=now, issuer=self.issuing)
        self.crls = [crl(self.root, now=now), crl(self.issuing, now=now)]

    def judge(
        self,
        end: Made | None = None,
        *,
        between: Sequence[Made] | None = None,
        crls: Sequence[x509.CertificateRevocationList] | None = None,
        anchors: Sequence[Made] | None = None,
        at: datetime | None = None,
    ) -> str:
        material = Material(
            anchors=tuple(e.certificate for e in ([self.root] if anchors is None else anchors)),
            intermediates=tuple(
                e.certificate for e in ([self.issuing] if between is None else between)
            ),
            crls=tuple(self.crls if crls is None else crls),
        )
        certificate = (end or self.office).certificate
        try:
            PathJudge(material).find(link_of(certificate), at or self.now, PathRules())
        except AxisError as error:
            if (error.fault is Fault.OUTAGE) != (error.code in CANNOT_TELL):
                return f"{error.code} with fault {error.fault}"
            return error.code
        return "valid"


@pytest.fixture
def world(now: datetime) -> World:
    return World(now)


def test_a_sound_path_is_valid(world: World) -> None:
    assert world.judge() == "valid"


def test_without_anchors_nothing_can_be_told(world: World) -> None:
    assert world.judge(anchors=[]) == "certificate.no-anchors"


def test_an_unknown_issuer_leads_nowhere(world: World) -> None:
    assert world.judge(between=[]) == "certificate.no-path"


def test_the_same_names_with_other_keys_lead_nowhere(world: World) -> None:
    assert world.judge(World(world.now).office) == "certificate.no-path"


def test_validity_is_judged_at_the_instant_to_the_second(world: World) -> None:
    for made, place in ((world.office, "end"), (world.issuing, "between")):
        assert place
        since = made.certificate.not_valid_before_utc
        until = made.certificate.not_valid_after_utc
        lists = [
            crl(world.root, now=since, since=-DAY, until=800 * DAY),
            crl(world.issuing, now=since, since=-DAY, until=800 * DAY),
        ]
        second = timedelta(seconds=1)
        assert world.judge(at=since, crls=lists) == "valid"
        assert world.judge(at=until, crls=lists) == "valid"
        assert world.judge(at=since - second, crls=lists) == "certificate.not-yet-valid"
        assert world.judge(at=until + second, crls=lists) == "certificate.expired"


def test_an_expired_anchor_anchors_nothing(world: World, now: datetime) -> None:
    old = make("Root", now=now, ca=True, key=world.root.key, since=-9 * DAY, until=-DAY)
    assert world.judge(anchors=[old]) == "certificate.expired"


def test_an_end_certificate_cannot_issue(world: World, now: datetime) -> None:
    forged = make("Forged", now=now, issuer=world.office)
    assert world.judge(forged, between=[world.issuing, world.office]) == "certificate.no-path"


def test_an_authority_without_basic_constraints_cannot_issue(world: World, now: datetime) -> None:
    bare = make("Bare", now=now, issuer=world.root, basic=False, key_usage=usage("key_cert_sign"))
    end = make("End", now=now, issuer=bare)
    assert world.judge(end, between=[bare]) == "certificate.no-path"


def test_an_authority_without_the_usage_cannot_issue(world: World, now: datetime) -> None:
    bare = make("Bare", now=now, issuer=world.root, ca=True, key_usage=usage("crl_sign"))
    end = make("End", now=now, issuer=bare)
    assert world.judge(end, between=[bare]) == "certificate.no-path"


def test_a_path_longer_than_allowed_is_refused(world: World, now: datetime) -> None:
    below = make("Below", now=now, issuer=world.issuing, ca=True)
    end = make("End", now=now, issuer=below)
    assert world.judge(end, between=[world.issuing, below]) == "certificate.no-path"


def test_an_authority_does_not_sign_documents(world: World, now: datetime) -> None:
    both = make("Both", now=now, issuer=world.root, ca=True, key_usage=usage("digital_signature"))
    assert world.judge(both) == "certificate.key-usage"


@pytest.mark.parametrize("purpose", ["key_encipherment", "key_agreement", "crl_sign"])
def test_a_certificate_for_another_purpose_does_not_sign(
    world: World, now: datetime, purpose: str
) -> None:
    end = make("End", now=now, issuer=world.issuing, key_usage=usage(purpose))
    assert world.judge(end) == "certificate.key-usage"


def test_either_signing_usage_is_enough(world: World, now: datetime) -> None:
    for purpose in ("digital_signature", "content_commitment"):
        end = make("End", now=now, issuer=world.issuing, key_usage=usage(purpose))
        assert world.judge(end) == "valid"


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, "valid"),
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, "valid"),
        (x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), "valid"),
        (ExtendedKeyUsageOID.SERVER_AUTH, "certificate.key-usage"),
        (ExtendedKeyUsageOID.OCSP_SIGNING, "certificate.key-usage"),
        (ExtendedKeyUsageOID.TIME_STAMPING, "certificate.key-usage"),
    ],
)
def test_an_extended_usage_must_name_documents(
    world: World, now: datetime, purpose: x509.ObjectIdentifier, expected: str
) -> None:
    end = make(
        "End", now=now, issuer=world.issuing, extensions=[(x509.ExtendedKeyUsage([purpose]), True)]
    )
    assert world.judge(end) == expected


def test_a_critical_extension_that_is_not_understood_is_refused(
    world: World, now: datetime
) -> None:
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.9"), b"\x05\x00")
    for critical, expected in ((True, "certificate.no-path"), (False, "valid")):
        end = make("End", now=now, issuer=world.issuing, extensions=[(strange, critical)])
        assert world.judge(end) == expected


def test_names_must_be_within_the_constraints(world: World, now: datetime) -> None:
    permitted = x509.NameConstraints([x509.DirectoryName(name("Good"))], None)
    excluded = x509.NameConstraints(None, [x509.DirectoryName(name("Bad"))])
    for constraints, subject, expected in (
        (permitted, "Good", "valid"),
        (permitted, "good ", "valid"),  # names are compared without case and outer spaces
        (permitted, "Bad", "certificate.no-path"),
        (excluded, "Good", "valid"),
        (excluded, "Bad", "certificate.no-path"),
    ):
        made = make(
            "Limited", now=now, issuer=world.root, ca=True, extensions=[(constraints, True)]
        )
        end = make(subject, now=now, issuer=made)
        lists = [crl(world.root, now=now), crl(made, now=now)]
        assert world.judge(end, between=[made], crls=lists) == expected


def test_weak_keys_and_weak_digests_are_refused(world: World, now: datetime) -> None:
    small = rsa.generate_private_key(65537, 1024)
    odd_curve = ec.generate_private_key(ec.SECP521R1())
    for key in (small, odd_curve):
        end = make("End", now=now, issuer=world.issuing, key=key)
        assert world.judge(end) == "certificate.weak-key"
        with pytest.raises(AxisError) as caught:
            read_der(end.certificate.public_bytes(Encoding.DER))
        assert caught.value.code == "certificate.weak-key"
    large = rsa.generate_private_key(65537, 2048)
    issuing = make("Issuing", now=now, issuer=world.root, ca=True, key=large)
    # cryptography signs no certificate with SHA-1 any more; SHA-224 stands for the weak ones.
    end = make("End", now=now, issuer=issuing, digest=hashes.SHA224())
    assert world.judge(end, between=[issuing]) == "certificate.no-path"


def test_a_dsa_key_is_refused(world: World, now: datetime) -> None:
    key = dsa.generate_private_key(2048)
    end = make("End", now=now, issuer=world.issuing, key=key)  # type: ignore[arg-type]
    assert world.judge(end) == "certificate.weak-key"


def test_many_authorities_of_one_name_cost_a_bounded_search(world: World, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    crowd = [make("Loop", now=now, ca=True, key=key) for _ in range(40)]
    end = make("End", now=now, issuer=crowd[0])
    assert world.judge(end, between=crowd) == "certificate.no-path"


# --- revocation ----------------------------------------------------------------------------------


def test_a_revoked_certificate_is_refused(world: World, now: datetime) -> None:
    lists = [world.crls[0], crl(world.issuing, now=now, revoked=[world.office.certificate])]
    assert world.judge(crls=lists) == "certificate.revoked"


def test_a_revoked_authority_revokes_what_it_issued(world: World, now: datetime) -> None:
    lists = [crl(world.root, now=now, revoked=[world.issuing.certificate]), world.crls[1]]
    assert world.judge(crls=lists) == "certificate.revoked"


@pytest.mark.parametrize("missing", [0, 1])
def test_without_a_list_it_cannot_be_told(world: World, missing: int) -> None:
    assert world.judge(crls=[world.crls[1 - missing]]) == "certificate.revocation-unknown"


def test_a_list_out_of_date_tells_nothing_from_the_next_second(world: World, now: datetime) -> None:
    lists = [world.crls[0], crl(world.issuing, now=now, until=timedelta(hours=1))]
    second = timedelta(seconds=1)
    edge = now + timedelta(hours=1)
    assert world.judge(crls=lists, at=edge) == "valid"
    assert world.judge(crls=lists, at=edge + second) == "certificate.revocation-unknown"


def test_a_list_signed_by_another_key_tells_nothing(world: World, now: datetime) -> None:
    forged = crl(world.issuing, now=now, signed_by=make("Issuing", now=now, ca=True))
    assert world.judge(crls=[world.crls[0], forged]) == "certificate.revocation-unknown"


def test_a_list_by_an_authority_that_may_not_sign_lists_tells_nothing(
    world: World, now: datetime
) -> None:
    issuing = make("Issuing", now=now, issuer=world.root, ca=True, key_usage=usage("key_cert_sign"))
    end = make("End", now=now, issuer=issuing)
    lists = [world.crls[0], crl(issuing, now=now)]
    assert world.judge(end, between=[issuing], crls=lists) == "certificate.revocation-unknown"


def test_a_later_revocation_does_not_reach_back(world: World, now: datetime) -> None:
    """For evidence a list made later tells of an earlier instant."""
    later = now + DAY
    lists = [
        crl(world.root, now=later),
        crl(world.issuing, now=later, revoked=[world.office.certificate], at=later - DAY / 2),
    ]
    assert world.judge(crls=lists, at=now) == "valid"
    assert world.judge(crls=lists, at=later) == "certificate.revoked"


def test_a_list_with_a_critical_extension_not_understood_tells_nothing(
    world: World, now: datetime
) -> None:
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.9"), b"\x05\x00")
    lists = [world.crls[0], crl(world.issuing, now=now, extensions=[(strange, True)])]
    assert world.judge(crls=lists) == "certificate.revocation-unknown"


def test_a_list_for_authorities_only_tells_nothing_of_an_office(
    world: World, now: datetime
) -> None:
    scope = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    lists = [world.crls[0], crl(world.issuing, now=now, extensions=[(scope, True)])]
    assert world.judge(crls=lists) == "certificate.revocation-unknown"


def test_a_judgement_is_kept_only_while_it_holds(world: World, now: datetime) -> None:
    material = Material(
        anchors=(world.root.certificate,),
        intermediates=(world.issuing.certificate,),
        crls=tuple(world.crls),
    )
    judge = PathJudge(material)
    certificate = read_der(world.office.certificate.public_bytes(Encoding.DER))
    first = judge.judge(certificate, now)
    assert judge.judge(certificate, now + timedelta(hours=1)) is first
    with pytest.raises(AxisError) as caught:
        judge.judge(certificate, now + 8 * DAY)
    assert caught.value.code == "certificate.revocation-unknown"
    with pytest.raises(AxisError) as caught:
        judge.judge(certificate, now + 400 * DAY)
    assert caught.value.code == "certificate.expired"
