"""An office that was merged away signs under its old code for a while, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import structs

from axis.directory.acts import Act, Successor
from axis.directory.succession import plan_reorganisation
from axis.directory.values import SuccessionKind, micros
from axis.store.directory_changes import change_directory
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package

MERGED = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def merge(axis: Installation) -> None:
    """H41 was merged into H14 yesterday."""
    act = Act(
        kind=SuccessionKind.MERGE,
        old=(H41,),
        new=(Successor(code=H14),),
        at=micros(MERGED),
        legal_basis="NQ 1/2026",
    )
    change_directory(
        axis.engine,
        lambda directory: plan_reorganisation(directory, [act], source="test"),
        kind="act",
        by="test",
        at=datetime.now(UTC),
    )


async def answer_to(axis: Installation, grace_days: int):
    settings = axis.settings
    axis.settings = structs.replace(
        settings, directory=structs.replace(settings.directory, grace_days=grace_days)
    )
    merge(axis)
    async with axis.running():
        paper = package(document(sender=H41, to=(G22,)))
        ticket = await axis.submit(axis.sign(H41, paper), system="nghean")
        return await axis.verdict(ticket.package_id)


async def test_in_its_grace_it_may_still_send(axis_on_postgresql: Installation) -> None:
    answer = await answer_to(axis_on_postgresql, grace_days=90)
    assert answer.accepted, answer.refusal


async def test_afterwards_the_refusal_names_the_successor_and_the_day(
    axis_on_postgresql: Installation,
) -> None:
    answer = await answer_to(axis_on_postgresql, grace_days=0)
    assert answer.refusal is not None
    assert answer.refusal.code == "sender.closed"
    assert H14 in answer.refusal.text("en") + answer.refusal.hint("en")


async def test_a_letter_to_it_goes_to_the_successor(axis_on_postgresql: Installation) -> None:
    from axis.mailbox import waiting

    axis = axis_on_postgresql
    merge(axis)
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document(to=(H41,)))), system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
    (waits,) = waiting(axis.engine, "khac")
    assert waits.delivery.address == H41
