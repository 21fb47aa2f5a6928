"""Publishes notices with confirms, many at once, and says of each whether RabbitMQ has it.

Measured on RabbitMQ 3.10: an unroutable notice is confirmed like any other unless it is published
``mandatory``, and a memory or disk alarm makes a publish hang without an error. Hence: always
mandatory, always a time-out, and a window of confirms instead of one after the other.

The library's own publish costs 170–270 µs of processor time for each notice, most of it in tasks,
time-outs and frames that are built field by field. Here a whole window is one write and one wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from random import getrandbits
from typing import Any, cast

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel

from axis.bus.confirms import Window
from axis.bus.connection import GONE
from axis.bus.errors import PublishUnconfirmedError
from axis.bus.frames import ID_DIGITS, notice_frames

#: What is published: exchange (empty: the default one), routing key, JSON.
Letter = tuple[str, str, bytes]


class Publisher:
    """A channel with confirms and a window."""

    def __init__(self, channel: Channel, *, window: int, timeout_s: float) -> None:
        """Publish on a channel that is used for nothing else.

        Args:
            channel: with confirms.
            window: notices of one caller that wait for their confirm at once.
            timeout_s: how long RabbitMQ has to confirm a window.
        """
        self._channel = channel
        self._window = window
        self._timeout_s = timeout_s
        self._telling: set[asyncio.Task[Any]] = set()

    async def publish(self, body: bytes, *, routing_key: str, exchange: str = "") -> None:
        """Publish one persistent notice and wait until RabbitMQ has it.

        Raises:
            PublishUnconfirmedError: refused, returned as unroutable, or not confirmed in time.
        """
        (error,) = await self._publish([(exchange, routing_key, body)])
        if error is not None:
            raise error

    async def publish_all(
        self, notices: Iterable[Letter]
    ) -> Sequence[PublishUnconfirmedError | None]:
        """Publish notices; return in order each one's failure or None.

        Two notices to one queue arrive in the order given.
        """
        letters = list(notices)
        # Neighbours of one queue are confirmed together, by one frame of RabbitMQ's.
        order = sorted(range(len(letters)), key=lambda place: letters[place][:2])
        failures: list[PublishUnconfirmedError | None] = [None] * len(letters)
        for start in range(0, len(order), self._window):
            places = order[start : start + self._window]
            answers = await self._publish([letters[place] for place in places])
            for place, answer in zip(places, answers, strict=True):
                failures[place] = answer
        return failures

    def tell_all(self, notices: Iterable[Letter]) -> None:
        """Publish notices that may be lost, and wait for nothing.

        Whoever waits for one also looks into the records.
        """
        letters = list(notices)
        for start in range(0, len(letters), self._window):
            telling = asyncio.create_task(self._publish(letters[start : start + self._window]))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def _publish(self, letters: Sequence[Letter]) -> list[PublishUnconfirmedError | None]:
        """Publish at most a window of notices and wait for all of them."""
        channel = self._channel
        window = Window(len(letters))
        ids = [f"{getrandbits(128):0{ID_DIGITS}x}" for _ in letters]
        try:
            async with asyncio.timeout(self._timeout_s):
                # The lock makes tags and bytes go in one order, also beside the library's own.
                async with channel.lock:
                    window.ends = channel.create_future()
                    await self._write(letters, ids, window)
                await window.ends
        except (*GONE, TimeoutError) as error:
            window.give_up(error)
        finally:
            window.give_up(asyncio.CancelledError())
            for message_id in ids:
                channel.message_id_delivery_tag.pop(message_id, None)
        return [
            None if failure is None else _unconfirmed(letter[1], failure)
            for letter, failure in zip(letters, window.failures, strict=True)
        ]

    async def _write(self, letters: Sequence[Letter], ids: Sequence[str], window: Window) -> None:
        channel = self._channel
        payload = b"".join(
            frame
            for (exchange, key, body), message_id in zip(letters, ids, strict=True)
            for frame in notice_frames(
                channel.number, exchange, key, message_id, body, largest=channel.max_content_size
            )
        )
        confirms = cast("dict[int, Any]", channel.confirmations)
        first = channel.delivery_tag + 1
        tags = range(first, first + len(ids))
        confirms.update(zip(tags, window.slots, strict=True))
        channel.message_id_delivery_tag.update(zip(ids, tags, strict=True))
        channel.delivery_tag += len(ids)
        try:
            await channel.write_queue.put(ChannelFrame(payload, should_close=False))
        except BaseException:
            # Nothing was written: RabbitMQ counts on from where it was, and so must we.
            channel.delivery_tag -= len(ids)
            for tag in tags:
                confirms.pop(tag, None)
            raise


def _unconfirmed(routing_key: str, failure: BaseException) -> PublishUnconfirmedError:
    error = PublishUnconfirmedError(
        routing_key=routing_key, reason=str(failure) or type(failure).__name__
    )
    error.__cause__ = failure
    return error
