"""Which role may give which command: the whole matrix, and the whole command line."""

from __future__ import annotations

import pytest

from axis.people.duties import DUTIES, Role, asks_for_two, may
from tests.house.house import commands

#: Commands that change nothing which others see: they show, or write files of the caller's own, or
#: are the processes themselves. ``db upgrade`` comes before there is a table to record it in;
#: exports ask for themselves and have an entry of their own; so do approvals.
FREE = """
completion, demo, serve, inbox, trace, search, console account list, relay, hub, gateway,
stuck, doctor, metrics, reconcile, clock, notary,
type list, type show, type test, type frame, type day, type unsynced, type league,
report hours, report deadlines, report daily, report weekly, report monthly, report weak-signatures,
envelope new, envelope show, envelope lint, envelope sign, envelope verify,
cert init-ca, cert issue, cert crl, cert list, cert show, cert expiring, cert check, cert fetch,
policy check, policy list,
office export, office list, office show, office history, office successors, office resolve,
office diff, office rehearse, office search, office changes, office snapshot,
group list, group show, system list, system show, peer list, peer status, peer run, alert list,
system token list, system secret list, system certificate list,
courier, system webhook show, system webhook test, enrollment list,
agent enroll, agent run, agent status, agent list, agent doctor, agent vxp,
chaos soak, chaos cluster, db upgrade, db check,
ledger head, ledger key, ledger list, ledger show, ledger proof, ledger consistency,
ledger verify, ledger export, ledger watch, ledger timestamp, notary init,
witness init, witness serve, witness list, witness suspects,
audit consistency, audit export, audit init, audit key, audit report, audit verify,
evidence make, evidence verify, receipt get, receipt verify,
admin list, admin acts, admin requests, admin approve, admin refuse
"""


def test_every_command_has_a_role_or_changes_nothing() -> None:
    free = {words.strip() for words in FREE.split(",")}
    known = {words for words, _ in commands() if not words.startswith("bench ")}
    assert set(DUTIES) <= known
    assert not free & set(DUTIES)
    assert known - free - set(DUTIES) == set(), "give each a role in DUTIES, or say that it is free"


def test_a_command_that_changes_something_takes_a_reason() -> None:
    changing = {words: command for words, command in commands() if words in DUTIES}
    assert [
        words
        for words, command in changing.items()
        if not any(parameter.name == "why" for parameter in command.params)
    ] == []


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_its_own_commands_and_no_others(role: Role) -> None:
    people = {"lan": {role}, "hoa": set(Role)}
    for words, duty in DUTIES.items():
        assert may(people, "lan", duty) is (duty is role), words
        assert may(people, "hoa", duty), words
        assert not may(people, "nobody", duty), words


def test_before_anybody_is_named_everybody_may() -> None:
    assert may({}, "lan", Role.KEEPER)


def test_a_noun_stands_for_all_its_commands_and_not_for_words_that_begin_like_it() -> None:
    assert asks_for_two("cert revoke", ["cert"])
    assert asks_for_two("cert revoke", ["purge", "cert revoke"])
    assert not asks_for_two("cert revoke", ["cert rev", "revoke"])
    assert not asks_for_two("hold", ["h"])
