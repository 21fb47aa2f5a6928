"""One entry: what happened, written so that anyone may mirror it and only the parties can read it.

An entry is an evidence event in RFC 8785 JSON. What names a document or an office stands in it as a
salted commitment, ``sha256:`` of the canonical JSON array ``[salt, name, value]``; the parties get
salts and values with their receipts. Ids and salts come from a secret key by HMAC, so that a step
done again after a crash gives the same entry, and nobody outside can guess an id from a document.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from axis.ledger.canonical import encode_canonical
from axis.ledger.errors import (
    EntryMalformedError,
    EntryTooLargeError,
    OpeningMismatchError,
    SaltKeyError,
)
from axis.ledger.events import Event
from axis.ledger.merkle import leaf_hash

VERSION: Final = 1
MAX_ENTRY_BYTES: Final = 65_535  #: C2SP tlog-tiles: the length in a bundle is 16 bits
_SALT_KEY_BYTES: Final = 32
_NO_DELIVERY: Final = bytes(16)


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What happened, in the open. The second group leaves the house only as commitments."""

    event: Event
    at: datetime  #: aware; written in UTC with milliseconds
    package_id: UUID
    delivery_id: UUID | None = None
    occurrence: str = ""  #: tells apart what may happen twice to one delivery, else empty
    prev: UUID | None = None  #: id of the entry that this one follows (:meth:`Sealer.entry_id`)
    reason: str | None = None  #: code of a refusal; every negative event has one
    status: str | None = None  #: business status of QCVN 102, two digits
    weak: str | None = None  #: why the signature is weak by today's profile, if it is
    #: in the open, such as the revocation lists believed; keys in ASCII
    facts: Mapping[str, str | int] | None = None

    body_sha256: bytes | None = None  #: 32 bytes, of the exact bytes received
    sender: str | None = None  #: OrganId of the sending office
    recipient: str | None = None  #: OrganId as the sender wrote it
    served: str | None = None  #: office that was served in its place, where they differ
    system: str | None = None  #: id of the system that acted
    document: str | None = None  #: DocumentId, or number/notation such as 7816/VPCP-TTĐT
    parts: tuple[bytes, ...] = ()  #: SHA-256 of each attachment (32 bytes each)
    who: str | None = None  #: the person who did it by hand
    why: str | None = None  #: in that person's words


class SealedEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry ready to be appended: its final bytes and what opens them."""

    entry_id: UUID
    package_id: UUID
    delivery_id: UUID | None
    leaf: bytes  #: RFC 8785 bytes, at most 65,535
    leaf_hash: bytes  #: 32 bytes
    salt: bytes  #: 32 bytes; the salt of each commitment is derived from it
    opening: bytes  #: RFC 8785 JSON object, name of each commitment to its value


class LoggedEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry as the records hold it; without ``leaf_index`` it still waits for its place."""

    log: int | None  #: year of the log
    leaf_index: int | None  #: place in the log, from 0 without a gap
    entry_id: UUID
    package_id: UUID
    delivery_id: UUID | None
    leaf: bytes
    leaf_hash: bytes
    salt: bytes
    opening: bytes


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The fields of an entry as everyone may read them; absent ones are not written."""

    v: int
    event: str
    id: str
    time: str
    prev: str | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET
    status: str | msgspec.UnsetType = msgspec.UNSET
    weak: str | msgspec.UnsetType = msgspec.UNSET
    facts: dict[str, str | int] | msgspec.UnsetType = msgspec.UNSET

    package: str | msgspec.UnsetType = msgspec.UNSET
    delivery: str | msgspec.UnsetType = msgspec.UNSET
    body: str | msgspec.UnsetType = msgspec.UNSET
    parts: str | msgspec.UnsetType = msgspec.UNSET
    doc: str | msgspec.UnsetType = msgspec.UNSET
    sender: str | msgspec.UnsetType = msgspec.field(name="from", default=msgspec.UNSET)
    recipient: str | msgspec.UnsetType = msgspec.field(name="to", default=msgspec.UNSET)
    served: str | msgspec.UnsetType = msgspec.UNSET
    system: str | msgspec.UnsetType = msgspec.UNSET
    who: str | msgspec.UnsetType = msgspec.UNSET
    why: str | msgspec.UnsetType = msgspec.UNSET


COMMITMENTS: Final = frozenset(
    ("package", "delivery", "body", "parts", "doc", "from", "to", "served", "system", "who", "why")
)


_ATTRIBUTES: Final = tuple(
    (name, name.encode(), {"from": "sender", "to": "recipient"}.get(name, name))
    for name in sorted(COMMITMENTS)
)
_ENCODER: Final = msgspec.json.Encoder()
_LEAF: Final = msgspec.json.Decoder(Leaf)
_OPENING: Final = msgspec.json.Decoder(dict[str, str])


class Sealer:
    """Turns entries into final bytes with the key that ids and salts are derived from."""

    def __init__(self, salt_key: bytes) -> None:
        """Keep the key in memory.

        Raises:
            SaltKeyError: the key is shorter than 32 bytes.
        """
        if len(salt_key) < _SALT_KEY_BYTES:
            raise SaltKeyError(got=len(salt_key))
        self._key = salt_key

    def entry_id(
        self, event: Event, package_id: UUID, delivery_id: UUID | None = None, occurrence: str = ""
    ) -> UUID:
        """Return the id of the entry for a step; the same step has the same id (UUID version 8)."""
        delivery = delivery_id.bytes if delivery_id else _NO_DELIVERY
        step = b"entry\x00" + package_id.bytes + delivery + f"{event}\x00{occurrence}".encode()
        number = int.from_bytes(hmac.digest(self._key, step, "sha256")[:16])
        return UUID(int=number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)

    def seal(self, entry: Entry) -> SealedEntry:
        """Return the final bytes of an entry, with its salts.

        Raises:
            EntryTooLargeError: the bytes do not fit into an entry bundle.
        """
        entry_id = self.entry_id(entry.event, entry.package_id, entry.delivery_id, entry.occurrence)
        salt = hmac.digest(self._key, b"salt\x00" + entry_id.bytes, "sha256")
        values = _values(entry)
        fields: dict[str, object] = {
            "v": VERSION,
            "event": entry.event.value,
            "id": str(entry_id),
            "time": _time(entry.at),
        }
        if entry.prev is not None:
            fields["prev"] = str(entry.prev)
        if entry.reason is not None:
            fields["reason"] = entry.reason
        if entry.status is not None:
            fields["status"] = entry.status
        if entry.weak is not None:
            fields["weak"] = entry.weak
        if entry.facts is not None:
            fields["facts"] = entry.facts
        sha256, encode = hashlib.sha256, _ENCODER.encode
        for name, value in values.items():
            # commitment(field_salt(salt, name), name, value), spelled out as in open_leaf
            disclosed = encode((sha256(salt + name.encode()).hexdigest()[:32], name, value))
            fields[name] = "sha256:" + sha256(disclosed).hexdigest()
        leaf = encode_canonical(fields)
        if len(leaf) > MAX_ENTRY_BYTES:
            raise EntryTooLargeError(limit=MAX_ENTRY_BYTES, got=len(leaf))
        return SealedEntry(
            entry_id=entry_id,
            package_id=entry.package_id,
            delivery_id=entry.delivery_id,
            leaf=leaf,
            leaf_hash=leaf_hash(leaf),
            salt=salt,
            opening=encode_canonical(values),
        )


def field_salt(salt: bytes, name: str) -> str:
    """Return the salt of one commitment (32 hex digits) from the entry's salt (32 bytes)."""
    return hashlib.sha256(salt + name.encode()).hexdigest()[:32]


def commitment(salt: str, name: str, value: str) -> str:
    """Return ``sha256:…`` over the canonical JSON array of salt, name and value."""
    return "sha256:" + hashlib.sha256(encode_canonical((salt, name, value))).hexdigest()


