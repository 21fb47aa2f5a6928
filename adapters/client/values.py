"""What the axis answers, as values; fields that a newer axis adds are passed over."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from adapters.client.problem import Wrong
from adapters.client.vouched import Instead
from axis.envelope.values import Envelope
from axis.ledger.receipt import VerifiedReceipt
from axis.trust.values import VerifiedSignature


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """How far a package has come at one addressee."""

    delivery_id: UUID
    address: str
    state: str
    held_reason: str | None = None
    status_code: str | None = None
    fetched_at: datetime | None = None
    confirmed_at: datetime | None = None


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A package that was sent: ``state`` is waiting, accepted or refused."""

    package_id: UUID
    state: str
    sha256: str
    size_bytes: int = 0
    received_at: datetime | None = None
    decided_at: datetime | None = None
    kind: str | None = None
    document_id: str | None = None
    sign: str | None = None
    status_code: str | None = None
    refusal: Wrong | None = None
    recipient_count: int = 0
    recipient_states: dict[str, int] = {}
    recipients: list[Recipient] = []  #: in lists, and at once, only of a package to few


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A package that waits for one office; know it by ``delivery_id``."""

    delivery_id: UUID
    package_id: UUID
    address: str  #: as the sender wrote it
    sender: str | None = msgspec.field(name="from", default=None)
    kind: str | None = None
    sign: str | None = None
    subject: str | None = None
    document_id: str | None = None
    status_code: str | None = None
    lane: str = "normal"
    state: str = ""
    sha256: str
    size_bytes: int
    routed_at: datetime | None = None


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what waits."""

    items: list[Delivery]
    cursor: str | None = None
    more: bool = False


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was sent."""

    items: list[Submission]
    cursor: str | None = None  #: where the list goes on; None at its end


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment that came apart from its envelope."""

    content_id: str
    sha256: str
    size_bytes: int
    name: str | None = None
    content_type: str | None = None


class Stepped(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery after a step; ``refusal`` says why there was none."""

    delivery_id: UUID
    state: str | None = None
    confirmed_at: datetime | None = None
    refusal: Wrong | None = None


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """A step on the record; ``receipt`` is its proof file, once it is signed for."""

    event: str
    receipt: str | None = None
    entry_id: UUID | None = None
    log: int | None = None  #: year of the log that has it; None while it waits for its place


class Proofs(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of a package or a delivery: a page of ``count``."""

    items: list[Proved]
    count: int


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """That a log only grew: hashes in Base64."""

    path: list[str]

    def hashes(self) -> list[bytes]:
        """Return the hashes."""
        return [base64.b64decode(one) for one in self.path]


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a system may do."""

    system_id: str
    scopes: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A package that was fetched, and what was verified about it: digest, signature, addressee."""

    delivery: Delivery
    body: bytes
    envelope: Envelope
    signature: VerifiedSignature
    parts: Mapping[str, Path] = field(default_factory=dict)  #: files of what came apart, by id
    instead: Instead | None = None  #: it is for another office than its sender wrote, by the ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A proof of one step, verified; ``proof`` is the file to keep (C2SP tlog-proof)."""

    proof: str
    verified: VerifiedReceipt

    @property
    def event(self) -> str:
        """What happened."""
        return self.verified.leaf.event
