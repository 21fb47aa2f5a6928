"""One batch from the intake to the addressees, in steps that each survive a crash.

Whatever happens between two steps, the notices that were not acknowledged come again, and every
step done twice has the effect of once: ids follow from what they name, a verdict is given once, and
receivers know a delivery by its id.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from axis.admission.admit import NO_PARTS
from axis.bodies import Bodies
from axis.bus.consumer import BatchConsumer, Taken
from axis.bus.errors import NoticeUnreadableError
from axis.bus.notices import (
    IntakeNotice,
    VerdictNotice,
    encode_notice,
    parse_notice,
)
from axis.bus.publisher import Publisher
from axis.bus.topology import DELIVERY_EXCHANGE, INTAKE_QUEUE, system_queue
from axis.delivery.lanes import Lane
from axis.errors import AxisError, Fault
from axis.ledger.entry import Sealer
from axis.metrics import count, observe
from axis.relay.batches import Examined, Outcome
from axis.relay.commit import Committed, commit
from axis.relay.examiners import Examiners
from axis.relay.judge import Judged, Reference, judge
from axis.relay.parts import parts_for
from axis.relay.reference import ReferenceSource
from axis.relay.stages import Stages
from axis.store.deliveries import mark_offered
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.telemetry import is_tracing, span
from axis.telemetry.tracing import ROOT

log = logging.getLogger(__name__)

#: Packages that go to an examining process together, and their bytes.
GROUP = 25
GROUP_BYTES = 1024 * 1024

#: Notices that are written out and published before the event loop's other work has its turn.
NOTICES = 1000

#: How long the relay waits between two tries while the database is away.
OUTAGE_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The rooms that a batch goes through."""

    engine: sa.Engine
    bodies: Bodies
    reference: ReferenceSource
    examiners: Examiners
    sealer: Sealer
    consumer: BatchConsumer
    publisher: Publisher
    have_queues: Callable[[frozenset[str]], Awaitable[None]]  #: declares those that are not there
    clock: Callable[[], datetime]
    urgent: bool = False  #: waits for nothing that the other lane does
    #: Deliveries that RabbitMQ has the notices of, which :meth:`flush` records, lazily.
    offered: list[UUID] = field(default_factory=list)

    async def examine(self, batch: Sequence[Taken]) -> Examined:
        """Examine a batch; the one before it may be recorded meanwhile.

        Raises:
            DatabaseUnavailableError: what to judge against cannot be asked; the batch comes again.
            BusUnavailableError: the channel is gone; the batch comes again.
        """
        outcome = Outcome(began=time.perf_counter())
        # 1. Examine, in a thread, so that heartbeats go on. A crash leaves nothing behind.
        judged = await asyncio.to_thread(self._judge_all, batch, outcome)
        return Examined(batch=list(batch), judged=judged, outcome=outcome)

    async def finish(self, examined: Examined) -> Outcome:
        """Carry what was examined through all other steps, in the order in which it came.

        Raises:
            BusUnavailableError: the channel is gone; what was not acknowledged comes again.
        """
        outcome, judged = examined.outcome, examined.judged
        await self.have_queues(self.reference.queued_systems())
        # 2. Record. From here the verdicts stand, and what was accepted is ours: after a crash the
        #    notices come again, find their verdicts, and the steps below are done again.
        redelivered = {one.notice.package_id for taken, one in judged if taken.redelivered}
        committed = await self._commit([one for _, one in judged], redelivered, outcome.stages)
        # 3. Tell the receivers' queues, and wait until RabbitMQ has every notice. Whom it could not
        #    be told, the clock tells later from the records: one full queue delays nobody else.
        await self._publish(committed)
        # 4. Let go of the intake notices.
        for taken in outcome.parked:
            await self.consumer.park(taken)
        rest = [taken for taken in examined.batch if taken not in outcome.parked]
        await self.consumer.acknowledge(rest, failed=outcome.again)
        outcome.ended = time.perf_counter()
        # 5. Answer the doors that wait. A lost answer is read from the records instead.
        self._answer(committed, (one.notice for _, one in judged))
        outcome.accepted += sum(committed.verdicts.values())
        outcome.refused += len(committed.verdicts) - sum(committed.verdicts.values())
        _tell_figures(outcome, [one for _, one in judged])
        return outcome

    def _judge_all(self, batch: Sequence[Taken], outcome: Outcome) -> list[tuple[Taken, Judged]]:
        with outcome.stages.stage("reference"):
            reference = self.reference.current()
        noticed: list[tuple[Taken, IntakeNotice]] = []
        for taken in batch:
            try:
                noticed.append((taken, _intake_notice(taken)))
            except NoticeUnreadableError as error:
                self._set_aside(taken, error, outcome)
        judged = []
        groups = self.examiners.each(
            lambda group: self._judge_group(group, reference, outcome.stages),
            list(_grouped(noticed)),
            urgent=self.urgent,
        )
        for taken, answer in (pair for group in groups for pair in group):
            if isinstance(answer, AxisError):
                self._set_aside(taken, answer, outcome)
            elif answer.refusal is not None and answer.refusal.fault is Fault.OUTAGE:
                log.warning("cannot tell yet", extra={"code": answer.refusal.code})
                outcome.again.append(taken)
            elif answer.refusal is not None and answer.refusal.code == AxisError.code:
                outcome.parked.append(taken)
            else:
                if answer.refusal is not None and answer.refusal.fault is Fault.AXIS:
                    log.critical("a broken invariant", extra={"code": answer.refusal.code})
                judged.append((taken, answer))
        return judged

    def _judge_group(
        self, group: Sequence[tuple[Taken, IntakeNotice]], reference: Reference, stages: Stages
    ) -> list[tuple[Taken, Judged | AxisError]]:
        """Read, examine and judge some packages; what stands in the way of one is its answer."""
        bodies: dict[int, bytes] = {}
        answers: dict[int, Judged | AxisError] = {}
        with stages.stage("read"):
            stored = [place for place, (_, notice) in enumerate(group) if notice.stored]
            digests = [bytes.fromhex(group[place][1].digest) for place in stored]
            for place, body in zip(stored, self.bodies.read_each(digests), strict=True):
                if isinstance(body, AxisError):
                    answers[place] = body
                else:
                    bodies[place] = body
        try:
            with stages.stage("examine"):
                found = self.examiners.examine(
                    list(bodies.values()), reference.types, urgent=self.urgent
                )
            examined = dict(zip(bodies, found, strict=True))
        except AxisError as error:
            return [(taken, error) for taken, _ in group]
        now = self.clock()
        try:
            asking = ((group[place][1].system_id, one) for place, one in examined.items())
            brought = parts_for(self.engine, asking, now=now)
        except DatabaseUnavailableError as error:
            return [(taken, error) for taken, _ in group]
        with stages.stage("judge"):
            for place, (_, notice) in enumerate(group):
                if place not in answers:
                    parts = brought.get(notice.system_id, NO_PARTS)
                    answers[place] = judge(
                        notice, examined.get(place), reference, now=self.clock(), parts=parts
                    )
        return [(taken, answers[place]) for place, (taken, _) in enumerate(group)]

    def _set_aside(self, taken: Taken, error: AxisError, outcome: Outcome) -> None:
        if error.fault is Fault.OUTAGE:
            log.warning("will be tried again", extra={"code": error.code})
            outcome.again.append(taken)
        else:
            log.error("parked", extra={"code": error.code, "facts": dict(error.facts)})
            outcome.parked.append(taken)

    async def flush(self) -> None:
        """Record which deliveries were offered and are not taken yet: most were meanwhile.

        Raises:
            DatabaseUnavailableError: the next call does it.
        """
        while offered := tuple(self.offered[:NOTICES]):  # whoever wants one of them waits not long
            await asyncio.to_thread(self._mark, offered)
            del self.offered[: len(offered)]

    def _mark(self, offered: Sequence[UUID]) -> None:
        with transaction(self.engine) as connection:
            mark_offered(connection, offered, at=self.clock())

    async def _commit(
        self, judged: Sequence[Judged], redelivered: set[UUID], stages: Stages
    ) -> Committed:
        while True:
            try:
                return await self._commit_once(judged, redelivered, stages)
            except DatabaseUnavailableError as error:
                # The notices stay ours and unacknowledged: nothing is lost however long it takes.
                log.warning("waiting for the database", extra={"facts": dict(error.facts)})
                await asyncio.sleep(OUTAGE_PAUSE_S)

    async def _commit_once(
        self, judged: Sequence[Judged], redelivered: set[UUID], stages: Stages
    ) -> Committed:
        def record() -> Committed:
            with stages.stage("record"):
                return commit(
                    self.engine,
                    judged,
                    redelivered=redelivered,
                    sealer=self.sealer,
                    clock=self.clock,
                    types=self.reference.types(),
                )

        return await asyncio.to_thread(record)

    async def _publish(self, committed: Committed) -> None:
        queued = self.reference.queued_systems()
        notices = [notice for notice in committed.deliveries if notice[0] in queued]
        for start in range(0, len(notices), NOTICES):
            some = notices[start : start + NOTICES]
            results = await self.publisher.publish_all(
                (
                    DELIVERY_EXCHANGE,
                    system_queue(system_id, Lane(notice.lane)),
                    encode_notice(notice),
                )
                for system_id, notice in some
            )
            for (_, notice), error in zip(some, results, strict=True):
                if error is None:
                    self.offered.append(notice.delivery_id)
                else:
                    log.warning("a receiver was not told", extra={"facts": dict(error.facts)})

    def _answer(self, committed: Committed, notices: Iterable[IntakeNotice]) -> None:
        answers = []
        for notice in notices:
            accepted = committed.verdicts.get(notice.package_id)
            if notice.reply_to is None or accepted is None:
                continue
            verdict = VerdictNotice(
                package_id=notice.package_id, system_id=notice.system_id, accepted=accepted
            )
            answers.append(("", notice.reply_to, encode_notice(verdict)))
        self.publisher.tell_all(answers)


