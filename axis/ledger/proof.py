"""Proofs as files (C2SP tlog-proof): an entry's place, its path and the checkpoint it leads to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from axis.ledger.checkpoint import VerifiedCheckpoint, verify_checkpoint
from axis.ledger.errors import ProofMalformedError
from axis.ledger.merkle import HASH_BYTES, verify_inclusion
from axis.ledger.note import VerifierKey

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES: Final = 4_000_000
_MAX_PATH: Final = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof in its parts; nothing here says that it was verified."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str  #: the signed note, as it was issued
    extra: bytes | None = None  #: not covered by the proof; ours holds the entry and its salts

    def __str__(self) -> str:
        extra = "" if self.extra is None else f"extra {base64.b64encode(self.extra).decode()}\n"
        path = "".join(f"{base64.b64encode(value).decode()}\n" for value in self.path)
        return f"{HEADER}\n{extra}index {self.index}\n{path}\n{self.checkpoint}"


def parse_proof(content: bytes) -> Proof:
    """Read a proof file.

    Raises:
        ProofMalformedError: not in the form of C2SP tlog-proof.
    """
    if len(content) > MAX_PROOF_BYTES:
        raise ProofMalformedError(reason="too long")
    try:
        head, gap, checkpoint = content.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise ProofMalformedError(reason="not UTF-8") from error
    lines = head.split("\n")
    if not gap or lines.pop(0) != HEADER or not lines:
        raise ProofMalformedError(reason=f"the first line is {HEADER}")
    extra = None
    if lines[0].startswith("extra "):
        extra = _decode(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise ProofMalformedError(reason="a line says the index")
    index = lines.pop(0).removeprefix("index ")
    if not (index.isascii() and index.isdecimal()) or (index[0] == "0" and index != "0"):
        raise ProofMalformedError(reason="the index is a decimal number")
    if len(lines) > _MAX_PATH or len(index) > len(str(2**63)):
        raise ProofMalformedError(reason="the path is too long")
    path = tuple(_decode(line) for line in lines)
    if any(len(value) != HASH_BYTES for value in path):
        raise ProofMalformedError(reason="a hash has 32 bytes")
    return Proof(index=int(index), path=path, checkpoint=checkpoint, extra=extra)


def verify_proof(
    proof: Proof, leaf: bytes, log_key: VerifierKey, others: Iterable[VerifierKey] = ()
) -> VerifiedCheckpoint:
    """Check that the entry with this leaf hash stands in the log under the signed checkpoint.

    What the caller must still do: compare the entry with what it is to prove, and look at who
    cosigned the checkpoint.

    Raises:
        NoteMalformedError, NoteSignatureError, CheckpointMalformedError: the checkpoint is no good.
        InclusionError, HashLengthError: the path does not lead from the entry to the root.
    """
    # 1. The checkpoint is the log's.
    signed = verify_checkpoint(proof.checkpoint, log_key, others)
    # 2. The entry stands under its root.
    checkpoint = signed.checkpoint
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return signed


def _decode(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofMalformedError(reason="not base64") from error
    if base64.b64encode(value).decode() != text:
        raise ProofMalformedError(reason="not the one form of base64")
    return value
