"""A package goes through all rooms, on both databases, and each answer is the right one."""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from axis.bus.connection import connected, open_channel
from axis.bus.notices import DeliveryNotice, IntakeNotice, encode_notice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import INTAKE_QUEUE, PARKED_QUEUE, declare_topology, system_queue
from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.envelope.values import StatusCode
from axis.errors import AxisError
from axis.ledger.events import Event
from axis.mailbox import confirm, fetch, waiting
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.trust.sign import sign
from axis.trust.values import Shape
from tests.relay.installation import Installation, certify
from tests.relay.papers import G22, H14, H41, document, package, status


def now() -> datetime:
    return datetime.now(UTC)


def take(axis: Installation, delivery_id, system: str) -> bytes:
    _, body = fetch(
        axis.engine,
        axis.bodies,
        axis.sealer,
        delivery_id=delivery_id,
        system_id=system,
        now=now(),
    )
    return body


async def queue_depth(axis: Installation, queue: str) -> int:
    async with connected(axis.settings.amqp.url, name="test") as connection:
        channel = await open_channel(connection, confirms=False)
        answer = await channel.queue_declare(queue, passive=True)
        return answer.message_count or 0


async def until_depth(axis: Installation, queue: str, expected: int) -> None:
    async with asyncio.timeout(120):
        while await queue_depth(axis, queue) != expected:
            await asyncio.sleep(0.05)


async def test_a_document_reaches_every_addressee_byte_for_byte(axis: Installation) -> None:
    signed = axis.sign(G22, package(document(to=(H41, H14))))
    async with axis.running():
        ticket = await axis.submit(signed, system="vpcp")
        answer = await axis.verdict(ticket.package_id)
        assert answer.accepted
        assert (answer.sign, answer.sender, answer.kind) == ("7816/VPCP-TTĐT", G22, "document")
        await until_depth(axis, system_queue("nghean", Lane.NORMAL), 1)
    (polled,) = waiting(axis.engine, "khac")
    (queued,) = waiting(axis.engine, "nghean")
    for one, system in ((polled, "khac"), (queued, "nghean")):
        body = take(axis, one.delivery.id, system)
        assert hashlib.sha256(body).digest() == hashlib.sha256(signed).digest() == one.digest
        assert waiting(axis.engine, system)[0].delivery.state is State.FETCHED
        confirm(
            axis.engine,
            axis.sealer,
            delivery_id=one.delivery.id,
            system_id=system,
            now=now(),
        )
        assert waiting(axis.engine, system) == []


async def test_the_notice_in_the_queue_names_the_delivery(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document(priority=2))), system="vpcp")
        await axis.verdict(ticket.package_id)
        queue = system_queue("nghean", Lane.EXPRESS)
        await until_depth(axis, queue, 1)
    async with connected(axis.settings.amqp.url, name="test") as connection:
        channel = await open_channel(connection, confirms=False)
        message = await channel.basic_get(queue)
        notice = parse_notice(message.body, queue=queue)
    assert isinstance(notice, DeliveryNotice)
    (waits,) = waiting(axis.engine, "nghean")
    assert notice.delivery_id == waits.delivery.id
    assert (notice.address, notice.sender, notice.lane) == (H41, G22, "express")
    assert notice.digest == ticket.digest.hex()


async def test_the_same_bytes_again_give_the_same_answer_and_one_delivery(
    axis: Installation,
) -> None:
    signed = axis.sign(G22, package(document()))
    async with axis.running():
        tickets = await axis.submit_all([signed] * 20, system="vpcp")
        assert len({ticket.package_id for ticket in tickets}) == 1
        first = await axis.verdict(tickets[0].package_id)
        again = await axis.submit(signed, system="vpcp")
        await until_depth(axis, INTAKE_QUEUE, 0)
        assert await axis.verdict(again.package_id) == first
    assert axis.count("package") == 1
    assert axis.count("delivery") == 1
    assert axis.count("ledger_inbox") == 2
    assert await queue_depth(axis, system_queue("nghean", Lane.NORMAL)) == 1


