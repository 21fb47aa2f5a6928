"""Which scheduled reports are due. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from axis.delivery.workdays import VIETNAM, Workdays
from axis.directory.values import Level
from axis.errors import Lang
from axis.reports.errors import ScheduleWrongError
from axis.reports.forms import Form
from axis.reports.periods import Kind, Period, last_closed, parse_period
from axis.reports.scope import By
from axis.sections import ScheduledReport

#: Figures are taken so long after the instant that they are of: what was under way is recorded.
SETTLE: Final = timedelta(minutes=1)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the schedule that can be followed."""

    name: str
    kind: Kind
    by: By
    forms: tuple[Form, ...]
    folder: str
    at: time | None
    lang: Lang
    office: str
    province: str
    level: str
    mail_to: tuple[str, ...]

    def due_at(self, period: Period, days: Workdays) -> datetime:
        """Return when a period's file is written: closed, and not before the time of the day."""
        closed = period.closes_at(days) + SETTLE
        if self.at is None:
            return closed
        local = closed.astimezone(VIETNAM)
        wanted = datetime.combine(local.date(), self.at, VIETNAM)
        return wanted if wanted >= local else wanted + timedelta(days=1)

    def next_due(self, last: str | None, now: datetime, days: Workdays) -> Period | None:
        """Return the oldest period whose file is due and not written.

        An entry that is new begins with the last period; one that was kept from its work makes up
        for all that it missed.

        Args:
            last: the last period that was written.
            now: the present.
            days: the working days.
        """
        if last is not None:
            period = parse_period(self.kind, last).next()
            return period if self.due_at(period, days) <= now else None
        period = last_closed(self.kind, now, days)
        while self.due_at(period, days) > now:
            period = period.before()
        return period

    def file_of(self, period: Period, form: Form) -> str:
        """Return the name of a file."""
        return f"{self.name}-{period.key}.{form.value}"


def entry_of(said: ScheduledReport) -> Entry:
    """Return an entry of the settings, read.

    Raises:
        ScheduleWrongError: it cannot be followed.
    """

    def wrong(reason: str) -> ScheduleWrongError:
        return ScheduleWrongError(name=said.name[:48] or "–", reason=reason)

    if not _NAME.fullmatch(said.name):
        raise wrong("name: a-z 0-9 -")
    if sum(bool(one) for one in (said.office, said.province, said.level)) > 1:
        raise wrong("office, province, level: one of them")
    if said.level and said.level not in set(Level):
        raise wrong(f"level: {', '.join(Level)}")
    if not said.formats:
        raise wrong(f"formats: {', '.join(Form)}")
    if said.lang not in ("vi", "en"):
        raise wrong("lang: vi, en")
    for name, given, known in (
        ("report", (said.report,), Kind),
        ("by", (said.by,), By),
        ("formats", said.formats, Form),
    ):
        for one in given:
            if one not in {member.value for member in known}:
                raise wrong(f"{name}: {', '.join(member.value for member in known)}")
    if said.by == By.TYPE and said.report != Kind.DAILY:
        raise wrong("by: type goes with daily")
    try:
        at = time.fromisoformat(said.at) if said.at else None
    except ValueError as error:
        raise wrong("at: HH:MM") from error
    return Entry(
        name=said.name,
        kind=Kind(said.report),
        by=By(said.by),
        forms=tuple(Form(one) for one in dict.fromkeys(said.formats)),
        folder=said.folder,
        at=at.replace(tzinfo=None) if at else None,
        lang="vi" if said.lang == "vi" else "en",
        office=said.office,
        province=said.province,
        level=said.level,
        mail_to=said.mail_to,
    )
