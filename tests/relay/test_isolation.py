"""A package that its examiner dies of costs a refusal for itself, and the relay goes on."""

from __future__ import annotations

import re
from pathlib import Path

from axis.envelope.limits import Limits
from axis.examine.isolation import Budget, Pool
from axis.relay.examiners import Examiners
from tests.relay.installation import Installation
from tests.relay.papers import G22, document, package


def _idle_bytes() -> int:
    """Return the address space of an examining process that has read one letter."""
    with Pool(workers=1, limits=Limits(), second_opinion=False) as pool:
        pool.submit(b"<letter/>")
        (pid,) = pool.pids()
        status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = re.search(r"^VmPeak:\s+(\d+) kB$", status, re.MULTILINE)
    assert kilobytes is not None
    return int(kilobytes[1]) * 1024


async def test_packages_are_examined_in_processes_of_their_own(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    with Examiners(processes=2, limits=Limits(), second_opinion=True) as axis.examiners:
        async with axis.running():
            good = [axis.sign(G22, package(document(number))) for number in range(12)]
            tickets = await axis.submit_all([*good, b"<broken"], system="vpcp")
            answers = [await axis.verdict(ticket.package_id) for ticket in tickets]
    assert [answer.accepted for answer in answers] == [True] * 12 + [False]
    assert answers[-1].refusal is not None
    assert answers[-1].refusal.code == "envelope.truncated"


async def test_a_package_over_its_budget_is_refused_and_the_next_one_passes(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    heavy = axis.sign(G22, package(document(1), b"x" * 45_000_000))
    light = axis.sign(G22, package(document(2)))
    # Enough for a letter, and less than the sixty megabytes of text that the heavy one is.
    budget = Budget(memory_bytes=_idle_bytes() + 48 * 1024 * 1024)
    examiners = Examiners(processes=1, limits=Limits(), second_opinion=False, budget=budget)
    with examiners as axis.examiners:
        async with axis.running():
            tickets = await axis.submit_all([heavy, light], system="vpcp")
            refused, accepted = [await axis.verdict(t.package_id) for t in tickets]
    assert refused.refusal is not None
    assert refused.refusal.code == "examine.resource-limit"
    assert accepted.accepted
    assert axis.count("delivery") == 1
