"""Two checkpoints of one log that cannot both be true, with what shows it to anyone.

The log's key signed ``a`` and ``b``. The path proves that the tree of ``b`` begins with a tree of
the size of ``a`` whose root is ``root``; if ``a`` has another root, the log told two stories.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import msgspec

from axis.ledger.canonical import encode_canonical
from axis.ledger.checkpoint import Checkpoint, verify_checkpoint
from axis.ledger.errors import ProofMalformedError, SplitViewUnprovenError
from axis.ledger.merkle import Nodes, consistency_proof, root_hash, verify_consistency
from axis.ledger.note import VerifierKey
from axis.structs import ready

KIND = "axis-split-view/v1"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    a: str
    b: str
    root: str
    path: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """A proof that a log told two stories; nothing here says that it was verified."""

    a: str  #: signed note, the smaller one
    b: str  #: signed note
    root: bytes  #: root of the tree of ``b`` at the size of ``a``
    path: tuple[bytes, ...]  #: consistency proof from there to ``b``

    def encode(self) -> bytes:
        """Return the proof as a file (JSON)."""
        return encode_canonical(
            {
                "kind": KIND,
                "a": self.a,
                "b": self.b,
                "root": base64.b64encode(self.root).decode(),
                "path": [base64.b64encode(value).decode() for value in self.path],
            }
        )


def parse_split_view(content: bytes) -> SplitView:
    """Read a proof.

    Raises:
        ProofMalformedError: it is none.
    """
    try:
        file = msgspec.json.decode(content, type=ready(_File))
        if file.kind != KIND:
            raise ProofMalformedError(reason=f"the kind is not {KIND}")
        return SplitView(
            a=file.a,
            b=file.b,
            root=base64.b64decode(file.root, validate=True),
            path=tuple(base64.b64decode(value, validate=True) for value in file.path),
        )
    except (msgspec.DecodeError, ValueError) as error:
        raise ProofMalformedError(reason="not a proof of a split view") from error


def prove_split_view(a: str, b: str, nodes: Nodes, log_key: VerifierKey) -> SplitView | None:
    """Return the proof that two checkpoints contradict each other, or None where they agree.

    Args:
        a: a signed note.
        b: another one.
        nodes: of the tree of the larger one.
        log_key: the log's.

    Raises:
        NoteSignatureError, NoteMalformedError, CheckpointMalformedError: one is not the log's.
        ConsistencyError: ``nodes`` are not those of the larger one.
    """
    signed = [(verify_checkpoint(note, log_key).checkpoint, note) for note in (a, b)]
    (smaller, a), (larger, b) = sorted(signed, key=_size)
    if smaller.size == larger.size:
        if smaller.root == larger.root:
            return None
        proof = SplitView(a=a, b=b, root=larger.root, path=())
        verify_split_view(proof, log_key)
        return proof
    root = root_hash(nodes, smaller.size)
    if root == smaller.root:
        return None
    path = consistency_proof(nodes, smaller.size, larger.size)
    proof = SplitView(a=a, b=b, root=root, path=tuple(path))
    verify_split_view(proof, log_key)
    return proof


def verify_split_view(proof: SplitView, log_key: VerifierKey) -> tuple[Checkpoint, Checkpoint]:
    """Check that the log is convicted, and return the two checkpoints that contradict each other.

    Raises:
        NoteSignatureError, NoteMalformedError, CheckpointMalformedError: one is not the log's.
        ConsistencyError: the path proves nothing.
        SplitViewUnprovenError: the two agree.
    """
    a = verify_checkpoint(proof.a, log_key).checkpoint
    b = verify_checkpoint(proof.b, log_key).checkpoint
    verify_consistency(a.size, b.size, proof.path, proof.root, b.root)
    if proof.root == a.root:
        raise SplitViewUnprovenError(a=a.size, b=b.size)
    return a, b


def _size(signed: tuple[Checkpoint, str]) -> int:
    return signed[0].size
