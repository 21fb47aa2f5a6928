"""From the address written to the office served."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from axis.directory.change import Change
from axis.directory.errors import RecipientUnknownError
from axis.directory.snapshot import Directory
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    CodeFact,
    Held,
    RuleFact,
    StandingFact,
    SuccessionFact,
    micros,
)


def close(
    directory: Directory, code: str, at: datetime, *into: str, basis: str = "NQ 202/2025/QH15"
) -> Directory:
    """Close the office with a code, and let others succeed it."""
    office = directory.find(code, at - timedelta(seconds=1))
    record = directory.record(office.office_id)
    t = micros(at)
    (standing,) = [fact for fact in record.standings if fact.end == FOREVER]
    added = [
        StandingFact(office.office_id, standing.level, "active", standing.start, t),
        StandingFact(office.office_id, standing.level, "closed", t, FOREVER),
    ]
    added += [CodeFact(c.office_id, c.code, c.scheme, c.start, t) for c in record.codes]
    for successor in into:
        other = directory.find(successor, at - timedelta(seconds=1))
        added.append(
            SuccessionFact(office.office_id, f"s-{code}", "merge", other.office_id, t, basis)
        )
    return directory.advance(
        Change(added=tuple(added), retired=(standing, *record.codes)), directory.version + 1
    )


def test_an_office_that_works_is_served_itself(country, before):
    served = country.resolve("H44", before)
    assert (served.office_id, served.code, served.via) == (
        country.find("H44", before).office_id,
        "H44",
        (),
    )


def test_an_old_code_is_served_by_the_successor_with_the_facts_used(country, reform, after):
    directory = close(country, "H62", reform, "H44")
    served = directory.resolve("000.00.00.H62", after)
    assert served.code == "H44"
    assert served.written_office_id == country.find("H62", after).office_id
    (step,) = served.via
    assert (step.kind, step.effective_at, step.legal_basis) == (
        "merge",
        reform,
        "NQ 202/2025/QH15",
    )


def test_a_succession_prepared_in_advance_takes_effect_by_itself(country, before, reform):
    directory = close(country, "H62", reform, "H44")
    assert directory.resolve("H62", before).code == "H62"
    assert directory.resolve("H62", reform - timedelta(microseconds=1)).code == "H62"
    assert directory.resolve("H62", reform).code == "H44"


def test_a_chain_of_successions_is_followed_to_its_end(country, reform, after):
    later = after + timedelta(days=365)
    directory = close(country, "H62", reform, "H44")
    directory = close(directory, "H44", later, "G22")
    assert directory.resolve("H62", after).code == "H44"
    served = directory.resolve("H62", later)
    assert served.code == "G22"
    assert len(served.via) == 2


def test_a_divided_office_is_held_with_the_candidates(country, reform, after):
    directory = close(country, "H62.1", reform, "H44", "H44.1")
    held = directory.resolve("H62.1", after)
    assert isinstance(held, Held)
    assert held.reason == "divided"
    assert set(held.candidates) == {
        country.find("H44", after).office_id,
        country.find("H44.1", after).office_id,
    }


def rule(directory: Directory, code: str, at, kind: str, matches: str, to: str | None) -> Directory:
    office = directory.find(code, at)
    target = directory.find(to, at).office_id if to else None
    fact = RuleFact(office.office_id, kind, matches, target, ALWAYS, FOREVER)
    return directory.advance(Change(added=(fact,)), directory.version + 1)


def test_rules_choose_by_subunit_then_document_type_then_default(country, before, reform, after):
    directory = close(country, "H62.1", reform, "H44", "H44.1")
    directory = rule(directory, "H62.1", before, "default", "", "H44")
    directory = rule(directory, "H62.1", before, "document-type", "Báo cáo", "H44.1")
    directory = rule(directory, "H62.1", before, "subunit", "Phòng A", "H44")
    assert directory.resolve("H62.1", after).code == "H44"
    assert directory.resolve("H62.1", after, document_type="Báo cáo").code == "H44.1"
    served = directory.resolve("H62.1", after, document_type="Báo cáo", subunit="Phòng A")
    assert served.code == "H44"
    assert served.via[0].rule == "subunit"


def test_a_rule_to_hold_names_the_person_who_decides(country, before, reform, after):
    directory = close(country, "H62.1", reform, "H44", "H44.1")
    directory = rule(directory, "H62.1", before, "hold", "Nguyễn Thị B", None)
    held = directory.resolve("H62.1", after)
    assert (held.reason, held.assigned_to) == ("rule", "Nguyễn Thị B")


def test_an_office_closed_without_successor_is_held_never_dropped(country, reform, after):
    held = close(country, "H62.1", reform).resolve("H62.1", after)
    assert (held.reason, held.candidates) == ("no-successor", ())


def test_a_code_in_force_names_its_holder_and_not_the_former_one(country, reform, after):
    directory = close(country, "H62", reform, "H44")
    new = directory.find("H44", after).office_id
    code = CodeFact(new, "26", "statistics", micros(reform), FOREVER)
    directory = directory.advance(Change(added=(code,)), 9)
    assert directory.resolve("26", after).via == ()
    assert directory.resolve("26", after).code == "26"


def test_a_suspended_office_is_held(country, before):
    office = country.find("H62.1", before)
    (active,) = country.record(office.office_id).standings
    stopped = StandingFact(office.office_id, "commune", "suspended", ALWAYS, FOREVER)
    directory = country.advance(Change(added=(stopped,), retired=(active,)), 2)
    assert directory.resolve("H62.1", before).reason == "suspended"


def test_an_unknown_code_is_refused(country, before):
    with pytest.raises(RecipientUnknownError) as caught:
        country.resolve("H99", before)
    assert caught.value.code == "recipient.unknown"


def test_a_code_that_takes_effect_later_is_refused_with_the_day(country, before, after):
    code = CodeFact(country.find("H44", before).office_id, "H77", "qd20", micros(after), FOREVER)
    directory = country.advance(Change(added=(code,)), 2)
    with pytest.raises(RecipientUnknownError) as caught:
        directory.resolve("H77", before)
    assert caught.value.code == "recipient.not-yet"


def test_spaces_and_small_letters_do_not_lose_a_letter(country, before):
    assert country.resolve(" h44 ", before).code == "H44"


def test_an_advanced_snapshot_leaves_the_old_one_as_it_was(country, reform, after):
    close(country, "H62", reform, "H44")
    assert country.resolve("H62", after).code == "H62"


def test_an_answer_is_given_again_only_until_something_changes(country, before, reform, after):
    directory = close(country, "H62", reform, "H44")
    assert directory.resolve("H62", after) is directory.resolve("H62", after + timedelta(days=9))
    assert directory.resolve("H62", before).code == "H62"
    assert directory.resolve("H62", reform).code == "H44"
    assert directory.resolve("H62", reform - timedelta(microseconds=1)).code == "H62"
    assert country.resolve("H62", after).code == "H62"
