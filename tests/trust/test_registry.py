"""Who may speak for which office, when; the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from axis.errors import AxisError
from axis.store.engine import transaction
from axis.store.trust import (
    bind_certificate,
    end_binding,
    find_certificate,
    list_certificates,
    list_signature_policies,
    load_registry,
    register_certificate,
    registry_version,
    revoke_certificate,
    set_signature_policy,
)
from axis.trust.material import Material
from axis.trust.pki import issue
from axis.trust.registry import CertificateState, Registry, SignaturePolicy
from tests.trust.material import Office

DAY = timedelta(days=1)


def admitted(registry: Registry, sha256: bytes, office: str, at: datetime) -> str:
    try:
        registry.admit(sha256, office_id=office, at=at)
    except AxisError as error:
        return error.code
    return "admitted"


@pytest.fixture
def filled(engine: sa.Engine, office: Office, now: datetime) -> sa.Engine:
    with transaction(engine) as connection:
        register_certificate(connection, office.certificate, at=now)
        bind_certificate(connection, office.certificate.sha256, "G22", valid_from=now)
    return engine


def load(engine: sa.Engine, material: Material) -> Registry:
    with transaction(engine) as connection:
        return load_registry(connection, material)


def test_a_bound_certificate_speaks_for_its_office_and_no_other(
    filled: sa.Engine, office: Office, material: Material, now: datetime
) -> None:
    registry = load(filled, material)
    assert admitted(registry, office.certificate.sha256, "G22", now) == "admitted"
    assert admitted(registry, office.certificate.sha256, "H49", now) == "certificate.not-for-office"
    assert admitted(registry, bytes(32), "G22", now) == "certificate.unregistered"


def test_only_the_diagonal_of_offices_and_names_passes(
    engine: sa.Engine, authority, material: Material, now: datetime
) -> None:
    names = [f"O{number}" for number in range(6)]
    with transaction(engine) as connection:
        certificates = {}
        for name in names:
            certificates[name] = issue(authority, name=name, now=now)[1]
            register_certificate(connection, certificates[name], at=now)
            bind_certificate(connection, certificates[name].sha256, name, valid_from=now)
    registry = load(engine, material)
    for signer in names:
        for sender in names:
            got = admitted(registry, certificates[signer].sha256, sender, now)
            assert (got == "admitted") == (signer == sender)


def test_a_delegation_holds_from_its_first_instant_until_its_last(
    filled: sa.Engine, office: Office, material: Material, now: datetime
) -> None:
    sha256 = office.certificate.sha256
    with transaction(filled) as connection:
        bind_certificate(connection, sha256, "H49.1", valid_from=now + DAY, valid_to=now + 2 * DAY)
    registry = load(filled, material)
    second = timedelta(seconds=1)
    for at, expected in (
        (now + DAY - second, "certificate.not-for-office"),
        (now + DAY, "admitted"),
        (now + 2 * DAY - second, "admitted"),
        (now + 2 * DAY, "certificate.not-for-office"),
    ):
        assert admitted(registry, sha256, "H49.1", at) == expected


def test_old_and_new_certificates_of_an_office_overlap(
    filled: sa.Engine, office: Office, authority, material: Material, now: datetime
) -> None:
    renewed = issue(authority, name="Văn phòng", now=now)[1]
    with transaction(filled) as connection:
        register_certificate(connection, renewed, at=now)
        bind_certificate(connection, renewed.sha256, "G22", valid_from=now)
        assert end_binding(connection, office.certificate.sha256, "G22", at=now + 7 * DAY)
    registry = load(filled, material)
    for sha256, until in ((office.certificate.sha256, 7), (renewed.sha256, 30)):
        at = now + until * DAY
        assert admitted(registry, sha256, "G22", at - timedelta(hours=1)) == "admitted"
    assert (
        admitted(registry, office.certificate.sha256, "G22", now + 7 * DAY)
        == "certificate.not-for-office"
    )


def test_a_revocation_counts_from_its_instant_and_changes_nothing_before(
    filled: sa.Engine, office: Office, material: Material, now: datetime
) -> None:
    with transaction(filled) as connection:
        sha256 = find_certificate(connection, office.certificate.sha256.hex()[:8]).sha256
        assert revoke_certificate(connection, sha256, at=now + DAY, reason="mất thẻ")
        assert not revoke_certificate(connection, sha256, at=now + 2 * DAY, reason="again")
    registry = load(filled, material)
    assert admitted(registry, sha256, "G22", now + DAY - timedelta(seconds=1)) == "admitted"
    assert admitted(registry, sha256, "G22", now + DAY) == "certificate.revoked"
    assert registry.status(sha256, now) is CertificateState.ACTIVE
    assert registry.status(sha256, now + DAY) is CertificateState.REVOKED


def test_before_it_was_registered_a_certificate_speaks_for_nobody(
    filled: sa.Engine, office: Office, material: Material, now: datetime
) -> None:
    at = now - timedelta(seconds=1)
    code = admitted(load(filled, material), office.certificate.sha256, "G22", at)
    assert code == "certificate.unregistered"


def test_registering_and_binding_again_change_nothing(
    filled: sa.Engine, office: Office, now: datetime
) -> None:
    with transaction(filled) as connection:
        version = registry_version(connection)
        assert not register_certificate(connection, office.certificate, at=now + DAY)
        assert not bind_certificate(
            connection, office.certificate.sha256, "G22", valid_from=now + DAY
        )
        assert registry_version(connection) == version


def test_every_change_raises_the_version(filled: sa.Engine, office: Office, now: datetime) -> None:
    sha256 = office.certificate.sha256
    with transaction(filled) as connection:
        version = registry_version(connection)
        bind_certificate(connection, sha256, "H49", valid_from=now)
        assert registry_version(connection) > version
        version = registry_version(connection)
        revoke_certificate(connection, sha256, at=now, reason="x")
        assert registry_version(connection) > version
        version = registry_version(connection)
        set_signature_policy(
            connection, "s", SignaturePolicy.LEGACY_SHA1, until=now, reason="x", at=now
        )
        assert registry_version(connection) > version


def test_a_weak_policy_ends_by_itself(engine: sa.Engine, material: Material, now: datetime) -> None:
    with transaction(engine) as connection:
        set_signature_policy(
            connection,
            "old-eoffice",
            SignaturePolicy.LEGACY_UNSIGNED,
            until=now + DAY,
            reason="thay phần mềm",
            at=now,
        )
        assert [each.system_id for each in list_signature_policies(connection)] == ["old-eoffice"]
    registry = load(engine, material)
    assert registry.policy("old-eoffice", now) is SignaturePolicy.LEGACY_UNSIGNED
    assert registry.policy("old-eoffice", now + DAY) is SignaturePolicy.STRICT
    assert registry.policy("another", now) is SignaturePolicy.STRICT


def test_what_expires_first_is_listed_first(
    filled: sa.Engine, authority, office: Office, now: datetime
) -> None:
    soon = issue(authority, name="Sắp hết hạn", now=now, days=10)[1]
    with transaction(filled) as connection:
        register_certificate(connection, soon, at=now)
        listed = [each.sha256 for each in list_certificates(connection)]
        assert listed == [soon.sha256, office.certificate.sha256]
        expiring = list_certificates(connection, expiring_before=now + 30 * DAY)
        assert [each.sha256 for each in expiring] == [soon.sha256]
        of_office = list_certificates(connection, office_id="G22")
        assert [each.sha256 for each in of_office] == [office.certificate.sha256]


def test_a_digest_that_names_no_certificate_is_refused(filled: sa.Engine) -> None:
    for digest in ("", "zz", "00" * 32):
        with transaction(filled) as connection, pytest.raises(AxisError) as caught:
            find_certificate(connection, digest)
        assert caught.value.code == "certificate.not-found"
