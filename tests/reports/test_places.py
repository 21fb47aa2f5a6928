"""Where offices stood in a period, and that what is counted of them adds up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from axis.directory.acts import Act, Successor
from axis.directory.snapshot import Directory
from axis.directory.succession import plan_reorganisation
from axis.directory.values import SuccessionKind, micros
from axis.reports.errors import NotAProvinceError, ReportOfficeUnknownError
from axis.reports.figures import Line
from axis.reports.places import lineage, place_of
from axis.reports.scope import By, Scope, grouped, scope_of
from axis.reports.tally import COUNTS, Tally
from tests.directory.conftest import after, before, country, reform

__all__ = ["after", "before", "country", "reform"]


@pytest.fixture
def merged(country: Directory, reform: datetime) -> Directory:
    """The province H62 was merged into H44."""
    act = Act(
        kind=SuccessionKind.MERGE,
        old=("H62",),
        at=micros(reform),
        legal_basis="NQ 202/2025/QH15",
        new=(Successor(code="H44"),),
    )
    plan = plan_reorganisation(country, [act], source="test")
    return country.advance(plan.change, country.version + 1)


def test_an_office_that_ended_stands_where_it_stood_last(
    merged: Directory, reform: datetime, before: datetime, after: datetime
) -> None:
    old = merged.find("H62", before)
    assert old is not None
    then = place_of(merged, old.office_id, at=before)
    assert (then.level, then.province, then.ended_on, then.heirs) == ("provincial", "H62", None, ())
    now = place_of(merged, old.office_id, at=after)
    assert (now.code, now.name, now.level) == (then.code, then.name, then.level)
    assert (now.province, now.heirs) == ("H62", ("H44",))
    assert now.ended_on is not None
    new = merged.find("H44", after)
    assert new is not None
    assert lineage(merged, old.office_id) == {old.office_id, new.office_id}
    below = list(merged.every_child(old.office_id))
    for one in below:
        assert place_of(merged, one, at=before).province == "H62"
        assert place_of(merged, one, at=after).province == "H44"
    assert below


def test_what_nobody_knows_stands_nowhere(country: Directory, before: datetime) -> None:
    place = place_of(country, "no-such-office", at=before)
    assert (place.code, place.name, place.level) == ("", "no-such-office", "")


@pytest.mark.parametrize("at", ["before", "after"])
def test_offices_add_up_to_levels_and_provinces_and_both_to_the_nation(
    merged: Directory, at: str, request: pytest.FixtureRequest
) -> None:
    instant: datetime = request.getfixturevalue(at)
    lines = [
        Line(
            place=place_of(merged, record.office_id, at=instant),
            tally=Tally(documents=number, came=3 * number, times={"normal": {number % 5: number}}),
        )
        for number, record in enumerate(merged.records(), start=1)
    ]
    nation = Tally.sum(line.tally for line in lines)
    for by in By:
        groups = [
            Tally.sum(line.tally for line in members) for _, members in grouped(lines, Scope(), by)
        ]
        total = Tally.sum(groups)
        assert [getattr(total, name) for name in COUNTS] == [
            getattr(nation, name) for name in COUNTS
        ]
        assert total.times == nation.times
    # Each province, and what is in none: no office is in two.
    found = [
        Tally.sum(line.tally for line in lines if line.place.province_id == province)
        for province in {line.place.province_id for line in lines}
    ]
    assert sum(tally.came for tally in found) == nation.came


def test_codes_that_name_nothing_are_refused(country: Directory, before: datetime) -> None:
    scope = scope_of(country, at=before, province="H44")
    assert scope.place is not None
    assert scope.has(scope.place)
    with pytest.raises(ReportOfficeUnknownError) as unknown:
        scope_of(country, at=before, office="H99.99.99")
    assert unknown.value.code == "report.office-unknown"
    commune = next(
        place.code
        for record in country.records()
        if (place := place_of(country, record.office_id, at=before)).level == "commune"
    )
    with pytest.raises(NotAProvinceError) as wrong:
        scope_of(country, at=before + timedelta(0), province=commune)
    assert wrong.value.code == "report.not-a-province"
