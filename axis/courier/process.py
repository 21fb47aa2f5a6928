"""The courier at work: what is due is pushed, endpoint by endpoint; none waits for another.

1. what the queues tell is written down, then acknowledged; what they did not tell is looked for;
2. due deliveries of an endpoint are claimed for a lease;
3. one notice of them is signed and pushed;
4. that it was taken, or when it is tried again, is written down.

A crash after 1 leaves rows that are due; after 2 or 3, rows that come due when the lease has ended:
every delivery is told at least once. More couriers may run; a claim is one's alone.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from axis.clock.tell import chance
from axis.courier.keys import read_courier_key
from axis.courier.listen import Listener
from axis.courier.notice import Notice, name_delivery, sign_notice
from axis.courier.reach import Reach
from axis.delivery.backoff import WELL, Circuit, Health, Pace, circuit, failed
from axis.errors import AxisError
from axis.metrics import count
from axis.settings import Settings
from axis.store.deliveries import Waiting
from axis.store.engine import open_engine, transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.webhooks import (
    Webhook,
    claim_pushes,
    due_systems,
    list_webhooks,
    mark_failed,
    mark_told,
    note_missed,
    recover_webhook,
    save_webhook_health,
    webhook_healths,
)
from axis.telemetry import is_tracing, span

log = logging.getLogger(__name__)

#: Deliveries that were not spoken of and are written down at once.
MISSED: Final = 1000
#: Endpoints that are pushed to at once.
AT_ONCE: Final = 64


class Courier:
    """Pushes; :meth:`run` goes on until it is told to stop."""

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        key: Ed25519PrivateKey,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        own = settings.courier
        self._engine = engine
        self._settings = own
        self._key = key
        self._clock = clock
        self._reach = Reach(
            allow=own.allow,
            timeout_s=own.timeout_s,
            ca=settings.path(own.ca) if own.ca else None,
        )
        self._listener = Listener(settings, engine, clock)
        self._pushing: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._ending = False

    async def run(self, stop: asyncio.Event) -> None:
        """Push what is due until ``stop``."""
        listening: asyncio.Task[None] = asyncio.create_task(self._listener.run(stop))
        try:
            while not stop.is_set():
                try:
                    await self.round()
                except DatabaseUnavailableError as error:
                    log.warning("waiting for the database", extra={"facts": dict(error.facts)})
                await self._listener.wait(self._settings.look_s, stop)
        finally:
            listening.cancel()
            self._ending = True
            # What is on its way is seen to its end, or it would be told twice.
            if self._pushing:
                await asyncio.wait(self._pushing.values(), timeout=self._settings.timeout_s + 2)
            for task in self._pushing.values():
                task.cancel()
            await asyncio.gather(listening, *self._pushing.values(), return_exceptions=True)
            await self._reach.close()

    async def round(self, *, wait: bool = False) -> None:
        """Begin to push what is due; with ``wait``, also end.

        Raises:
            DatabaseUnavailableError: the rest of it is done in the next round.
        """
        webhooks, due, health = await asyncio.to_thread(self._look)
        self._listener.follow(webhooks)
        for system_id in due:
            task = self._pushing.get(system_id)
            if task is None or task.done():
                work = self._serve(webhooks[system_id], health.get(system_id, WELL))
                self._pushing[system_id] = asyncio.create_task(work)
        if wait:
            await asyncio.gather(*self._pushing.values())

    def _look(self) -> tuple[dict[str, Webhook], list[str], dict[str, Health]]:
        """Step 1, the half that needs no RabbitMQ; and who is to be told of something."""
        now = self._clock()
        with transaction(self._engine) as connection:
            webhooks = {one.system_id: one for one in list_webhooks(connection)}
            for system_id in webhooks:
                note_missed(connection, system_id, at=now, limit=MISSED)
            due = [one for one in due_systems(connection, now=now) if one in webhooks]
            return webhooks, due, dict(webhook_healths(connection))

    async def _serve(self, webhook: Webhook, health: Health) -> None:
        """Push to one endpoint until nothing is due there, or it takes nothing."""
        try:
            async with self._turns:
                while not self._ending:
                    after = await self._push_some(webhook, health)
                    if after is None:
                        return
                    health = after
        except DatabaseUnavailableError as error:
            log.warning("waiting for the database", extra={"facts": dict(error.facts)})

    async def _push_some(self, webhook: Webhook, health: Health) -> Health | None:
        state = circuit(health, now=self._clock())
        if state is Circuit.OPEN:
            return None
        limit = 1 if state is Circuit.HALF_OPEN else self._settings.batch
        # 2. From here no other courier tells of these, for the lease.
        until = self._clock() + timedelta(seconds=self._settings.lease_s)
        claimed = await asyncio.to_thread(self._claim, webhook.system_id, until, limit)
        if not claimed:
            return None
        # 3. After a crash here the endpoint is told again: it knows deliveries by their ids.
        try:
            answer = await self.push(webhook, claimed)
        except AxisError as error:
            await asyncio.to_thread(self._failed, webhook, claimed, health, error)
            return None
        # 4. The record.
        await asyncio.to_thread(self._told, webhook, claimed, until, health, answer)
        return WELL

    async def push(
        self, webhook: Webhook, claimed: Sequence[Waiting], *, test: bool = False
    ) -> int:
        """Push one notice, and return the status, which is 2xx.

        Raises:
            PushFailedError: it was not taken.
            AddressRefusedError: the endpoint is where nothing is pushed to.
        """
        now = self._clock()
        notice = Notice(
            notice_id=uuid4(),
            type="test" if test else "deliveries.waiting",
            system_id=webhook.system_id,
            sent_at=now,
            deliveries=[name_delivery(one) for one in claimed],
        )
        return await self._reach.push(sign_notice(notice, webhook.url, self._key, now=now))

    async def close(self) -> None:
        """Close the connections of a courier that does not run."""
        await self._reach.close()

    def _claim(self, system_id: str, until: datetime, limit: int) -> Sequence[Waiting]:
        with transaction(self._engine) as connection:
            return claim_pushes(connection, system_id, now=self._clock(), until=until, limit=limit)

    def _told(
        self,
        webhook: Webhook,
        claimed: Sequence[Waiting],
        until: datetime,
        health: Health,
        answer: int,
    ) -> None:
        count("axis_pushes", outcome="taken")
        if is_tracing():
            for one in claimed:
                delivery = one.delivery
                span(
                    "until pushed",
                    delivery.package_id,
                    began=delivery.routed_at,
                    ended=self._clock(),
                    delivery=str(delivery.id),
                    system=webhook.system_id,
                )
        with transaction(self._engine) as connection:
            mark_told(
                connection, _ids(claimed), until=until, at=self._clock(), answer=f"HTTP {answer}"
            )
            if health != WELL:
                recover_webhook(connection, webhook.system_id)

    def _failed(
        self, webhook: Webhook, claimed: Sequence[Waiting], health: Health, error: AxisError
    ) -> None:
        now = self._clock()
        worse = failed(health, self._pace, now=now, chance=chance)
        reason = str(error.facts.get("reason") or error.code)
        count("axis_pushes", outcome="failed")
        with transaction(self._engine) as connection:
            due = worse.next_try_at or now
            mark_failed(connection, _ids(claimed), due=due, answer=reason)
            save_webhook_health(connection, webhook.system_id, worse, reason)
        log.warning(
            "an endpoint takes nothing",
            extra={"system": webhook.system_id, "code": error.code, "failures": worse.failures},
        )

    @property
    def _pace(self) -> Pace:
        own = self._settings
        return Pace(
            first=timedelta(seconds=own.retry_first_s),
            most=timedelta(seconds=own.retry_most_s),
            threshold=own.breaker_after,
        )


def work(settings: Settings) -> None:
    """Run the courier in this process until SIGTERM or SIGINT.

    Raises:
        KeyFileUnreadableError: there is no key; ``axis system webhook set`` makes one.
    """
    engine = open_engine(settings.database_url)
    key = read_courier_key(settings.path(settings.courier.key))

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await Courier(engine, settings, key).run(stop)

    asyncio.run(until_told())


def _ids(claimed: Sequence[Waiting]) -> list[UUID]:
    return [one.delivery.id for one in claimed]
