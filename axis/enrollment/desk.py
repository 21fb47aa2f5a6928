"""The steps of an enrolment: offered, requested, approved or rejected, collected.

Each is one transaction. A step that is taken again, because an answer was lost, is no news; a token
that is collected again replaces the one before.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.directory.errors import OfficeUnknownError
from axis.enrollment.errors import (
    CertificateNeededError,
    EnrollmentRejectedError,
    EnrollmentStateError,
    EnrollmentUnknownError,
    EnrollmentUsedError,
    FingerprintMismatchError,
)
from axis.enrollment.request import Asked, Code, fingerprint_of, mint_code, parse_code
from axis.store.access import add_token, revoke_token
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.enrollment import (
    Enrollment,
    add_enrollment,
    enrollment_by_id,
    save_enrollment,
)
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.certificates import Certificate, read_der


class Collected(NamedTuple):
    """What an office that was approved takes home; the token is shown once."""

    certificate_der: bytes
    token: str


def offer(
    engine: sa.Engine,
    *,
    office_code: str,
    system_id: str,
    by: str,
    now: datetime,
    days: int,
) -> Code:
    """Return a one-time code for an office, which counts for so many days.

    Raises:
        OfficeUnknownError: there is no such office now.
    """
    code = mint_code()
    with transaction(engine) as connection:
        if load_directory(connection).find(office_code, now) is None:
            raise OfficeUnknownError(code=office_code, at=f"{now:%Y-%m-%d}")
        add_enrollment(
            connection,
            Enrollment(
                id=code.id,
                digest=code.digest,
                office_code=office_code,
                system_id=system_id,
                state="offered",
                created_at=now,
                created_by=by,
                expires_at=now + timedelta(days=days),
            ),
        )
    return code


def ask(
    engine: sa.Engine, code: str, read: Callable[[], Asked], *, now: datetime, token_days: int
) -> Enrollment | Collected:
    """Take an office's request, or give it what it was approved for.

    Args:
        engine: the records.
        code: the one-time code.
        read: reads the request; called only where the code is right.
        now: the instant.
        token_days: how long the token counts.

    Raises:
        EnrollmentUnknownError: the code is wrong or over.
        RequestUnreadableError: the request is not valid.
        EnrollmentUsedError: another key asked first.
        EnrollmentRejectedError: a person said no.
    """
    presented = parse_code(code)
    with transaction(engine) as connection:
        found = enrollment_by_id(connection, presented.id)
        # Compared even where there is none, so that the answer takes as long.
        expected = found.digest if found is not None else bytes(32)
        right = hmac.compare_digest(expected, presented.digest)
        if not right or found is None or now >= found.expires_at:
            raise EnrollmentUnknownError
        asked = read()
        if found.state == "offered":
            # 1. The first key that comes with the code; from here no other can.
            found = replace(
                found,
                state="requested",
                spki=asked.spki,
                request_pem=asked.request_pem,
                certificate_der=asked.certificate.der if asked.certificate else None,
                requested_at=now,
            )
            save_enrollment(connection, found)
        if found.spki != asked.spki:
            raise EnrollmentUsedError
        if found.state == "rejected":
            raise EnrollmentRejectedError(why=found.why or "–")
        if found.state == "requested" or found.certificate_der is None:
            return found
        # 2. Approved: a token that was collected before is replaced, because its answer was lost.
        if found.token_id is not None:
            revoke_token(connection, found.token_id, at=now)
        minted = mint()
        add_token(
            connection,
            Token(
                id=minted.id,
                system_id=found.system_id,
                digest=minted.digest,
                scopes=ALL_SCOPES,
                term=Term(created_at=now, expires_at=now + timedelta(days=token_days)),
                note=f"agent of {found.office_code}",
                created_by=found.decided_by or found.created_by,
            ),
        )
        save_enrollment(connection, replace(found, state="collected", token_id=minted.id))
        return Collected(found.certificate_der, minted.text)


def approve(
    engine: sa.Engine,
    enrollment_id: str,
    *,
    fingerprint: str,
    certify: Callable[[Enrollment], Certificate],
    by: str,
    now: datetime,
) -> Enrollment:
    """Let an office in: its certificate is registered and bound to it.

    Args:
        engine: the records.
        enrollment_id: which.
        fingerprint: as the office has read it out.
        certify: gives a certificate for the key, where the office has none of its own.
        by: who approves.
        now: the instant.

    Raises:
        EnrollmentStateError: nobody has asked, or it was decided before.
        FingerprintMismatchError: it is another key's.
        CertificateNeededError: there is no certificate for this key.
        OfficeUnknownError: the office is no more.
    """
    with transaction(engine) as connection:
        found = enrollment_by_id(connection, enrollment_id)
        if found is None:
            raise EnrollmentUnknownError
        if found.state != "requested" or found.spki is None:
            raise EnrollmentStateError(id=found.id, got=found.state, expected="requested")
        expected = fingerprint_of(found.spki)
        if not hmac.compare_digest(expected, fingerprint.strip().lower()):
            raise FingerprintMismatchError(expected=expected, got=fingerprint)
        own = found.certificate_der
        certificate = read_der(own) if own is not None else certify(found)
        if _spki(certificate) != found.spki:
            raise CertificateNeededError(reason="it is for another key")
        office = load_directory(connection).find(found.office_code, now)
        if office is None:
            raise OfficeUnknownError(code=found.office_code, at=f"{now:%Y-%m-%d}")
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
        found = replace(
            found,
            state="approved",
            certificate_der=certificate.der,
            decided_at=now,
            decided_by=by,
        )
        save_enrollment(connection, found)
        return found


def reject(engine: sa.Engine, enrollment_id: str, *, why: str, by: str, now: datetime) -> None:
    """Say no; what was collected is not taken back (``axis system token revoke`` does).

    Raises:
        EnrollmentUnknownError: there is none.
        EnrollmentStateError: it was approved before.
    """
    with transaction(engine) as connection:
        found = enrollment_by_id(connection, enrollment_id)
        if found is None:
            raise EnrollmentUnknownError
        if found.state not in {"offered", "requested"}:
            raise EnrollmentStateError(
                id=found.id, got=found.state, expected="offered or requested"
            )
        save_enrollment(
            connection,
            replace(found, state="rejected", why=why, decided_at=now, decided_by=by),
        )


def _spki(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return certificate.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
