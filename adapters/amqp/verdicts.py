"""Tells systems what became of their packages: receipts and refusals, each at least once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec
from aiormq.channel import Channel

from adapters.amqp.inbox import Arrived, Inbox
from adapters.amqp.outbox import Outbox, why_of
from adapters.amqp.pending import PENDING_QUEUE, Pending, PendingQueue, parse_pending
from adapters.amqp.rooms import Rooms
from adapters.amqp.schemas import Accepted, Event, Refused
from axis.bus.errors import PublishUnconfirmedError
from axis.intake.answer import may_change
from axis.ledger.entry import LoggedEntry, parse_leaf
from axis.ledger.events import Event as Evidence
from axis.notary.receipts import receipts_for
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.ledger import entries_of
from axis.store.packages import PackageRecord, packages_by_id

log = logging.getLogger(__name__)

PREFETCH: Final = 2000
LOOK_S: Final = 0.05

#: How long one stands at the head of the queue before it is put to its end.
HELD_MOST_S: Final = 300.0


#: How long an older refusal is not taken for the answer.
_NEW_ANSWER: Final = timedelta(minutes=1)


class Seats(Protocol):
    """Where each system's outbox is, while it is connected."""

    def outbox(self, system_id: str) -> Outbox | None:
        """Return the outbox of a system, or None: it is not served at this moment."""
        ...


@dataclass(slots=True)
class _Owed:
    pending: Pending
    message: Arrived
    since: float
    verdict: PackageRecord | None = None
    verdict_at: float = 0.0
    receipt: str | None = None


class Verdicts:
    """Waits for verdicts, all systems' together: the records are asked once for all who wait."""

    def __init__(self, rooms: Rooms, channel: Channel, again: PendingQueue, seats: Seats) -> None:
        self._rooms = rooms
        self._inbox = Inbox(channel, PENDING_QUEUE, prefetch=PREFETCH)
        self._again = again
        self._seats = seats
        self._owed: dict[int, _Owed] = {}
        self._some = asyncio.Event()

    async def serve(self, stop: asyncio.Event) -> None:
        """Tell verdicts until ``stop``.

        Raises:
            BusUnavailableError: RabbitMQ is gone; what is owed comes again.
        """
        taking = asyncio.ensure_future(self._inbox.serve(self._take, stop))
        telling = asyncio.ensure_future(self._tell(stop))
        try:
            await asyncio.wait((taking, telling), return_when=asyncio.FIRST_COMPLETED)
            for task in (taking, telling):
                if task.done():
                    task.result()
        finally:
            taking.cancel()
            telling.cancel()
            await asyncio.gather(taking, telling, return_exceptions=True)

    async def _take(self, message: Arrived) -> None:
        try:
            pending = parse_pending(message.body)
        except msgspec.MsgspecError:
            log.error("not an answer that is owed", extra={"queue": PENDING_QUEUE})
            await self._inbox.acknowledge(message)
            return
        now = asyncio.get_running_loop().time()
        self._owed[message.delivery_tag] = _Owed(pending=pending, message=message, since=now)
        self._some.set()

    async def _tell(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not self._owed:
                self._some.clear()
                await self._some.wait()
            try:
                await asyncio.to_thread(self._look)
            except DatabaseUnavailableError as error:
                log.warning("verdicts wait", extra={"code": error.code})
                await asyncio.sleep(1.0)
            await asyncio.gather(*(self._tell_one(owed) for owed in list(self._owed.values())))
            await asyncio.sleep(LOOK_S)

    async def _tell_one(self, owed: _Owed) -> None:
        """Tell one whose verdict is there; put one that waits for long to the end of the queue."""
        now = asyncio.get_running_loop().time()
        event = self._event(owed, now)
        outbox = self._seats.outbox(owed.pending.system_id)
        if event is not None and outbox is not None:
            try:
                await outbox.event(event, about=owed.pending.about)
            except PublishUnconfirmedError as error:
                log.warning("a system takes no events", extra={"facts": dict(error.facts)})
            else:
                await self._let_go(owed)
                return
        if now - owed.since > HELD_MOST_S:
            await self._again.add(owed.pending)
            await self._let_go(owed)

    async def _let_go(self, owed: _Owed) -> None:
        self._owed.pop(owed.message.delivery_tag, None)
        await self._inbox.acknowledge(owed.message)

    def _event(self, owed: _Owed, now: float) -> Event | None:
        verdict = owed.verdict
        if verdict is None:
            return None
        if verdict.refusal is not None:
            return Refused(
                why=why_of(verdict.refusal),
                package_id=verdict.id,
                sha256=verdict.digest.hex(),
                size_bytes=verdict.size_bytes,
                decided_at=verdict.decided_at,
            )
        if owed.verdict_at == 0.0:
            owed.verdict_at = now
        if owed.receipt is None and now - owed.verdict_at < self._rooms.settings.hub.receipt_s:
            return None
        return Accepted(
            package_id=verdict.id,
            sha256=verdict.digest.hex(),
            size_bytes=verdict.size_bytes,
            decided_at=verdict.decided_at,
            document_id=verdict.document_id,
            sign=verdict.sign,
            receipt=owed.receipt,
        )

    def _is_old(self, owed: _Owed, package: PackageRecord) -> bool:
        """Say whether a refusal is that of an earlier time, before the attachments came.

        The relay's clock may differ from ours; after a while what stands is what counts.
        """
        since = owed.pending.since
        return may_change(package, since) and self._rooms.clock() - since < _NEW_ANSWER

    def _look(self) -> None:
        """Ask the records for the verdicts and receipts that are waited for."""
        owed = list(self._owed.values())
        unjudged = {one.pending.package_id for one in owed if one.verdict is None}
        with transaction(self._rooms.engine) as connection:
            found = packages_by_id(connection, unjudged)
        for one in owed:
            package = found.get(one.pending.package_id)
            if one.verdict is None and package is not None and not self._is_old(one, package):
                one.verdict = package
        unsigned = {
            one.verdict.id
            for one in owed
            if one.verdict is not None and one.verdict.accepted and one.receipt is None
        }
        if unsigned:
            receipts = receipts_of_packages(self._rooms, unsigned)
            for one in owed:
                one.receipt = one.receipt or receipts.get(one.pending.package_id)


def receipts_of_packages(rooms: Rooms, package_ids: set[UUID]) -> Mapping[UUID, str]:
    """Return the receipts of acceptance of those packages that were signed for.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(rooms.engine) as connection:
        entries = [e for e in entries_of(connection, package_ids) if _is_acceptance(e)]
    placed = [entry for entry in entries if entry.leaf_index is not None]
    return {
        receipt.entry.package_id: str(receipt.proof)
        for receipt in receipts_for(rooms.engine, rooms.settings, placed)
        if receipt.proof is not None
    }


def _is_acceptance(entry: LoggedEntry) -> bool:
    return parse_leaf(entry.leaf).event == Evidence.SUBMISSION_ACCEPTANCE.value
