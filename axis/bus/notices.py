"""What travels through RabbitMQ: ids, digests and routes, never a body.

A notice says where to look, never what is true: whoever takes one reads the records and the body.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from axis.bus.errors import NoticeUnreadableError
from axis.structs import ready


class IntakeNotice(msgspec.Struct, frozen=True, kw_only=True, tag="intake", tag_field="type"):
    """A body was stored by a door for an authenticated system."""

    package_id: UUID
    system_id: str
    digest: str  #: SHA-256 of the body, hex
    size_bytes: int
    door: str
    received_at: datetime  #: when the last byte was durable
    reply_to: str | None = None  #: queue of the door that waits for the verdict
    relayed: str | None = None  #: the entry by which another axis sent it on, as that axis says
    stored: bool = True  #: false where the body was over the limit and was not kept


class DeliveryNotice(msgspec.Struct, frozen=True, kw_only=True, tag="delivery", tag_field="type"):
    """A package waits for an office."""

    delivery_id: UUID
    package_id: UUID
    office_id: str
    address: str  #: the OrganId as the sender wrote it
    sender: str
    digest: str
    size_bytes: int
    lane: str
    routed_at: datetime


class VerdictNotice(msgspec.Struct, frozen=True, kw_only=True, tag="verdict", tag_field="type"):
    """A package was judged; the verdict itself is in the records."""

    package_id: UUID
    system_id: str
    accepted: bool
    code: str | None = None


Notice = IntakeNotice | DeliveryNotice | VerdictNotice

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Notice] = msgspec.json.Decoder(ready(Notice))


def encode_notice(notice: Notice) -> bytes:
    """Return the JSON of a notice."""
    return _encoder.encode(notice)


def parse_notice(body: bytes, *, queue: str) -> Notice:
    """Read a notice.

    Raises:
        NoticeUnreadableError: it is none of ours.
    """
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise NoticeUnreadableError(queue=queue, reason=str(error)) from error
    except UnicodeDecodeError as error:
        raise NoticeUnreadableError(queue=queue, reason="not UTF-8") from error
