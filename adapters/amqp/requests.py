"""Does what a system asks: give bytes, record a confirmation or a refusal, give a receipt."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from adapters.amqp.checks import demand_user, read_request
from adapters.amqp.errors import GivenUpError, OffsetError, ReplyMissingError
from adapters.amqp.inbox import Arrived, Inbox
from adapters.amqp.outbox import Outbox, has_reply, why_of
from adapters.amqp.rooms import Desks, Rooms
from adapters.amqp.schemas import Confirm, Done, Fetch, Proof, Receipt, Refuse, RequestRefused
from adapters.amqp.submissions import TRIES
from adapters.amqp.verdicts import receipts_of_packages
from axis.bus.errors import PublishUnconfirmedError
from axis.delivery.errors import DocumentUnknownError
from axis.delivery.states import Event as Step
from axis.delivery.states import State
from axis.errors import AxisError, Fault
from axis.mailbox.batch import Look, StepOrder
from axis.parts.errors import PartUnknownError
from axis.store.deliveries import DeliveryRecord, Held
from axis.store.engine import transaction
from axis.store.packages import package_by_id
from axis.store.parts import PackagePart, parts_of_packages

log = logging.getLogger(__name__)

_PAUSE_S = 1.0


class Requests:
    """The requests of one system."""

    def __init__(
        self, system_id: str, rooms: Rooms, desks: Desks, inbox: Inbox, outbox: Outbox
    ) -> None:
        self._system_id = system_id
        self._account = rooms.account(system_id)
        self._rooms = rooms
        self._desks = desks
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
            case Fetch() as asked:
                await self._fetch(message, asked)
            case Confirm(delivery_id=delivery_id):
                await self._take_step(message, delivery_id, Step.CONFIRM)
            case Refuse(delivery_id=delivery_id, reason=reason):
                await self._take_step(message, delivery_id, Step.REFUSE, why=reason)
            case Receipt(package_id=package_id):
                if not has_reply(message):
                    raise ReplyMissingError(got=message.reply_to or "–")
                text = await asyncio.to_thread(self._receipt, package_id)
                await self._outbox.answer(message, Proof(package_id=package_id, receipt=text))

    async def _fetch(self, message: Arrived, asked: Fetch) -> None:
        if not has_reply(message):
            raise ReplyMissingError(got=message.reply_to or "–")
        # 1. Whether it is given out at all, and what.
        order = Look(delivery_id=asked.delivery_id, system_id=self._system_id)
        held = await self._desks.looks.do(order)
        digest, size = held.digest, held.size_bytes
        if asked.part is not None:
            part = await asyncio.to_thread(self._part, held, asked.part)
            digest, size = part.digest, part.size_bytes
        if asked.offset and asked.offset >= size:
            raise OffsetError(size=size, got=asked.offset)
        # 2. The bytes; with the first piece all of them are compared with their digest.
        piece = await asyncio.to_thread(self._read, digest, asked.offset)
        # 3. The record. If the answer is lost after this, the system fetches again.
        if held.delivery.state not in (State.FETCHED, State.CONFIRMED):
            await self._step(asked.delivery_id, Step.FETCH)
        headers = {
            "delivery_id": str(asked.delivery_id),
            "package_id": str(held.delivery.package_id),
            "sha256": digest.hex(),
            "size_bytes": size,
            "offset": asked.offset,
        }
        await self._outbox.piece(message, piece, headers)

    def _part(self, held: Held, content_id: str) -> PackagePart:
        """Return an attachment of a delivery that came apart.

        Raises:
            PartUnknownError: it has no such attachment.
        """
        with transaction(self._rooms.engine) as connection:
            parts = parts_of_packages(connection, [held.delivery.package_id])
        for part in parts.get(held.delivery.package_id, ()):
            if part.content_id == content_id:
                return part
        raise PartUnknownError(delivery_id=str(held.delivery.id), content_id=content_id[:64])

    def _read(self, digest: bytes, offset: int) -> bytes:
        bodies, most = self._rooms.bodies, self._rooms.settings.hub.piece_bytes
        if offset == 0:
            bodies.check(digest)
        found = bytearray()
        for piece in bodies.stream(digest, start=offset):
            found += piece
            if len(found) >= most:
                break
        return bytes(found[:most])

    async def _step(
        self, delivery_id: UUID, step: Step, *, why: str | None = None
    ) -> DeliveryRecord:
        order = StepOrder(delivery_id=delivery_id, system_id=self._system_id, step=step, why=why)
        return await self._desks.steps.do(order)

    async def _take_step(
        self, message: Arrived, delivery_id: UUID, step: Step, *, why: str | None = None
    ) -> None:
        delivery = await self._step(delivery_id, step, why=why)
        if has_reply(message):
            done = Done(delivery_id=delivery.id, state=delivery.state.value)
            await self._outbox.answer(message, done)

    def _receipt(self, package_id: UUID) -> str | None:
        with transaction(self._rooms.engine) as connection:
            package = package_by_id(connection, package_id)
        if package is None or package.system_id != self._system_id:
            raise DocumentUnknownError(name=str(package_id))
        return receipts_of_packages(self._rooms, {package_id}).get(package_id)

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
