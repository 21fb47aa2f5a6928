"""Compares names as RFC 5280 §7.1 says: spelling, case and kind of string do not matter."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TypeAlias

from cryptography import x509

#: The relative names from the root down; each a set of (type, normalized value).
NormalName: TypeAlias = tuple[frozenset[tuple[str, str | bytes]], ...]


@lru_cache(maxsize=8192)
def normal(name: x509.Name) -> NormalName:
    """Return the form of a name in which equal names are equal."""
    return tuple(
        frozenset((each.oid.dotted_string, _fold(each.value)) for each in relative)
        for relative in name.rdns
    )


def normal_relative(relative: x509.RelativeDistinguishedName) -> frozenset[tuple[str, str | bytes]]:
    """Return the same for one relative name."""
    return frozenset((each.oid.dotted_string, _fold(each.value)) for each in relative)


def is_within(name: NormalName, base: NormalName) -> bool:
    """Say whether a name stands at or below ``base``."""
    return name[: len(base)] == base


def _fold(value: str | bytes) -> str | bytes:
    if isinstance(value, bytes):
        return value
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
