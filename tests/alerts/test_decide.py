"""Who is told what, when: once, again after a day, higher up after an hour, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from axis.alerts.decide import Decision, Kind, decide
from axis.sections import AlertSettings
from axis.store.alarms import AlarmRecord
from axis.store.operations import Care, Silence

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
SETTINGS = AlertSettings(
    mail_to=("a@example.vn",),
    escalate_to=("b@example.vn",),
    settle_s=120,
    escalate_after_s=3600,
    again_s=86400,
)
ALARM = AlarmRecord(
    code="doctor.disk",
    subject="/var/lib/axis",
    facts={},
    first_at=START,
    last_at=START,
    times=1,
    ended_at=None,
)


class Course:
    """Decides again and again, and remembers what it was told to."""

    def __init__(self, settings: AlertSettings = SETTINGS) -> None:
        self.settings = settings
        self.cares: dict[tuple[str, str], Care] = {}

    def at(self, seconds: float, *alarms: AlarmRecord, silences: list[Silence] | None = None):
        now = START + timedelta(seconds=seconds)
        decision: Decision = decide(alarms, self.cares, silences or [], self.settings, now=now)
        for care in decision.cares:
            self.cares[care.code, care.subject] = care
        for key in decision.forgotten:
            del self.cares[key]
        return [kind for kind, told in decision.told.items() for _ in told]


def test_an_alarm_is_told_once_again_daily_higher_up_and_when_it_is_over() -> None:
    course = Course()
    assert course.at(0, ALARM) == []  # it may be over in a moment
    assert course.at(121, ALARM) == [Kind.RAISED]
    assert course.at(180, ALARM) == []
    assert course.at(121 + 3600, ALARM) == [Kind.ESCALATED]
    assert course.at(121 + 7200, ALARM) == []
    assert course.at(121 + 86400, ALARM) == [Kind.AGAIN]
    over = replace(ALARM, ended_at=START + timedelta(days=2))
    assert course.at(2 * 86400, over) == [Kind.OVER]
    assert course.at(2 * 86400 + 60, over) == []
    assert course.cares == {}


def test_what_is_over_at_once_is_told_to_nobody() -> None:
    course = Course()
    assert course.at(0, ALARM) == []
    assert course.at(90, replace(ALARM, ended_at=START + timedelta(seconds=60))) == []
    again = replace(ALARM, first_at=START + timedelta(hours=1))
    assert course.at(3600, again) == []
    assert course.at(3600 + 121, again) == [Kind.RAISED]


def test_whoever_sees_to_it_hears_no_more_until_it_is_over() -> None:
    course = Course()
    course.at(121, ALARM)
    key = (ALARM.code, ALARM.subject)
    course.cares[key] = replace(course.cares[key], acked_at=START, acked_by="hoa")
    assert course.at(7200, ALARM) == []
    assert course.at(3 * 86400, ALARM) == []
    # It comes back: that nobody has seen to yet.
    back = replace(ALARM, first_at=START + timedelta(days=4))
    assert course.at(4 * 86400 + 121, back) == [Kind.RAISED]
    assert course.cares[key].acked_by is None


def test_a_silence_keeps_quiet_for_its_time_and_its_alarms_only() -> None:
    course = Course()
    quiet = Silence(
        id=uuid4(),
        code="doctor.*",
        subject="/var/*",
        until=START + timedelta(hours=2),
        made_at=START,
        made_by="hoa",
        why=None,
    )
    other = replace(ALARM, code="store.unavailable", subject="db-2")
    assert course.at(121, ALARM, other, silences=[quiet]) == [Kind.RAISED]
    assert course.at(7300, ALARM, other) == [Kind.RAISED, Kind.ESCALATED]


def test_without_anybody_higher_up_nothing_is_escalated() -> None:
    course = Course(AlertSettings(mail_to=("a@example.vn",), settle_s=0))
    assert course.at(0, ALARM) == [Kind.RAISED]
    assert course.at(86000, ALARM) == []
