"""Who published a message, and whether it is what it should be. Pure.

RabbitMQ compares ``user_id`` with the user of the connection where it is set, and a system's
virtual host lets nobody else in. Both must say the same; what headers claim is never asked.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from adapters.amqp.errors import (
    BodyDigestError,
    ContentTypeError,
    EmptyMessageError,
    InlineTooLargeError,
    MessageUnreadableError,
    OperationUnknownError,
    UserForeignError,
    UserMissingError,
)
from adapters.amqp.inbox import Arrived
from adapters.amqp.names import SUBMIT, request_key
from adapters.amqp.schemas import JSON, PACKAGE_TYPES, REQUEST_TYPES, Reference, Request
from axis.structs import ready

T = TypeVar("T")


def demand_user(message: Arrived, account: str) -> None:
    """Return where RabbitMQ vouches that the message is from this user.

    Raises:
        UserMissingError: it does not say who published it.
        UserForeignError: somebody else did.
    """
    if message.user_id is None:
        raise UserMissingError(expected=account)
    if message.user_id != account:
        raise UserForeignError(got=message.user_id, expected=account)


def read_submission(message: Arrived, *, inline_bytes: int) -> bytes | Reference:
    """Return the package, or the reference to it.

    Raises:
        OperationUnknownError, ContentTypeError, EmptyMessageError, InlineTooLargeError,
        BodyDigestError, MessageUnreadableError: it is none.
    """
    if message.routing_key != SUBMIT:
        raise OperationUnknownError(got=message.routing_key)
    kind = _content_type(message, PACKAGE_TYPES | {JSON})
    if not message.body:
        raise EmptyMessageError
    if kind == JSON:
        return _decode(message.body, Reference)
    if len(message.body) > inline_bytes:
        raise InlineTooLargeError(got=len(message.body), limit=inline_bytes)
    expected = message.headers.get("sha256")
    if expected is not None:
        got = hashlib.sha256(message.body).hexdigest()
        if str(expected).lower() != got:
            raise BodyDigestError(got=got, expected=str(expected)[:64])
    return message.body


def read_request(message: Arrived) -> Request:
    """Return what is asked.

    Raises:
        OperationUnknownError, ContentTypeError, MessageUnreadableError: it cannot be read.
    """
    for name, kind in REQUEST_TYPES.items():
        if message.routing_key == request_key(name):
            _content_type(message, frozenset({JSON}))
            return _decode(message.body, kind)
    raise OperationUnknownError(got=message.routing_key)


def _content_type(message: Arrived, expected: frozenset[str]) -> str:
    kind = (message.content_type or "").partition(";")[0].strip().lower()
    if kind not in expected:
        raise ContentTypeError(got=kind or "–", expected=", ".join(sorted(expected)))
    if message.content_encoding not in (None, "", "identity", "utf-8", "UTF-8"):
        raise ContentTypeError(got=f"encoded by {message.content_encoding}", expected=kind)
    return kind


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=ready(kind))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MessageUnreadableError(reason=str(error)[:200]) from error
