"""Does what a system asks: give bytes, record a confirmation or a refusal, give a receipt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
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
from axis.delivery.states import Event as Step
from axis.delivery.states import State
from axis.errors import AxisError, Fault
from axis.mailbox.batch import Look, StepOrder, look, take_steps
from axis.parts.errors import PartUnknownError
from axis.store.deliveries import DeliveryRecord
from axis.store.engine import transaction
from axis.store.packages import package_by_id
from axis.store.parts import parts_of_packages

log = logging.getLogger(__name__)

_PAUSE_S = 1.0

T = TypeVar("T")


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
        piece, headers = await asyncio.to_thread(self._piece, asked)
        await self._outbox.piece(message, piece, headers)

    def _piece(self, asked: Fetch) -> tuple[bytes, dict[str, Any]]:
        """Return a piece of a delivery, after it is recorded that it was given out."""
        rooms = self._rooms
        # 1. Whether it is given out at all, and what.
        held = self._only(
            look(rooms.engine, [Look(delivery_id=asked.delivery_id, system_id=self._system_id)])
        )
        digest, size = held.digest, held.size_bytes
        if asked.part is not None:
            with transaction(rooms.engine) as connection:
                parts = parts_of_packages(connection, [held.delivery.package_id])
            found = [
                p for p in parts.get(held.delivery.package_id, ()) if p.content_id == asked.part
            ]
            if not found:
                raise PartUnknownError(
                    delivery_id=str(asked.delivery_id), content_id=asked.part[:64]
                )
            digest, size = found[0].digest, found[0].size_bytes
        if asked.offset and asked.offset >= size:
            raise OffsetError(size=size, got=asked.offset)
        # 2. The bytes; with the first piece all of them are compared with their digest.
        if asked.offset == 0:
            rooms.bodies.check(digest)
        piece = _read(
            rooms.bodies.stream(digest, start=asked.offset), rooms.settings.hub.piece_bytes
        )
        # 3. The record. If the answer is lost after this, the system fetches again.
        if held.delivery.state not in (State.FETCHED, State.CONFIRMED):
            self._step(
                StepOrder(delivery_id=asked.delivery_id, system_id=self._system_id, step=Step.FETCH)
            )
        return piece, {
            "delivery_id": str(asked.delivery_id),
            "package_id": str(held.delivery.package_id),
            "sha256": digest.hex(),
            "size_bytes": size,
            "offset": asked.offset,
        }

    def _step(self, order: StepOrder) -> DeliveryRecord:
        rooms = self._rooms
        return self._only(take_steps(rooms.engine, rooms.sealer, [order], now=rooms.clock()))

    @staticmethod
    def _only(answers: Sequence[T | AxisError]) -> T:
        (answer,) = answers
        if isinstance(answer, AxisError):
            raise answer
        return answer

    def _receipt(self, package_id: UUID) -> str | None:
        with transaction(self._rooms.engine) as connection:
            package = package_by_id(connection, package_id)
        if package is None or package.system_id != self._system_id:
            raise DocumentUnknownError(name=str(package_id))
        return receipts_of_packages(self._rooms, {package_id}).get(package_id)

    async def _take_step(
        self, message: Arrived, delivery_id: UUID, step: Step, *, why: str | None = None
    ) -> None:
        order = StepOrder(delivery_id=delivery_id, system_id=self._system_id, step=step, why=why)
        delivery = await asyncio.to_thread(self._step, order)
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


def _read(pieces: Iterator[bytes], most: int) -> bytes:
    """Return at most so many bytes; the rest is not read."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])
