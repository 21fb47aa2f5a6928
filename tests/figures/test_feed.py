"""The statistics feed: what the database adds up by level is what the offices add up to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from axis.errors import Fault, Refusal
from axis.figures.errors import PeriodTooLongError
from axis.figures.feed import By, Row, ask
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.tables.directory import DIRECTORY_VERSION, OFFICE, OFFICE_CODE, OFFICE_STANDING
from tests.reports.rows import at, delivery, keep, package

NUMBERS = ("sent", "refused", "came", "express", "confirmed", "ended", "waiting")
RAISED = at("20 10:00")  # the commune is a province from then on


def offices(engine: sa.Engine) -> None:
    standings = [
        {"office_id": "g22", "level": "central", "valid_from": None, "valid_to": None},
        {"office_id": "h41", "level": "commune", "valid_from": None, "valid_to": RAISED},
        {"office_id": "h41", "level": "provincial", "valid_from": RAISED, "valid_to": None},
    ]
    believed = {"since_version": 1, "until_version": None}
    with transaction(engine) as connection:
        connection.execute(sa.update(DIRECTORY_VERSION).values(version=1))
        for office_id in ("g22", "h41"):
            known = {"office_id": office_id} | believed
            always = {"valid_from": None, "valid_to": None}
            code = {"code": office_id.upper(), "scheme": "qd20"} | always
            connection.execute(sa.insert(OFFICE).values(kind="committee", **known))
            connection.execute(sa.insert(OFFICE_CODE).values(**known, **code))
        for one in standings:
            connection.execute(sa.insert(OFFICE_STANDING).values(state="active", **one, **believed))


def summed(rows: list[Row]) -> dict[tuple[str, str, str], Counter[str]]:
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for row in rows:
        mine = found.setdefault((row.hour, row.level, row.type), Counter())
        mine.update({name: getattr(row, name) for name in NUMBERS})
    return found


def test_levels_are_the_sums_of_offices_as_they_stood_in_each_hour(engine: sa.Engine) -> None:
    offices(engine)
    for hour in ("20 08:30", "20 09:10", "20 10:20", "20 11:50"):
        one, other = package("h41", at(hour)), package("g22", at(hour), kind="dossier")
        keep(engine, one, other)
        keep(engine, delivery(one, "g22", confirmed_at=at(hour)), delivery(other, "h41"))
        keep(engine, delivery(other, "unknown", 1))
    refusal = Refusal(code="signature.missing", fault=Fault.INPUT, facts={})
    said = replace(package("h41", at("20 09:30")), accepted=False, refusal=refusal)
    keep(engine, replace(said, sender="H41", sender_office=None))
    with transaction(engine) as connection:
        directory = load_directory(connection)
        since, until = at("20 08:00"), at("20 13:00")
        by_office = ask(connection, directory, since=since, until=until, by=By.OFFICE)
        by_level = ask(connection, directory, since=since, until=until, by=By.LEVEL)
        with pytest.raises(PeriodTooLongError) as caught:
            ask(connection, directory, since=since, until=at("23 08:00"), by=By.OFFICE)
    assert summed(by_level) == summed(by_office)
    assert {row.office for row in by_level} == {""}
    sent = {(row.hour[11:13], row.level): row.sent for row in by_level if row.type == "document"}
    assert sent[("01", "commune")] == 1
    assert sent[("03", "provincial")] == 1
    assert sum(row.refused for row in by_level) == 1
    assert caught.value.code == "statistics.period"
