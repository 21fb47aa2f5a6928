"""What the axis publishes for a system: deliveries, events, answers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from aiormq.channel import Channel
from pamqp import commands

from adapters.amqp.inbox import Arrived
from adapters.amqp.names import DIRECT_REPLY, EVENT, OUT_EXCHANGE, deliveries_queue
from adapters.amqp.schemas import JSON, PACKAGE, Delivery, Event, Text, Why
from adapters.amqp.schemas import Place as Where
from axis.bus.connection import GONE
from axis.bus.errors import PublishUnconfirmedError
from axis.delivery.lanes import Lane
from axis.errors import Refusal

PERSISTENT: Final = 2

_encoder: Final = msgspec.json.Encoder()


class Outbox:
    """A channel with confirms in a system's virtual host."""

    def __init__(self, channel: Channel, *, timeout_s: float) -> None:
        self._channel = channel
        self._timeout_s = timeout_s

    async def event(self, event: Event, *, about: str | None) -> None:
        """Put an event into the system's queue; RabbitMQ has it on return.

        Raises:
            PublishUnconfirmedError: the queue is full, or RabbitMQ is away.
        """
        await self._publish(
            _encoder.encode(event),
            routing_key=EVENT,
            properties=commands.Basic.Properties(
                content_type=JSON,
                delivery_mode=PERSISTENT,
                message_type=str(event.__struct_config__.tag),
                correlation_id=about,
            ),
        )

    async def delivery(self, delivery: Delivery) -> None:
        """Tell the system of a delivery; RabbitMQ has it on return.

        Raises:
            PublishUnconfirmedError: the queue is full, or RabbitMQ is away.
        """
        name = str(delivery.delivery_id)
        await self._publish(
            _encoder.encode(delivery),
            routing_key=deliveries_queue(Lane(delivery.priority_lane)),
            properties=commands.Basic.Properties(
                content_type=JSON,
                delivery_mode=PERSISTENT,
                message_type="delivery",
                message_id=name,
            ),
        )

    async def answer(self, request: Arrived, event: Event) -> None:
        """Answer who waits for it; one who waits no more asks again."""
        await self._reply(request, _encoder.encode(event), JSON, event.__struct_config__.tag, {})

    async def piece(self, request: Arrived, body: bytes, headers: Mapping[str, Any]) -> None:
        """Answer with bytes of a package."""
        await self._reply(request, body, PACKAGE, "piece", headers)

    async def _reply(
        self,
        request: Arrived,
        body: bytes,
        content_type: str,
        kind: object,
        headers: Mapping[str, Any],
    ) -> None:
        with suppress(*GONE, TimeoutError):
            await self._channel.basic_publish(
                body,
                routing_key=request.reply_to or "",
                properties=commands.Basic.Properties(
                    content_type=content_type,
                    message_type=str(kind),
                    correlation_id=request.name,
                    headers=dict(headers),
                ),
                timeout=self._timeout_s,
                wait=False,
            )

    async def _publish(
        self, body: bytes, *, routing_key: str, properties: commands.Basic.Properties
    ) -> None:
        try:
            await self._channel.basic_publish(
                body,
                exchange=OUT_EXCHANGE,
                routing_key=routing_key,
                properties=properties,
                mandatory=True,
                timeout=self._timeout_s,
                wait=False,
            )
        except (*GONE, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise PublishUnconfirmedError(routing_key=routing_key, reason=reason) from error


def has_reply(request: Arrived) -> bool:
    """Say whether a request names a place that an answer may go to.

    Only RabbitMQ's direct reply is one: whoever could name a queue could let the axis write there.
    """
    return bool(request.reply_to and request.reply_to.startswith(DIRECT_REPLY))


def why_of(refusal: Refusal) -> Why:
    """Return a refusal as systems read it."""
    place = refusal.place
    return Why(
        code=refusal.code,
        fault=refusal.fault.value,
        text=Text(en=refusal.text("en"), vi=refusal.text("vi")),
        hint=Text(en=refusal.hint("en"), vi=refusal.hint("vi")),
        place=Where(xpath=place.xpath, line=place.line, column=place.column) if place else None,
    )
