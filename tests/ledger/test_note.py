"""Signed notes and checkpoints: the published example, other keys, broken text."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from axis.ledger.note import (
    COSIGNATURE,
    Note,
    NoteSigner,
    parse_note,
    parse_verifier_key,
    verify_note,
)

#: The pair and the note that the specification publishes (c2sp.org/signed-note@v1.0.0).
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONn"
    "cAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
ORIGIN = "axis.example/ledger/2026"
AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LOG = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"l" * 32))
WITNESS = NoteSigner(
    "witness.example", Ed25519PrivateKey.from_private_bytes(b"w" * 32), COSIGNATURE
)
CHECKPOINT = Checkpoint(origin=ORIGIN, size=12, root=bytes(range(32)))


def signed(checkpoint: Checkpoint = CHECKPOINT) -> str:
    return str(Note(text=str(checkpoint), signatures=(LOG.sign(str(checkpoint)),)))


def test_the_published_note_verifies_with_the_published_key() -> None:
    key = parse_verifier_key(VKEY)
    assert str(key) == VKEY
    note = parse_note(NOTE)
    assert str(note) == NOTE
    assert [v.key for v in verify_note(note, [key])] == [key]


def test_our_notes_are_read_back_as_they_were_written() -> None:
    verified = verify_checkpoint(signed(), LOG.verifier)
    assert verified.checkpoint == CHECKPOINT
    assert str(verified.note) == signed()


def test_a_cosignature_tells_when_it_was_made() -> None:
    text = str(CHECKPOINT)
    note = str(Note(text=text, signatures=(LOG.sign(text), WITNESS.cosign(text, AT))))
    verified = verify_checkpoint(note, LOG.verifier, [WITNESS.verifier])
    assert [(c.key, c.at) for c in verified.cosigners] == [(WITNESS.verifier, AT)]


def test_a_cosignature_with_another_time_spoils_the_note() -> None:
    line = WITNESS.cosign(str(CHECKPOINT), AT)
    blob = (int.from_bytes(line.blob[:8]) + 1).to_bytes(8) + line.blob[8:]
    note = f"{signed()}— witness.example {base64.b64encode(line.key_id + blob).decode()}\n"
    with pytest.raises(AxisError) as refused:
        verify_checkpoint(note, LOG.verifier, [WITNESS.verifier])
    assert refused.value.code == "ledger.note-signature"


def test_signatures_by_unknown_keys_are_carried_and_ignored() -> None:
    strangers = "".join(
        f"— stranger{n}.example {base64.b64encode(bytes(68)).decode()}\n" for n in range(16)
    )
    verified = verify_checkpoint(signed() + strangers, LOG.verifier)
    assert len(verified.note.signatures) == 17


def test_a_note_without_the_signature_of_the_log_is_refused() -> None:
    text = str(CHECKPOINT)
    for signatures in ((WITNESS.cosign(text, AT),), (NoteSigner("other", LOG._key).sign(text),)):
        with pytest.raises(AxisError) as refused:
            verify_checkpoint(
                str(Note(text=text, signatures=signatures)), LOG.verifier, [WITNESS.verifier]
            )
        assert refused.value.code == "ledger.note-signature"


def test_a_checkpoint_of_another_log_under_our_key_is_refused() -> None:
    with pytest.raises(AxisError) as refused:
        verify_checkpoint(
            signed(Checkpoint(origin="axis.example/other", size=1, root=bytes(32))), LOG.verifier
        )
    assert refused.value.code == "ledger.checkpoint-malformed"


@given(st.integers(0, len(signed().encode()) * 8 - 1))
def test_no_changed_bit_of_a_checkpoint_passes(bit: int) -> None:
    note = bytearray(signed().encode())
    note[bit // 8] ^= 1 << bit % 8
    with pytest.raises(AxisError) as refused:
        verify_checkpoint(bytes(note), LOG.verifier)
    assert refused.value.code in {"ledger.note-signature", "ledger.note-malformed"}


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n— na+me AAAAAAAAAAAA\n",
        "text\n\n—  AAAAAAAAAAAA\n",
        "text\n\n— name AAAAAAAAAAAA",
        "text\r\n\n— name AAAAAAAAAAAA\n",
        "text\n\n— name AAAAAAAAAAAA\n" + "— name AAAAAAAAAAAA\n" * 200,
        "x" * 1_000_001,
        b"\xff\n\n",
    ],
)
def test_what_is_no_note_is_refused_as_such(note: str | bytes) -> None:
    with pytest.raises(AxisError) as refused:
        parse_note(note)
    assert refused.value.code == "ledger.note-malformed"


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n١\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-4]}\n",
        f"o\n1\n{ROOT[:-2]}B=\n",
        f"o\n1\n{ROOT}\n\n",
        "o\n1\n*\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_as_such(text: str) -> None:
    with pytest.raises(AxisError) as refused:
        parse_checkpoint(text)
    assert refused.value.code == "ledger.checkpoint-malformed"


def test_extension_lines_are_passed_over() -> None:
    assert parse_checkpoint(f"o\n0\n{ROOT}\nmore\n").size == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AAAA",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("+Ae", "+Ce"),
        VKEY + "AAAA",
        VKEY.replace("example.com/foo", "exam ple"),
        "name+1+***",
    ],
)
def test_what_is_no_verifier_key_is_refused_as_such(text: str) -> None:
    with pytest.raises(AxisError) as refused:
        parse_verifier_key(text)
    assert refused.value.code == "ledger.verifier-key"
