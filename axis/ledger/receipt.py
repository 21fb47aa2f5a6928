"""Receipts: a proof file whose extra data hold the entry and what opens its commitments.

A receipt is a C2SP tlog-proof, so that other people's tools can follow it from the entry to the
signed root. Its extra data are canonical JSON: ``entry`` is the entry's exact text, ``open`` gives
salt and value for each commitment. Nothing of it is believed before it was hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from axis.ledger.canonical import encode_canonical
from axis.ledger.checkpoint import VerifiedCheckpoint
from axis.ledger.commitments import COMMITMENTS, commitment, field_salt
from axis.ledger.entry import Leaf, LoggedEntry, parse_leaf
from axis.ledger.errors import BodyMismatchError, OpeningMismatchError, ProofMalformedError
from axis.ledger.merkle import leaf_hash
from axis.ledger.note import VerifierKey
from axis.ledger.opening import open_entry
from axis.ledger.proof import Proof, parse_proof, verify_proof
from axis.structs import ready


class _Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: str
    open: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedReceipt:
    """A receipt of which every part was verified."""

    leaf: Leaf
    values: Mapping[str, str]  #: what the commitments stand for, as far as the receipt opens them
    index: int
    signed: VerifiedCheckpoint


def make_receipt(
    entry: LoggedEntry, path: Sequence[bytes], checkpoint: str, *, only: Iterable[str] | None = None
) -> Proof:
    """Return the receipt for an entry that has its place.

    Args:
        entry: the entry.
        path: its inclusion proof in the tree of the checkpoint.
        checkpoint: the signed note.
        only: names of the commitments to open; by default all.

    Raises:
        OpeningMismatchError: the record was changed.
        ValueError: the entry has no place yet.
    """
    if entry.leaf_index is None:
        raise ValueError("the entry has no place yet")
    values = open_entry(entry.leaf, entry.salt, entry.opening)
    opened = {
        name: (field_salt(entry.salt, name), value)
        for name, value in values.items()
        if only is None or name in only
    }
    extra = encode_canonical({"entry": entry.leaf.decode(), "open": opened})
    return Proof(index=entry.leaf_index, path=tuple(path), checkpoint=checkpoint, extra=extra)


def verify_receipt(
    content: bytes, log_key: VerifierKey, others: Iterable[VerifierKey] = ()
) -> VerifiedReceipt:
    """Verify a receipt offline, with nothing but the log's key.

    What the caller must still do: compare ``values["body"]`` with the SHA-256 of the document at
    hand, and decide how many cosigners are enough.

    Raises:
        ProofMalformedError: the file is no receipt.
        EntryMalformedError: the entry cannot be read.
        OpeningMismatchError: a value is not what the entry committed to.
        NoteMalformedError, NoteSignatureError, CheckpointMalformedError: the checkpoint is no good.
        InclusionError, HashLengthError: the entry is not under the checkpoint's root.
    """
    # 1. Read. Nothing of this is believed yet.
    proof = parse_proof(content)
    if proof.extra is None:
        raise ProofMalformedError(reason="it has no entry in it")
    try:
        extra = msgspec.json.decode(proof.extra, type=ready(_Extra))
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ProofMalformedError(reason="its extra data are not those of a receipt") from error
    # 2. The entry stands in the log.
    entry = extra.entry.encode()
    signed = verify_proof(proof, leaf_hash(entry), log_key, others)
    # 3. The values are those that the entry committed to.
    leaf = parse_leaf(entry)
    fields = msgspec.to_builtins(leaf)
    for name, (salt, value) in extra.open.items():
        if name not in COMMITMENTS or commitment(salt, name, value) != fields.get(name):
            raise OpeningMismatchError(name=name)
    return VerifiedReceipt(
        leaf=leaf,
        values={name: value for name, (_, value) in extra.open.items()},
        index=proof.index,
        signed=signed,
    )


def verify_about(
    receipt: VerifiedReceipt, body: bytes, together: Iterable[VerifiedReceipt] = ()
) -> None:
    """Check that a receipt is about exactly these bytes.

    Only the entry about a submission names the bytes; the others name the package, so that the
    receipt of the submission is needed ``together`` with them. What an office said about a document
    names the bytes of the status, which is a package of its own; it is about either.

    Raises:
        BodyMismatchError: it is about other bytes, or nothing given says which.
    """
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    package = receipt.values.get("package")
    own = receipt.values.get("body")
    is_status = receipt.leaf.status is not msgspec.UNSET
    if own == digest:
        return
    named = (own if not is_status else None) or next(
        (
            other.values["body"]
            for other in together
            if "body" in other.values
            and other.leaf.status is msgspec.UNSET
            and other.values.get("package") == package
        ),
        own,
    )
    if named != digest:
        raise BodyMismatchError(expected=named, got=digest)
