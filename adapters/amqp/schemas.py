"""The messages of the door, as JSON; their names and fields are API (``amqp.asyncapi.yaml``).

A package itself travels as its exact bytes, never inside JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256, lower-case hex")]

#: Content types of a submission.
PACKAGE_TYPES: Final = frozenset({"application/xml", "text/xml", "application/octet-stream"})
JSON: Final = "application/json"
PACKAGE: Final = "application/xml"


class _Said(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a system says: an unknown field is refused, so that a misspelt one is noticed."""


class _Told(Struct, frozen=True, kw_only=True):
    """What the axis says: fields may be added; a reader passes over those that it does not know."""


# --- what a system publishes to axis.in ---


class Reference(_Said, frozen=True):
    """A submission whose bytes the system brought before, as a part through the HTTP door."""

    sha256: Digest
    size_bytes: Annotated[int, Meta(ge=1)]


class Fetch(_Said, frozen=True):
    """Asks for the bytes of a delivery; a large one is asked for piece by piece."""

    delivery_id: UUID
    offset: Annotated[int, Meta(ge=0, description="Where the piece begins, in bytes")] = 0
    part: Annotated[
        str | None,
        Meta(description="content_id of an attachment that came apart; null: the package itself"),
    ] = None


class Confirm(_Said, frozen=True):
    """Says that the system keeps what it fetched."""

    delivery_id: UUID


class Refuse(_Said, frozen=True):
    """Says that the system cannot take a delivery; what a clerk refuses is status 02 instead."""

    delivery_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


class Receipt(_Said, frozen=True):
    """Asks for the receipt of a package that the system sent."""

    package_id: UUID


Request = Fetch | Confirm | Refuse | Receipt

#: Routing key ``request.NAME`` → what its body is.
REQUEST_TYPES: Final[Mapping[str, type[Request]]] = {
    "fetch": Fetch,
    "confirm": Confirm,
    "refuse": Refuse,
    "receipt": Receipt,
}


# --- what the axis publishes for a system ---


class Place(_Told, frozen=True):
    """Where in the package the trouble stands."""

    xpath: str | None = None
    line: int | None = None
    column: int | None = None


class Text(_Told, frozen=True):
    """A sentence in both languages."""

    en: str
    vi: str


class Why(_Told, frozen=True):
    """A refusal: the code is for programs, the texts are for people."""

    code: str
    fault: Annotated[
        Literal["input", "outage", "axis"],
        Meta(description="input: correct it; outage: send again later; axis: tell the operator"),
    ]
    text: Text
    hint: Text
    place: Place | None = None


class Part(_Told, frozen=True):
    """An attachment that came apart from the package; request.fetch gives its bytes by ``part``."""

    content_id: str
    sha256: Digest
    size_bytes: int
    name: Annotated[str | None, Meta(description="As signed; for people, never a path")] = None
    content_type: str | None = None


class Delivery(_Told, frozen=True, tag="delivery", tag_field="type"):
    """A package waits for an office of the system; ``request.fetch`` gives its bytes."""

    delivery_id: UUID
    package_id: UUID
    kind: Annotated[str, Meta(description="Message type: document, status, or one declared")]
    sender: Annotated[str, Meta(description="OrganId as written")]
    address: Annotated[str, Meta(description="OrganId as the sender wrote it")]
    office_id: Annotated[str, Meta(description="The office that is served")]
    sha256: Digest
    size_bytes: int
    priority_lane: Literal["express", "normal"]
    routed_at: datetime
    document_id: str | None = None
    sign: str | None = None
    status_code: str | None = None
    parts: tuple[Part, ...] = ()


class Accepted(_Told, frozen=True, tag="accepted", tag_field="type"):
    """The axis has taken a package; from here it answers for it."""

    package_id: UUID
    sha256: Digest
    size_bytes: int
    decided_at: datetime
    document_id: str | None = None
    sign: str | None = None
    receipt: Annotated[
        str | None,
        Meta(description="C2SP tlog-proof; null where it is not signed for yet: request.receipt"),
    ] = None


class Refused(_Told, frozen=True, tag="refused", tag_field="type"):
    """A submission was not taken. ``package_id`` is null where the door itself said no."""

    why: Why
    package_id: UUID | None = None
    sha256: Digest | None = None
    size_bytes: int | None = None
    decided_at: datetime | None = None


class RequestRefused(_Told, frozen=True, tag="request-refused", tag_field="type"):
    """A request could not be met; ``correlation_id`` says which."""

    request: str
    why: Why


class Done(_Told, frozen=True, tag="done", tag_field="type"):
    """A confirmation or refusal of a delivery is on record; the same again is no news."""

    delivery_id: UUID
    state: str


class Proof(_Told, frozen=True, tag="receipt", tag_field="type"):
    """The receipt of a package, or null where the notary has not signed for it yet."""

    package_id: UUID
    receipt: str | None


Event = Accepted | Refused | RequestRefused | Done | Proof
