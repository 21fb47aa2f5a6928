"""Bearer tokens: ``axt_``, a public id, ``_``, a secret of 256 random bits.

The prefix lets scanners for leaked secrets find them. The secret is random, so its SHA-256 is kept
without salt or stretching: there is nothing to guess, and a request costs one hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Final, NamedTuple

from axis.access.errors import AccessDeniedError

ID_BYTES: Final = 8
SECRET_BYTES: Final = 32

_FORM: Final = re.compile(r"axt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)


class Minted(NamedTuple):
    """A new token; the text is shown once and kept nowhere."""

    id: str
    text: str
    digest: bytes


class Presented(NamedTuple):
    """A token as a caller presents it."""

    id: str
    digest: bytes


def mint() -> Minted:
    """Return a new token."""
    token_id = secrets.token_hex(ID_BYTES)
    secret = base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()
    return Minted(token_id, f"axt_{token_id}_{secret}", hashlib.sha256(secret.encode()).digest())


def parse_token(text: str) -> Presented:
    """Read a token.

    Raises:
        AccessDeniedError: it has not the form of one.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise AccessDeniedError
    return Presented(found[1], hashlib.sha256(found[2].encode()).digest())
