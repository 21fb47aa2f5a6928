"""From rows to figures: each office's tally in a week or a month. Pure.

docs/operate/reports.md says what each column means, where it comes from, and what is at the edges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.workdays import VIETNAM, Workdays
from axis.directory.snapshot import Directory
from axis.reports.periods import Period
from axis.reports.places import Place, lineage, place_of
from axis.reports.tally import Tally
from axis.store.period_figures import Asked, Carried, Written
from axis.trust.values import Weakness

_DAY: Final = re.compile(r"(\d{4})/(\d{2})/(\d{2})")
_ONE: Final = timedelta(days=1)
#: No rest of offices, nor the wait of a package for its verdict, is longer.
_LONGEST_REST: Final = timedelta(days=45)
#: States in which a delivery ended, and the column that counts it.
_ENDED: Final = {
    State.RECALLED.value: "recalled",
    State.REFUSED.value: "refused",
    State.EXPIRED.value: "lapsed",
    State.UNDELIVERABLE.value: "lapsed",
    State.REDIRECTED.value: "redirected",
}
_SIGNED: Final = {
    None: "strong",
    Weakness.SHA1.value: "weak",
    Weakness.UNSIGNED.value: "unsigned",
}


class Line(msgspec.Struct, kw_only=True):
    """An office and its figures."""

    place: Place
    tally: Tally


class Report(msgspec.Struct, kw_only=True):
    """The figures of a period; what was closed stays as it is."""

    period: str
    as_of: datetime  #: what was known then counts, and nothing after
    made_at: datetime
    closed: bool  #: False: the period goes on, or its deadlines do
    directory_version: int
    lines: list[Line]  #: offices about which there is something to tell, in the order of codes
    revision: int = 0  #: 0: not closed; 1: as first closed; from 2 on corrections
    why: str | None = None  #: of a correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the database added up of a period."""

    written: Iterable[Written]
    sent: Mapping[str, int]
    carried: Iterable[Carried]
    asked: Iterable[Asked]
    answers: Mapping[tuple[str, str], datetime]


def signed_on(text: str) -> date | None:
    """Return the day of signing in the second part of a DocumentId, or None."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def deadlines(period: Period, days: Workdays) -> list[tuple[datetime, datetime]]:
    """Return of each day of a period when it ends and until when its deliveries are in time."""
    found, day = [], period.first
    while day <= period.last:
        begin = datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
        found.append((begin + _ONE, days.next_morning(day)))
        day += _ONE
    return found


def mornings(period: Period, days: Workdays) -> dict[str, datetime]:
    """Return the days on which what was sent in a period in time can have been signed.

    Each as DocumentId writes it, with the instant after which it is sent late. What was signed
    before them is late, what says that it is signed after them is not.
    """
    found, day = {}, period.first - _LONGEST_REST
    while day <= period.last:
        found[f"{day:%Y/%m/%d}"] = days.next_morning(day)
        day += _ONE
    return found


def tally_up(
    rows: Rows, period: Period, *, as_of: datetime, heirs: Callable[[str], set[str]]
) -> dict[str, Tally]:
    """Return the tally of each office, by its id.

    Args:
        rows: of the period.
        period: the days.
        as_of: the instant as of which things are told.
        heirs: turns an office id into itself and those that go on with its affairs.
    """
    offices: dict[str, Tally] = {}

    def of(office_id: str) -> Tally:
        return offices.setdefault(office_id, Tally())

    for one in rows.written:
        _count_written(of(one.office_id), one, period)
    for office_id, count in rows.sent.items():
        of(office_id).sends += count
    for group in rows.carried:
        _count_carried(of(group.office_id), group)
    for question in rows.asked:
        at = min(
            (
                found
                for found in (
                    question.finished_at,
                    *(
                        rows.answers.get((question.document_id or "", office))
                        for office in (heirs(question.office_id) if rows.answers else ())
                    ),
                )
                if found is not None
            ),
            default=None,
        )
        _count_asked(of(question.office_id), question, at, as_of)
    return offices


def make_report(
    rows: Rows,
    period: Period,
    directory: Directory,
    *,
    as_of: datetime,
    now: datetime,
    days: Workdays,
) -> Report:
    """Return the report of a period from what the database added up."""
    heirs: dict[str, set[str]] = {}

    def heirs_of(office_id: str) -> set[str]:
        if office_id not in heirs:
            heirs[office_id] = lineage(directory, office_id)
        return heirs[office_id]

    tallies = tally_up(rows, period, as_of=as_of, heirs=heirs_of)
    stands = min(period.end, as_of) - timedelta(microseconds=1)
    lines = [
        Line(place=place_of(directory, office_id, at=stands), tally=tally)
        for office_id, tally in tallies.items()
    ]
    lines.sort(key=lambda line: (line.place.code, line.place.name, line.place.office_id))
    return Report(
        period=period.key,
        as_of=as_of,
        made_at=now,
        closed=as_of >= period.closes_at(days),
        directory_version=directory.version,
        lines=lines,
    )


def _count_written(tally: Tally, one: Written, period: Period) -> None:
    tally.documents += one.documents
    tally.changes += one.documents * one.changes
    kind = _SIGNED.get(one.weak, "weak")
    setattr(tally, kind, getattr(tally, kind) + one.documents)
    late = one.late
    if late is None:
        signed = signed_on(one.signed)
        if signed is None:
            tally.undated += one.documents
            return
        late = signed <= period.last
    if late:
        tally.sent_late += one.documents
    else:
        tally.sent_in_time += one.documents


def _count_carried(tally: Tally, group: Carried) -> None:
    column = _ENDED.get(group.outcome, group.outcome)
    setattr(tally, column, getattr(tally, column) + group.deliveries)
    if column == "redirected":
        return
    tally.came += group.deliveries
    tally.express += group.deliveries * (group.lane == Lane.EXPRESS.value)
    if group.bucket is not None:
        lane = tally.times.setdefault(group.lane, {})
        lane[group.bucket] = lane.get(group.bucket, 0) + group.deliveries


def _count_asked(tally: Tally, one: Asked, at: datetime | None, as_of: datetime) -> None:
    tally.asked += 1
    if at is not None:
        if at.astimezone(VIETNAM).date() <= one.due_on:
            tally.answered_in_time += 1
        else:
            tally.answered_late += 1
    elif one.declined:
        tally.declined += 1
    elif one.due_on >= as_of.astimezone(VIETNAM).date():
        tally.awaited += 1
    else:
        tally.unanswered += 1
