"""The frames of a publish, beside those that the client library builds."""

from __future__ import annotations

from typing import Any

import pamqp.frame
import pytest
from pamqp import commands
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from axis.bus.frames import notice_frames

MESSAGE_ID = "0123456789abcdef" * 2


def by_the_library(
    channel: int, exchange: str, routing_key: str, body: bytes, largest: int
) -> bytes:
    properties = commands.Basic.Properties(
        delivery_mode=2, content_type="application/json", message_id=MESSAGE_ID
    )
    pieces = [body[start : start + largest] for start in range(0, len(body), largest)]
    frames: list[Any] = [
        commands.Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=True),
        ContentHeader(properties=properties, body_size=len(body)),
        *map(ContentBody, pieces),
    ]
    return b"".join(bytes(pamqp.frame.marshal(frame, channel)) for frame in frames)


@pytest.mark.parametrize("size", [0, 1, 400, 4000, 4001, 12_345])
@pytest.mark.parametrize("channel", [1, 258])
@pytest.mark.parametrize("route", [("", "axis.intake"), ("axis.delivery", "hệ-thống.express")])
def test_the_frames_are_those_of_the_library(
    channel: int, route: tuple[str, str], size: int
) -> None:
    body = bytes(number % 251 for number in range(size))
    ours = b"".join(notice_frames(channel, *route, MESSAGE_ID, body, largest=4000))
    assert ours == by_the_library(channel, *route, body, 4000)
