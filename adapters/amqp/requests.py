"""Does what a system asks: give bytes, record a confirmation or a refusal, give a receipt."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from adapters.amqp.checks import demand_user, read_request
from adapters.amqp.errors import GivenUpError, OffsetError, ReplyMissingError
from adapters.amqp.inbox import Arrived, Inbox
from adapters.amqp.outbox import Outbox, has_reply, why_of
from adapters.amqp.rooms import Rooms
from adapters.amqp.schemas import Confirm, Done, Fetch, Proof, Receipt, Refuse, RequestRefused
from adapters.amqp.submissions import TRIES
from adapters.amqp.verdicts import receipts_of_packages
from axis.bus.errors import PublishUnconfirmedError
from axis.delivery.errors import DocumentUnknownError
from axis.errors import AxisError, Fault
from axis.mailbox import confirm, fetch, refuse
from axis.store.deliveries import DeliveryRecord
from axis.store.engine import transaction
from axis.store.packages import package_by_id

log = logging.getLogger(__name__)

_PAUSE_S = 1.0


class Requests:
    """The requests of one system."""

    def __init__(self, system_id: str, rooms: Rooms, inbox: Inbox, outbox: Outbox) -> None:
        self._system_id = system_id
        self._account = rooms.account(system_id)
        self._rooms = rooms
        self._inbox = inbox
        self._outbox = outbox

    async def take(self, message: Arrived) -> None:
        """Answer one request; each may be asked again and has its effect once."""
        try:
            if message.tries >= TRIES:
                raise GivenUpError(tries=message.tries)
            demand_user(message, self._account)
            await self._do(message)
        except AxisError as error:
            if error.fault is Fault.OUTAGE and not isinstance(error, GivenUpError):
                log.warning("a request waits", extra={"code": error.code})
                await asyncio.sleep(_PAUSE_S)
                await self._inbox.give_back(message)
                return
            await self._refuse(message, error)
        await self._inbox.acknowledge(message)

    async def _do(self, message: Arrived) -> None:
        match read_request(message):
            case Fetch(delivery_id=delivery_id, offset=offset):
                await self._fetch(message, delivery_id, offset)
            case Confirm(delivery_id=delivery_id):
                moved = await asyncio.to_thread(self._confirm, delivery_id)
                await self._done(message, moved)
            case Refuse(delivery_id=delivery_id, reason=reason):
                moved = await asyncio.to_thread(self._decline, delivery_id, reason)
                await self._done(message, moved)
            case Receipt(package_id=package_id):
                if not has_reply(message):
                    raise ReplyMissingError(got=message.reply_to or "–")
                text = await asyncio.to_thread(self._receipt, package_id)
                await self._outbox.answer(message, Proof(package_id=package_id, receipt=text))

    async def _fetch(self, message: Arrived, delivery_id: UUID, offset: int) -> None:
        if not has_reply(message):
            raise ReplyMissingError(got=message.reply_to or "–")
        delivery, body = await asyncio.to_thread(
            fetch,
            self._rooms.engine,
            self._rooms.bodies,
            self._rooms.sealer,
            delivery_id=delivery_id,
            system_id=self._system_id,
            now=self._rooms.clock(),
        )
        if offset and offset >= len(body):
            raise OffsetError(size=len(body), got=offset)
        piece = body[offset : offset + self._rooms.settings.hub.piece_bytes]
        with transaction(self._rooms.engine) as connection:
            package = package_by_id(connection, delivery.package_id)
        await self._outbox.piece(
            message,
            piece,
            {
                "delivery_id": str(delivery_id),
                "package_id": str(delivery.package_id),
                "sha256": package.digest.hex() if package else "",
                "size_bytes": len(body),
                "offset": offset,
            },
        )

    def _confirm(self, delivery_id: UUID) -> DeliveryRecord:
        return confirm(
            self._rooms.engine,
            self._rooms.sealer,
            delivery_id=delivery_id,
            system_id=self._system_id,
            now=self._rooms.clock(),
        )

    def _decline(self, delivery_id: UUID, reason: str) -> DeliveryRecord:
        return refuse(
            self._rooms.engine,
            self._rooms.sealer,
            delivery_id=delivery_id,
            system_id=self._system_id,
            why=reason,
            now=self._rooms.clock(),
        )

    def _receipt(self, package_id: UUID) -> str | None:
        with transaction(self._rooms.engine) as connection:
            package = package_by_id(connection, package_id)
        if package is None or package.system_id != self._system_id:
            raise DocumentUnknownError(name=str(package_id))
        return receipts_of_packages(self._rooms, {package_id}).get(package_id)

    async def _done(self, message: Arrived, delivery: DeliveryRecord) -> None:
        if has_reply(message):
            done = Done(delivery_id=delivery.id, state=delivery.state.value)
            await self._outbox.answer(message, done)

    async def _refuse(self, message: Arrived, error: AxisError) -> None:
        if error.fault is Fault.AXIS:
            log.error("a request failed", extra={"code": error.code, "system": self._system_id})
        said = RequestRefused(request=message.routing_key[:64], why=why_of(error.refusal))
        if has_reply(message):
            await self._outbox.answer(message, said)
            return
        try:
            await self._outbox.event(said, about=message.name)
        except PublishUnconfirmedError as full:
            # The request had no effect; a system whose events are full does not read this either.
            log.warning("a system takes no events", extra={"facts": dict(full.facts)})
