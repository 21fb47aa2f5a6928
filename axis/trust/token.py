"""A signing key that never leaves a PKCS#11 token: a smart card, a module, or SoftHSM2 for trials.

Needs the extra ``axis[pkcs11]``. The PIN is read from a file that only its owner may read.
"""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from axis.trust import algorithms as alg
from axis.trust.certificates import Certificate
from axis.trust.errors import KeyPermissionsError, KeyUnreadableError, TokenUnavailableError
from axis.trust.sign import Signer

_ED25519_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
_ED25519_OID: Final = bytes.fromhex("06032b6570")
_ED25519_NAME: Final = b"\x13\x0cedwards25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """A private key in a token, by what it can do."""

    public: alg.PublicKey
    algorithm: str  #: the URI of the signature method that its values are of
    sign: Callable[[bytes], bytes]  #: gives values as XML Signature writes them, r and s as P1363


def open_token_key(module: Path, *, token: str, label: str, pin_file: Path) -> TokenKey:
    """Return the private key called ``label`` in a token; the session stays open.

    Raises:
        KeyPermissionsError: others may read the file with the PIN.
        KeyUnreadableError: there is no such key, or it is of a kind that may not sign.
        TokenUnavailableError: module, token or PIN do not work now, or the extra is not installed.
    """
    try:
        import pkcs11
        from pkcs11.exceptions import NoSuchKey, PKCS11Error, UserAlreadyLoggedIn
    except ImportError as error:
        raise TokenUnavailableError(reason="pip install axis[pkcs11]") from error
    try:
        found = pkcs11.lib(str(module)).get_token(token_label=token)
        try:
            session = found.open(user_pin=_pin(pin_file))
        except UserAlreadyLoggedIn:  # a login is the process's, not the session's
            session = found.open()
        private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
        public = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=label)
        return _key(private, public, label)
    except NoSuchKey as error:
        raise KeyUnreadableError(path=label, reason="the token has no such key") from error
    except (PKCS11Error, RuntimeError) as error:
        reason = f"{type(error).__name__} {error}".strip()
        raise TokenUnavailableError(reason=reason) from error


def signer_of_token(key: TokenKey, certificate: Certificate) -> Signer:
    """Return a signer of packages whose key is in a token.

    Raises:
        KeyUnreadableError: the key does not belong to the certificate.
    """
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public.public_bytes(*spki) != certificate.key.public_bytes(*spki):
        raise KeyUnreadableError(path="token", reason="it does not belong to the certificate")
    return Signer(certificate=certificate, algorithm=key.algorithm, sign_bytes=key.sign)


def _key(private: Any, public: Any, label: str) -> TokenKey:
    from pkcs11 import Attribute, KeyType, Mechanism
    from pkcs11.exceptions import PKCS11Error

    lock = threading.Lock()  # a session does one thing at a time

    def signing(mechanism: Any, prepare: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        def sign(data: bytes) -> bytes:
            try:
                with lock:
                    return bytes(private.sign(prepare(data), mechanism=mechanism))
            except PKCS11Error as error:
                raise TokenUnavailableError(reason=type(error).__name__) from error

        return sign

    prepare: Callable[[bytes], bytes] = bytes
    loaded: object = None
    match private.key_type:
        case KeyType.RSA:
            modulus, exponent = (
                int.from_bytes(public[each], "big")
                for each in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT)
            )
            loaded = rsa.RSAPublicNumbers(exponent, modulus).public_key()
            method, mechanism = alg.RSA_SHA256, Mechanism.SHA256_RSA_PKCS
        case KeyType.EC:
            curve = _curve(public[Attribute.EC_PARAMS])
            point = _octets(public[Attribute.EC_POINT])
            loaded = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
            large = curve.key_size > 256
            method = alg.ECDSA_SHA384 if large else alg.ECDSA_SHA256
            prepare = _hashing("sha384" if large else "sha256")
            mechanism = Mechanism.ECDSA
        case KeyType.EC_EDWARDS if public[Attribute.EC_PARAMS] in (_ED25519_OID, _ED25519_NAME):
            loaded = load_der_public_key(_ED25519_SPKI + _octets(public[Attribute.EC_POINT]))
            method, mechanism = alg.ED25519, Mechanism.EDDSA
        case other:
            raise KeyUnreadableError(path=label, reason=f"{other} is not allowed")
    if not alg.is_strong(loaded):
        raise KeyUnreadableError(path=label, reason=f"{alg.describe_key(loaded)} is not allowed")
    return TokenKey(
        public=cast("alg.PublicKey", loaded), algorithm=method, sign=signing(mechanism, prepare)
    )


def _hashing(name: str) -> Callable[[bytes], bytes]:
    return lambda data: alg.digest(name, [data])


def _curve(parameters: bytes) -> ec.EllipticCurve:
    known: dict[bytes, ec.EllipticCurve] = {
        bytes.fromhex("06082a8648ce3d030107"): ec.SECP256R1(),
        bytes.fromhex("06052b81040022"): ec.SECP384R1(),
    }
    if parameters not in known:
        raise KeyUnreadableError(path="token", reason="its curve is not allowed")
    return known[parameters]


def _octets(der: bytes) -> bytes:
    """Return what an OCTET STRING holds; some tokens give the point without one."""
    return der[2:] if der[:1] == b"\x04" and len(der) == der[1] + 2 else der


def _pin(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyPermissionsError(path=str(path), mode=f"{mode:04o}")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise KeyUnreadableError(path=str(path), reason=error.strerror or "unreadable") from error
