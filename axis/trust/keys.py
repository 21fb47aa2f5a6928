"""Reads the private keys that sign: from a file that only its owner may read, once per process."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from axis.trust.algorithms import describe_key
from axis.trust.errors import KeyPermissionsError, KeyUnreadableError

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def load_key(path: Path, *, password: bytes | None = None) -> PrivateKey:
    """Return the private key of a PEM file; load it once, the check of an RSA key takes long.

    Raises:
        KeyPermissionsError: the group or others may read the file.
        KeyUnreadableError: it is no key, or of a kind that may not sign.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyPermissionsError(path=str(path), mode=f"{mode:04o}")
        key = load_pem_private_key(path.read_bytes(), password)
    except OSError as error:
        raise KeyUnreadableError(path=str(path), reason=error.strerror or "unreadable") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnreadableError(path=str(path), reason=str(error).split("\n", 1)[0]) from error
    if not isinstance(
        key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    ):
        raise KeyUnreadableError(path=str(path), reason=f"{describe_key(key)} is not allowed")
    return key


def write_key(path: Path, key: PrivateKey) -> None:
    """Write a private key to a new file that only its owner may read (mode 0600).

    Raises:
        KeyUnreadableError: the file exists already, or cannot be written.
    """
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(pem)
    except FileExistsError as error:
        reason = "it exists already and is not overwritten"
        raise KeyUnreadableError(path=str(path), reason=reason) from error
    except OSError as error:
        raise KeyUnreadableError(path=str(path), reason=error.strerror or "not written") from error
