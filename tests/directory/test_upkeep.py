"""Suspending, resuming and contact data."""

from __future__ import annotations

import pytest

from axis.directory.errors import DirectoryRefusedError
from axis.directory.importing import plan_import
from axis.directory.upkeep import plan_contact, plan_state
from axis.directory.values import Held, Served, State, micros


def with_state(directory, code, state, at):
    plan = plan_state(directory, code, state, start=micros(at))
    return directory.advance(plan.change, directory.version + 1)


def test_a_suspended_office_is_held_until_it_resumes(country, before, reform, after):
    directory = with_state(country, "H44.1", State.SUSPENDED, reform)
    assert isinstance(directory.resolve("H44.1", before), Served)
    assert isinstance(directory.resolve("H44.1", after), Held)
    directory = with_state(directory, "H44.1", State.ACTIVE, after)
    assert directory.resolve("H44.1", after).code == "H44.1"
    assert directory.resolve("H44.1", reform).reason == "suspended"


def test_a_planned_office_begins_to_work(country, before, reform, after):
    text = "code,name,level,parent_code,state\nH44.9,Phường Mới,commune,H44,planned\n"
    planned = plan_import(country, text.encode(), before, source="x")
    directory = country.advance(planned.change, 2)
    with pytest.raises(Exception) as caught:
        directory.resolve("H44.9", before)
    assert caught.value.code == "recipient.not-yet"
    directory = with_state(directory, "H44.9", State.ACTIVE, reform)
    assert directory.resolve("H44.9", after).code == "H44.9"


def test_contact_data_change_from_a_day_on(country, before, reform, after):
    directory = country
    for at, email in ((before, "a@h44.example"), (after, "b@h44.example")):
        plan = plan_contact(
            directory, "H44", start=micros(at), email=email, phone="", address="Việt Trì"
        )
        directory = directory.advance(plan.change, directory.version + 1)
    record = directory.record(directory.find("H44", after).office_id)
    assert [(fact.email, fact.end == micros(after)) for fact in record.contacts] == [
        ("a@h44.example", True),
        ("b@h44.example", False),
    ]
    again = plan_contact(
        directory, "H44", start=micros(after), email="b@h44.example", phone="", address="Việt Trì"
    )
    assert not again.change
    with pytest.raises(DirectoryRefusedError) as caught:
        plan_contact(directory, "H44", start=micros(reform), email="", phone="", address="")
    assert [problem.code for problem in caught.value.problems] == ["directory.later-facts"]


def test_a_state_that_cannot_be_is_refused(country, before, reform, after):
    suspended = with_state(country, "H44.1", State.SUSPENDED, after)
    for directory, code, state, problem in (
        (country, "H99", State.SUSPENDED, "office.unknown"),
        (country, "H44", State.ACTIVE, "directory.nothing-to-change"),
        (suspended, "H44.1", State.SUSPENDED, "directory.later-facts"),
    ):
        with pytest.raises(DirectoryRefusedError) as caught:
            plan_state(directory, code, state, start=micros(reform))
        assert [found.code for found in caught.value.problems] == [problem]
