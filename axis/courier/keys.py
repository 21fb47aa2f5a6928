"""The key that notices are signed with: its own, so that what it signs means nothing elsewhere."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from axis.ledger.errors import NotaryKeyError
from axis.ledger.keys import read_key_file, write_key_file


def make_courier_key(path: Path) -> None:
    """Create a new key (Ed25519, PEM) that only its owner can read.

    Raises:
        KeyFileExistsError: there is such a file already; receivers know its public half.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_key_file(path, pem)


def read_courier_key(path: Path) -> Ed25519PrivateKey:
    """Return the key.

    Raises:
        KeyFileUnreadableError, KeyFileOpenError: the file cannot be read, or by too many.
        NotaryKeyError: there is no Ed25519 key in it.
    """
    try:
        key = load_pem_private_key(read_key_file(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotaryKeyError(path=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NotaryKeyError(path=str(path))
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    """Return the half that receivers verify with."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
