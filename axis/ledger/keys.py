"""Reads and makes the key files of the ledger; a file that others may read is refused."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from axis.ledger.errors import (
    KeyFileExistsError,
    KeyFileOpenError,
    KeyFileUnreadableError,
    NotaryKeyError,
)
from axis.ledger.note import ED25519, NoteSigner

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_key_file(path: Path) -> bytes:
    """Return the bytes of a key file.

    Raises:
        KeyFileUnreadableError: there is no such file or it cannot be read.
        KeyFileOpenError: somebody but its owner has rights to it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & _OTHERS:
                raise KeyFileOpenError(path=str(path), got=oct(stat.S_IMODE(mode)))
            return file.read()
    except OSError as error:
        raise KeyFileUnreadableError(path=str(path), reason=error.strerror) from error


def write_key_file(path: Path, content: bytes) -> None:
    """Create a key file that only its owner can read, durably; one that is there is never replaced.

    Raises:
        KeyFileExistsError: there is such a file already.
        KeyFileUnreadableError: the file cannot be created.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileExistsError(path=str(path)) from error
    except OSError as error:
        raise KeyFileUnreadableError(path=str(path), reason=error.strerror) from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_salt_key(path: Path) -> None:
    """Create a new key for ids and salts (32 random bytes).

    Raises:
        KeyFileExistsError: there is such a file already; replacing it would change all ids.
    """
    write_key_file(path, secrets.token_bytes(32))


def make_notary_key(path: Path) -> None:
    """Create a new key that checkpoints are signed with (Ed25519, PEM).

    Raises:
        KeyFileExistsError: there is such a file already; receipts depend on it.
    """
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    write_key_file(path, pem)


def read_signer(path: Path, name: str, kind: int = ED25519) -> NoteSigner:
    """Return the signer of a key file under a name.

    Raises:
        KeyFileUnreadableError, KeyFileOpenError: the file cannot be read, or by too many.
        NotaryKeyError: there is no Ed25519 key in it.
    """
    pem = read_key_file(path)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotaryKeyError(path=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NotaryKeyError(path=str(path))
    return NoteSigner(name, key, kind)
