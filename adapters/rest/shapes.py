"""The JSON of the API. Names are API: they are added to, never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from axis.store.deliveries import DeliveryRecord, Waiting
from axis.store.packages import PackageRecord

#: A package to more recipients than this tells in lists only how many are how far.
RECIPIENTS_SHOWN: Final = 100


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """An object of the API."""


class Recipient(Shape, frozen=True):
    """One addressee of a package, and how far it got."""

    delivery_id: UUID
    address: str  #: the OrganId as the sender wrote it
    state: str
    held_reason: str | None
    status_code: str | None  #: where the course of business statuses is: 01 … 16
    routed_at: datetime
    fetched_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    redirect_of: UUID | None


class Problem(Shape, frozen=True, omit_defaults=True):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    fault: str
    hint: str
    instance: str = ""
    package_id: UUID | None = None
    place: Place | None = None
    errors: list[Fault] = []


class Place(Shape, frozen=True, omit_defaults=True):
    """Where in a package the trouble stands."""

    xpath: str | None = None
    line: int | None = None
    column: int | None = None


class Fault(Shape, frozen=True, omit_defaults=True):
    """One of the things that are wrong."""

    code: str
    fault: str
    text: str
    hint: str
    place: Place | None = None


class Package(Shape, frozen=True, omit_defaults=True):
    """A package and its verdict: ``waiting``, ``accepted`` or ``refused``."""

    package_id: UUID
    state: str
    sha256: str
    size_bytes: int
    links: dict[str, str] = {}
    received_at: datetime | None = None
    decided_at: datetime | None = None
    kind: str | None = None
    document_id: str | None = None
    sign: str | None = None
    subject: str | None = None
    sender: str | None = None
    status_code: str | None = None
    priority: int | None = None
    refusal: Fault | None = None
    recipient_count: int = 0
    recipient_states: dict[str, int] = {}
    recipients: list[Recipient] = []


class PackageList(Shape, frozen=True):
    """What a system sent, the newest first."""

    items: list[Package]
    cursor: str | None  #: where the list goes on; null at its end


class Item(Shape, frozen=True):
    """A delivery that waits for a system, or is being worked on by it."""

    delivery_id: UUID
    package_id: UUID
    address: str
    from_: str = msgspec.field(name="from")
    kind: str
    document_id: str | None
    sign: str | None
    subject: str | None
    status_code: str | None  #: what a status package says
    lane: str
    state: str
    sha256: str
    size_bytes: int
    routed_at: datetime
    fetched_at: datetime | None


class Mailbox(Shape, frozen=True):
    """What waits for a system: urgent first, then oldest."""

    items: list[Item]
    cursor: str  #: give it with the next question, to get what came since
    more: bool  #: there is more at once


class Delivery(Shape, frozen=True):
    """How far one delivery is."""

    delivery_id: UUID
    package_id: UUID
    address: str
    lane: str
    state: str
    sha256: str
    size_bytes: int
    routed_at: datetime
    fetched_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None


class Stepped(Shape, frozen=True, omit_defaults=True):
    """A delivery after a step; ``refusal`` says why there was none."""

    delivery_id: UUID
    state: str | None = None
    confirmed_at: datetime | None = None
    refusal: Fault | None = None


class SteppedList(Shape, frozen=True):
    """The deliveries after their steps, in the order asked."""

    items: list[Stepped]


class Confirming(Shape, frozen=True, forbid_unknown_fields=True):
    """Deliveries that a system keeps."""

    delivery_ids: list[UUID]


class Refusing(Shape, frozen=True, forbid_unknown_fields=True):
    """Why a system cannot take a delivery."""

    why: str


def package_of(
    record: PackageRecord,
    deliveries: Sequence[DeliveryRecord],
    *,
    refusal: Fault | None,
    links: dict[str, str],
    everyone: bool,
) -> Package:
    """Return a judged package as the API shows it."""
    shown = deliveries if everyone or len(deliveries) <= RECIPIENTS_SHOWN else ()
    return Package(
        package_id=record.id,
        state="accepted" if record.accepted else "refused",
        sha256=record.digest.hex(),
        size_bytes=record.size_bytes,
        links=links,
        received_at=record.received_at,
        decided_at=record.decided_at,
        kind=record.kind,
        document_id=record.document_id,
        sign=record.sign,
        subject=record.subject,
        sender=record.sender,
        status_code=record.status_code,
        priority=record.priority,
        refusal=refusal,
        recipient_count=len(deliveries),
        recipient_states=dict(Counter(one.state.value for one in deliveries)),
        recipients=[recipient_of(one) for one in shown],
    )


def recipient_of(delivery: DeliveryRecord) -> Recipient:
    """Return an addressee as its sender sees it; which system serves it is no concern of theirs."""
    return Recipient(
        delivery_id=delivery.id,
        address=delivery.address,
        state=delivery.state.value,
        held_reason=delivery.held_reason,
        status_code=delivery.status_code,
        routed_at=delivery.routed_at,
        fetched_at=delivery.fetched_at,
        confirmed_at=delivery.confirmed_at,
        ended_at=delivery.ended_at,
        redirect_of=delivery.redirect_of,
    )


def item_of(waiting: Waiting) -> Item:
    """Return what waits as the API shows it."""
    delivery = waiting.delivery
    return Item(
        delivery_id=delivery.id,
        package_id=delivery.package_id,
        address=delivery.address,
        from_=waiting.sender,
        kind=waiting.kind,
        document_id=waiting.document_id,
        sign=waiting.sign,
        subject=waiting.subject,
        status_code=waiting.status_code,
        lane=delivery.lane.value,
        state=delivery.state.value,
        sha256=waiting.digest.hex(),
        size_bytes=waiting.size_bytes,
        routed_at=delivery.routed_at,
        fetched_at=delivery.fetched_at,
    )


def delivery_of(delivery: DeliveryRecord, digest: bytes, size_bytes: int) -> Delivery:
    """Return a delivery as its receiver sees it."""
    return Delivery(
        delivery_id=delivery.id,
        package_id=delivery.package_id,
        address=delivery.address,
        lane=delivery.lane.value,
        state=delivery.state.value,
        sha256=digest.hex(),
        size_bytes=size_bytes,
        routed_at=delivery.routed_at,
        fetched_at=delivery.fetched_at,
        confirmed_at=delivery.confirmed_at,
        ended_at=delivery.ended_at,
    )
