"""The hashes of the tree (RFC 9162 §2.1.1, the same as RFC 6962 §2.1)."""

from __future__ import annotations

import hashlib
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry (RFC 9162 §2.1.1). 0x00 keeps a leaf from posing as a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children (32 bytes each; RFC 9162 §2.1.1). 0x01: no node can pose as a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()
