"""The round of alerts: run the checks, raise and end alarms, write messages, send them.

1. the checks of ``axis doctor`` are run;
2. what they found stands in the records as alarms; what they found before and not now is over;
3. who is to be told stands in the records as messages, in the transaction that remembers it;
4. messages that are due are sent, and that they were is written down.

A crash after 3 leaves messages that are due. A message that was sent in 4 and not written down is
sent once more under the same id: receivers know it by that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.alerts.compose import MAIL, write
from axis.alerts.decide import Decision, Kind, decide
from axis.alerts.send import Sender, check_settings, targets
from axis.doctor.examine import examine
from axis.doctor.values import Answer, Verdict, subject_of, verdict_of
from axis.errors import AxisError
from axis.metrics import count
from axis.settings import Settings
from axis.store.alarms import AlarmRecord, alarms, end_alarms, raise_alarm
from axis.store.engine import transaction
from axis.store.operations import (
    CheckResult,
    Message,
    add_messages,
    cares,
    check_results,
    claim_messages,
    forget_cares,
    mark_sent,
    mark_unsent,
    save_care,
    save_check_results,
    silences,
)

log = logging.getLogger(__name__)

#: What was claimed and not sent is due again after this; longer than any sending takes.
LEASE: Final = timedelta(minutes=5)
AT_ONCE: Final = 50
_ALARMING: Final = frozenset({Verdict.WARNING, Verdict.WRONG})


class Watch:
    """Looks, and tells; the clock runs its rounds."""

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        look: Callable[[Settings], Sequence[Answer]] = examine,
    ) -> None:
        """Keep what a round needs.

        Args:
            engine: the records.
            settings: of the installation.
            clock: the instant.
            look: runs the checks.
        """
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._look = look

    async def round(self) -> None:
        """Do it all once.

        Raises:
            DatabaseUnavailableError: the rest is done in the next round.
            AlertSettingsError, WebhookUrlError: the settings name nobody who can be told.
        """
        check_settings(self._settings.alerts)
        answers = await asyncio.to_thread(self._look, self._settings)
        await asyncio.to_thread(self.record, answers)
        await asyncio.to_thread(self.decide)
        await self.send()

    def record(self, answers: Iterable[Answer]) -> None:
        """Step 2: raise and end alarms. A check that was not made leaves its alarms as they are."""
        now = self._clock()
        with transaction(self._engine) as connection:
            before = {one.name: one for one in check_results(connection)}
            results = []
            for answer in answers:
                found = [one for one in answer.troubles if verdict_of(one) in _ALARMING]
                for one in found:
                    raise_alarm(connection, one.refusal, subject_of(one), at=now)
                raised = {(one.code, subject_of(one)[:512]) for one in found}
                old = before.get(answer.check.name)
                known = {(code, subject) for code, subject in (old.troubles if old else ())}
                if answer.verdict is Verdict.UNKNOWN:
                    raised |= known
                for code, subject in sorted(known - raised):
                    end_alarms(connection, code, [subject], at=now)
                results.append(
                    CheckResult(
                        name=answer.check.name,
                        at=now,
                        verdict=answer.verdict.value,
                        facts=dict(answer.facts),
                        troubles=sorted(list(one) for one in raised),
                    )
                )
            save_check_results(connection, results)

    def decide(self) -> Decision:
        """Step 3: write down who is to be told; both or neither stands in the records."""
        now, own = self._clock(), self._settings.alerts
        if not targets(own):
            return Decision()  # whoever is named later is told of all that goes on then
        with transaction(self._engine) as connection:
            known = cares(connection)
            current = alarms(connection)
            if known.keys() - {(one.code, one.subject) for one in current}:
                current = alarms(connection, over=True)
            decision = decide(current, known, silences(connection, at=now), own, now=now)
            everybody = targets(own)
            for kind, told in decision.told.items():
                whom = (
                    [(MAIL, one) for one in own.escalate_to]
                    if kind is Kind.ESCALATED
                    else everybody
                )
                name = _round_of(kind, told, decision)
                add_messages(connection, write(kind, told, whom, round_of=name, now=now))
            for care in decision.cares:
                save_care(connection, care)
            forget_cares(connection, decision.forgotten)
        for kind, told in decision.told.items():
            for alarm in told:
                log.warning(
                    "alarm",
                    extra={"kind": kind.value, "code": alarm.code, "subject": alarm.subject},
                )
        return decision

    async def send(self) -> None:
        """Step 4: send what is due; what is not taken is tried again, ever more rarely."""
        now = self._clock()
        with transaction(self._engine) as connection:
            due = claim_messages(connection, now=now, until=now + LEASE, limit=AT_ONCE)
        if due:
            await self.send_these(due)

    async def send_these(self, due: Sequence[Message]) -> list[AxisError | None]:
        """Send messages that were claimed; return each one's failure or None."""
        sender = Sender(self._settings)
        try:
            return [await self._send_one(sender, message) for message in due]
        finally:
            await sender.close()

    async def _send_one(self, sender: Sender, message: Message) -> AxisError | None:
        try:
            if message.channel == MAIL:
                answer = await asyncio.to_thread(sender.mail, message)
            else:
                answer = await sender.push(message)
        except AxisError as error:
            count("axis_alert_messages", channel=message.channel, outcome="failed")
            log.warning("a message was not taken", extra={"code": error.code})
            await asyncio.to_thread(self._unsent, message, error)
            return error
        count("axis_alert_messages", channel=message.channel, outcome="sent")
        # A crash before this sends the message once more, under the same id.
        await asyncio.to_thread(self._sent, message, answer)
        return None

    def _sent(self, message: Message, answer: str) -> None:
        with transaction(self._engine) as connection:
            mark_sent(connection, message.id, at=self._clock(), answer=answer)

    def _unsent(self, message: Message, error: AxisError) -> None:
        own = self._settings.alerts
        pause = min(own.retry_first_s * 2 ** min(message.tries, 20), own.retry_most_s)
        due = self._clock() + timedelta(seconds=pause)
        answer = str(error.facts.get("reason") or error.code)
        with transaction(self._engine) as connection:
            mark_unsent(connection, message.id, due=due, answer=answer)


def _round_of(kind: Kind, told: Sequence[AlarmRecord], decision: Decision) -> str:
    times = {(care.code, care.subject): care.told for care in decision.cares}
    return "|".join(
        f"{one.code} {one.subject} {one.first_at.isoformat()}"
        f" {times.get((one.code, one.subject), 0)}"
        for one in told
    )
