"""Sends packages on to another axis, and records what that axis says to them.

Each step may be done again: the same bytes are the same package there too, and a delivery is
recorded as accepted once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from adapters.client.asynchronous import AsyncClient
from adapters.client.errors import AnswerUnreadableError, ProblemError
from adapters.client.flows import log_name, steps_of, submit
from adapters.client.measuring import measure
from adapters.client.values import Submission
from axis.bodies import Bodies
from axis.bodies.threads import in_threads
from axis.delivery.errors import DeliveryOverError, TransitionRefusedError
from axis.delivery.states import Event as Step
from axis.delivery.states import advance
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.mailbox.take import find_delivery, take_step
from axis.store.deliveries import save_deliveries
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.parts import parts_of_packages
from axis.store.peers import Bundle, Relayed, add_relayed, bundles

log = logging.getLogger(__name__)

#: How long the other axis may take for a verdict before we ask again with the same bytes.
VERDICT_S: Final = 30.0
#: When it is first asked how far a delivery is.
FIRST_ASK: Final = timedelta(seconds=2)
#: Packages that are under way to one axis at once.
AT_ONCE: Final = 8
LIMIT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """The way to one other axis."""

    engine: sa.Engine
    bodies: Bodies
    sealer: Sealer
    system_id: str
    own_origin: Callable[[], str]  #: name of our log now
    clock: Callable[[], datetime]

    async def round(self, client: AsyncClient) -> int:
        """Send on what waits; return how many deliveries the other axis has answered for.

        Raises:
            UnreachableError: it does not answer; nothing is lost, and the rest waits.
            DatabaseUnavailableError: ours does not.
        """
        waiting = await asyncio.to_thread(self._waiting)
        if not waiting:
            return 0
        their_origin = await client.run(log_name())
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(bundle: Bundle) -> int:
            async with turns:
                return await self.send(client, bundle, their_origin)

        answered = await asyncio.gather(*map(one, waiting), return_exceptions=True)
        for answer in answered:
            if isinstance(answer, BaseException):
                raise answer
        return sum(answer for answer in answered if isinstance(answer, int))

    async def send(self, client: AsyncClient, bundle: Bundle, their_origin: str) -> int:
        """Send one package on, for all its deliveries to offices of the axis with that log."""
        # 1. The record that it is given out, before it is: then a recall asks, and stops nothing.
        bundle = await asyncio.to_thread(self._give_out, bundle)
        if not bundle.deliveries:
            return 0
        # 2. Its attachments that travel apart, then itself. Again is no news there.
        try:
            for digest in await asyncio.to_thread(self._parts, bundle):
                async with in_threads(self.bodies.as_file(digest)) as part:
                    await client.bring(part)
            there = await self._submit(client, bundle)
        except ProblemError as refused:
            if refused.problem.status != 422:
                raise
            await asyncio.to_thread(self._refused, bundle, refused)
            return len(bundle.deliveries)
        if there.state != "accepted":
            return 0
        # 3. Its word: the entry by which it accepted.
        entry = await self._entry(client, there.package_id)
        cited = f"{their_origin} {entry}"
        await asyncio.to_thread(self._accepted, bundle, there.package_id, cited)
        return len(bundle.deliveries)

    async def _submit(self, client: AsyncClient, bundle: Bundle) -> Submission:
        acceptance = self.sealer.entry_id(Event.SUBMISSION_ACCEPTANCE, bundle.package_id)
        headers = {"Axis-Relayed": f"{self.own_origin()} {acceptance}"}
        async with in_threads(self.bodies.as_file(bundle.digest)) as package:
            body = await asyncio.to_thread(measure, package)
            return await client.run(submit(body, key=None, wait_s=VERDICT_S, headers=headers))

    async def _entry(self, client: AsyncClient, package_id: UUID) -> UUID:
        """Return the id of the entry by which the other axis accepted."""
        for step in (await client.run(steps_of(package_id))).items:
            if step.event == Event.SUBMISSION_ACCEPTANCE.value and step.entry_id is not None:
                return step.entry_id
        raise AnswerUnreadableError(call=f"receipts of {package_id}", reason="no acceptance")

    def _waiting(self) -> Sequence[Bundle]:
        with transaction(self.engine) as connection:
            return bundles(connection, self.system_id, limit=LIMIT)

    def _parts(self, bundle: Bundle) -> Sequence[bytes]:
        with transaction(self.engine) as connection:
            found = parts_of_packages(connection, [bundle.package_id])
        return [part.digest for part in found.get(bundle.package_id, ())]

    def _give_out(self, bundle: Bundle) -> Bundle:
        given = []
        with transaction(self.engine) as connection:
            for known in bundle.deliveries:
                delivery, digest = find_delivery(connection, known.id, self.system_id)
                try:
                    advance(delivery.state, Step.FETCH)
                except (DeliveryOverError, TransitionRefusedError):
                    continue  # recalled or set aside since it was listed
                given.append(
                    take_step(
                        connection,
                        delivery,
                        Step.FETCH,
                        self.sealer,
                        now=self.clock(),
                        digest=digest,
                    )
                )
        return replace(bundle, deliveries=tuple(given))

    def _accepted(self, bundle: Bundle, package_id: UUID, entry: str) -> None:
        now = self.clock()
        with transaction(self.engine) as connection:
            for known in bundle.deliveries:
                delivery, _ = find_delivery(connection, known.id, self.system_id)
                sealed = self.sealer.seal(
                    Entry(
                        event=Event.RELAY_ACCEPTANCE,
                        at=max(now, delivery.fetched_at or now),
                        package_id=delivery.package_id,
                        delivery_id=delivery.id,
                        prev=delivery.last_entry,
                        body_sha256=bundle.digest,
                        recipient=delivery.address,
                        system=self.system_id,
                        facts={"relayed": entry},
                    )
                )
                append(connection, [sealed])
                save_deliveries(connection, [replace(delivery, last_entry=sealed.entry_id)])
            add_relayed(
                connection,
                [
                    Relayed(
                        delivery_id=one.id,
                        system_id=self.system_id,
                        package_id=package_id,
                        entry=entry,
                        accepted_at=now,
                        asked_at=now,
                        ask_at=now + FIRST_ASK,
                    )
                    for one in bundle.deliveries
                ],
            )

    def _refused(self, bundle: Bundle, refused: ProblemError) -> None:
        problem = refused.problem
        log.error(
            "another axis refused a package",
            extra={"peer": self.system_id, "code": problem.code, "text": problem.title},
        )
        with transaction(self.engine) as connection:
            for known in bundle.deliveries:
                delivery, _ = find_delivery(connection, known.id, self.system_id)
                take_step(
                    connection,
                    delivery,
                    Step.REFUSE,
                    self.sealer,
                    now=self.clock(),
                    reason="refused-by-system",
                    why=f"{problem.code}: {problem.title}",
                )
