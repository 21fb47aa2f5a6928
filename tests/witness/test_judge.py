"""The witness's decision by itself: each refusal by its code."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, parse_checkpoint
from axis.ledger.merkle import consistency_proof, leaf_hash, levels_of, root_hash
from axis.ledger.note import COSIGNATURE, Note, NoteSigner, parse_note
from axis.ledger.tilefolder import TileFolder
from axis.notary.cosigning import WitnessAddress, _ask
from axis.store.checkpoints import SignedCheckpoint
from axis.witness.judge import encode_request, judge, log_of, parse_request
from witness.test_witness import AT, LEVELS, LOG, ORIGIN, SIGNER, nodes, note

assert levels_of([leaf_hash(bytes([n])) for n in range(100)]) == LEVELS


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint(origin=ORIGIN, size=size, root=root_hash(nodes, size))


def decide(body: bytes, last: Checkpoint | None) -> Checkpoint:
    request = parse_request(body)
    return judge(request, log_of(request, {ORIGIN: LOG.verifier}), last)


@given(st.integers(0, 100), st.integers(0, 100))
def test_every_growth_is_cosigned(a: int, b: int) -> None:
    old, new = sorted((a, b))
    body = encode_request(old, consistency_proof(nodes, old, new), note(new))
    assert decide(body, checkpoint(old) if old else None) == checkpoint(new)


STRANGER = NoteSigner("stranger.example", Ed25519PrivateKey.from_private_bytes(b"s" * 32))
IMPOSTOR = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"i" * 32))
PROOF = consistency_proof(nodes, 50, 60)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "witness.request-malformed"),
        (encode_request(70, [], note(60)), "witness.request-malformed"),
        (encode_request(50, PROOF, note(60, signer=STRANGER)), "witness.log-unknown"),
        (encode_request(50, PROOF, note(60, signer=IMPOSTOR)), "witness.log-signature"),
        (encode_request(0, [], note(60)), "witness.old-size"),
        (encode_request(50, [], note(50, root=bytes(32))), "witness.split-view"),
        (encode_request(50, PROOF[1:], note(60)), "witness.contradiction"),
        (encode_request(50, PROOF, note(50)), "witness.contradiction"),
    ],
)
def test_what_is_not_a_growth_is_refused_by_its_code(body: bytes, code: str) -> None:
    with pytest.raises(AxisError) as refused:
        decide(body, checkpoint(50))
    assert refused.value.code == code


def test_a_first_checkpoint_needs_no_proof_and_may_have_none() -> None:
    assert decide(encode_request(0, [], note(60)), None).size == 60
    with pytest.raises(AxisError) as refused:
        decide(encode_request(0, [bytes(32)], note(60)), None)
    assert refused.value.code == "witness.contradiction"


def test_a_witness_that_gives_no_valid_cosignature_is_unusable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from axis.notary import cosigning

    address = WitnessAddress(url="http://127.0.0.1:9", key=SIGNER.verifier)
    last = SignedCheckpoint(2026, 60, root_hash(nodes, 60), note(60), AT)
    forged = NoteSigner("witness.example", Ed25519PrivateKey.generate(), COSIGNATURE)
    text = parse_note(note(60)).text
    assert parse_checkpoint(text).size == 60
    for answer in (
        (200, "", ""),
        (200, "", f"{forged.cosign(text, AT)}\n"),
        (200, "", f"{SIGNER.cosign(text.replace('60', '61'), AT)}\n"),
        (500, "", "out of order"),
        (409, "text/x.tlog.size", "0\n"),
        (409, "text/plain", "50\n"),
    ):
        monkeypatch.setattr(cosigning, "_post", lambda *_, answer=answer: answer)
        with pytest.raises(AxisError) as refused:
            _ask(address, last, 0, TileFolder(tmp_path), LOG.verifier)  # type: ignore[arg-type]
        assert refused.value.code == "witness.unusable"
    assert str(Note(text=text, signatures=(LOG.sign(text),))) == note(60)
