"""One entry: what happened, written so that anyone may mirror it and only the parties can read it.

An entry is an evidence event in RFC 8785 JSON. What names a document or an office stands in it as a
salted commitment (commitments.py); the parties get salts and values with their receipts. Ids and
salts come from a secret key by keyed BLAKE2b, so that a step done again after a crash gives the
same entry, and nobody outside can guess an id from a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b, sha256, sha512
from typing import Final
from uuid import UUID

import msgspec

from axis.ledger.canonical import encode_canonical
from axis.ledger.commitments import CUTS, PLACES, field_salts
from axis.ledger.errors import (
    EntryMalformedError,
    EntryTooLargeError,
    SaltKeyError,
)
from axis.ledger.events import Event
from axis.ledger.merkle import leaf_hash
from axis.structs import ready

VERSION: Final = 1
MAX_ENTRY_BYTES: Final = 65_535  #: C2SP tlog-tiles: the length in a bundle is 16 bits
_SALT_KEY_BYTES: Final = 32
_MAC_KEY_BYTES: Final = 64
_ID_BYTES: Final = 16
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

    # In the order of the names in JSON: written so, they are in canonical order.
    body: str | msgspec.UnsetType = msgspec.UNSET
    delivery: str | msgspec.UnsetType = msgspec.UNSET
    doc: str | msgspec.UnsetType = msgspec.UNSET
    event: str
    facts: dict[str, str | int] | msgspec.UnsetType = msgspec.UNSET
    sender: str | msgspec.UnsetType = msgspec.field(name="from", default=msgspec.UNSET)
    id: str
    package: str | msgspec.UnsetType = msgspec.UNSET
    parts: str | msgspec.UnsetType = msgspec.UNSET
    prev: str | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET
    served: str | msgspec.UnsetType = msgspec.UNSET
    status: str | msgspec.UnsetType = msgspec.UNSET
    system: str | msgspec.UnsetType = msgspec.UNSET
    time: str
    recipient: str | msgspec.UnsetType = msgspec.field(name="to", default=msgspec.UNSET)
    v: int
    weak: str | msgspec.UnsetType = msgspec.UNSET
    who: str | msgspec.UnsetType = msgspec.UNSET
    why: str | msgspec.UnsetType = msgspec.UNSET


#: What each commitment is called in :class:`Leaf`.
ATTRIBUTES: Final = {name: {"from": "sender", "to": "recipient"}.get(name, name) for name in PLACES}
_ENCODER: Final = msgspec.json.Encoder()
_LEAF: Final = msgspec.json.Decoder(ready(Leaf))


class Sealer:
    """Turns entries into final bytes with the key that ids and salts are derived from."""

    def __init__(self, salt_key: bytes) -> None:
        """Keep the key in memory.

        Raises:
            SaltKeyError: the key is shorter than 32 bytes.
        """
        if len(salt_key) < _SALT_KEY_BYTES:
            raise SaltKeyError(got=len(salt_key))
        # BLAKE2b takes keys of up to 64 bytes
        self._key = salt_key if len(salt_key) <= _MAC_KEY_BYTES else sha512(salt_key).digest()

    def entry_id(
        self, event: Event, package_id: UUID, delivery_id: UUID | None = None, occurrence: str = ""
    ) -> UUID:
        """Return the id of the entry for a step; the same step has the same id (UUID version 8)."""
        return _id(self._secret(event, package_id, delivery_id, occurrence))

    def _secret(
        self, event: Event, package_id: UUID, delivery_id: UUID | None, occurrence: str
    ) -> bytes:
        """Return the 48 bytes of a step: its id, which is shown, then its salt, which is not."""
        delivery = delivery_id.bytes if delivery_id else _NO_DELIVERY
        step = package_id.bytes + delivery + f"{event}\x00{occurrence}".encode()
        return blake2b(step, digest_size=48, key=self._key, person=b"axis entry v1").digest()

    def seal(self, entry: Entry) -> SealedEntry:
        """Return the final bytes of an entry, with its salts.

        Raises:
            EntryTooLargeError: the bytes do not fit into an entry bundle.
        """
        secret = self._secret(entry.event, entry.package_id, entry.delivery_id, entry.occurrence)
        entry_id, salt = _id(secret), secret[_ID_BYTES:]
        values = _values(entry)
        fields: dict[str, object] = {
            "v": VERSION,
            "event": entry.event.value,
            "id": entry_id,
            "time": _time(entry.at),
        }
        if entry.prev is not None:
            fields["prev"] = entry.prev
        if entry.reason is not None:
            fields["reason"] = entry.reason
        if entry.status is not None:
            fields["status"] = entry.status
        if entry.weak is not None:
            fields["weak"] = entry.weak
        if entry.facts is not None:
            fields["facts"] = entry.facts
        salts, encode = field_salts(salt), _ENCODER.encode
        for name, value in values.items():
            # commitment(field_salt(salt, name), name, value), spelled out as in opening.py
            fields[name] = "sha256:" + sha256(encode((salts[CUTS[name]], name, value))).hexdigest()
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


def _id(secret: bytes) -> UUID:
    number = int.from_bytes(secret[:_ID_BYTES])
    return UUID(int=number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)


def _values(entry: Entry) -> dict[str, str | UUID]:
    """Return what is committed to, by the name that it has in the entry.

    Ids stay as they are: the encoder writes them as text, at a fifth of the time of ``str``.
    """
    values: dict[str, str | UUID] = {"package": entry.package_id}
    if entry.delivery_id is not None:
        values["delivery"] = entry.delivery_id
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
