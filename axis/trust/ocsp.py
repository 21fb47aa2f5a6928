"""Whether a certificate was revoked, by OCSP answers that are at hand (RFC 6960, RFC 5019).

Answers are fetched on schedule, like revocation lists, and kept as files; nothing is asked while a
package waits. An answer counts from ``thisUpdate`` to ``nextUpdate``; without an end, never.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from axis.trust.algorithms import PublicKey
from axis.trust.errors import CertificateRevokedError, CertificateUnreadableError, NoPathError
from axis.trust.links import Link, is_signed_by, link_of

_STRONG: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspAnswer:
    """What one answer says of one certificate; whether it is authentic is asked with its issuer."""

    response: ocsp.OCSPResponse
    single: ocsp.OCSPSingleResponse
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodUntil:
    """An answer that the certificate was good, and for how long that counts."""

    since: datetime
    until: datetime
    source: str


def read_answers(data: bytes, *, source: str) -> list[OcspAnswer]:
    """Return what an OCSP response in DER says; one that is no success says nothing.

    Raises:
        CertificateUnreadableError: the data is no OCSP response.
    """
    try:
        response = ocsp.load_der_ocsp_response(data)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return []
        digest = hashlib.sha256(data).hexdigest()
        return [
            OcspAnswer(response=response, single=single, sha256=digest)
            for single in response.responses
        ]
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        reason = str(error).split("\n", 1)[0]
        raise CertificateUnreadableError(source=source, reason=reason) from error


class OcspAnswers:
    """Answers by the serial number that they are about."""

    def __init__(self, answers: Iterable[OcspAnswer]) -> None:
        self._by_serial: dict[int, list[OcspAnswer]] = {}
        for each in answers:
            self._by_serial.setdefault(each.single.serial_number, []).append(each)

    def check(self, link: Link, issuer: Link, at: datetime) -> GoodUntil | None:
        """Return the newest answer that a certificate is good at that instant; None: none tells.

        Raises:
            CertificateRevokedError: an authentic answer says that it was revoked by then.
        """
        good: GoodUntil | None = None
        for each in self._by_serial.get(link.certificate.serial_number, ()):
            single = each.single
            since, until = single.this_update_utc, single.next_update_utc
            if until is None or not since <= at <= until:
                continue
            if not _is_about(single, issuer) or not _is_authentic(each.response, issuer, at):
                continue
            if single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
                revoked = single.revocation_time_utc
                reason = single.revocation_reason
                raise CertificateRevokedError(
                    subject=link.name,
                    at=revoked.isoformat() if revoked else "–",
                    reason=reason.value if reason else "unspecified",
                )
            if single.certificate_status is ocsp.OCSPCertStatus.GOOD and (
                good is None or until > good.until
            ):
                good = GoodUntil(since=since, until=until, source=each.sha256)
        return good


def _is_about(single: ocsp.OCSPSingleResponse, issuer: Link) -> bool:
    """Say whether an answer means a certificate of this very issuer, by name and by key."""
    kind = single.hash_algorithm
    try:
        subject = issuer.certificate.subject.public_bytes()
        spki = issuer.certificate.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm):
        return False
    return single.issuer_name_hash == _hash(kind, subject) and single.issuer_key_hash == _hash(
        kind, _key_bits(spki)
    )


def _is_authentic(response: ocsp.OCSPResponse, issuer: Link, at: datetime) -> bool:
    """Say whether the issuer signed, or a responder that it named (RFC 6960 §4.2.2.2)."""
    if _is_signed(response, issuer.key):
        return True
    for certificate in response.certificates:
        try:
            responder = link_of(certificate)
        except NoPathError:
            continue
        if (
            responder.issuer == issuer.subject
            and is_signed_by(certificate, issuer.key)
            and responder.extended_usage is not None
            and ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string in responder.extended_usage
            and not responder.unprocessed
            and certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
            and _is_signed(response, responder.key)
        ):
            return True
    return False


def _is_signed(response: ocsp.OCSPResponse, key: PublicKey | None) -> bool:
    try:
        kind = response.signature_hash_algorithm
        data, value = response.tbs_response_bytes, response.signature
        match key:
            case rsa.RSAPublicKey() if isinstance(kind, _STRONG):
                key.verify(value, data, padding.PKCS1v15(), kind)
            case ec.EllipticCurvePublicKey() if isinstance(kind, _STRONG):
                key.verify(value, data, ec.ECDSA(kind))
            case ed25519.Ed25519PublicKey() if kind is None:
                key.verify(value, data)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _hash(kind: hashes.HashAlgorithm, data: bytes) -> bytes:
    hasher = hashes.Hash(kind)  # SHA-1 too: it names an issuer here and protects nothing
    hasher.update(data)
    return hasher.finalize()


def _key_bits(spki: bytes) -> bytes:
    """Return the bits of the key in a SubjectPublicKeyInfo: its last element, a BIT STRING."""
    at = _header(spki, 0)
    at = at + _length(spki, at) + (_header(spki, at) - at)
    return spki[_header(spki, at) + 1 :]


def _header(data: bytes, at: int) -> int:
    """Return where the content of the element at ``at`` begins."""
    return at + 2 if data[at + 1] < 0x80 else at + 2 + (data[at + 1] & 0x7F)


def _length(data: bytes, at: int) -> int:
    first = data[at + 1]
    return first if first < 0x80 else int.from_bytes(data[at + 2 : at + 2 + (first & 0x7F)], "big")
