"""The allow-list: which algorithm URIs the profile knows, and the key that each one needs.

XML Signature 1.1 §6, RFC 9231. What is not in these tables does not exist for the axis: no SHA-1,
no HMAC, no DSA, no PSS with parameters, no P-521.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"


class Family(StrEnum):
    """The kind of key that a signature method needs."""

    RSA = "rsa"
    RSA_PSS = "rsa-pss"
    ECDSA = "ecdsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Method:
    """A signature method."""

    family: Family
    hash: hashes.HashAlgorithm | None  #: none for Ed25519, which brings its own


_MORE_2001: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007: Final = "http://www.w3.org/2007/05/xmldsig-more#"

DIGESTS: Final[Mapping[str, str]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}

METHODS: Final[Mapping[str, Method]] = {
    f"{_MORE_2001}rsa-sha256": Method(Family.RSA, hashes.SHA256()),
    f"{_MORE_2001}rsa-sha384": Method(Family.RSA, hashes.SHA384()),
    f"{_MORE_2001}rsa-sha512": Method(Family.RSA, hashes.SHA512()),
    f"{_MORE_2007}sha256-rsa-MGF1": Method(Family.RSA_PSS, hashes.SHA256()),
    f"{_MORE_2007}sha384-rsa-MGF1": Method(Family.RSA_PSS, hashes.SHA384()),
    f"{_MORE_2007}sha512-rsa-MGF1": Method(Family.RSA_PSS, hashes.SHA512()),
    f"{_MORE_2001}ecdsa-sha256": Method(Family.ECDSA, hashes.SHA256()),
    f"{_MORE_2001}ecdsa-sha384": Method(Family.ECDSA, hashes.SHA384()),
    f"{_MORE_2001}ecdsa-sha512": Method(Family.ECDSA, hashes.SHA512()),
    "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519": Method(Family.ED25519, None),
}

SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256: Final = f"{_MORE_2001}rsa-sha256"
RSA_PSS_SHA256: Final = f"{_MORE_2007}sha256-rsa-MGF1"
ECDSA_SHA256: Final = f"{_MORE_2001}ecdsa-sha256"
ECDSA_SHA384: Final = f"{_MORE_2001}ecdsa-sha384"
ED25519: Final = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"

RSA_BITS: Final = range(2048, 8192 + 1)
_CURVES: Final = ("secp256r1", "secp384r1")


def digest(name: str, parts: Iterable[bytes | memoryview]) -> bytes:
    """Return the digest of the parts in order; ``name`` is a value of :data:`DIGESTS`."""
    hasher = hashlib.new(name, usedforsecurity=True)
    for part in parts:
        hasher.update(part)
    return hasher.digest()


def describe_key(key: object) -> str:
    """Return what a key is, for people: ``RSA 2048``, ``P-256``, ``Ed25519``."""
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return {"secp256r1": "P-256", "secp384r1": "P-384"}.get(key.curve.name, key.curve.name)
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case _:
            return type(key).__name__.removeprefix("_")


def is_strong(key: object) -> bool:
    """Say whether a key may sign for an office.

    RSA of 2048 to 8192 bits with an exponent of at least 65537 (and at most 64 bits: a large one
    makes every verification slow), P-256, P-384, Ed25519.
    """
    match key:
        case rsa.RSAPublicKey():
            exponent = key.public_numbers().e
            return key.key_size in RSA_BITS and 65537 <= exponent < 1 << 64 and exponent % 2 == 1
        case ec.EllipticCurvePublicKey():
            return key.curve.name in _CURVES
        case _:
            return isinstance(key, ed25519.Ed25519PublicKey)


def fits(method: Method, key: PublicKey) -> bool:
    """Say whether a key is of the kind that the method needs."""
    match method.family:
        case Family.RSA | Family.RSA_PSS:
            return isinstance(key, rsa.RSAPublicKey)
        case Family.ECDSA:
            return isinstance(key, ec.EllipticCurvePublicKey)
        case Family.ED25519:
            return isinstance(key, ed25519.Ed25519PublicKey)


def is_signature(method: Method, key: PublicKey, value: bytes, data: bytes) -> bool:
    """Say whether ``value`` is the key's signature over ``data``.

    RSA values are as long as the modulus, ECDSA values are r and s of fixed length (P1363, never
    DER), Ed25519 values 64 bytes. A PSS salt is as long as the digest (RFC 9231 §2.3.10).
    The caller has made sure that the method :func:`fits` the key.
    """
    try:
        match key:
            case rsa.RSAPublicKey() if method.hash:
                if len(value) != (key.key_size + 7) // 8:
                    return False
                scheme: padding.AsymmetricPadding = padding.PKCS1v15()
                if method.family is Family.RSA_PSS:
                    scheme = padding.PSS(padding.MGF1(method.hash), method.hash.digest_size)
                key.verify(value, data, scheme, method.hash)
            case ec.EllipticCurvePublicKey() if method.hash:
                half = (key.key_size + 7) // 8
                if len(value) != 2 * half:
                    return False
                r = int.from_bytes(value[:half], "big")
                s = int.from_bytes(value[half:], "big")
                key.verify(encode_dss_signature(r, s), data, ec.ECDSA(method.hash))
            case ed25519.Ed25519PublicKey():
                key.verify(value, data)
            case _:
                return False
    except InvalidSignature:
        return False
    return True
