"""Takes the packages that a system publishes, in its name and in nobody else's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from adapters.amqp.checks import demand_user, read_submission
from adapters.amqp.errors import GivenUpError, ReferenceUnknownError
from adapters.amqp.inbox import Arrived, Inbox
from adapters.amqp.outbox import Outbox, why_of
from adapters.amqp.pending import Pending, PendingQueue
from adapters.amqp.rooms import Rooms
from adapters.amqp.schemas import Reference, Refused
from axis.bus.publisher import Publisher
from axis.errors import AxisError, Fault
from axis.intake import Ticket, submit
from axis.intake.pressure import Pressure
from axis.store.engine import transaction
from axis.store.parts import parts_brought

log = logging.getLogger(__name__)

DOOR: Final = "amqp"

#: A message that came back so often without an end is refused instead of tried again.
TRIES: Final = 20

_PAUSE_FIRST_S: Final = 0.5
_PAUSE_MOST_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The way to the relay."""

    publisher: Publisher
    pressure: Pressure
    pending: PendingQueue


class Submissions:
    """The submissions of one system."""

    def __init__(
        self, system_id: str, rooms: Rooms, intake: Intake, inbox: Inbox, outbox: Outbox
    ) -> None:
        self._system_id = system_id
        self._account = rooms.account(system_id)
        self._rooms = rooms
        self._intake = intake
        self._inbox = inbox
        self._outbox = outbox

    async def take(self, message: Arrived) -> None:
        """Take one message to its end: a package under way, or a refusal with its code.

        Raises:
            BusUnavailableError, PublishUnconfirmedError: the message comes again.
        """
        since = self._rooms.clock()
        # 1. Who, and what. A message that is none is refused; nothing comes back for ever.
        try:
            if message.tries >= TRIES:
                raise GivenUpError(tries=message.tries)
            demand_user(message, self._account)
            said = read_submission(message, inline_bytes=self._rooms.settings.hub.inline_bytes)
            # 2. The bytes and the notice. After a crash here the message comes again, and the same
            #    bytes from the same system are the same package.
            ticket = await self._submit(said)
        except AxisError as error:
            # Where the axis takes nothing for long, the sender is told to come again; nothing was
            # accepted then.
            await self._refuse(message, error)
            return
        # 3. That an answer is owed. From here the verdict finds its way back without the message.
        await self._intake.pending.add(
            Pending(
                package_id=ticket.package_id,
                system_id=self._system_id,
                about=message.name,
                since=since,
            )
        )
        await self._inbox.acknowledge(message)

    async def _refuse(self, message: Arrived, error: AxisError) -> None:
        if error.fault is Fault.AXIS:
            log.error("a submission failed", extra={"code": error.code, "system": self._system_id})
        await self._outbox.event(Refused(why=why_of(error.refusal)), about=message.name)
        await self._inbox.acknowledge(message)

    async def _submit(self, said: bytes | Reference) -> Ticket:
        """Submit; what only has to wait is waited for.

        RabbitMQ takes back a message that is held for 30 minutes, and the sender wants to know.
        """
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self._rooms.settings.hub.held_s, _PAUSE_FIRST_S
        while True:
            try:
                return await self._submit_once(said)
            except AxisError as error:
                if error.fault is not Fault.OUTAGE or loop.time() + pause > until:
                    raise
                log.warning("a submission waits", extra={"code": error.code})
            await asyncio.sleep(pause)
            pause = min(pause * 2, _PAUSE_MOST_S)

    async def _submit_once(self, said: bytes | Reference) -> Ticket:
        if isinstance(said, Reference):
            pieces = self._stored(await asyncio.to_thread(self._find, said))
        else:
            pieces = _whole(said)
        return await submit(
            pieces,
            system_id=self._system_id,
            door=DOOR,
            now=self._rooms.clock(),
            bodies=self._rooms.bodies,
            publisher=self._intake.publisher,
            max_bytes=self._rooms.settings.limits.package_bytes,
            pressure=self._intake.pressure,
        )

    def _find(self, said: Reference) -> bytes:
        """Return the digest of bytes that this very system brought; a guessed one finds none.

        Raises:
            ReferenceUnknownError: it brought no such bytes, or they went.
        """
        digest = bytes.fromhex(said.sha256)
        with transaction(self._rooms.engine) as connection:
            brought = parts_brought(
                connection, self._system_id, [("sha256", digest)], now=self._rooms.clock()
            ).get(("sha256", digest))
        if (
            brought is None
            or brought.size_bytes != said.size_bytes
            or not self._rooms.bodies.has(digest)
        ):
            raise ReferenceUnknownError(sha256=said.sha256, size_bytes=said.size_bytes)
        return digest

    async def _stored(self, digest: bytes) -> AsyncIterator[bytes]:
        pieces = self._rooms.bodies.stream(digest)
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece


async def _whole(package: bytes) -> AsyncIterator[bytes]:
    yield package
