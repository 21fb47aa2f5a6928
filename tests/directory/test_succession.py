"""Acts of reorganisation: what they change, from when on, and why one cannot be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from axis.directory.acts import Act, Successor
from axis.directory.change import Change
from axis.directory.difference import differences, successors_of
from axis.directory.errors import DirectoryRefusedError, SenderClosedError
from axis.directory.grace import signatories
from axis.directory.snapshot import Directory
from axis.directory.succession import plan_file, plan_reorganisation
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    ActingFact,
    Level,
    Served,
    SuccessionKind,
    SystemFact,
    micros,
)

BASIS = "NQ 202/2025/QH15"
GRACE = timedelta(days=90)


def act(kind: str, old: str, at: datetime, *new: str, **rest) -> Act:
    successors = tuple(
        Successor(code=code, name=name) for code, _, name in (word.partition("=") for word in new)
    )
    return Act(
        kind=SuccessionKind(kind),
        old=tuple(old.split()),
        at=micros(at),
        legal_basis=BASIS,
        new=successors,
        **rest,
    )


def reorganise(directory: Directory, *acts: Act) -> Directory:
    plan = plan_reorganisation(directory, acts, source="test")
    result = directory.advance(plan.change, directory.version + 1)
    assert list(result.records()) == list(plan.draft.records())
    return result


def refusals(directory: Directory, *acts: Act) -> list[str]:
    with pytest.raises(DirectoryRefusedError) as caught:
        plan_reorganisation(directory, acts, source="test")
    return [problem.code for problem in caught.value.problems]


def test_merged_offices_are_served_by_the_one_that_goes_on(country, reform, before, after):
    directory = reorganise(country, act("merge", "H62", reform, "H44"))
    assert directory.resolve("H62", before).code == "H62"
    served = directory.resolve("26", after)
    assert (served.code, served.via[0].legal_basis) == ("H44", BASIS)
    assert directory.find("H62", after) is None


def test_offices_under_a_merged_one_move_to_the_successor(country, reform, before, after):
    directory = reorganise(country, act("merge", "H62", reform, "H44"))
    parent = lambda at: directory.find("H62.1", at).parent_id  # noqa: E731
    assert parent(before) == country.find("H62", before).office_id
    assert parent(after) == country.find("H44", before).office_id


def test_a_merge_may_found_the_successor_under_an_old_code(country, reform, before, after):
    directory = reorganise(
        country, act("merge", "H44.1 H62.1", reform, "H44.1=Phường Mới", parent="H44")
    )
    new = directory.find("H44.1", after)
    assert new.name == "Phường Mới"
    assert new.office_id != directory.find("H44.1", before).office_id
    served = directory.resolve("H62.1", after)
    assert (served.office_id, served.code) == (new.office_id, "H44.1")
    assert directory.resolve("H44.1", after).via == ()


def test_a_divided_office_follows_its_rules(country, reform, after):
    directory = reorganise(
        country,
        act(
            "split",
            "H62.1",
            reform,
            "H44.1",
            "H62.2=Xã Hai",
            default="H62.2",
            document_types={"Báo cáo": "H44.1"},
        ),
    )
    assert directory.resolve("H62.1", after).code == "H62.2"
    assert directory.resolve("H62.1", after, document_type="Báo cáo").code == "H44.1"
    record = directory.record(directory.resolve("H62.1", after).written_office_id)
    assert len(successors_of(directory, record, after)) == 2


def test_a_divided_office_that_goes_on_stays_served(country, reform, after):
    directory = reorganise(country, act("split", "H62.1", reform, "H62.1", "H62.2=Xã Hai"))
    assert directory.resolve("H62.1", after).code == "H62.1"
    assert directory.find("H62.2", after).name == "Xã Hai"


def test_a_rename_keeps_the_office_and_both_names(country, before, reform, after):
    directory = reorganise(country, act("rename", "H44.1", reform, name="Phường Hy Cương"))
    old, new = directory.find("H44.1", before), directory.find("H44.1", after)
    assert (old.name, new.name) == ("Xã Hy Cương", "Phường Hy Cương")
    assert old.office_id == new.office_id


def test_letters_to_a_code_that_was_changed_still_arrive(country, reform, before, after):
    directory = reorganise(country, act("recode", "H44.1", reform, "H44.01"))
    served = directory.resolve("H44.1", after)
    assert (served.code, served.via[0].kind) == ("H44.01", "recode")
    assert directory.resolve("H44.1", before).code == "H44.1"


def test_an_office_moves_to_another_parent_and_level(country, reform, before, after):
    directory = reorganise(
        country, act("move", "H62.1", reform, parent="H44", level=Level.DISTRICT)
    )
    assert directory.find("H62.1", after).level == "district"
    assert directory.find("H62.1", before).level == "commune"
    assert directory.find("H62.1", after).parent_id == directory.find("H44", after).office_id


def test_letters_to_an_office_closed_without_successor_are_held(country, reform, after):
    directory = reorganise(country, act("close", "H62.1", reform))
    assert directory.resolve("H62.1", after).reason == "no-successor"


def test_acts_of_one_plan_build_on_each_other(country, reform, after):
    later = reform + timedelta(days=300)
    directory = reorganise(
        country,
        act("merge", "H62", reform, "H44"),
        act("merge", "H44.1 H62.1", reform, "H44.9=Phường Chín"),
        act("rename", "H44.9", later, name="Phường Mười"),
        act("merge", "H44.9", later, "H44"),
    )
    served = directory.resolve("H62.1", later)
    assert isinstance(served, Served)
    assert (served.code, len(served.via)) == ("H44", 2)


@pytest.mark.parametrize(
    ("acts", "codes"),
    [
        ([("close", "H99", 0)], ["office.unknown"]),
        ([("close", "H62.1", 0), ("close", "H62.1", 5)], ["directory.already-closed"]),
        ([("close", "H62.1", 5), ("close", "H62.1", 0)], ["directory.later-facts"]),
        ([("merge", "H62.1", 0, "H99")], ["directory.successor-missing"]),
        ([("merge", "H62.1", 0)], ["directory.nothing-to-change"]),
        ([("merge", "H62", 0, "H44"), ("merge", "H44", 5, "H62")], ["directory.successor-missing"]),
        ([("merge", "H62", 5, "H44"), ("merge", "H44", 0, "H62")], ["directory.later-facts"] * 1),
        ([("split", "H62.1", 0, "H44", "H44.1")], ["directory.no-rule"]),
        ([("split", "H62.1", 0, "H44")], ["directory.nothing-to-change"]),
        ([("close", "H62", 0)], ["directory.orphan-offices"]),
        ([("recode", "H62.1", 0, "H44.1")], ["directory.code-taken"]),
        ([("merge", "H62.1", 0, "H44=Tỉnh")], ["directory.code-taken"]),
        ([("rename", "H62.1", 0)], ["directory.nothing-to-change"]),
        (
            [("recode", "H62.1", 5, "H62.5"), ("recode", "H62.1", 0, "H62.4")],
            ["directory.later-facts"],
        ),
    ],
)
def test_an_act_that_cannot_be_is_refused(country, reform, acts, codes):
    planned = [
        act(kind, old, reform + timedelta(days=days), *new) for kind, old, days, *new in acts
    ]
    found = refusals(country, *planned)
    assert found[0] in codes or set(found) & set(codes)


def test_an_office_does_not_end_before_it_was_there(country, reform, before):
    directory = reorganise(country, act("merge", "H62.1", reform, "H77=Mới"))
    assert refusals(directory, act("close", "H77", before)) == ["directory.before-existence"]


def test_a_succession_never_comes_back(country, reform):
    first = act("merge", "H62", reform + timedelta(days=5), "H44")
    back = act("merge", "H44", reform, "H62")
    assert "directory.succession-cycle" in refusals(country, first, back)


def test_an_office_is_not_moved_under_itself(country, reform):
    assert refusals(country, act("move", "H62", reform, parent="H62.1")) == [
        "directory.parent-cycle"
    ]


def served_by(directory: Directory, **systems: str) -> Directory:
    facts: list = [SystemFact(name, name, "poll", "active", True) for name in set(systems.values())]
    for code, system in systems.items():
        (holder,) = directory.holders(code.replace("_", "."))
        facts.append(ActingFact(holder.office_id, system, ALWAYS, FOREVER))
    return directory.advance(Change(added=tuple(facts)), directory.version + 1)


def test_a_founded_office_is_served_by_the_system_of_its_predecessors(country, reform, after):
    directory = served_by(country, H44_1="s1", H62_1="s1")
    directory = reorganise(directory, act("merge", "H44.1 H62.1", reform, "H44.9=Chín"))
    office_id = directory.find("H44.9", after).office_id
    assert directory.system_of(office_id, after).system_id == "s1"


def test_a_plan_that_would_orphan_a_queue_is_refused(country, reform, after):
    directory = served_by(country, H44_1="s1", H62_1="s2")
    merge = act("merge", "H44.1 H62.1", reform, "H44.9=Chín")
    assert refusals(directory, merge) == ["directory.orphan-queue"]
    named = act("merge", "H44.1 H62.1", reform, "H44.9=Chín", system="s2")
    directory = reorganise(directory, named)
    assert directory.system_of(directory.find("H44.9", after).office_id, after).system_id == "s2"


def test_an_unknown_system_is_refused(country, reform):
    merge = act("merge", "H44.1 H62.1", reform, "H44.9=Chín", system="none")
    assert refusals(country, merge) == ["system.unknown"]


def test_an_old_office_may_sign_during_its_grace_and_no_longer(country, reform, before, after):
    directory = reorganise(country, act("merge", "H62", reform, "H44"))
    old_id = country.find("H62", before).office_id
    (now,) = signatories(directory, "H62", before, GRACE)
    assert (now.office_id, now.until) == (old_id, reform + GRACE)
    (late,) = signatories(directory, "H62", after, GRACE)
    assert (late.office_id, late.closed_at, late.until) == (old_id, reform, reform + GRACE)
    with pytest.raises(SenderClosedError) as caught:
        signatories(directory, "H62", reform + GRACE, GRACE)
    assert caught.value.code == "sender.closed"
    assert caught.value.facts["successor"] == "H44"
    assert caught.value.facts["closed_at"] == "2025-06-30T17:00:00Z"
    assert signatories(directory, "H99", after, GRACE) == ()


def test_under_a_code_that_passed_on_both_may_sign_for_a_while(country, reform, before, after):
    directory = reorganise(country, act("merge", "H44.1 H62.1", reform, "H44.1=Mới"))
    new, old = signatories(directory, "H44.1", after, GRACE)
    assert new.office_id == directory.find("H44.1", after).office_id
    assert old.office_id == country.find("H44.1", before).office_id
    assert len(signatories(directory, "H44.1", after + GRACE, GRACE)) == 1


def test_the_difference_of_two_days_tells_every_change(country, reform, before, after):
    directory = reorganise(
        country,
        act("merge", "H62", reform, "H44"),
        act("rename", "H44.1", reform, name="Phường Hy Cương"),
        act("recode", "H62.1", reform, "H44.2"),
        act("split", "G22", reform, "G22", "G99=Mới"),
    )
    found = {(d.code, d.what): (d.before, d.after) for d in differences(directory, before, after)}
    assert found == {
        ("H62", "closed"): ("Tỉnh Vĩnh Phúc", "H44"),
        ("H44.1", "name"): ("Xã Hy Cương", "Phường Hy Cương"),
        ("H44.2", "parent"): ("H62", "H44"),
        ("H44.2", "code"): ("H62.1", "H44.2"),
        ("G99", "founded"): (None, "Mới"),
    }
    assert not list(differences(directory, after, after + timedelta(days=9)))


PLAN = """\
kind,from,to,effective,legal_basis,name,hold
merge,H62,H44,2025-07-01,NQ 202/2025/QH15,,
split,H62.1,H44.1; H44.5=Xã Năm,2025-07-01,NQ 1676,,Bà C
rename,H44.1,,2025-07-01T00:00:00+07:00,NQ 1676,Phường Một,
"""


def test_a_plan_is_read_from_a_file(country, after):
    plan = plan_file(country, PLAN.encode(), source="plan.csv")
    assert plan.summary() == {"founded": 1, "closed": 2, "successions": 4, "acts": 3}
    directory = country.advance(plan.change, 2)
    assert directory.resolve("H62.1", after).assigned_to == "Bà C"


def test_every_problem_of_a_plan_is_listed_with_its_place(country):
    text = (
        "kind,from,to,effective,legal_basis,level,subunits\n"
        "marry,H62,H44,2025-07-01,NQ,,\n"
        "merge,H62,,2025-07-01,NQ,,\n"
        "close,H62.1,,tomorrow,NQ,,\n"
        "move,H62.1,,2025-07-01,NQ,planet,\n"
        "split,H62.1,H44;H44.1,2025-07-01,NQ,,a\n"
        "close,H99,,2025-07-01,NQ,,\n"
        "close,H62.1,,2025-07-01,,,\n"
    )
    with pytest.raises(DirectoryRefusedError) as caught:
        plan_file(country, text.encode(), source="plan.csv")
    assert [(p.code, p.place.line, p.place.column) for p in caught.value.problems] == [
        ("directory.unknown-value", 2, 1),
        ("directory.missing-value", 3, 3),
        ("directory.unknown-value", 4, 4),
        ("directory.unknown-value", 5, 6),
        ("directory.unknown-value", 6, 7),
        ("office.unknown", 7, 2),
        ("directory.missing-value", 8, 5),
    ]
