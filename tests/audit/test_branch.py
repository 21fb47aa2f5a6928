"""A branch is an office and all below it at an instant; codes count for who had them when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from axis.audit.branch import Branch, branch_of
from axis.audit.rows import COLUMNS, Choice, Row
from axis.directory.change import Facts
from axis.directory.snapshot import Directory
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    CodeFact,
    NameFact,
    OfficeFact,
    ParentFact,
    StandingFact,
    micros,
)
from axis.errors import AxisError

REFORM = datetime(2025, 7, 1, tzinfo=UTC)
BEFORE = datetime(2025, 6, 1, tzinfo=UTC)
AFTER = datetime(2025, 8, 1, tzinfo=UTC)
EVER = (ALWAYS, FOREVER)
NAMES = ("province", "district", "commune", "other")


def directory() -> Directory:
    """A province with a district and its commune, which goes to another province with its code."""
    split = micros(REFORM)
    parents = (
        ("district", "province", *EVER),
        ("commune", "district", ALWAYS, split),
        ("commune", "other", split, FOREVER),
    )
    codes = (
        ("province", "H41", *EVER),
        ("district", "01.H41", *EVER),
        ("commune", "02.H41", ALWAYS, split),
        ("commune", "02.H42", split, FOREVER),
        ("other", "02.H41", split, FOREVER),
        ("other", "H42", *EVER),
    )
    return Directory.build(
        1,
        Facts(
            offices=tuple(OfficeFact(name, "committee") for name in NAMES),
            standings=tuple(StandingFact(name, "provincial", "active", *EVER) for name in NAMES),
            names=tuple(NameFact(name, name, False, *EVER) for name in NAMES),
            codes=tuple(CodeFact(o, code, "qd20", start, end) for o, code, start, end in codes),
            parents=tuple(ParentFact(*parent) for parent in parents),
        ),
    )


def row(sender: str, at: datetime) -> Row:
    empty: Row = dict.fromkeys(COLUMNS)
    return empty | {"sender": sender, "time": at.isoformat()}


def test_a_branch_is_all_below_an_office_at_the_instant() -> None:
    assert branch_of(directory(), "H41", BEFORE).office_ids == {"province", "district", "commune"}
    assert branch_of(directory(), "H41", AFTER).office_ids == {"province", "district"}
    assert branch_of(directory(), "02.H42", AFTER).office_ids == {"commune"}


@pytest.mark.parametrize(
    ("sender", "at", "wanted"),
    [
        ("H41", BEFORE, True),
        ("commune", BEFORE, True),  # by its key, as it was served
        ("02.H41", BEFORE, True),
        ("02.H41", AFTER, False),  # the code is another office's by then
        ("02.H42", AFTER, True),  # the same office under its new code
        ("H42", BEFORE, False),
    ],
)
def test_rows_are_chosen_by_who_had_the_code_then(sender: str, at: datetime, wanted: bool) -> None:
    choice = Choice(branch=branch_of(directory(), "H41", BEFORE))
    assert choice.wants(row(sender, at)) is wanted


def test_offices_may_be_named_beside_a_branch() -> None:
    choice = Choice(offices=frozenset(("H42",)), branch=branch_of(directory(), "H41", AFTER))
    assert choice.wants(row("H42", AFTER))
    assert choice.wants(row("01.H41", AFTER))
    assert not choice.wants(row("H99", AFTER))


def test_the_same_branch_is_described_alike_whenever_it_is_asked_for() -> None:
    def told(at: datetime) -> str:
        return str(branch_of(directory(), "H41", at))

    assert told(AFTER) == told(datetime(2025, 9, 1, tzinfo=UTC))
    assert told(AFTER) != told(BEFORE)
    named: Branch = branch_of(directory(), "H41", BEFORE, as_of="2025-06-01")
    assert str(named).startswith("H41 as of 2025-06-01: 3 offices, sha256:")


def test_a_branch_under_nobody_is_refused() -> None:
    with pytest.raises(AxisError) as refused:
        branch_of(directory(), "H77", AFTER)
    assert refused.value.code == "office.unknown"
