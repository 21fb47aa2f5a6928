"""Who may send what to whom: the first rule that fits decides, and says why."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from axis.admission.policy import (
    OPEN,
    MessageType,
    decide,
    enforce,
    parse_policy,
)
from axis.directory.importing import plan_import
from axis.directory.snapshot import Directory, Facts
from axis.errors import AxisError

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COUNTRY = """code,name,level,parent_code
G22,Văn phòng Chính phủ,central,
H49,UBND tỉnh Quảng Ninh,provincial,
H49.1,Sở Nội vụ,provincial,H49
H49.12,UBND xã Ba Chẽ,commune,H49
H50,UBND tỉnh Quảng Trị,provincial,
H50.12,UBND xã Gio Linh,commune,H50
"""


@pytest.fixture(scope="module")
def directory() -> Directory:
    empty = Directory.build(0, Facts())
    plan = plan_import(empty, COUNTRY.encode(), NOW, source="test.csv")
    return empty.advance(plan.change, 1)


def asked(directory: Directory, rules: list[str], sender: str, to: str, message: str) -> bool:
    def key(code: str) -> str:
        office = directory.find(code, NOW)
        assert office is not None
        return office.office_id

    policy = parse_policy(rules)
    decision = decide(
        policy, key(sender), key(to), MessageType(message), directory=directory, at=NOW
    )
    try:
        enforce(policy, key(sender), key(to), MessageType(message), directory=directory, at=NOW)
        enforced = True
    except AxisError as error:
        assert error.code == "policy.denied"  # noqa: PT017
        enforced = False
    assert enforced == decision.is_allowed
    return decision.is_allowed


CODES = ["G22", "H49", "H49.1", "H49.12", "H50", "H50.12"]


def test_without_rules_every_office_may_send_to_every_office(directory: Directory) -> None:
    for sender, to in itertools.product(CODES, CODES):
        for message in MessageType:
            assert asked(directory, [], sender, to, message)
    assert OPEN.rules == ()


@pytest.mark.parametrize(
    ("rule", "denied"),
    [
        ("deny any from any to any", set(itertools.product(CODES, CODES))),
        ("deny any from level=commune to level=central", {("H49.12", "G22"), ("H50.12", "G22")}),
        ("deny any from office=H49 to office=G22", {("H49", "G22")}),
        (
            "deny any from under=H49 to office=G22",
            {("H49", "G22"), ("H49.1", "G22"), ("H49.12", "G22")},
        ),
        (
            "deny any from !under=H49 to office=H49.12",
            {("G22", "H49.12"), ("H50", "H49.12"), ("H50.12", "H49.12")},
        ),
        (
            "deny any from under=H49 level=commune to level=provincial !under=H49",
            {("H49.12", "H50")},
        ),
        ("deny status from any to any", set()),
        ("deny any from office=X99 to any", set()),
    ],
)
def test_a_rule_denies_exactly_what_it_names(
    directory: Directory, rule: str, denied: set[tuple[str, str]]
) -> None:
    got = {
        (sender, to)
        for sender, to in itertools.product(CODES, CODES)
        if not asked(directory, [rule], sender, to, "new")
    }
    assert got == denied


def test_the_first_rule_that_fits_decides(directory: Directory) -> None:
    rules = [
        "allow any from office=H49.12 to office=G22 because được ủy quyền",
        "deny any from level=commune to level=central",
    ]
    assert asked(directory, rules, "H49.12", "G22", "new")
    assert not asked(directory, rules, "H50.12", "G22", "new")
    assert not asked(directory, rules[::-1], "H49.12", "G22", "new")


def test_a_rule_names_types(directory: Directory) -> None:
    rules = ["deny new,replace from any to office=G22"]
    got = {message for message in MessageType if asked(directory, rules, "H49", "G22", message)}
    assert got == {"recall", "update", "status"}


def test_the_reason_is_kept(directory: Directory) -> None:
    (rule,) = parse_policy(["deny new from any to any because theo quy chế"]).rules
    assert rule.reason == "theo quy chế"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "deny",
        "deny any",
        "deny any from any",
        "deny any from to any",
        "deny any to any from any",
        "forbid any from any to any",
        "deny letters from any to any",
        "deny any from level=village to any",
        "deny any from name=x to any",
        "deny any from office= to any",
        "deny any from any=x to any",
    ],
)
def test_a_line_that_is_no_rule_is_refused_whole(line: str) -> None:
    with pytest.raises(AxisError) as caught:
        parse_policy(["allow any from any to any", line])
    assert caught.value.code == "policy.syntax"
    assert caught.value.facts["number"] == 2
