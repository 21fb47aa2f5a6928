"""Keeps shared secrets encrypted at rest: AES-256-GCM, bound to their id and their system.

A secret that is copied to another system's row does not open there.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from axis.access.errors import SecretUnreadableError, SecretWeakError

KEY_BYTES: Final = 32
#: The secrets of today's systems are short; the axis makes its own longer.
LEAST_BYTES: Final = 12
_NONCE_BYTES: Final = 12


def demand_strong(secret: bytes) -> None:
    """Return where a secret that an operator brought along can be one.

    Raises:
        SecretWeakError: it is too short.
    """
    if len(secret) < LEAST_BYTES:
        raise SecretWeakError(expected=LEAST_BYTES, got=len(secret))


def seal_secret(key: bytes, secret: bytes, *, secret_id: str, system_id: str) -> bytes:
    """Return nonce and ciphertext of a secret."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, _bound_to(secret_id, system_id))


def open_secret(key: bytes, sealed: bytes, *, secret_id: str, system_id: str) -> bytes:
    """Return a secret.

    Raises:
        SecretUnreadableError: sealed with another key, for another system, or changed.
    """
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, _bound_to(secret_id, system_id))
    except (InvalidTag, ValueError) as error:
        raise SecretUnreadableError(credential=secret_id) from error


def _bound_to(secret_id: str, system_id: str) -> bytes:
    return f"axis-shared-secret|{secret_id}|{system_id}".encode()
