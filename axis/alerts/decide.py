"""Who is told what, now. Pure: alarms, what was told before, silences and the instant go in.

=========  =======================================================================================
raised     goes on for longer than ``settle_s``, and nobody was told of it yet
again      goes on ``again_s`` after it was told of, and nobody saw to it
escalated  goes on ``escalate_after_s`` after it began to be told, and nobody saw to it
over       is over, and somebody had been told of it
=========  =======================================================================================

What a silence covers is not told; if it goes on when the silence ends, it is told then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from axis.sections import AlertSettings
from axis.store.alarms import AlarmRecord
from axis.store.operations import Care, Silence

Key = tuple[str, str]


class Kind(StrEnum):
    """Why somebody is told."""

    RAISED = "raised"
    AGAIN = "again"
    ESCALATED = "escalated"
    OVER = "over"
    TEST = "test"


@dataclass(slots=True)
class Decision:
    """What is to be told and to be remembered."""

    told: dict[Kind, list[AlarmRecord]] = field(default_factory=dict)
    cares: list[Care] = field(default_factory=list)
    forgotten: list[Key] = field(default_factory=list)

    def tell(self, kind: Kind, alarm: AlarmRecord) -> None:
        """Add to what is told."""
        self.told.setdefault(kind, []).append(alarm)


def decide(
    alarms: Iterable[AlarmRecord],
    cares: Mapping[Key, Care],
    silences: Sequence[Silence],
    settings: AlertSettings,
    *,
    now: datetime,
) -> Decision:
    """Return what is to be told now, and what is to be remembered then.

    Args:
        alarms: those that go on, and those that are over.
        cares: what was told of them before.
        silences: those that hold now.
        settings: how long each thing waits.
        now: the instant.
    """
    decision = Decision()
    for alarm in alarms:
        key = (alarm.code, alarm.subject)
        care = cares.get(key)
        is_known = care is not None and care.first_at == alarm.first_at
        if alarm.ended_at is not None:
            if care is not None:
                if care.told and not is_silent(alarm, silences):
                    decision.tell(Kind.OVER, alarm)
                decision.forgotten.append(key)
            continue
        if is_silent(alarm, silences):
            continue
        if care is None or not is_known:
            care = Care(code=alarm.code, subject=alarm.subject, first_at=alarm.first_at)
        told = _of_one(alarm, care, settings, now, decision)
        if told != care or not is_known:
            decision.cares.append(told)
    return decision


def _of_one(
    alarm: AlarmRecord, care: Care, settings: AlertSettings, now: datetime, decision: Decision
) -> Care:
    if care.acked_at is not None:
        return care
    settled = alarm.first_at + timedelta(seconds=settings.settle_s)
    if care.told_at is None:
        if now < settled:
            return care
        decision.tell(Kind.RAISED, alarm)
        return replace(care, told_at=now, told=1)
    can_escalate = bool(settings.escalate_to) and care.escalated_at is None
    if can_escalate and now >= settled + timedelta(seconds=settings.escalate_after_s):
        decision.tell(Kind.ESCALATED, alarm)
        return replace(care, escalated_at=now)
    if now >= care.told_at + timedelta(seconds=settings.again_s):
        decision.tell(Kind.AGAIN, alarm)
        return replace(care, told_at=now, told=care.told + 1)
    return care


def is_silent(alarm: AlarmRecord, silences: Iterable[Silence]) -> bool:
    """Say whether a silence covers an alarm."""
    return any(
        fnmatchcase(alarm.code, one.code) and fnmatchcase(alarm.subject, one.subject)
        for one in silences
    )
