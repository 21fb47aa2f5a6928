"""What every door promises; see ``tests/doors/door.py`` for how a door takes part."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from axis.intake.errors import IntakeBusyError
from axis.intake.pressure import Pressure
from axis.store.calls import last_calls
from axis.store.engine import transaction
from tests.doors.conftest import PACKAGE_BYTES
from tests.doors.door import Door, DoorError, Outcome
from tests.relay.papers import document, package


def _signed(door: Door, number: int = 7816, content: bytes = b"%PDF-1.4 content") -> bytes:
    paper = document(number, sender=door.sender_office, to=(door.receiver_office,))
    return door.axis.sign(door.sender_office, package(paper, content))


async def test_a_package_that_is_right_is_accepted_and_delivered_byte_for_byte(door: Door):
    signed = _signed(door)
    assert (await door.submit(signed)).outcome is Outcome.ACCEPTED
    (listed,) = await door.mailbox()
    assert listed.address == door.receiver_office
    assert await door.fetch(listed.id) == signed
    async with asyncio.timeout(60):  # that they called is written down now and then
        while not {door.sender, door.receiver} <= called(door):
            await asyncio.sleep(0.1)


def called(door: Door) -> set[str]:
    with transaction(door.axis.engine) as connection:
        return set(last_calls(connection))


async def test_the_same_bytes_again_are_no_news(door: Door):
    signed = _signed(door)
    answers = await asyncio.gather(*(door.submit(signed) for _ in range(8)))
    assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
    assert len({answer.package for answer in answers}) == 1
    assert len(await door.mailbox()) == 1
    assert door.axis.count("package") == 1


async def test_a_package_that_was_changed_is_refused_with_its_code(door: Door):
    refused = await door.submit(_signed(door).replace(b"7816", b"7817", 1))
    assert refused.outcome is Outcome.REFUSED
    assert refused.code
    assert await door.mailbox() == []


async def test_a_package_of_another_office_is_refused(door: Door):
    """Rule R1: the calling system, the certificate and From mean the same office."""
    answer = await door.submit(_signed(door), system=door.stranger)
    assert answer.outcome is Outcome.REFUSED
    assert await door.mailbox() == []


async def test_to_fetch_again_before_and_after_the_confirmation_is_no_news(door: Door):
    signed = _signed(door)
    await door.submit(signed)
    (listed,) = await door.mailbox()
    assert [await door.fetch(listed.id) for _ in range(2)] == [signed, signed]
    assert len(await door.mailbox()) == 1  # a fetch proves nothing about what was kept
    await door.confirm(listed.id)
    assert await door.fetch(listed.id) == signed
    assert await door.mailbox() == []


async def test_to_confirm_twice_is_no_news(door: Door):
    await door.submit(_signed(door))
    (listed,) = await door.mailbox()
    await door.fetch(listed.id)
    await asyncio.gather(*(door.confirm(listed.id) for _ in range(5)))
    await door.confirm(listed.id)
    handovers = door.axis.count("ledger_inbox", "delivery_id is not null")
    assert handovers == 3  # consignment, fetch, handover


async def test_what_was_not_fetched_cannot_be_confirmed(door: Door):
    await door.submit(_signed(door))
    (listed,) = await door.mailbox()
    with pytest.raises(DoorError):
        await door.confirm(listed.id)
    assert len(await door.mailbox()) == 1


async def test_an_unknown_id_and_one_of_another_system_are_answered_alike(door: Door):
    await door.submit(_signed(door))
    (listed,) = await door.mailbox()
    said = []
    for delivery, system in ((str(uuid4()), None), (listed.id, door.stranger)):
        for act in (door.fetch, door.confirm):
            with pytest.raises(DoorError) as refused:
                await act(delivery, system=system)
            said.append(refused.value.code)
    assert said == [door.unknown] * 4
    assert await door.mailbox(system=door.stranger) == []


async def test_a_package_over_the_limit_is_refused(door: Door):
    refused = await door.submit(_signed(door, content=bytes(PACKAGE_BYTES)))
    assert refused.outcome is Outcome.REFUSED
    assert refused.code == door.oversize
    assert await door.mailbox() == []


async def test_a_package_that_breaks_off_is_none(door: Door):
    whole = _signed(door)
    await door.submit_half(whole)
    assert door.axis.count("package") == 0
    # What is sent again after the line came back is a package like any other.
    assert (await door.submit(whole)).outcome is Outcome.ACCEPTED
    assert door.axis.count("package") == 1


async def test_a_sender_is_told_later_before_anything_is_accepted(
    closed_relay: Door, monkeypatch: pytest.MonkeyPatch
):
    async def busy(_self: Pressure) -> None:
        raise IntakeBusyError(reason="queue", retry_after_s=7)

    monkeypatch.setattr(Pressure, "check", busy)
    signed = _signed(closed_relay)
    assert (await closed_relay.submit(signed)).outcome is Outcome.LATER
    stored = [path for path in closed_relay.axis.bodies.root.rglob("*") if path.is_file()]
    assert stored == []
