"""One-time codes, requests and their proof, as values. Pure.

A request names a public key: by a certificate request (PKCS#10), or by a certificate that the
office has already. Its proof is a signature by that key over the code and the time, so that who has
seen the code, or an old request, can collect nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from axis.enrollment.errors import EnrollmentUnknownError, RequestUnreadableError
from axis.trust.algorithms import METHODS, PublicKey, describe_key, fits, is_signature, is_strong
from axis.trust.certificates import Certificate, read_one

_CODE: Final = re.compile(r"axe_([0-9a-f]{12})_([A-Za-z0-9_-]{32})", re.ASCII)
#: How far the clocks of office and axis may be apart.
SKEW: Final = timedelta(minutes=10)


class Code(NamedTuple):
    """A one-time code; the text is in the bundle and kept nowhere else."""

    id: str
    text: str
    digest: bytes


class Presented(NamedTuple):
    """A code as it is presented."""

    id: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that can be read, of someone who holds the key."""

    spki: bytes  #: the public key, DER
    certificate: Certificate | None
    request_pem: str | None

    @property
    def fingerprint(self) -> str:
        """What is read out over the telephone: 20 hex digits of the key's SHA-256."""
        return fingerprint_of(self.spki)


def mint_code() -> Code:
    """Return a new code of 192 random bits."""
    code_id = secrets.token_hex(6)
    secret = secrets.token_urlsafe(24)
    return Code(code_id, f"axe_{code_id}_{secret}", hashlib.sha256(secret.encode()).digest())


def parse_code(text: str) -> Presented:
    """Read a code.

    Raises:
        EnrollmentUnknownError: it has not the form of one.
    """
    found = _CODE.fullmatch(text)
    if found is None:
        raise EnrollmentUnknownError
    return Presented(found[1], hashlib.sha256(found[2].encode()).digest())


def fingerprint_of(spki: bytes) -> str:
    """Return a public key's fingerprint in groups of four."""
    digits = hashlib.sha256(spki).hexdigest()[:20]
    return "-".join(digits[at : at + 4] for at in range(0, 20, 4))


def statement(code: str, at: str) -> bytes:
    """Return what the proof is a signature over."""
    return f"axis enrolment v1\n{code}\n{at}\n".encode()


def read_request(
    *,
    code: str,
    at: str,
    proof: str,
    algorithm: str,
    request: str | None,
    certificate: str | None,
    now: datetime,
) -> Asked:
    """Return what is asked, where the asker holds the key.

    Args:
        code: the one-time code.
        at: when the proof was made, ISO 8601.
        proof: Base64 of the signature over :func:`statement`.
        algorithm: the URI of its method, as XML Signature names it.
        request: a certificate request (PEM), or None with a certificate.
        certificate: a certificate (PEM), or None with a request.
        now: the instant.

    Raises:
        RequestUnreadableError: it cannot be read, is too old, or the proof is not the key's.
        CertificateUnreadableError, WeakKeyError: the certificate cannot be used.
    """
    try:
        made = datetime.fromisoformat(at)
        value = base64.b64decode(proof, validate=True)
    except (ValueError, binascii.Error) as error:
        raise RequestUnreadableError(reason="time or proof cannot be read") from error
    if made.tzinfo is None or abs(made - now) > SKEW:
        raise RequestUnreadableError(reason=f"it was made at {at}, and now it is {now.isoformat()}")
    known = read_one(certificate.encode(), source="certificate") if certificate else None
    key: object = known.key if known else _key_of(request)
    if not is_strong(key):
        raise RequestUnreadableError(reason=f"{describe_key(key)} is not allowed")
    public = cast("PublicKey", key)
    method = METHODS.get(algorithm)
    if method is None or not fits(method, public):
        raise RequestUnreadableError(reason="the method of the proof is not one of the key's")
    if not is_signature(method, public, value, statement(code, at)):
        raise RequestUnreadableError(reason="the proof is not by the key")
    return Asked(
        spki=public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        certificate=known,
        request_pem=None if known else request,
    )


def _key_of(request: str | None) -> object:
    try:
        read = x509.load_pem_x509_csr((request or "").encode())
        if not read.is_signature_valid:
            raise RequestUnreadableError(reason="the certificate request is not signed by its key")
        return read.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise RequestUnreadableError(reason="there is no certificate request") from error
