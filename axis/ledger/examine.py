"""Re-derives what rows of the ledger must be, and names each one that is not.

Every column of a row follows from the entry's bytes, from its place, or from what its commitments
open to; so every changed bit contradicts something. What a row alone cannot tell (that all of it
was exchanged, consistently) the tree tells: its leaf hash is not the one that was signed for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from axis.errors import AxisError
from axis.ledger.entry import LoggedEntry, parse_leaf
from axis.ledger.opening import open_leaf


class Wrong(StrEnum):
    """What can be wrong with a row, a tile or a checkpoint."""

    MISSING = "missing"  #: there is no row at this index
    DOUBLED = "doubled"  #: there is more than one
    LEAF = "leaf"  #: the entry is not the one that was signed for
    LEAF_HASH = "leaf-hash"  #: the column is not the hash of the entry
    MALFORMED = "malformed"  #: the entry is none that this version writes
    ENTRY_ID = "entry-id"  #: the column is not the id in the entry
    OPENING = "opening"  #: salt or values do not open the commitments
    PACKAGE_ID = "package-id"  #: the column is not what the entry committed to
    DELIVERY_ID = "delivery-id"  #: likewise
    BODY = "body"  #: the stored bytes are not those that were accepted
    BODY_MISSING = "body-missing"  #: the accepted bytes are not stored, and were not purged
    TILE = "tile"  #: the shown tile is not the one that was signed for
    CHECKPOINT = "checkpoint"  #: a recorded checkpoint is not true to the rows, or not signed
    UNSIGNED = "unsigned"  #: the rows under a signed root are not those; which ones, see ``until``


class Finding(NamedTuple):
    """One thing that is wrong, and where."""

    at: int  #: index of the row; of a checkpoint, its size
    wrong: Wrong
    until: int | None = None  #: where only a range can be named: the index after its last


#: A row as it is read for this: index; entry, package and delivery id as text; leaf, leaf hash,
#: salt, opening. Values of a class for each would cost as much as the hashing.
PlainRow = tuple[int, str, str, str | None, bytes, bytes, bytes, bytes]


def plain(row: LoggedEntry) -> PlainRow:
    """Return a row as :func:`examine_rows` reads it; one without a place has the index -1."""
    return (
        -1 if row.leaf_index is None else row.leaf_index,
        str(row.entry_id),
        str(row.package_id),
        None if row.delivery_id is None else str(row.delivery_id),
        row.leaf,
        row.leaf_hash,
        row.salt,
        row.opening,
    )


def examine_rows(
    rows: Iterable[PlainRow], start: int, stop: int
) -> tuple[list[Finding], list[bytes | None]]:
    """Check the rows from index ``start`` to before ``stop``, each by itself.

    Returns:
        What is wrong, by index; and for each index the leaf hash as the entry gives it, None where
        there is no row.
    """
    findings: list[Finding] = []
    hashes: list[bytes | None] = [None] * (stop - start)
    sha256 = hashlib.sha256
    for index, entry_id, package_id, delivery_id, leaf, leaf_hash, salt, opening in rows:
        if not start <= index < stop:
            continue
        if hashes[index - start] is not None:
            findings.append(Finding(index, Wrong.DOUBLED))
            continue
        digest = sha256(b"\x00" + leaf).digest()  # merkle.leaf_hash, spelled out
        hashes[index - start] = digest
        if digest != leaf_hash:
            findings.append(Finding(index, Wrong.LEAF_HASH))
        try:
            parsed = parse_leaf(leaf)
        except AxisError:
            findings.append(Finding(index, Wrong.MALFORMED))
            continue
        if parsed.id != entry_id:
            findings.append(Finding(index, Wrong.ENTRY_ID))
        try:
            values = open_leaf(parsed, salt, opening)
        except AxisError:
            findings.append(Finding(index, Wrong.OPENING))
            continue
        if values.get("package") != package_id:
            findings.append(Finding(index, Wrong.PACKAGE_ID))
        if values.get("delivery") != delivery_id:
            findings.append(Finding(index, Wrong.DELIVERY_ID))
    findings.extend(
        Finding(start + place, Wrong.MISSING)
        for place, digest in enumerate(hashes)
        if digest is None
    )
    return sorted(findings), hashes
