"""What names a document or a party stands in an entry as a salted commitment.

A commitment is ``sha256:`` over the canonical JSON array ``[salt, name, value]``. The salts of an
entry's commitments come from one salt of the entry as the output of SHAKE256, each from its own
place, so that showing one value with its salt tells nothing about the others.
"""

from __future__ import annotations

import hashlib
from typing import Final

from axis.ledger.canonical import encode_canonical

#: The names, each at the place of its salt; a new one is added at the end and never in between.
PLACES: Final = (
    "body",
    "delivery",
    "doc",
    "from",
    "package",
    "parts",
    "served",
    "system",
    "to",
    "who",
    "why",
)
COMMITMENTS: Final = frozenset(PLACES)

_DIGITS: Final = 32  #: hex digits of a salt, 128 bits
_ALL_BYTES: Final = len(PLACES) * _DIGITS // 2

#: Where the salt of each name is cut out of :func:`field_salts`.
CUTS: Final = {
    name: slice(place * _DIGITS, (place + 1) * _DIGITS) for place, name in enumerate(PLACES)
}


def field_salts(salt: bytes) -> str:
    """Return the salts of all commitments in a row, from the salt of the entry (32 bytes)."""
    return hashlib.shake_256(salt).hexdigest(_ALL_BYTES)


def field_salt(salt: bytes, name: str) -> str:
    """Return the salt of one commitment (32 hex digits) from the entry's salt (32 bytes)."""
    return field_salts(salt)[CUTS[name]]


def commitment(salt: str, name: str, value: str) -> str:
    """Return ``sha256:…`` over the canonical JSON array of salt, name and value."""
    return "sha256:" + hashlib.sha256(encode_canonical((salt, name, value))).hexdigest()
