"""The notice that is pushed, and its signature (RFC 9421). Pure.

Signed are the method, the address, the digest of the body and its type, with the time of signing
and an identifier of the notice, by an Ed25519 key that is used for nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from axis.store.deliveries import Waiting

#: What a receiver must find in ``tag``, so that no other signature of the key passes for a notice.
TAG: Final = "axis-notice"
COVERED: Final = ("@method", "@target-uri", "content-digest", "content-type")
VALID: Final = timedelta(minutes=5)
MEDIA_TYPE: Final = "application/json"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that waits: enough to decide what to fetch first, and nothing of its content."""

    delivery_id: UUID
    package_id: UUID
    address: str
    sender: str = msgspec.field(name="from")
    kind: str
    lane: str
    sha256: str
    size_bytes: int
    routed_at: datetime


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is pushed. It may come twice, and in any order: know a delivery by its id."""

    notice_id: UUID
    type: str  #: ``deliveries.waiting``, or ``test``
    system_id: str
    sent_at: datetime
    deliveries: list[Named]


@dataclass(slots=True)
class Signed:
    """A request as it goes out."""

    url: str
    body: bytes
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


def key_id_of(public: bytes) -> str:
    """Return the name of a key (32 bytes) in signatures: 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def name_delivery(waiting: Waiting) -> Named:
    """Return a delivery as a notice names it."""
    delivery = waiting.delivery
    return Named(
        delivery_id=delivery.id,
        package_id=delivery.package_id,
        address=delivery.address,
        sender=waiting.sender or "",
        kind=waiting.kind or "",
        lane=delivery.lane.value,
        sha256=waiting.digest.hex(),
        size_bytes=waiting.size_bytes,
        routed_at=delivery.routed_at,
    )


def sign_notice(notice: Notice, url: str, key: Ed25519PrivateKey, *, now: datetime) -> Signed:
    """Return the request that pushes a notice to an endpoint, signed at that instant."""
    return sign_request(msgspec.json.encode(notice), url, key, now=now, nonce=notice.notice_id)


def sign_request(
    body: bytes,
    url: str,
    key: Ed25519PrivateKey,
    *,
    now: datetime,
    nonce: UUID,
    tag: str = TAG,
) -> Signed:
    """Return the request that pushes JSON to an endpoint; ``tag`` says what is signed."""
    made = Signed(url=url, body=body)
    made.headers = {"Content-Type": MEDIA_TYPE, "User-Agent": "axis-courier"}
    key_id = key_id_of(key.public_key().public_bytes_raw())
    keys = MappingKeyResolver(public_keys={}, private_keys={key_id: key})
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=keys)
    signer.sign(
        made,
        key_id=key_id,
        created=now,
        expires=now + VALID,
        nonce=nonce.hex,
        label="axis",
        tag=tag,
        covered_component_ids=COVERED,
        body=made.body,
    )
    return made
