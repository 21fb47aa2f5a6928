"""The door with a real RabbitMQ, a real relay and systems that speak AMQP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import aio_pika
import pytest
from msgspec import structs

from adapters.amqp.names import IN_EXCHANGE, REQUESTS, SUBMISSIONS, url_of
from adapters.amqp.schemas import Reference
from adapters.amqp.submissions import TRIES, Submissions
from axis.bus.connection import connected, open_channel
from axis.bus.topology import system_queue
from axis.delivery.lanes import Lane
from axis.envelope.values import StatusCode
from axis.ledger.keys import make_notary_key
from axis.ledger.receipt import verify_about, verify_receipt
from axis.notary.office import signer_of
from axis.notary.process import run as run_notary
from axis.parts import store_part
from axis.store.engine import transaction
from axis.store.packages import package_by_id
from tests.amqp.door import Door, add_account, remove_account
from tests.amqp.returning import return_until
from tests.parts.packages import apart, bring
from tests.relay.papers import G22, H14, H41, document, package, status

#: The id of nothing.
NOBODY = "0e4f6c1a-0000-4000-8000-000000000000"


async def test_a_package_goes_from_system_to_system_byte_for_byte(door: Door):
    paper = document(to=(H41, H14))
    signed = door.axis.sign(G22, package(paper))
    async with (
        door.serving(),
        door.system("vpcp") as sender,
        door.system("nghean") as receiver,
        door.system("khac") as other,
    ):
        name = await sender.submit(signed)
        event, message = await sender.event()
        assert (event["type"], message.correlation_id) == ("accepted", name)
        assert event["sha256"] == sha256(signed).hexdigest()
        for system, address in ((receiver, H41), (other, H14)):
            delivery, told = await system.delivery()
            assert (delivery["address"], delivery["kind"]) == (address, "document")
            assert told.message_id == delivery["delivery_id"]
            assert await system.fetch(delivery) == signed
            done = await system.ask("confirm", delivery_id=delivery["delivery_id"])
            assert json.loads(done.body)["state"] == "confirmed"
            await told.ack()
            again = await system.ask("confirm", delivery_id=delivery["delivery_id"])
            assert again.type == "done"
        code = status(StatusCode.ARRIVED, paper, reporter=H41, target=G22)
        await receiver.submit(door.axis.sign(H41, code))
        back, _ = await sender.delivery()
        assert (back["kind"], back["status_code"]) == ("status", "01")


async def test_the_same_package_again_is_answered_again_and_delivered_once(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with door.serving(), door.system("vpcp") as sender, door.system("nghean") as receiver:
        names = [await sender.submit(signed), await sender.submit(signed)]
        events = [await sender.event() for _ in names]
        assert sorted(m.correlation_id for _, m in events) == sorted(names)
        assert len({event["package_id"] for event, _ in events}) == 1
        await receiver.delivery()
        assert door.axis.count("delivery") == 1


async def test_a_refusal_names_code_place_and_next_step_in_both_languages(door: Door):
    async with door.serving(), door.system("vpcp") as sender:
        signed = door.axis.sign(G22, package(document()))
        name = await sender.submit(signed[: len(signed) // 2])
        event, message = await sender.event()
    assert (event["type"], message.correlation_id) == ("refused", name)
    assert event["why"]["code"] == "envelope.truncated"
    assert event["why"]["text"].keys() == event["why"]["hint"].keys() == {"en", "vi"}
    assert event["package_id"]


@pytest.mark.parametrize(
    ("key", "body", "properties", "code"),
    [
        ("submit", b"<x/>", {"user_id": None}, "amqp.user-missing"),
        ("submit", b"", {}, "amqp.empty"),
        ("submit", b"x" * 200_001, {}, "amqp.inline-too-large"),
        ("submit", b"<x/>", {"content_type": "text/plain"}, "amqp.content-type"),
        ("submit", b"<x/>", {"content_type": None}, "amqp.content-type"),
        ("submit", b"\x1f\x8b", {"content_encoding": "gzip"}, "amqp.content-type"),
        ("submit", b"<x/>", {"headers": {"sha256": "00" * 32}}, "amqp.digest-mismatch"),
        ("submit", b"{}", {"content_type": "application/json"}, "amqp.unreadable"),
        ("submit", b"\xff\xfe", {"content_type": "application/json"}, "amqp.unreadable"),
        ("request.fetch", b"[", {"content_type": "application/json"}, "amqp.unreadable"),
        ("request.confirm", b"{}", {}, "amqp.content-type"),
        (
            "request.fetch",
            json.dumps({"delivery_id": NOBODY}).encode(),
            {"content_type": "application/json"},
            "amqp.reply-missing",
        ),
        (
            "request.fetch",
            json.dumps({"delivery_id": NOBODY}).encode(),
            {"content_type": "application/json", "reply_to": "axis.submissions"},
            "amqp.reply-missing",
        ),
        (
            "request.confirm",
            json.dumps({"delivery_id": NOBODY, "dleivery": 1}).encode(),
            {"content_type": "application/json"},
            "amqp.unreadable",
        ),
        (
            "submit",
            json.dumps({"sha256": "00" * 32, "size_bytes": 1}).encode(),
            {"content_type": "application/json"},
            "amqp.reference-unknown",
        ),
    ],
)
async def test_what_is_no_message_of_the_door_is_refused_once_and_not_kept(
    door: Door, key: str, body: bytes, properties: dict, code: str
):
    async with door.serving(), door.system("vpcp") as sender:
        name = await sender.publish(key, body, **properties)
        event, message = await sender.event()
        assert (event["why"]["code"], message.correlation_id) == (code, name)
        await until_empty(door, "vpcp")
        assert door.axis.count("package") == 0


async def test_a_package_too_large_for_a_message_is_brought_before_and_named(door: Door):
    content = b"%PDF-1.4 " + b"x" * 300_000
    signed = door.axis.sign(G22, package(document(content=content), content))
    await store_part(
        _pieces(signed),
        system_id="vpcp",
        engine=door.axis.engine,
        bodies=door.axis.bodies,
        settings=door.axis.settings.parts,
        now=datetime.now(UTC),
    )
    said = json.dumps({"sha256": sha256(signed).hexdigest(), "size_bytes": len(signed)}).encode()
    async with door.serving(), door.system("vpcp") as sender, door.system("nghean") as receiver:
        await sender.submit(signed)
        assert (await sender.event())[0]["why"]["code"] == "amqp.inline-too-large"
        await sender.submit(said, content_type="application/json")
        assert (await sender.event())[0]["type"] == "accepted"
        delivery, _ = await receiver.delivery()
        assert await receiver.fetch(delivery) == signed
        # What another brought cannot be named, however well its digest is known.
        await receiver.submit(said, content_type="application/json")
        assert (await receiver.event())[0]["why"]["code"] == "amqp.reference-unknown"


async def test_attachments_that_travel_apart_are_told_of_and_fetched(door: Door):
    files = {"phụ lục 1.pdf": b"%PDF one" * 5000, "phụ lục 2.pdf": b""}
    signed = apart(door.axis, files, to=(H41,))
    async with door.serving(), door.system("vpcp") as sender, door.system("nghean") as receiver:
        await sender.submit(signed)
        assert (await sender.event())[0]["why"]["code"] == "attachment.missing"
        await bring(door.axis, *files.values())
        await sender.submit(signed)  # the same package, now that its attachments are there
        assert (await sender.event())[0]["type"] == "accepted"
        delivery, _ = await receiver.delivery()
        assert await receiver.fetch(delivery) == signed
        assert [part["name"] for part in delivery["parts"]] == list(files)
        for part, content in zip(delivery["parts"], files.values(), strict=True):
            got = b""
            while len(got) < part["size_bytes"]:
                piece = await receiver.ask(
                    "fetch",
                    delivery_id=delivery["delivery_id"],
                    part=part["content_id"],
                    offset=len(got),
                )
                got += piece.body
            assert got == content
            assert sha256(got).hexdigest() == part["sha256"]
        lost = await receiver.ask("fetch", delivery_id=delivery["delivery_id"], part="none")
        assert json.loads(lost.body)["why"]["code"] == "part.unknown"


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def test_a_header_that_claims_another_sender_changes_nothing(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with door.serving(), door.system("khac") as other:
        await other.submit(signed, headers={"system_id": "vpcp", "user": door.account("vpcp")})
        event, _ = await other.event()
    assert event["why"]["code"] == "sender.not-of-system"
    with transaction(door.axis.engine) as connection:
        found = package_by_id(connection, UUID(event["package_id"]))
    assert found is not None
    assert found.system_id == "khac"


async def test_a_delivery_of_another_system_is_unknown(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with (
        door.serving(),
        door.system("vpcp") as sender,
        door.system("nghean") as receiver,
        door.system("khac") as other,
    ):
        await sender.submit(signed)
        delivery, _ = await receiver.delivery()
        for request, more in (("fetch", {}), ("confirm", {}), ("refuse", {"reason": "x"})):
            answer = await other.ask(request, delivery_id=delivery["delivery_id"], **more)
            unknown = await other.ask(request, delivery_id=str(uuid4()), **more)
            codes = {json.loads(one.body)["why"]["code"] for one in (answer, unknown)}
            assert codes == {"delivery.unknown"}


async def test_a_system_that_cannot_take_a_delivery_refuses_it_with_a_reason(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with door.serving(), door.system("vpcp") as sender, door.system("nghean") as receiver:
        await sender.submit(signed)
        delivery, told = await receiver.delivery()
        done = await receiver.ask("refuse", delivery_id=delivery["delivery_id"], reason="hỏng")
        assert json.loads(done.body)["state"] == "refused"
        await told.ack()
        answer = await receiver.ask("confirm", delivery_id=delivery["delivery_id"])
        assert json.loads(answer.body)["why"]["code"] == "delivery.over"


async def test_a_piece_beyond_the_end_is_refused(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with door.serving(), door.system("vpcp") as sender, door.system("nghean") as receiver:
        await sender.submit(signed)
        delivery, _ = await receiver.delivery()
        answer = await receiver.ask(
            "fetch", delivery_id=delivery["delivery_id"], offset=len(signed)
        )
        assert json.loads(answer.body)["why"]["code"] == "amqp.offset"


async def test_what_a_system_does_not_consume_waits_with_the_axis(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with door.serving(), door.system("vpcp") as sender:
        await sender.submit(signed)
        await sender.event()
        queue = system_queue("nghean", Lane.NORMAL)
        async with connected(door.axis.settings.amqp.url, name="test") as connection:
            channel = await open_channel(connection, confirms=False)
            async with asyncio.timeout(120):
                while not (await channel.queue_declare(queue, passive=True)).message_count:
                    await asyncio.sleep(0.05)
        async with door.system("nghean") as receiver:
            delivery, _ = await receiver.delivery()
            assert await receiver.fetch(delivery) == signed


async def test_a_message_that_came_back_too_often_is_given_up(door: Door):
    async with door.system("vpcp") as sender:
        name = await sender.submit(b"<x/>")
        await return_until(door, "vpcp", TRIES)
    async with door.serving(), door.system("vpcp") as sender:
        event, message = await sender.event()
        assert (event["why"]["code"], event["why"]["fault"]) == ("amqp.given-up", "outage")
        assert message.correlation_id == name
        await until_empty(door, "vpcp")


async def test_a_bug_that_a_message_meets_stops_no_other_system(
    door: Door, monkeypatch: pytest.MonkeyPatch
):
    signed = door.axis.sign(G22, package(document()))

    def broken(self: Submissions, said: Reference) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Submissions, "_find", broken)
    monkeypatch.setattr("adapters.amqp.submissions.TRIES", 2)
    said = json.dumps({"sha256": "00" * 32, "size_bytes": 1}).encode()
    async with door.serving(), door.system("khac") as odd, door.system("vpcp") as sender:
        await odd.submit(said, content_type="application/json")
        await sender.submit(signed)
        assert (await sender.event())[0]["type"] == "accepted"
        assert (await odd.event())[0]["why"]["code"] == "amqp.given-up"


async def test_a_hub_that_was_stopped_in_between_still_answers(door: Door):
    signed = door.axis.sign(G22, package(document()))
    async with door.system("vpcp") as sender:
        name = await sender.submit(signed)  # nobody serves yet
        async with door.serving():
            event, message = await sender.event()
        assert (event["type"], message.correlation_id) == ("accepted", name)


async def until_empty(door: Door, system_id: str) -> None:
    """Wait until nothing stands in a system's submissions and requests."""
    url = url_of(door.axis.settings.amqp.url, door.account(system_id))
    async with connected(url, name="test") as connection, asyncio.timeout(120):
        channel = await open_channel(connection, confirms=False)
        for queue in (SUBMISSIONS, REQUESTS):
            while (await channel.queue_declare(queue, passive=True)).message_count:
                await asyncio.sleep(0.05)


