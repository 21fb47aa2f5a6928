"""Passes notices of deliveries on to a system, as many as it takes.

What stands in the axis's own queue for a system is passed on only while the system consumes, and
only so much: what it does not take stays where it is, and the clock sees that the queue is not
empty and tells nothing twice. A notice comes at least once; the delivery's id says that it is the
same.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from uuid import UUID

import aiormq
from aiormq.channel import Channel

from adapters.amqp.names import deliveries_queue
from adapters.amqp.outbox import Outbox
from adapters.amqp.rooms import Rooms
from adapters.amqp.schemas import Delivery, Part
from axis.bus.errors import NoticeUnreadableError
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.topology import declare_system_queues, system_queue
from axis.delivery.lanes import Lane
from axis.store.engine import transaction
from axis.store.offers import still_waiting
from axis.store.parts import parts_of_packages

log = logging.getLogger(__name__)

BATCH: Final = 100
_QUICK_S: Final = 0.05
_IDLE_MOST_S: Final = 1.0


class Tellings:
    """The way of notices from the axis's queues to a system's own."""

    def __init__(
        self, system_id: str, rooms: Rooms, *, inner: Channel, outer: Channel, outbox: Outbox
    ) -> None:
        """Keep the two sides.

        Args:
            system_id: who is told.
            rooms: the records.
            inner: a channel in the axis's virtual host.
            outer: a channel in the system's, to ask how long its queues are.
            outbox: where deliveries are published.
        """
        self._system_id = system_id
        self._rooms = rooms
        self._inner = inner
        self._outer = outer
        self._outbox = outbox

    async def serve(self, stop: asyncio.Event) -> None:
        """Pass on until ``stop``; look less often while nothing comes.

        Raises:
            BusUnavailableError: RabbitMQ is gone; what was not acknowledged is passed on again.
        """
        await declare_system_queues(self._inner, [self._system_id])
        pause = _QUICK_S
        while not stop.is_set():
            passed = 0
            for lane in (Lane.EXPRESS, Lane.NORMAL):
                passed += await self._pass_on(lane)
            pause = _QUICK_S if passed else min(pause * 1.5, _IDLE_MOST_S)
            await _sleep(stop, 0 if passed else pause)

    async def _pass_on(self, lane: Lane) -> int:
        source = system_queue(self._system_id, lane)
        waiting = await self._inner.queue_declare(source, passive=True)
        if not waiting.message_count:
            return 0
        target = await self._outer.queue_declare(deliveries_queue(lane), passive=True)
        if not target.consumer_count:
            return 0
        room = self._rooms.settings.hub.window - (target.message_count or 0)
        notices = await self._get(source, min(room, BATCH))
        if not notices:
            return 0
        # 1. What has ended meanwhile is not told any more.
        told = await asyncio.to_thread(self._read, [notice.delivery_id for _, notice in notices])
        # 2. The system's queue. After a crash here, it is told again.
        await asyncio.gather(
            *(
                self._outbox.delivery(told[n.delivery_id])
                for _, n in notices
                if n.delivery_id in told
            )
        )
        # 3. Let go.
        for tag, _ in notices:
            await self._inner.basic_ack(tag)
        return len(notices)

    async def _get(self, queue: str, most: int) -> list[tuple[int, DeliveryNotice]]:
        found: list[tuple[int, DeliveryNotice]] = []
        while len(found) < most:
            message = await self._inner.basic_get(queue)
            if not isinstance(message.delivery, aiormq.spec.Basic.GetOk):
                break
            tag = message.delivery.delivery_tag or 0
            try:
                notice = parse_notice(message.body, queue=queue)
                if not isinstance(notice, DeliveryNotice):
                    raise NoticeUnreadableError(queue=queue, reason="another kind of notice")
            except NoticeUnreadableError as error:
                log.error("parked", extra={"code": error.code, "facts": dict(error.facts)})
                await self._inner.basic_nack(tag, requeue=False)
                continue
            found.append((tag, notice))
        return found

    def _read(self, delivery_ids: list[UUID]) -> dict[UUID, Delivery]:
        with transaction(self._rooms.engine) as connection:
            found = still_waiting(connection, self._system_id, delivery_ids)
            parts = parts_of_packages(
                connection, {one.delivery.package_id for one in found.values()}
            )
        return {
            delivery_id: Delivery(
                delivery_id=delivery_id,
                package_id=one.delivery.package_id,
                kind=one.kind,
                sender=one.sender,
                address=one.delivery.address,
                office_id=one.delivery.office_id,
                sha256=one.digest.hex(),
                size_bytes=one.size_bytes,
                priority_lane="express" if one.delivery.lane is Lane.EXPRESS else "normal",
                routed_at=one.delivery.routed_at,
                document_id=one.document_id,
                sign=one.sign,
                status_code=one.status_code,
                parts=tuple(
                    Part(
                        content_id=part.content_id,
                        sha256=part.digest.hex(),
                        size_bytes=part.size_bytes,
                        name=part.name,
                        content_type=part.content_type,
                    )
                    for part in parts.get(one.delivery.package_id, ())
                ),
            )
            for delivery_id, one in found.items()
        }


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
