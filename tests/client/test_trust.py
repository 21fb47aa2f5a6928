"""A log that tells two stories, an axis that delivers to another: the receiver sees it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import msgspec
import pytest
from msgspec import structs

from adapters.client import ledger
from adapters.client.errors import LogNameError
from adapters.client.exchange import Answer, Done, Request, step
from adapters.client.ledger import LogKey
from adapters.client.memory import BriefMemory
from adapters.client.trust import Trust, addressees
from adapters.client.values import Delivery
from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint
from axis.ledger.merkle import Frontier, leaf_hash
from axis.ledger.note import Note, NoteSigner
from axis.notary.office import signer_of
from tests.client.running import Running
from tests.client.test_journey import receipts_of, signed
from tests.relay.papers import G22, H14, H41, document, package


def forged(signer: NoteSigner, size: int, origin: str | None = None) -> str:
    """A checkpoint that the log's key signed over another history."""
    text = str(
        Checkpoint(origin=origin or signer.verifier.name, size=size, root=secrets.token_bytes(32))
    )
    return str(Note(text=text, signatures=(signer.sign(text),)))


def test_a_log_that_was_rewritten_is_caught_by_the_last_checkpoint_seen(world: Running) -> None:
    signer = signer_of(world.axis.settings, datetime.now(UTC).year)
    with world.client("vpcp") as sender:
        sent = sender.submit(signed(world))
        receipts_of(sender, sent)
        size = sender.checkpoint().size
    for kept_size, code in (
        (size, "ledger.split-view"),
        (1, "ledger.not-consistent"),
        (size + 1000, "ledger.rolled-back"),
    ):
        memory = BriefMemory()
        kept = forged(signer, kept_size)
        memory.keep_checkpoint(signer.verifier.name, kept)
        with world.client("vpcp", memory=memory) as sender:
            with pytest.raises(AxisError) as caught:
                sender.checkpoint()
            assert caught.value.code == code
            with pytest.raises(AxisError):
                sender.receipts(sent)
        # What was seen first stays: it is the evidence.
        assert memory.checkpoint(signer.verifier.name) == kept


def test_a_checkpoint_of_another_log_is_no_checkpoint(world: Running) -> None:
    signer = signer_of(world.axis.settings, datetime.now(UTC).year)
    key = LogKey(str(signer.verifier))
    with pytest.raises(LogNameError) as caught:
        key.of(forged(signer, 3, origin="another.example/ledger/2026"))
    assert caught.value.code == "client.log-name"
    following = f"{key.name}/2031"
    assert key.of(forged(signer, 3, origin=following)).public == signer.verifier.public


def test_the_receivers_own_reading_of_to_decides_whom_a_package_is_for(world: Running) -> None:
    """Threat 11: the axis hands a package to an office that its sender did not name."""
    trust = Trust(anchors=world.anchors, offices=[H14])
    body = world.axis.sign(G22, package(document(1, to=(H41,))))
    for address, code in ((H14, "client.not-addressed"), (H41, "client.not-ours")):
        with pytest.raises(AxisError) as caught:
            trust.verify(body, delivery_to(address, body), at=datetime.now(UTC))
        assert caught.value.code == code
    body = world.axis.sign(G22, package(document(1, to=(H41, H14))))
    envelope, _ = trust.verify(body, delivery_to(H14, body), at=datetime.now(UTC))
    assert addressees(envelope) == [H41, H14]
    in_a_group = Trust(anchors=world.anchors, offices=[H14], groups=["NHOM.1"])
    body = world.axis.sign(G22, package(document(1, to=("NHOM.1",))))
    in_a_group.verify(body, delivery_to(H14, body), at=datetime.now(UTC))


def delivery_to(address: str, body: bytes) -> Delivery:
    return msgspec.convert(
        {
            "delivery_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b10",
            "package_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b11",
            "address": address,
            "sha256": "00" * 32,
            "size_bytes": len(body),
        },
        Delivery,
    )


def test_bytes_other_than_those_announced_are_not_given_out(world: Running) -> None:
    with world.client("vpcp") as sender, world.client("nghean") as receiver:
        sender.submit(signed(world))
        (delivery,) = receiver.waiting().items
        other = structs.replace(delivery, sha256="00" * 32)
        with pytest.raises(AxisError) as caught:
            receiver.fetch(other)
    assert caught.value.code == "client.digest-mismatch"


def test_a_growth_is_followed_and_an_answer_that_is_none_is_named(world: Running) -> None:
    signer = signer_of(world.axis.settings, datetime.now(UTC).year)
    key, memory = LogKey(str(signer.verifier)), BriefMemory()

    def checkpoint(size: int) -> str:
        tree = Frontier()
        for number in range(size):
            tree.append(leaf_hash(bytes([number])))
        text = str(Checkpoint(origin=signer.verifier.name, size=size, root=tree.root))
        return str(Note(text=text, signatures=(signer.sign(text),)))

    assert isinstance(step(ledger.follow(key, memory, checkpoint(4))), Done)
    flow = ledger.follow(key, memory, checkpoint(8))
    asked = step(flow)
    assert isinstance(asked, Request)
    assert asked.query == {"old": 4, "new": 8, "log": signer.verifier.name[-4:]}
    with pytest.raises(AxisError) as caught:
        step(flow, Answer(status=200, headers={}, content=b"<html>", call=asked.call))
    assert caught.value.code == "client.answer-unreadable"
    assert memory.checkpoint(signer.verifier.name) == checkpoint(4)
