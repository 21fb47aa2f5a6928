"""Publishes the first half of a message and goes away, which no client library does."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote, urlsplit

import pamqp.frame
from pamqp import body, commands, header

from tests.amqp.door import Door


async def publish_half(door: Door, system_id: str, package: bytes) -> None:
    """Begin to publish a package as a system, and break the connection off."""
    parts = urlsplit(door.url(system_id))
    user, password = unquote(parts.username or ""), parts.password or ""
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(b"AMQP\x00\x00\x09\x01")
    await _take(reader)
    _say(writer, 0, commands.Connection.StartOk({}, "PLAIN", f"\0{user}\0{password}", "en_US"))
    await _take(reader)
    _say(writer, 0, commands.Connection.TuneOk(10, 131072, 0))
    _say(writer, 0, commands.Connection.Open(unquote(parts.path[1:])))
    await _take(reader)
    _say(writer, 1, commands.Channel.Open())
    await _take(reader)
    _say(writer, 1, commands.Basic.Publish(exchange="axis.in", routing_key="submit"))
    properties = commands.Basic.Properties(content_type="application/xml", user_id=user)
    _say(writer, 1, header.ContentHeader(0, len(package), properties))
    _say(writer, 1, body.ContentBody(package[: len(package) // 2]))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def _say(writer: asyncio.StreamWriter, channel: int, frame: object) -> None:
    writer.write(pamqp.frame.marshal(frame, channel))


async def _take(reader: asyncio.StreamReader) -> None:
    head = await reader.readexactly(7)
    await reader.readexactly(int.from_bytes(head[3:]) + 1)