async def test_two_workers_given_the_same_packages_give_one_verdict_each(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    packages = [axis.sign(G22, package(document(number))) for number in range(30)]
    async with axis.running(), axis.running():
        tickets = await axis.submit_all(packages * 4, system="vpcp")
        for ticket in tickets:
            assert (await axis.verdict(ticket.package_id)).accepted
        await until_depth(axis, INTAKE_QUEUE, 0)
    assert axis.count("package") == axis.count("delivery") == 30
    assert axis.count("ledger_inbox") == 60


async def test_the_mailbox_shows_urgent_first_then_oldest(axis: Installation) -> None:
    async with axis.running():
        for number, priority in ((1, 0), (2, 3), (3, 0), (4, 1)):
            paper = package(document(number, to=(H14,), priority=priority))
            ticket = await axis.submit(axis.sign(G22, paper), system="vpcp")
            await axis.verdict(ticket.package_id)
    assert [one.sign for one in waiting(axis.engine, "khac")] == [
        "2/VPCP-TTĐT",
        "4/VPCP-TTĐT",
        "1/VPCP-TTĐT",
        "3/VPCP-TTĐT",
    ]


async def test_a_status_goes_to_the_sender_and_stands_in_the_documents_story(
    axis: Installation,
) -> None:
    about = document()
    async with axis.running():
        sent = await axis.submit(axis.sign(G22, package(about)), system="vpcp")
        await axis.verdict(sent.package_id)
        report = axis.sign(H41, status(StatusCode.REGISTERED, about, reporter=H41, target=G22))
        ticket = await axis.submit(report, system="nghean")
        answer = await axis.verdict(ticket.package_id)
    assert answer.accepted
    assert (answer.kind, answer.status_code) == ("status", "03")
    assert answer.about_package_id == sent.package_id
    (waits,) = waiting(axis.engine, "vpcp")
    assert take(axis, waits.delivery.id, "vpcp") == report
    with transaction(axis.engine) as connection:
        events = [entry.leaf.decode() for entry in entries_of(connection, [sent.package_id])]
        (delivery,) = deliveries_of(connection, [sent.package_id])
    assert Event.CONSIGNMENT_ACCEPTANCE in events[-1]
    assert str(delivery.last_entry) in events[-1]


@pytest.mark.parametrize(
    ("reporter", "system", "target", "code"),
    [
        (H14, "khac", G22, "status.not-addressed"),
        (H41, "nghean", G22, "status.unknown-document"),
    ],
)
async def test_a_status_that_is_about_nothing_is_refused(
    axis_on_postgresql: Installation, reporter: str, system: str, target: str, code: str
) -> None:
    axis = axis_on_postgresql
    about = document()
    async with axis.running():
        if code != "status.unknown-document":
            sent = await axis.submit(axis.sign(G22, package(about)), system="vpcp")
            await axis.verdict(sent.package_id)
        report = axis.sign(
            reporter, status(StatusCode.ARRIVED, about, reporter=reporter, target=target)
        )
        ticket = await axis.submit(report, system=system)
        answer = await axis.verdict(ticket.package_id)
    assert answer.refusal is not None
    assert answer.refusal.code == code


async def test_an_office_without_a_system_is_held_not_lost(axis: Installation) -> None:
    async with axis.running():
        paper = package(document(to=("000.09.09.H41", H14)))
        ticket = await axis.submit(axis.sign(G22, paper), system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
    with transaction(axis.engine) as connection:
        held, routed = deliveries_of(connection, [ticket.package_id])
        leaves = [entry.leaf.decode() for entry in entries_of(connection, [ticket.package_id])]
    assert (held.state, held.held_reason, held.system_id) == (State.HELD, "no-system", None)
    assert routed.state is State.ROUTED
    assert any("ConsignmentHeld" in leaf and "no-system" in leaf for leaf in leaves)


REFUSED = {
    "not XML": (lambda axis: b"%PDF-1.4", "vpcp", "envelope.not-xml"),
    "truncated": (
        lambda axis: axis.sign(G22, package(document()))[:-200],
        "vpcp",
        "envelope.truncated",
    ),
    "wrong namespace": (
        lambda axis: package(document()).replace(b"QCVN_102_2016", b"QCVN_102_2099"),
        "vpcp",
        "envelope.wrong-namespace",
    ),
    "DOCTYPE": (
        lambda axis: package(document()).replace(b"?>", b"?><!DOCTYPE edXML>", 1),
        "vpcp",
        "envelope.doctype",
    ),
    "not signed": (lambda axis: package(document()), "vpcp", "signature.missing"),
    "altered": (
        lambda axis: axis.sign(G22, package(document())).replace(
            "thử nghiệm".encode(), "sửa".encode()
        ),
        "vpcp",
        "signature.digest-mismatch",
    ),
    "unknown sender": (
        lambda axis: axis.sign(G22, package(document(sender="000.00.00.X99"))),
        "vpcp",
        "sender.unknown-office",
    ),
    "another system's office": (
        lambda axis: axis.sign(G22, package(document())),
        "nghean",
        "sender.not-of-system",
    ),
    "another office's certificate": (
        lambda axis: axis.sign(H41, package(document())),
        "vpcp",
        "certificate.not-for-office",
    ),
    "unknown recipient": (
        lambda axis: axis.sign(G22, package(document(to=(H41, "000.00.00.X99")))),
        "vpcp",
        "recipient.unknown",
    ),
}


async def test_each_bad_package_is_refused_recorded_and_answered(axis: Installation) -> None:
    good = axis.sign(G22, package(document(1)))
    async with axis.running():
        for name, (make, system, code) in REFUSED.items():
            ticket = await axis.submit(make(axis), system=system)
            answer = await axis.verdict(ticket.package_id)
            assert answer.refusal is not None, name
            assert answer.refusal.code == code, name
            assert answer.refusal.text("vi") != answer.refusal.text("en"), name
            with transaction(axis.engine) as connection:
                (entry,) = entries_of(connection, [ticket.package_id])
            assert Event.SUBMISSION_REJECTION in entry.leaf.decode(), name
        ticket = await axis.submit(good, system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
    assert axis.count("delivery") == 1


async def test_a_signed_attachment_that_did_not_come_is_refused(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    whole = sign(package(document()), axis.signers[G22], Shape.MANIFEST)
    apart = re.sub(rb"<(\w+:)?AttachmentEncoded.*AttachmentEncoded>", b"", whole, flags=re.DOTALL)
    assert apart != whole
    async with axis.running():
        complete = await axis.submit(whole, system="vpcp")
        assert (await axis.verdict(complete.package_id)).accepted
        ticket = await axis.submit(apart, system="vpcp")
        answer = await axis.verdict(ticket.package_id)
    assert answer.refusal is not None
    assert answer.refusal.code == "attachment.missing"


async def test_a_certificate_that_nobody_registered_is_refused(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    stranger = certify(axis.engine, axis.settings.path("certs"), G22, now=now(), register=False)
    axis.signers[G22] = stranger
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document())), system="vpcp")
        answer = await axis.verdict(ticket.package_id)
    assert answer.refusal is not None
    assert answer.refusal.code == "certificate.unregistered"


async def test_a_package_over_the_limit_is_refused_without_being_kept(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    async with axis.running():
        ticket = await axis.submit(b"x" * 300_000, system="vpcp", max_bytes=100_000)
        answer = await axis.verdict(ticket.package_id)
    assert answer.refusal is not None
    assert answer.refusal.code == "envelope.too-large"
    assert answer.digest == hashlib.sha256(b"x" * 300_000).digest()
    assert not axis.bodies.has(answer.digest)


async def test_what_is_no_notice_is_parked_and_the_relay_goes_on(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    missing = IntakeNotice(
        package_id=UUID(int=3),
        system_id="vpcp",
        digest="00" * 32,
        size_bytes=1,
        door="test",
        received_at=now(),
    )
    async with axis.running():
        async with connected(axis.settings.amqp.url, name="test") as connection:
            channel = await open_channel(connection, confirms=True)
            await declare_topology(channel)
            publisher = Publisher(channel, window=5, timeout_s=10)
            # A broker that is busy may refuse at first what goes to a queue that is new.
            async with asyncio.timeout(60):
                while any(await publisher.publish_all([("", INTAKE_QUEUE, b"garbage")])):
                    await asyncio.sleep(0.2)
            await publisher.publish(encode_notice(missing), routing_key=INTAKE_QUEUE)
        ticket = await axis.submit(axis.sign(G22, package(document())), system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
        await until_depth(axis, PARKED_QUEUE, 2)


async def test_only_the_system_itself_takes_and_confirms(axis: Installation) -> None:
    async with axis.running():
        paper = axis.sign(G22, package(document(to=(H14,))))
        ticket = await axis.submit(paper, system="vpcp")
        await axis.verdict(ticket.package_id)
    (waits,) = waiting(axis.engine, "khac")
    with pytest.raises(AxisError) as caught:
        take(axis, waits.delivery.id, "nghean")
    assert caught.value.code == "delivery.unknown"
    with pytest.raises(AxisError) as caught:
        confirm(
            axis.engine,
            axis.sealer,
            delivery_id=waits.delivery.id,
            system_id="khac",
            now=now(),
        )
    assert caught.value.code == "delivery.transition"
    for _ in range(2):
        assert take(axis, waits.delivery.id, "khac") == paper
    for _ in range(2):
        confirm(
            axis.engine,
            axis.sealer,
            delivery_id=waits.delivery.id,
            system_id="khac",
            now=now(),
        )
    assert axis.count("ledger_inbox") == 4


async def test_a_damaged_body_is_not_given_out(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    async with axis.running():
        paper = axis.sign(G22, package(document(to=(H14,))))
        ticket = await axis.submit(paper, system="vpcp")
        await axis.verdict(ticket.package_id)
    axis.bodies.path_of(ticket.digest).write_bytes(b"other")
    (waits,) = waiting(axis.engine, "khac")
    with pytest.raises(AxisError) as caught:
        take(axis, waits.delivery.id, "khac")
    assert caught.value.code == "body.corrupt"
    assert waiting(axis.engine, "khac")[0].delivery.state is State.ROUTED
