"""Places in lists, as opaque words: where a page ended, and how far a mailbox was seen."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from adapters.gateway.errors import ParameterError
from axis.delivery.lanes import Lane
from axis.structs import ready

T = TypeVar("T")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = 253_402_300_800_000_000  # the year 10000


class _Place(msgspec.Struct, array_like=True, frozen=True):
    at: int  #: microseconds since 1970
    id: UUID


class _Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: int  #: when the reading began, microseconds since 1970
    lanes: dict[Lane, _Place] = {}


def encode_place(at: datetime, identifier: UUID) -> str:
    """Return where a page of a list ended."""
    return _encode(_Place(_micros(at), identifier))


def decode_place(text: str) -> tuple[datetime, UUID]:
    """Read where a page of a list ended.

    Raises:
        ParameterError: it is no cursor of ours.
    """
    place = _decode(text, _Place)
    return _moment(place.at), place.id


def encode_seen(since: datetime, lanes: Mapping[Lane, tuple[datetime, UUID]]) -> str:
    """Return how far a mailbox was seen, and since when."""
    places = {lane: _Place(_micros(at), identifier) for lane, (at, identifier) in lanes.items()}
    return _encode(_Seen(_micros(since), places))


def decode_seen(text: str) -> tuple[datetime, dict[Lane, tuple[datetime, UUID]]]:
    """Read how far a mailbox was seen, and since when.

    Raises:
        ParameterError: it is no cursor of ours.
    """
    seen = _decode(text, _Seen)
    return _moment(seen.since), {
        lane: (_moment(place.at), place.id) for lane, place in seen.lanes.items()
    }


def _encode(value: _Place | _Seen) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def _decode(text: str, kind: type[T]) -> T:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=ready(kind))
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, ValueError) as error:
        raise ParameterError(name="cursor", reason="one that an answer gave") from error


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    if not 0 <= micros < _LATEST:
        raise ParameterError(name="cursor", reason="one that an answer gave")
    return _EPOCH + micros * _MICROSECOND