async def test_an_acceptance_brings_its_receipt_which_verifies_offline(door: Door):
    settings = structs.replace(
        door.axis.settings, hub=structs.replace(door.axis.settings.hub, receipt_s=20.0)
    )
    door.axis.settings = settings
    make_notary_key(settings.path(settings.notary.key))
    signed = door.axis.sign(G22, package(document()))
    stop = threading.Event()
    notary = asyncio.to_thread(run_notary, door.axis.engine, settings, stop)
    async with door.serving(), door.system("vpcp") as sender:
        signing = asyncio.ensure_future(notary)
        try:
            await sender.submit(signed)
            event, _ = await sender.event()
            asked = await sender.ask("receipt", package_id=event["package_id"])
        finally:
            stop.set()
            await signing
    key = signer_of(settings, datetime.now(UTC).year).verifier
    for text in (event["receipt"], json.loads(asked.body)["receipt"]):
        verified = verify_receipt(text.encode(), key)
        verify_about(verified, signed, [verified])


async def test_what_others_put_into_a_systems_queue_is_not_in_its_name(door: Door):
    """Who administers RabbitMQ can publish anywhere, but not as the system."""
    admin = door.management.user
    url = url_of(door.axis.settings.amqp.url, door.account("vpcp"))
    async with door.serving(), door.system("vpcp") as sender:
        connection = await aio_pika.connect(url)
        async with connection:
            exchange = await (await connection.channel()).get_exchange(IN_EXCHANGE, ensure=False)
            message = aio_pika.Message(
                b"<x/>", message_id="foreign", user_id=admin, content_type="application/xml"
            )
            await exchange.publish(message, routing_key="submit")
        event, told = await sender.event()
    assert (event["why"]["code"], told.correlation_id) == ("amqp.user-foreign", "foreign")
    assert door.axis.count("package") == 0


async def test_a_system_without_an_account_keeps_nobody_else_waiting(
    door: Door, caplog: pytest.LogCaptureFixture
):
    await asyncio.to_thread(remove_account, door, "khac")
    signed = door.axis.sign(G22, package(document()))
    async with door.serving(), door.system("vpcp") as sender:
        await sender.submit(signed)
        assert (await sender.event())[0]["type"] == "accepted"
        async with asyncio.timeout(120):
            while not any(
                getattr(one, "code", "") == "amqp.account-missing" for one in caplog.records
            ):
                await asyncio.sleep(0.05)
        # It is served as soon as it has one.
        await asyncio.to_thread(add_account, door, "khac")
        async with door.system("khac") as late:
            await late.submit(b"<x/>")
            assert (await late.event())[0]["type"] == "refused"
