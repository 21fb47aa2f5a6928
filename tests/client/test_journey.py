"""What an office does with the library, against a real gateway, relay and notary."""

from __future__ import annotations

import hashlib
import inspect
import threading
import time
from pathlib import Path

import pytest

from adapters.client import AsyncClient, Client, Delivery, ProblemError, Trust, UnreachableError
from adapters.client.asynchronous import AsyncClient as Async
from adapters.client.errors import (
    NoLogKeyError,
    NoSignerError,
    NoTrustError,
    PlainHttpError,
    SenderMismatchError,
)
from axis.envelope.values import DocumentEnvelope, StatusCode, StatusEnvelope
from axis.errors import AxisError
from axis.ledger.events import Event
from axis.trust.values import Weakness
from tests.client.running import Running
from tests.parts.packages import apart
from tests.relay.papers import G22, H41, document, package


def signed(world: Running, number: int = 1, **more: object) -> bytes:
    return world.axis.sign(G22, package(document(number, **more)))


def test_a_document_goes_and_its_status_comes_back(world: Running) -> None:
    with world.client("vpcp") as sender:
        sent = sender.submit(signed(world))
        assert (sent.state, [one.address for one in sent.recipients]) == ("accepted", [H41])

        with world.client("nghean", signer=world.axis.signers[H41]) as receiver:
            (delivery,) = receiver.mailbox(wait_s=1, forever=False)
            received = receiver.fetch(delivery)
            assert received.body == signed_bytes(world, sent.sha256)
            assert isinstance(received.envelope, DocumentEnvelope)
            receiver.confirm(delivery)
            assert not receiver.waiting().items
            told = receiver.report(received, StatusCode.ARRIVED, description="Đã đến")
            assert told.state == "accepted"

        (news,) = sender.mailbox(wait_s=5, forever=False)
        status = sender.fetch(news).envelope
        assert isinstance(status, StatusEnvelope)
        assert status.status_code is StatusCode.ARRIVED
        sender.confirm(news)
        (known,) = sender.sent()
        assert (known.recipients[0].state, known.recipients[0].status_code) == ("confirmed", "01")


def signed_bytes(world: Running, sha256: str) -> bytes:
    return world.axis.bodies.read(bytes.fromhex(sha256))


async def test_the_asynchronous_client_does_the_same(world: Running) -> None:
    words = {"trust": Trust(anchors=world.anchors), "log_key": world.log_key}
    async with AsyncClient(world.url, token=world.tokens["vpcp"], **words) as sender:
        sent = await sender.submit(signed(world))
        assert sent.state == "accepted"
        assert [one.package_id async for one in sender.sent()] == [sent.package_id]
    async with AsyncClient(world.url, token=world.tokens["nghean"], **words) as receiver:
        async for delivery in receiver.mailbox(wait_s=1):
            received = await receiver.fetch(delivery)
            await receiver.confirm(delivery)
            break
        assert received.delivery.package_id == sent.package_id


def test_both_clients_have_the_same_words() -> None:
    def words(of: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(one).parameters)
            for name, one in vars(of).items()
            if not name.startswith("_") and callable(one)
        }

    assert words(Client) == words(Async)


def test_a_refusal_says_all_that_is_wrong_in_the_callers_language(world: Running) -> None:
    broken = signed(world).replace(b"Subject>", b"Subjekt>")
    with (
        world.client("vpcp", lang="vi") as sender,
        pytest.raises(ProblemError) as caught,
    ):
        sender.submit(broken)
    problem = caught.value.problem
    assert problem.status == 422
    assert caught.value.code == problem.code
    assert problem.errors


def test_the_same_bytes_again_are_no_news(world: Running, tmp_path: Path) -> None:
    file = tmp_path / "van-ban.edxml"
    file.write_bytes(signed(world))
    with world.client("vpcp") as sender:
        assert sender.submit(file).package_id == sender.submit(file).package_id
        assert len(list(sender.sent())) == 1


def test_a_key_protects_who_signs_anew(world: Running) -> None:
    with world.client("vpcp") as sender:
        sender.submit(signed(world, 1), key="cong-van-1")
        with pytest.raises(ProblemError) as caught:
            sender.submit(signed(world, 2), key="cong-van-1")
    assert caught.value.code == "http.key-reused"


