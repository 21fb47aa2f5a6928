"""Passwords as Argon2id (RFC 9106) keeps them, and the codes of an authenticator (RFC 6238).

A name that nobody has costs as much time as a wrong password, so that names cannot be listed.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from axis.signin.errors import PasswordWeakError

LEAST: Final = 12
#: Nobody types more; a longer one would only cost time.
MOST: Final = 256
#: Letters that look like no other, for passwords that are read from paper.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_PERIOD_S: Final = 30
#: Clocks of telephones may be this many periods early or late.
_WINDOW: Final = 1

_HASHER: Final = PasswordHasher()  # its defaults are the low-memory profile of RFC 9106


def new_password() -> str:
    """Return a password of five groups of four letters, some 98 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def new_totp() -> str:
    """Return the secret of an authenticator, Base32."""
    return pyotp.random_base32()


def totp_uri(secret: str, *, name: str, issuer: str) -> str:
    """Return what an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def hash_password(password: str) -> str:
    """Return what is kept of a password.

    Raises:
        PasswordWeakError: it is too short.
    """
    if not LEAST <= len(password) <= MOST:
        raise PasswordWeakError(least=LEAST)
    return _HASHER.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept; of none, after as long a time, no."""
    try:
        matches = _HASHER.verify(kept or _nobodys(), password[:MOST])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return matches and kept is not None


def step_of_code(secret: str, code: str, now: datetime) -> int | None:
    """Return the period that a code is of, or None where it is wrong or too old."""
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // _PERIOD_S
    for step in range(present - _WINDOW, present + _WINDOW + 1):
        if secrets.compare_digest(totp.at(step * _PERIOD_S).encode(), code.encode()):
            return step
    return None


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe())
