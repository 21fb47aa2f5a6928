"""Checks of the work: what waits, what was set aside, who is silent, and whether the clock runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Final

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.workdays import VIETNAM, Workdays
from axis.doctor.errors import (
    ParkedDeliveriesError,
    ProcessAwayError,
    SystemFailingError,
    SystemQuietError,
    UntoldError,
)
from axis.doctor.values import Findings, Patient
from axis.notary.lock import is_held
from axis.store.checks import failing, oldest_untold, parked, sent_lately
from axis.store.directory_systems import queued_systems
from axis.store.engine import transaction

#: Packages that a system's habit is read from, and how many it takes at least.
_PACKAGES: Final = 200
_HABIT: Final = 20
#: The working day that silence is counted in.
_BEGINS, _ENDS = time(7, 30), time(17, 0)
_DAYS_MOST: Final = 60


def clock(patient: Patient, found: Findings) -> None:
    """The clock runs: it tells again, expires, reminds, and sends these alarms."""
    runs = is_held(patient.engine, "clock")
    found.note(runs="yes" if runs else "no")
    if not runs:
        found.add(ProcessAwayError(process="clock"))


def deliveries(patient: Patient, found: Findings) -> None:
    """Nothing was set aside, and no receiver waits to be told."""
    now, own = patient.now(), patient.settings.doctor
    with transaction(patient.engine) as connection:
        aside = parked(connection)
        held = parked(connection, State.HELD)
        systems = sorted(queued_systems(connection))
        untold = oldest_untold(connection, systems) if systems else {}
    found.note(
        parked=sum(one.deliveries for one in aside), held=sum(one.deliveries for one in held)
    )
    for one in aside:
        hours = int((now - one.oldest).total_seconds() // 3600)
        found.add(ParkedDeliveriesError(count=one.deliveries, reason=one.reason, hours=hours))
    for lane, oldest in untold.items():
        waited = (now - oldest).total_seconds()
        found.note(**{f"{lane.value}_untold_s": int(waited)})
        if waited > (own.express_s if lane is Lane.EXPRESS else own.normal_s):
            found.add(UntoldError(lane=lane.value, minutes=int(waited // 60)))


def systems(patient: Patient, found: Findings) -> None:
    """Every system takes what it is told, and sends about as often as it used to."""
    now, own = patient.now(), patient.settings.doctor
    with transaction(patient.engine) as connection:
        for one in failing(connection):
            found.add(
                SystemFailingError(
                    system=one.system_id, way=one.way, failures=one.failures, reason=one.reason
                )
            )
        sent = sent_lately(connection, most=_PACKAGES)
    found.note(systems=len(sent))
    for system_id, instants in sent.items():
        silence = silent_for(
            instants, now, factor=own.quiet_factor, least=timedelta(hours=own.quiet_least_h)
        )
        if silence is not None:
            quiet, usual = (round(one / timedelta(hours=1), 1) for one in silence)
            found.add(SystemQuietError(system=system_id, hours=str(quiet), usual=str(usual)))


def silent_for(
    sent: Sequence[datetime],
    now: datetime,
    *,
    factor: float,
    least: timedelta,
    days: Workdays | None = None,
) -> tuple[timedelta, timedelta] | None:
    """Return for how long a system has been silent, and its usual silence; None where all is well.

    Args:
        sent: when it sent, the newest first.
        now: the instant.
        factor: so often the usual silence is too long.
        least: a shorter silence means nothing.
        days: the calendar.
    """
    if len(sent) < _HABIT:
        return None
    calendar = days or Workdays()
    gaps = sorted(worked(earlier, later, calendar) for later, earlier in pairwise(sent))
    usual = gaps[int(len(gaps) * 0.95)]
    quiet = worked(sent[0], now, calendar)
    return (quiet, usual) if quiet > max(least, usual * factor) else None


def worked(start: datetime, end: datetime, days: Workdays) -> timedelta:
    """Return how much working time lies between two instants; 60 days on, no more is counted."""
    start, end = start.astimezone(VIETNAM), end.astimezone(VIETNAM)
    total, day = timedelta(0), start.date()
    for _ in range(_DAYS_MOST):
        if day > end.date():
            break
        if days.is_working(day):
            begins = max(start, datetime.combine(day, _BEGINS, VIETNAM))
            ends = min(end, datetime.combine(day, _ENDS, VIETNAM))
            total += max(timedelta(0), ends - begins)
        day += timedelta(days=1)
    return total