def parse_leaf(leaf: bytes) -> Leaf:
    """Read an entry's bytes.

    Raises:
        EntryMalformedError: not an entry of a version that we know, or not in canonical form.
    """
    try:
        value = _LEAF.decode(leaf)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise EntryMalformedError(reason=str(error)) from error
    if value.v != VERSION:
        raise EntryMalformedError(reason=f"version {value.v}")
    if encode_canonical(value) != leaf:
        raise EntryMalformedError(reason="not in canonical form")
    return value


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
    if encode_canonical(values) != opening:
        raise EntryMalformedError(reason="the opening is not in canonical form")
    sha256, encode = hashlib.sha256, _ENCODER.encode
    # What is right passes here, over the fields that are there; what is not is named below.
    shape = _shape(tuple(values))
    if shape is not None and shape.absent(leaf) == shape.unset:
        for (name, name_bytes), opened, sealed in zip(
            shape.names, values.values(), shape.present(leaf)[2:], strict=True
        ):
            disclosed = encode((sha256(salt + name_bytes).hexdigest()[:32], name, opened))
            if sealed != "sha256:" + sha256(disclosed).hexdigest():
                break
        else:
            return values
    for name, name_bytes, attribute in _ATTRIBUTES:
        due = getattr(leaf, attribute)
        value = values.get(name)
        if value is None:
            if due is not msgspec.UNSET:
                raise OpeningMismatchError(name=name)
            continue
        # commitment(field_salt(salt, name), name, value), spelled out, here and above: this is the
        # inner loop of every verification, and two calls for each field are a quarter of its time.
        disclosed = encode((sha256(salt + name_bytes).hexdigest()[:32], name, value))
        if "sha256:" + sha256(disclosed).hexdigest() != due:
            raise OpeningMismatchError(name=name)
    if not values.keys() <= COMMITMENTS:
        raise OpeningMismatchError(name=min(values.keys() - COMMITMENTS))
    return values


class _Shape(NamedTuple):
    """How to ask an entry for the commitments that an opening names, and for all others."""

    names: tuple[tuple[str, bytes], ...]
    present: Callable[[Leaf], tuple[object, ...]]  #: after two others, which make it a tuple
    absent: Callable[[Leaf], tuple[object, ...]]  #: likewise
    unset: tuple[object, ...]  #: what ``absent`` must give


@lru_cache(maxsize=256)
def _shape(names: tuple[str, ...]) -> _Shape | None:
    if not COMMITMENTS.issuperset(names):
        return None
    attributes = {name: attribute for name, _, attribute in _ATTRIBUTES}
    there = [attributes[name] for name in names]
    others = [attribute for name, attribute in attributes.items() if name not in names]
    return _Shape(
        tuple((name, name.encode()) for name in names),
        attrgetter("v", "v", *there),
        attrgetter("v", "v", *others),
        (VERSION, VERSION, *[msgspec.UNSET] * len(others)),
    )


def _values(entry: Entry) -> dict[str, str]:
    """Return what is committed to, by the name that it has in the entry."""
    values = {"package": str(entry.package_id)}
    if entry.delivery_id is not None:
        values["delivery"] = str(entry.delivery_id)
    if entry.body_sha256 is not None:
        values["body"] = f"sha256:{entry.body_sha256.hex()}"
    if entry.parts:
        values["parts"] = ",".join(f"sha256:{part.hex()}" for part in entry.parts)
    if entry.document is not None:
        values["doc"] = entry.document
    if entry.sender is not None:
        values["from"] = entry.sender
    if entry.recipient is not None:
        values["to"] = entry.recipient
    if entry.served is not None:
        values["served"] = entry.served
    if entry.system is not None:
        values["system"] = entry.system
    if entry.who is not None:
        values["who"] = entry.who
    if entry.why is not None:
        values["why"] = entry.why
    return values


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"
