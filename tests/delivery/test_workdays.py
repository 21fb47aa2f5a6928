"""Vietnam's working days, and when something is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from axis.delivery.lanes import Lane
from axis.delivery.workdays import VIETNAM, Workdays, due_at, is_sent_late, name_of_day

DAYS = Workdays()


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-20", True),  # Friday
        ("2026-11-21", False),  # Saturday
        ("2026-11-22", False),
        ("2026-01-01", False),
        ("2026-02-16", False),  # the eve of Tết
        ("2026-02-17", False),  # Tết, by the moon
        ("2026-02-20", False),
        ("2026-02-23", True),
        ("2026-04-27", False),  # Hùng Kings' day, made up for on Monday
        ("2026-04-30", False),
        ("2026-05-01", False),
        ("2026-09-02", False),
        ("2025-01-29", False),  # Tết 2025
        ("2025-07-01", True),
    ],
)
def test_offices_work_on_weekdays_that_are_no_holidays(day: str, works: bool) -> None:
    assert DAYS.is_working(date.fromisoformat(day)) is works


def test_a_holiday_has_its_name() -> None:
    assert "Tết" in (name_of_day(date(2026, 2, 17)) or "")
    assert name_of_day(date(2026, 11, 20)) is None


def test_a_notice_of_the_government_overrides_the_calendar() -> None:
    own = Workdays(off=frozenset({date(2026, 11, 20)}), on=frozenset({date(2026, 11, 21)}))
    assert not own.is_working(date(2026, 11, 20))
    assert own.is_working(date(2026, 11, 21))
    assert own.next_after(date(2026, 11, 19)) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("signed", "received", "late"),
    [
        ("2026-11-18", "2026-11-18 16:00", False),
        ("2026-11-18", "2026-11-19 11:59", False),
        ("2026-11-18", "2026-11-19 12:01", True),
        ("2026-11-20", "2026-11-23 12:00", False),  # Friday, by Monday's noon
        ("2026-11-20", "2026-11-23 12:01", True),
        ("2026-02-13", "2026-02-23 10:00", False),  # before Tết, by the morning after it
    ],
)
def test_a_document_is_sent_by_the_next_working_morning(
    signed: str, received: str, late: bool
) -> None:
    at = datetime.fromisoformat(received).replace(tzinfo=VIETNAM)
    assert is_sent_late(date.fromisoformat(signed), at, days=DAYS) is late


def test_what_is_urgent_is_due_at_once_and_what_is_not_by_the_next_morning() -> None:
    friday = datetime(2026, 11, 20, 16, 30, tzinfo=VIETNAM)
    hour = timedelta(hours=1)
    assert due_at(Lane.EXPRESS, friday, express=hour, days=DAYS) == friday + hour
    assert due_at(Lane.NORMAL, friday, express=hour, days=DAYS) == datetime(
        2026, 11, 23, 12, tzinfo=VIETNAM
    )
