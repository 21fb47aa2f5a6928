"""Opens an entry: the values behind its commitments, each checked against the entry.

Whoever verifies a log does this once for each entry, so what is right passes by the shortest way,
and only what is wrong is looked at field by field, to name it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from axis.ledger.canonical import encode_canonical
from axis.ledger.commitments import COMMITMENTS, CUTS, PLACES, commitment, field_salt, field_salts
from axis.ledger.entry import ATTRIBUTES, VERSION, Leaf, parse_leaf
from axis.ledger.errors import EntryMalformedError, OpeningMismatchError

_ENCODER: Final = msgspec.json.Encoder()
_OPENING: Final = msgspec.json.Decoder(dict[str, str])


def open_entry(leaf: bytes, salt: bytes, opening: bytes) -> Mapping[str, str]:
    """Return the values behind an entry's commitments, each checked against the entry.

    Raises:
        EntryMalformedError: the entry or the opening cannot be read.
        OpeningMismatchError: a value is not the one that was committed to, is absent or too many.
    """
    return open_leaf(parse_leaf(leaf), salt, opening)


def open_leaf(leaf: Leaf, salt: bytes, opening: bytes) -> Mapping[str, str]:
    """Do what :func:`open_entry` does for an entry that was read already."""
    try:
        values = _OPENING.decode(opening)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise EntryMalformedError(reason=f"opening: {error}") from error
    # Names in order make the encoder without sorting write the canonical form; out of order they
    # make it write what was read, so the order is asked for by way of the shape.
    shape = _shape(tuple(values))
    if shape is None or _ENCODER.encode(values) != opening or shape.absent(leaf) != shape.unset:
        return _open_by_field(leaf, salt, opening, values)
    sha256, encode, salts = hashlib.sha256, _ENCODER.encode, field_salts(salt)
    present = shape.present(leaf)
    for (name, cut), opened, sealed in zip(shape.names, values.values(), present, strict=True):
        # commitment(field_salt(salt, name), name, value), spelled out: the inner loop of verifying
        if sealed != "sha256:" + sha256(encode((salts[cut], name, opened))).hexdigest():
            raise OpeningMismatchError(name=name)
    return values


def _open_by_field(
    leaf: Leaf, salt: bytes, opening: bytes, values: Mapping[str, str]
) -> Mapping[str, str]:
    if encode_canonical(values) != opening:
        raise EntryMalformedError(reason="the opening is not in canonical form")
    for name in PLACES:
        due = getattr(leaf, ATTRIBUTES[name])
        value = values.get(name)
        if value is None:
            if due is not msgspec.UNSET:
                raise OpeningMismatchError(name=name)
        elif commitment(field_salt(salt, name), name, value) != due:
            raise OpeningMismatchError(name=name)
    if not values.keys() <= COMMITMENTS:
        raise OpeningMismatchError(name=min(values.keys() - COMMITMENTS))
    return values


class _Shape(NamedTuple):
    """How to ask an entry for the commitments that an opening names, and for all others."""

    names: tuple[tuple[str, slice], ...]
    present: Callable[[Leaf], tuple[object, ...]]
    absent: Callable[[Leaf], tuple[object, ...]]
    unset: tuple[object, ...]  #: what ``absent`` must give


@lru_cache(maxsize=256)
def _shape(names: tuple[str, ...]) -> _Shape | None:
    """Return the shape of an opening with these names; None unless they are ours and in order."""
    if len(names) < 2 or not COMMITMENTS.issuperset(names) or list(names) != sorted(names):
        return None
    others = [attribute for name, attribute in ATTRIBUTES.items() if name not in names]
    return _Shape(
        tuple((name, CUTS[name]) for name in names),
        attrgetter(*(ATTRIBUTES[name] for name in names)),
        attrgetter("v", "v", *others),  # two more make it a tuple, however few the others are
        (VERSION, VERSION, *[msgspec.UNSET] * len(others)),
    )
