"""Asks another axis what became of what it accepted, and records it here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from adapters.client.asynchronous import AsyncClient
from adapters.client.errors import ProblemError
from adapters.client.values import Recipient
from axis.delivery.errors import DeliveryOverError, TransitionRefusedError
from axis.delivery.states import OPEN, State
from axis.delivery.states import Event as Step
from axis.ledger.entry import Sealer
from axis.mailbox.take import find_delivery, take_step
from axis.store.deliveries import DeliveryRecord
from axis.store.engine import transaction
from axis.store.peers import Relayed, note_asked, relayed_due

#: A delivery that stays open is asked about ever more rarely, up to this.
ASK_MOST: Final = timedelta(minutes=5)
LIMIT: Final = 500

#: What ended there without being handed over.
_FAILED: Final = frozenset({State.REFUSED, State.EXPIRED, State.RECALLED, State.UNDELIVERABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """The way back from one other axis."""

    engine: sa.Engine
    sealer: Sealer
    system_id: str
    clock: Callable[[], datetime]

    async def round(self, client: AsyncClient) -> int:
        """Ask about what is due; return how many deliveries have ended there.

        Raises:
            UnreachableError: it does not answer; it is asked again.
            DatabaseUnavailableError: ours does not.
        """
        due = await asyncio.to_thread(self._due)
        packages: dict[UUID, list[Relayed]] = {}
        for one in due:
            packages.setdefault(one.package_id, []).append(one)
        ended = 0
        for package_id, relayed in packages.items():
            there = await self._recipients(client, package_id)
            ended += await asyncio.to_thread(self._record, relayed, there)
        return ended

    async def _recipients(
        self, client: AsyncClient, package_id: UUID
    ) -> Mapping[str, Recipient] | None:
        """Return address → how far it is there; None: it does not know the package any more."""
        try:
            found = await client.verdict(package_id)
        except ProblemError as error:
            if error.problem.status == 404:
                return None
            raise
        return {recipient.address: recipient for recipient in found.recipients}

    def _due(self) -> list[Relayed]:
        with transaction(self.engine) as connection:
            return relayed_due(connection, self.system_id, now=self.clock(), limit=LIMIT)

    def _record(self, relayed: Iterable[Relayed], there: Mapping[str, Recipient] | None) -> int:
        now, ended = self.clock(), 0
        with transaction(self.engine) as connection:
            for one in relayed:
                delivery, digest = find_delivery(connection, one.delivery_id, self.system_id)
                step = _step_of(delivery, there)
                if step is not None:
                    _take(connection, delivery, step, self.sealer, digest, now)
                is_open = step is None and delivery.state in OPEN
                again = min(2 * (now - one.accepted_at), ASK_MOST) if is_open else None
                at = now + again if again is not None else None
                note_asked(connection, one.delivery_id, at=now, again=at)
                ended += not is_open
        return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What the other axis says of a delivery that has ended there."""

    step: Step
    reason: str | None = None
    why: str | None = None


def _step_of(delivery: DeliveryRecord, there: Mapping[str, Recipient] | None) -> _Word | None:
    if there is None:
        return _Word(step=Step.REFUSE, reason="refused-by-system", why="unknown there")
    recipient = there.get(delivery.address)
    if recipient is None:
        return _Word(step=Step.REFUSE, reason="refused-by-system", why="not addressed there")
    state = State(recipient.state)
    if state is State.CONFIRMED:
        return _Word(step=Step.CONFIRM)
    if state in _FAILED:
        why = f"{state.value} there: {recipient.held_reason or '–'}"
        return _Word(step=Step.REFUSE, reason="refused-by-system", why=why)
    return None


def _take(
    connection: sa.Connection,
    delivery: DeliveryRecord,
    word: _Word,
    sealer: Sealer,
    digest: bytes,
    now: datetime,
) -> None:
    try:
        take_step(
            connection,
            delivery,
            word.step,
            sealer,
            now=now,
            digest=digest if word.step is Step.CONFIRM else None,
            reason=word.reason,
            why=word.why,
        )
    except (DeliveryOverError, TransitionRefusedError):
        # It has ended here meanwhile: given up or expired. Both ends stay on record.
        return
