"""The tree of RFC 9162 §2.1 (the same as RFC 6962 §2.1) over SHA-256, its proofs, their verifying.

A node is named by level and index: node ``i`` at level ``l`` stands over the leaves ``i * 2**l``
to before ``(i + 1) * 2**l``, and exists once they all do. Every hash that comes from outside is
checked to have exactly 32 bytes: an empty "root" that equals an empty "leaf" proves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from axis.ledger.errors import ConsistencyError, HashLengthError, InclusionError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

#: Gives the hash of node ``(level, index)``.
Nodes = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry (RFC 9162 §2.1.1). 0x00 keeps a leaf from posing as a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children (32 bytes each; RFC 9162 §2.1.1). 0x01: no node can pose as a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def whole_nodes(start: int, stop: int) -> list[tuple[int, int]]:
    """Return the fewest nodes that stand over exactly the leaves ``start`` to before ``stop``.

    ``start`` must be a multiple of the largest power of two that is below ``stop - start`` or
    equals it, as it is for every subtree of RFC 9162; the nodes come from left to right.
    """
    nodes = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """Join the hashes of :func:`whole_nodes` from right to left into the hash of the subtree."""
    if not hashes:
        return EMPTY_ROOT
    *rest, joined = hashes
    for left in reversed(rest):
        joined = node_hash(left, joined)
    return joined


def subtree_hash(nodes: Nodes, start: int, stop: int) -> bytes:
    """Return the hash of a subtree of RFC 9162: the leaves ``start`` to before ``stop``."""
    return fold([nodes(level, index) for level, index in whole_nodes(start, stop)])


def root_hash(nodes: Nodes, size: int) -> bytes:
    """Return the root of the tree over the first ``size`` leaves (RFC 9162 §2.1.1)."""
    return subtree_hash(nodes, 0, size)


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return the path of a leaf in the tree of ``size`` leaves, its sibling first (§2.1.3.1).

    Raises:
        InclusionError: the tree has no leaf ``index``.
    """
    if not 0 <= index < size:
        raise InclusionError(index=index, size=size)
    path, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(subtree_hash(nodes, middle, stop))
            stop = middle
        else:
            path.append(subtree_hash(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of ``new`` leaves begins with that of ``old`` (§2.1.4.1).

    From the empty tree, and from a tree to itself, the proof is empty.

    Raises:
        ConsistencyError: ``old`` is larger than ``new``.
    """
    if not 0 <= old <= new:
        raise ConsistencyError(old=old, new=new)
    path: list[bytes] = []
    if old in (0, new):
        return path
    start, stop = 0, new
    known = True  # whether the verifier has the hash of the part that is left, as the old root
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(subtree_hash(nodes, middle, stop))
            stop = middle
        else:
            path.append(subtree_hash(nodes, start, middle))
            start, known = middle, False
    if not known:
        path.append(subtree_hash(nodes, start, stop))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that ``leaf`` (a leaf hash) is leaf ``index`` of the tree (RFC 9162 §2.1.3.2).

    Raises:
        HashLengthError: a hash has not 32 bytes.
        InclusionError: it is not, or the proof is too short or too long.
    """
    _check_lengths((leaf, root, *proof))
    if root_from_inclusion(leaf, index, size, proof) != root:
        raise InclusionError(index=index, size=size)


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to.

    Raises:
        HashLengthError: a hash has not 32 bytes.
        InclusionError: the index is outside of the tree, or the proof is too short or too long.
    """
    _check_lengths((leaf, *proof))
    if not 0 <= index < size:
        raise InclusionError(index=index, size=size)
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise InclusionError(index=index, size=size)
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise InclusionError(index=index, size=size)
    return current


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree of ``new`` leaves begins with the tree of ``old`` (RFC 9162 §2.1.4.2).

    Raises:
        HashLengthError: a hash has not 32 bytes.
        ConsistencyError: it does not, or the proof is too short or too long.
    """
    _check_lengths((old_root, new_root, *proof))
    refusal = ConsistencyError(old=old, new=new)
    if not 0 <= old <= new:
        raise refusal
    if old in (0, new):
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise refusal
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise refusal
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was = becomes = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise refusal
        if node & 1 or node == last:
            was, becomes = node_hash(sibling, was), node_hash(sibling, becomes)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            becomes = node_hash(becomes, sibling)
        node, last = node >> 1, last >> 1
    if last != 0 or was != old_root or becomes != new_root:
        raise refusal


class Frontier:
    """The right edge of a growing tree: all that is needed to append and to know the root."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        """Begin at ``size`` leaves with the hashes of ``whole_nodes(0, size)``."""
        self.size = size
        self._edge = list(edge)
        if len(self._edge) != size.bit_count():
            raise ValueError("one hash is needed for each node of the edge")

    def append(self, leaf: bytes) -> None:
        """Append a leaf hash (32 bytes)."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._edge.pop(), leaf)
            size >>= 1
        self._edge.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over everything appended so far."""
        return fold(self._edge)


def levels_of(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the whole nodes over hashes, level by level, the hashes themselves first."""
    sha256, levels = hashlib.sha256, [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        # node_hash, spelled out: verifying a log does this once for each of its entries
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return levels


def _split(size: int) -> int:
    """Return the largest power of two that is smaller than ``size`` (§2.1.1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _check_lengths(hashes: Iterable[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise HashLengthError(expected=HASH_BYTES, got=len(value))
