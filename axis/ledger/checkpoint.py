"""Checkpoints (C2SP tlog-checkpoint): what the log signs, and what every receipt ends in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from axis.ledger.errors import CheckpointMalformedError, NoteSignatureError
from axis.ledger.merkle import HASH_BYTES
from axis.ledger.note import Note, Verified, VerifierKey, parse_note, verify_note

_LINES: Final = 3
MAX_SIZE: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A log's name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes  #: 32 bytes

    def __str__(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCheckpoint:
    """A checkpoint with the log's own signature verified, and whoever else's we know."""

    checkpoint: Checkpoint
    log_key: VerifierKey
    cosigners: tuple[Verified, ...]
    note: Note


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint; extension lines are passed over.

    Raises:
        CheckpointMalformedError: fewer than three lines, or a line is not what it must be.
    """
    lines = text.split("\n")
    if len(lines) <= _LINES or lines[-1]:
        raise CheckpointMalformedError(reason="three lines are needed")
    origin, size, root = lines[:_LINES]
    if not origin or any(not line for line in lines[:-1]):
        raise CheckpointMalformedError(reason="an empty line")
    if not (size.isascii() and size.isdecimal()) or (size[0] == "0" and size != "0"):
        raise CheckpointMalformedError(reason="the size is a decimal number without leading zero")
    if len(size) > len(str(MAX_SIZE)) or int(size) > MAX_SIZE:
        raise CheckpointMalformedError(reason="the size is too large")
    try:
        root_bytes = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CheckpointMalformedError(reason="the root is base64") from error
    if len(root_bytes) != HASH_BYTES or base64.b64encode(root_bytes).decode() != root:
        raise CheckpointMalformedError(reason="the root has 32 bytes")
    return Checkpoint(origin=origin, size=int(size), root=root_bytes)


def verify_checkpoint(
    note: str | bytes, log_key: VerifierKey, others: Iterable[VerifierKey] = ()
) -> VerifiedCheckpoint:
    """Read a signed checkpoint and verify the signature of the log, whose key must be among them.

    Raises:
        NoteMalformedError: the note cannot be read.
        NoteSignatureError: the log's signature is absent, or one by a known key does not verify.
        CheckpointMalformedError: the text is no checkpoint, or one of another log.
    """
    parsed = parse_note(note)
    verified = verify_note(parsed, (log_key, *others))
    if not any(signature.key == log_key for signature in verified):
        raise NoteSignatureError(name=log_key.name, reason="the log's own signature is absent")
    checkpoint = parse_checkpoint(parsed.text)
    if checkpoint.origin != log_key.name:
        raise CheckpointMalformedError(reason=f"the origin is {checkpoint.origin}")
    return VerifiedCheckpoint(
        checkpoint=checkpoint,
        log_key=log_key,
        cosigners=tuple(v for v in verified if v.key != log_key),
        note=parsed,
    )