@pytest.mark.parametrize("size", [1000, 9 * 1024 * 1024])
def test_attachments_go_apart_and_come_apart(world: Running, tmp_path: Path, size: int) -> None:
    content = hashlib.sha256(str(size).encode()).digest() * (size // 32)
    file = tmp_path / "phụ lục.bin"
    file.write_bytes(content)
    paper = apart(world.axis, {"phụ lục.bin": content})
    with world.client("vpcp", memory=tmp_path / "memory") as sender:
        assert sender.submit(paper, parts=[file]).state == "accepted"
    with world.client("nghean") as receiver:
        (delivery,) = receiver.waiting().items
        received = receiver.fetch(delivery, folder=tmp_path / "parts")
        assert received.parts["1"].read_bytes() == content


def test_receipts_are_verified_together_with_the_package(world: Running, tmp_path: Path) -> None:
    paper = signed(world)
    with world.client("vpcp", memory=tmp_path / "memory") as sender:
        sent = sender.submit(paper)
        receipts = receipts_of(sender, sent, body=paper)
        assert [one.event for one in receipts][:1] == [Event.SUBMISSION_ACCEPTANCE]
        kept = sender.checkpoint()
        sender.submit(signed(world, 2))
        assert sender.checkpoint().size >= kept.size
        with pytest.raises(AxisError) as caught:
            receipts_of(sender, sent, body=b"another")
        assert caught.value.code == "ledger.body-mismatch"


def receipts_of(client: Client, thing: object, **words: object) -> list:
    """Ask until the notary has signed, as every caller does."""
    for _ in range(200):
        try:
            return list(client.receipts(thing, **words))
        except AxisError as error:
            if error.code not in {"client.receipt-pending", "ledger.no-checkpoint"}:
                raise
            client.me()
    raise AssertionError("nothing is signed")


def test_a_receiver_gets_receipts_of_what_it_confirmed(world: Running) -> None:
    with world.client("vpcp") as sender, world.client("nghean") as receiver:
        sender.submit(signed(world))
        (delivery,) = receiver.waiting().items
        received = receiver.fetch(delivery)
        receiver.confirm(delivery)
        events = [one.event for one in receipts_of(receiver, received)]
        assert Event.CONTENT_HANDOVER in events


def test_only_the_pinned_certificate_speaks_for_a_sender(world: Running) -> None:
    other = Trust(pins={G22: [bytes(32)]})
    right = Trust(pins={G22: [world.axis.signers[G22].certificate.sha256.hex()]})
    with world.client("vpcp") as sender:
        sender.submit(signed(world))
    with world.client("nghean", trust=other) as receiver:
        (delivery,) = receiver.waiting().items
        with pytest.raises(SenderMismatchError) as caught:
            receiver.fetch(delivery)
        assert caught.value.code == "client.not-pinned"
    with world.client("nghean", trust=right) as receiver:
        assert receiver.fetch(delivery).signature.weak is None
    with world.client("nghean", trust=Trust()) as receiver, pytest.raises(NoTrustError) as nobody:
        receiver.fetch(delivery)
    assert nobody.value.code == "client.no-trust"


def test_what_is_weak_is_let_in_only_by_name(world: Running) -> None:
    delivery_of_unsigned = package(document(1))
    trust = Trust(anchors=world.anchors)
    with world.client("vpcp") as sender:
        sender.submit(signed(world))
    with world.client("nghean") as receiver:
        (delivery,) = receiver.waiting().items
    with pytest.raises(AxisError) as caught:
        trust.verify(delivery_of_unsigned, delivery, at=delivery.routed_at)
    assert caught.value.code == "signature.missing"
    weak = Trust(weak=[Weakness.UNSIGNED])
    _, signature = weak.verify(delivery_of_unsigned, delivery, at=delivery.routed_at)
    assert signature.weak is Weakness.UNSIGNED


def test_offices_are_found_and_followed(world: Running) -> None:
    with world.client("vpcp") as client:
        assert client.me().system_id == "vpcp"
        found = client.search("nghe an")
        assert [one["code"] for one in found] == [H41]
        assert client.office(H41)["office"]["code"] == H41
        (page,) = client.offices()
        assert len(page.items) == 7
        (changes,) = client.offices(page.version)
        assert changes.items == []


def test_a_delivery_can_be_refused(world: Running) -> None:
    with world.client("vpcp") as sender, world.client("nghean") as receiver:
        sent = sender.submit(signed(world))
        (delivery,) = receiver.waiting().items
        receiver.refuse(delivery, "không mở được tệp")
        assert sender.verdict(sent.package_id).recipients[0].state == "refused"
        (answer,) = receiver.confirm_all([delivery])
        assert answer.refusal is not None
        assert answer.refusal.code == "delivery.over"


def test_a_client_says_what_it_lacks(world: Running) -> None:
    with pytest.raises(PlainHttpError) as plain:
        Client("http://truc.example.vn", token="axt_x")
    assert plain.value.code == "client.plain-http"
    with world.client("nghean", log_key=None) as receiver, pytest.raises(NoLogKeyError) as log:
        receiver.checkpoint()
    assert log.value.code == "client.no-log-key"
    with world.client("vpcp") as sender:
        sender.submit(signed(world))
    with world.client("nghean") as receiver:
        (delivery,) = receiver.waiting().items
        received = receiver.fetch(delivery)
        with pytest.raises(NoSignerError) as signer:
            receiver.report(received, "01")
    assert signer.value.code == "client.no-signer"
    with (
        Client("http://127.0.0.1:1", token="axt_x", patience_s=0.1) as lost,
        pytest.raises(UnreachableError) as gone,
    ):
        lost.me()
    assert gone.value.code == "client.unreachable"


def test_a_delivery_that_its_sender_did_not_address_is_not_given_out(world: Running) -> None:
    with world.client("vpcp") as sender:
        sender.submit(signed(world))
    with world.client("nghean") as receiver:
        (delivery,) = receiver.waiting().items
        misled = replace_struct(delivery, address="000.00.00.H14")
        assert refusal_of(receiver, misled).code == "client.not-addressed"
    ours = Trust(anchors=world.anchors, offices=["000.00.00.H14"])
    with world.client("nghean", trust=ours) as receiver:
        assert refusal_of(receiver, delivery).code == "client.not-ours"


def refusal_of(receiver: Client, delivery: Delivery) -> AxisError:
    """Why a delivery is not given out, once the ledger's word on it is signed."""
    end = time.monotonic() + 120
    while True:
        with pytest.raises(AxisError) as caught:
            receiver.fetch(delivery)
        if caught.value.code != "client.receipt-pending":
            return caught.value
        assert time.monotonic() < end
        threading.Event().wait(0.05)


def replace_struct(value: object, **changes: object) -> object:
    from msgspec import structs

    return structs.replace(value, **changes)
