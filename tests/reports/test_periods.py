"""Days, weeks and months, and when their figures are taken."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from axis.delivery.workdays import Workdays
from axis.reports.errors import PeriodUnreadableError
from axis.reports.periods import Kind, last_closed, parse_period, period_of

DAYS = Workdays()


@pytest.mark.parametrize(
    ("kind", "day", "key", "first", "last"),
    [
        (Kind.DAILY, date(2026, 11, 20), "2026-11-20", date(2026, 11, 20), date(2026, 11, 20)),
        (Kind.WEEKLY, date(2026, 11, 15), "2026-W46", date(2026, 11, 9), date(2026, 11, 15)),
        (Kind.WEEKLY, date(2027, 1, 1), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (Kind.MONTHLY, date(2028, 2, 3), "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        (Kind.MONTHLY, date(2026, 12, 31), "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(kind, day, key, first, last) -> None:
    period = period_of(kind, day)
    assert (period.key, period.first, period.last) == (key, first, last)
    assert parse_period(kind, key) == period
    assert period.next().before() == period


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.WEEKLY, "2026-46"),
        (Kind.WEEKLY, "2026-W54"),
        (Kind.WEEKLY, "2026-W00"),
        (Kind.MONTHLY, "2026-13"),
        (Kind.MONTHLY, "2026-W46"),
        (Kind.DAILY, "2026-W46-1"),
        (Kind.DAILY, "2026-02-30"),
        (Kind.MONTHLY, "0001-01"),
        (Kind.MONTHLY, ""),
    ],
)
def test_what_is_no_period_is_refused(kind, text) -> None:
    with pytest.raises(PeriodUnreadableError) as caught:
        parse_period(kind, text)
    assert caught.value.code == "report.period-unreadable"


@pytest.mark.parametrize(
    ("kind", "key", "closes"),
    [
        (Kind.DAILY, "2026-11-20", "2026-11-20T17:00"),
        (Kind.WEEKLY, "2026-W46", "2026-11-16T12:00"),
        (Kind.MONTHLY, "2026-10", "2026-11-02T12:00"),  # 1 November is a Sunday
        (Kind.MONTHLY, "2026-12", "2027-01-04T12:00"),  # New Year's day, then a week-end
        (Kind.WEEKLY, "2026-W08", "2026-02-23T12:00"),  # all of Tết lies between
    ],
)
def test_figures_are_taken_when_all_that_came_is_due(kind, key, closes) -> None:
    period = parse_period(kind, key)
    assert period.closes_at(DAYS) == datetime.fromisoformat(f"{closes}+07:00")
    at = period.closes_at(DAYS)
    assert last_closed(kind, at, DAYS) == period
