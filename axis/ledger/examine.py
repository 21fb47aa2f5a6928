"""Re-derives what rows of the ledger must be, and names each one that is not.

Every column of a row follows from the entry's bytes, from its place, or from what its commitments
open to; so every changed bit contradicts something. What a row alone cannot tell (that all of it
was exchanged, consistently) the tree tells: its leaf hash is not the one that was signed for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from axis.errors import AxisError
from axis.ledger.entry import LoggedEntry, open_leaf, parse_leaf
from axis.ledger.merkle import leaf_hash


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
    TILE = "tile"  #: the shown tile is not the one that was signed for
    CHECKPOINT = "checkpoint"  #: a recorded checkpoint is not true to the rows, or not signed
    UNSIGNED = "unsigned"  #: the rows under a signed root are not those; which ones, see ``until``


class Finding(NamedTuple):
    """One thing that is wrong, and where."""

    at: int  #: index of the row; of a checkpoint, its size
    wrong: Wrong
    until: int | None = None  #: where only a range can be named: the index after its last


def examine_rows(
    rows: Sequence[LoggedEntry], start: int, stop: int
) -> tuple[list[Finding], list[bytes | None]]:
    """Check the rows from index ``start`` to before ``stop``, each by itself.

    Returns:
        What is wrong, by index; and for each index the leaf hash as the entry gives it, None where
        there is no row.
    """
    findings: list[Finding] = []
    hashes: list[bytes | None] = [None] * (stop - start)
    for row in rows:
        index = row.leaf_index
        if index is None or not start <= index < stop:
            continue
        if hashes[index - start] is not None:
            findings.append(Finding(index, Wrong.DOUBLED))
            continue
        digest = leaf_hash(row.leaf)
        hashes[index - start] = digest
        if digest != row.leaf_hash:
            findings.append(Finding(index, Wrong.LEAF_HASH))
        findings.extend(Finding(index, wrong) for wrong in _examine_columns(row))
    findings.extend(
        Finding(start + place, Wrong.MISSING)
        for place, digest in enumerate(hashes)
        if digest is None
    )
    return sorted(findings), hashes


def _examine_columns(row: LoggedEntry) -> Iterator[Wrong]:
    try:
        leaf = parse_leaf(row.leaf)
    except AxisError:
        yield Wrong.MALFORMED
        return
    if leaf.id != str(row.entry_id):
        yield Wrong.ENTRY_ID
    try:
        values = open_leaf(leaf, row.salt, row.opening)
    except AxisError:
        yield Wrong.OPENING
        return
    if values.get("package") != str(row.package_id):
        yield Wrong.PACKAGE_ID
    if values.get("delivery") != _text(row.delivery_id):
        yield Wrong.DELIVERY_ID


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
