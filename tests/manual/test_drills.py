"""The manual, followed: one installation from its first day through the loss of its machine."""

from __future__ import annotations

import json

import pytest

from .machine import CHECKOUT, Machine, blocks

PAGES = CHECKOUT / "docs" / "operate"


def follow(machine: Machine, page: str) -> str:
    """Follow a page from its first block to its last; return what was printed."""
    said = ""
    for block in blocks(PAGES / page):
        said += machine.follow(block)
    return said


@pytest.mark.timeout(900)  # a minute of work, on a machine that may be busy
def test_the_manual_is_followed_from_the_first_day_to_the_new_machine(machine: Machine) -> None:
    follow(machine, "install.md")
    onboard(machine)
    said = follow(machine, "backup.md")
    assert "notary.rolled-back" in said
    assert "receipt confirmed" in said
    said = follow(machine, "disaster.md")
    missing = [line.split() for line in said.splitlines() if "body-missing" in line.split()]
    assert [words[0] for words in missing] == ["I1"]
    assert "receipt confirmed" in said
    said = follow(machine, "keys.md")
    assert "certificate.revoked" in said
    assert "certificate.no-path" in said


def onboard(machine: Machine) -> None:
    """Follow the page; the one who reads the fingerprint over the telephone is the test."""
    for block in blocks(PAGES / "onboard.md"):
        instead = {}
        if "enrollment approve" in block:
            told = machine.follow("axis enrollment list --json\n")
            asked = next(json.loads(line) for line in told.splitlines() if line.startswith("{"))
            instead = {
                "4f1c9a20b7d3": asked["id"],
                "9c41-e2aa-07b1-55d0-f3c2": asked["fingerprint"],
            }
        machine.follow(block, instead=instead)
    assert "receipt confirmed" in machine.follow("axis trace 7816/VPCP-TTĐT\n")
    assert "12/BC-UBND" in machine.follow("axis inbox vpcp\n")
