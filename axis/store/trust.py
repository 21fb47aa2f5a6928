"""Records and reads the registry of certificates; every change raises its version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from axis.store.tables.delivery import PACKAGE
from axis.store.tables.trust import (
    CERTIFICATE,
    CERTIFICATE_BINDING,
    SIGNATURE_POLICY,
    TRUST_VERSION,
)
from axis.trust.certificates import Certificate
from axis.trust.errors import CertificateNotFoundError
from axis.trust.material import Material
from axis.trust.registry import (
    Binding,
    RegisteredCertificate,
    Registry,
    SignaturePolicy,
    SystemPolicy,
)
from axis.trust.values import Weakness


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakCount:
    """How many packages of one system passed with one weakness."""

    system_id: str
    weak: Weakness
    packages: int
    last_at: datetime


def registry_version(connection: sa.Connection) -> int:
    """Return the version of the registry, 0 while it is empty."""
    return connection.scalar(sa.select(TRUST_VERSION.c.version)) or 0


def load_registry(connection: sa.Connection, material: Material | None = None) -> Registry:
    """Return the registry as it is now, with what paths are judged with."""
    version = registry_version(connection)
    policies = [
        SystemPolicy(
            system_id=row.system_id,
            policy=SignaturePolicy(row.policy),
            until=row.until,
            reason=row.reason,
        )
        for row in connection.execute(sa.select(SIGNATURE_POLICY))
    ]
    return Registry(version, list_certificates(connection), policies, material)


def list_certificates(
    connection: sa.Connection,
    *,
    office_id: str | None = None,
    expiring_before: datetime | None = None,
) -> list[RegisteredCertificate]:
    """Return certificates with their bindings, the one that expires first at the top."""
    bindings: dict[bytes, list[Binding]] = defaultdict(list)
    for row in connection.execute(
        sa.select(CERTIFICATE_BINDING).order_by(CERTIFICATE_BINDING.c.valid_from)
    ):
        bindings[row.certificate_sha256].append(
            Binding(office_id=row.office_id, valid_from=row.valid_from, valid_to=row.valid_to)
        )
    query = sa.select(CERTIFICATE).order_by(CERTIFICATE.c.not_after, CERTIFICATE.c.sha256)
    if office_id is not None:
        bound = sa.select(CERTIFICATE_BINDING.c.certificate_sha256).where(
            CERTIFICATE_BINDING.c.office_id == office_id
        )
        query = query.where(CERTIFICATE.c.sha256.in_(bound))
    if expiring_before is not None:
        query = query.where(CERTIFICATE.c.not_after < expiring_before)
    return [
        RegisteredCertificate(**row._asdict(), bindings=tuple(bindings[row.sha256]))
        for row in connection.execute(query)
    ]


def find_certificate(connection: sa.Connection, digest: str) -> RegisteredCertificate:
    """Return the one certificate whose SHA-256 begins with these hexadecimal digits.

    Raises:
        CertificateNotFoundError: there is none, or more than one.
    """
    found = [
        each
        for each in list_certificates(connection)
        if digest and each.sha256.hex().startswith(digest.lower())
    ]
    if len(found) != 1:
        raise CertificateNotFoundError(digest=digest)
    return found[0]


def register_certificate(
    connection: sa.Connection, certificate: Certificate, *, at: datetime
) -> bool:
    """Record a certificate; return False if it is known already, which changes nothing."""
    known = connection.scalar(
        sa.select(CERTIFICATE.c.registered_at).where(CERTIFICATE.c.sha256 == certificate.sha256)
    )
    if known is not None:
        return False
    _raise_version(connection)
    connection.execute(
        sa.insert(CERTIFICATE).values(
            sha256=certificate.sha256,
            spki_sha256=certificate.spki_sha256,
            der=certificate.der,
            subject=certificate.subject,
            issuer=certificate.issuer,
            serial=certificate.serial,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            registered_at=at,
        )
    )
    return True


def bind_certificate(
    connection: sa.Connection,
    certificate_sha256: bytes,
    office_id: str,
    *,
    valid_from: datetime,
    valid_to: datetime | None = None,
) -> bool:
    """Let a certificate speak for an office; return False if it does so already, unchanged.

    The certificates of one office may overlap: the old one goes on until its binding ends.
    """
    rows = connection.execute(
        sa.select(CERTIFICATE_BINDING.c.valid_from, CERTIFICATE_BINDING.c.valid_to).where(
            CERTIFICATE_BINDING.c.certificate_sha256 == certificate_sha256,
            CERTIFICATE_BINDING.c.office_id == office_id,
        )
    )
    for since, until in rows:
        if since <= valid_from and (until is None or (valid_to is not None and valid_to <= until)):
            return False
    _raise_version(connection)
    connection.execute(
        sa.insert(CERTIFICATE_BINDING).values(
            certificate_sha256=certificate_sha256,
            office_id=office_id,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    )
    return True


def end_binding(
    connection: sa.Connection, certificate_sha256: bytes, office_id: str, *, at: datetime
) -> bool:
    """End what a certificate says for an office; return False if it said nothing then."""
    _raise_version(connection)
    done = connection.execute(
        sa.update(CERTIFICATE_BINDING)
        .where(
            CERTIFICATE_BINDING.c.certificate_sha256 == certificate_sha256,
            CERTIFICATE_BINDING.c.office_id == office_id,
            CERTIFICATE_BINDING.c.valid_from < at,
            sa.or_(CERTIFICATE_BINDING.c.valid_to.is_(None), CERTIFICATE_BINDING.c.valid_to > at),
        )
        .values(valid_to=at)
    )
    return done.rowcount > 0


def revoke_certificate(
    connection: sa.Connection, certificate_sha256: bytes, *, at: datetime, reason: str
) -> bool:
    """Refuse a certificate from an instant on; return False if it is refused already."""
    _raise_version(connection)
    done = connection.execute(
        sa.update(CERTIFICATE)
        .where(CERTIFICATE.c.sha256 == certificate_sha256, CERTIFICATE.c.revoked_at.is_(None))
        .values(revoked_at=at, revocation_reason=reason)
    )
    return done.rowcount > 0


def set_signature_policy(
    connection: sa.Connection,
    system_id: str,
    policy: SignaturePolicy,
    *,
    until: datetime,
    reason: str,
    at: datetime,
) -> None:
    """Let a system send weakly signed packages until an instant."""
    _raise_version(connection)
    connection.execute(sa.delete(SIGNATURE_POLICY).where(SIGNATURE_POLICY.c.system_id == system_id))
    connection.execute(
        sa.insert(SIGNATURE_POLICY).values(
            system_id=system_id, policy=policy.value, until=until, reason=reason, set_at=at
        )
    )


def list_signature_policies(connection: sa.Connection) -> list[SystemPolicy]:
    """Return the systems that may send weakly signed packages, past ones too."""
    rows = connection.execute(sa.select(SIGNATURE_POLICY).order_by(SIGNATURE_POLICY.c.system_id))
    return [
        SystemPolicy(
            system_id=row.system_id,
            policy=SignaturePolicy(row.policy),
            until=row.until,
            reason=row.reason,
        )
        for row in rows
    ]


def _raise_version(connection: sa.Connection) -> None:
    """Raise the version; changes wait for each other at its row."""
    done = connection.execute(sa.update(TRUST_VERSION).values(version=TRUST_VERSION.c.version + 1))
    if done.rowcount == 0:
        connection.execute(sa.insert(TRUST_VERSION).values(id=1, version=1))


def count_weak_signatures(
    connection: sa.Connection, *, since: datetime, until: datetime
) -> list[WeakCount]:
    """Return how many weakly signed packages each system got accepted in a span of time."""
    accepted = sa.and_(
        PACKAGE.c.weak.is_not(None),
        PACKAGE.c.accepted.is_(True),
        PACKAGE.c.decided_at >= since,
        PACKAGE.c.decided_at < until,
    )
    rows = connection.execute(
        sa.select(
            PACKAGE.c.system_id,
            PACKAGE.c.weak,
            sa.func.count().label("packages"),
            sa.func.max(PACKAGE.c.decided_at, type_=PACKAGE.c.decided_at.type).label("last_at"),
        )
        .where(accepted)
        .group_by(PACKAGE.c.system_id, PACKAGE.c.weak)
        .order_by(PACKAGE.c.system_id, PACKAGE.c.weak)
    )
    return [
        WeakCount(
            system_id=row.system_id,
            weak=Weakness(row.weak),
            packages=row.packages,
            last_at=row.last_at,
        )
        for row in rows
    ]
