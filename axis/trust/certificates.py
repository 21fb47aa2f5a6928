"""Reads certificates: PEM, DER, P7B and P12 on import, and the one that a signature names, cached.

Nothing here says that a certificate can be trusted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7, pkcs12

from axis.trust.algorithms import PublicKey, describe_key, is_strong
from axis.trust.errors import CertificateUnreadableError, WeakKeyError

DER_BYTES: Final = 16_384  #: no certificate of an office is larger


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with what is asked of it again and again."""

    der: bytes
    sha256: bytes  #: of the DER (32 bytes)
    spki_sha256: bytes  #: of the SubjectPublicKeyInfo (32 bytes)
    key: PublicKey
    x509: x509.Certificate

    @property
    def subject(self) -> str:
        """The subject for people (RFC 4514); never a basis for a decision."""
        return subject_of(self.x509)

    @property
    def issuer(self) -> str:
        """The issuer for people (RFC 4514)."""
        try:
            return self.x509.issuer.rfc4514_string()
        except ValueError:
            return "?"

    @property
    def serial(self) -> str:
        """The serial number in hexadecimal."""
        return f"{self.x509.serial_number:x}"

    @property
    def not_before(self) -> datetime:
        """The first instant of its validity."""
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """The last instant of its validity."""
        return self.x509.not_valid_after_utc


@lru_cache(maxsize=8192)
def read_der(der: bytes) -> Certificate:
    """Return the certificate that these bytes are; the same bytes are parsed once.

    Raises:
        CertificateUnreadableError: the bytes are no certificate.
        WeakKeyError: the key is too small or of a kind that may not sign.
    """
    if len(der) > DER_BYTES:
        raise CertificateUnreadableError(source="X509Certificate", reason=f"over {DER_BYTES} bytes")
    try:
        parsed = x509.load_der_x509_certificate(der)
        key = parsed.public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        _ = parsed.not_valid_before_utc, parsed.not_valid_after_utc, parsed.serial_number
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise CertificateUnreadableError(source="X509Certificate", reason=_first(error)) from error
    if not is_strong(key):
        raise WeakKeyError(got=describe_key(key))
    return Certificate(
        der=der,
        sha256=hashlib.sha256(der).digest(),
        spki_sha256=hashlib.sha256(spki).digest(),
        key=cast("PublicKey", key),
        x509=parsed,
    )


def subject_of(certificate: x509.Certificate) -> str:
    """Return the subject for people; a subject that cannot be read is a question mark."""
    try:
        return certificate.subject.rfc4514_string()
    except ValueError:
        return "?"


def read_all(data: bytes, *, source: str, password: bytes | None = None) -> list[x509.Certificate]:
    """Return the certificates of a PEM, DER, P7B or P12 file, the owner's first in a P12.

    Raises:
        CertificateUnreadableError: the data is none of the four, or holds no certificate.
    """
    problem = "no certificate found"
    for read in (_pem, _der, _p7b_pem, _p7b_der):
        try:
            if found := read(data):
                return found
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
            problem = _first(error)
    try:
        bundle = pkcs12.load_pkcs12(data, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        known = data[:1] == b"\x30" and "password" in str(error).lower()
        raise CertificateUnreadableError(
            source=source, reason="the password is missing or wrong" if known else problem
        ) from error
    owner = [bundle.cert.certificate] if bundle.cert else []
    found = owner + [each.certificate for each in bundle.additional_certs]
    if not found:
        raise CertificateUnreadableError(source=source, reason="no certificate found")
    return found


def read_one(data: bytes, *, source: str, password: bytes | None = None) -> Certificate:
    """Return the owner's certificate of a file: the one that signs, not those of the authorities.

    Raises:
        CertificateUnreadableError: there is none, or there are several that are no authority's.
        WeakKeyError: its key is too weak.
    """
    found = read_all(data, source=source, password=password)
    own = [each for each in found if not _is_authority(each)] or found
    if len(own) > 1:
        raise CertificateUnreadableError(source=source, reason=f"{len(own)} certificates, need one")
    return read_der(own[0].public_bytes(Encoding.DER))


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False


def _pem(data: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(data) if b"BEGIN CERTIFICATE" in data else []


def _der(data: bytes) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(data)]


def _p7b_pem(data: bytes) -> list[x509.Certificate]:
    return pkcs7.load_pem_pkcs7_certificates(data) if b"BEGIN PKCS7" in data else []


def _p7b_der(data: bytes) -> list[x509.Certificate]:
    return pkcs7.load_der_pkcs7_certificates(data)


def _first(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:120] if lines else type(error).__name__
