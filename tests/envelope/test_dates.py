"""Dates are kept as written; what no calendar has is None, what is no date is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axis.envelope.dates import parse_date, parse_time, write_date, write_time


def test_a_date_in_the_standards_form():
    written = parse_date("2015/09/30")
    assert written is not None
    assert written.date == date(2015, 9, 30)
    assert written.is_standard


@pytest.mark.parametrize("text", ["2014/02/30", "2015/13/01", "2015/00/10", "0000/01/01"])
def test_a_day_that_no_calendar_has_is_kept_as_written(text: str):
    written = parse_date(text)
    assert written is not None
    assert written.raw == text
    assert written.date is None
    assert not written.is_standard


@pytest.mark.parametrize("text", ["2015-09-30", "2015/9/30", "2015/09/30 08:00:00"])
def test_another_form_of_a_date_is_understood_and_not_standard(text: str):
    written = parse_date(text)
    assert written is not None
    assert written.date == date(2015, 9, 30)
    assert not written.is_standard


@pytest.mark.parametrize("text", ["", "hôm qua", "30/09/2015", "2015", "20150930", "٢٠١٥/09/30"])
def test_what_is_no_date_is_none(text: str):
    assert parse_date(text) is None
    assert parse_time(text) is None


def test_a_time_without_a_zone_is_vietnamese():
    written = parse_time("2015/09/30 00:30:00")
    assert written is not None
    assert written.at == datetime(2015, 9, 29, 17, 30, tzinfo=UTC)
    assert written.is_standard


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2015-09-30T08:00:00Z", 8),
        ("2015-09-30T08:00:00+07:00", 1),
        ("2015-09-30T08:00:00.123456789+0700", 1),
        ("2015-09-30T03:30:00-05:30", 9),
        ("2015/09/30 08:00", 1),
    ],
)
def test_a_time_with_a_zone_is_that_instant(text: str, hour: int):
    written = parse_time(text)
    assert written is not None
    assert written.at == datetime(2015, 9, 30, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2015/09/30 25:00:00", "2014/02/30 08:00:00", "0001/01/01 00:00:00", "2015/09/30 08:00:61"],
)
def test_a_time_that_no_clock_has_is_kept_as_written(text: str):
    written = parse_time(text)
    assert written is not None
    assert written.raw == text
    assert written.at is None


@pytest.mark.parametrize("zone", ["+99:99", "-24:00", "+23:60"])
def test_a_zone_that_does_not_exist_is_no_fault(zone: str):
    written = parse_time(f"2015/09/30 08:00:00{zone}")
    assert written is not None
    assert written.raw.endswith(zone)


@given(st.dates())
def test_a_date_that_is_written_is_read(day: date):
    assert parse_date(write_date(day).raw) == write_date(day)


@given(
    st.datetimes(
        min_value=datetime(1000, 1, 2),  # noqa: DTZ001 (the zone comes from the strategy)
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
)
def test_an_instant_that_is_written_is_read_to_the_second(at: datetime):
    written = write_time(at)
    assert parse_time(written.raw) == written
    assert written.at is not None
    assert timedelta() <= at - written.at < timedelta(seconds=1)


@given(st.text(max_size=30))
def test_no_text_breaks_the_parser(text: str):
    parse_date(text)
    parse_time(text)