def _trace(outcome: Outcome, judged: Sequence[Judged]) -> None:
    ended = datetime.now(UTC)
    began = ended - timedelta(seconds=outcome.ended - outcome.began)
    for one in judged:
        notice = one.notice
        envelope = one.inspection.envelope if one.inspection else None
        facts = {
            "system": notice.system_id,
            "document": getattr(envelope, "document_id", None),
            "verdict": "refused" if one.refusal else "accepted",
            "code": one.refusal.code if one.refusal else None,
        }
        package_id = notice.package_id
        span(ROOT, package_id, began=notice.received_at, ended=ended, **facts)
        span("waits in the intake", package_id, began=notice.received_at, ended=began)
        span("relay", package_id, began=began, ended=ended, size_bytes=notice.size_bytes)


def _tell_figures(outcome: Outcome, judged: Sequence[Judged]) -> None:
    """Count a batch, and write a line for each of its packages where the log wants them."""
    observe("axis_batch_seconds", outcome.ended - outcome.began)
    for verdict, number in (
        ("accepted", outcome.accepted),
        ("refused", outcome.refused),
        ("again", len(outcome.again)),
        ("parked", len(outcome.parked)),
    ):
        if number:
            count("axis_packages", number, verdict=verdict)
    for one in judged:
        if one.refusal is not None:
            count("axis_refusals", code=one.refusal.code)
    if is_tracing():
        _trace(outcome, judged)
    if not log.isEnabledFor(logging.INFO):
        return
    for one in judged:
        envelope = one.inspection.envelope if one.inspection else None
        log.info(
            "package judged",
            extra={
                "package": str(one.notice.package_id),
                "system": one.notice.system_id,
                "document": getattr(envelope, "document_id", None),
                "verdict": "refused" if one.refusal else "accepted",
                "code": one.refusal.code if one.refusal else None,
            },
        )


def _intake_notice(taken: Taken) -> IntakeNotice:
    notice = parse_notice(taken.body, queue=INTAKE_QUEUE)
    if not isinstance(notice, IntakeNotice):
        raise NoticeUnreadableError(queue=INTAKE_QUEUE, reason="another kind of notice")
    return notice


def _grouped(
    noticed: Iterable[tuple[Taken, IntakeNotice]],
) -> Iterator[list[tuple[Taken, IntakeNotice]]]:
    """Yield groups that are in memory at once: few packages, and not many bytes."""
    group: list[tuple[Taken, IntakeNotice]] = []
    size = 0
    for taken, notice in noticed:
        if group and (len(group) == GROUP or size + notice.size_bytes > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append((taken, notice))
        size += notice.size_bytes
    if group:
        yield group
