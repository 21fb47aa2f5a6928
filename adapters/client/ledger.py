"""Receipts, and the log behind them: believed only as a growth of what was seen before."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from adapters.client.errors import (
    LogNameError,
    NoLogKeyError,
    NotYetSignedError,
    ProblemError,
)
from adapters.client.exchange import Flow, Request
from adapters.client.memory import Memory
from adapters.client.values import Growth, Proofs, Receipt
from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from axis.ledger.errors import RollbackSeenError
from axis.ledger.note import VerifierKey, parse_note, parse_verifier_key
from axis.ledger.proof import parse_proof
from axis.ledger.receipt import verify_about, verify_receipt
from axis.ledger.view import accept

PAGE: Final = 200
_YEAR: Final = re.compile(r"/[0-9]{4}\Z")


class LogKey:
    """The key of an axis's log, whose name has the year at its end; the key stays the same."""

    def __init__(self, text: str) -> None:
        """Read the line that ``axis ledger key`` prints.

        Raises:
            VerifierKeyError: it is no key.
        """
        self._key = parse_verifier_key(text)

    def __str__(self) -> str:
        return str(self._key)

    @property
    def name(self) -> str:
        """The log's name without the year."""
        return _YEAR.sub("", self._key.name)

    def of(self, note: str) -> VerifierKey:
        """Return the key that must have signed a checkpoint.

        Raises:
            LogNameError: it is of another axis's log.
            NoteMalformedError, CheckpointMalformedError: it is none.
        """
        origin = parse_checkpoint(parse_note(note).text).origin
        if _YEAR.sub("", origin) != self.name:
            raise LogNameError(expected=self.name, got=origin)
        return replace(self._key, name=origin)


def receipts(
    path: str,
    key: LogKey | None,
    memory: Memory,
    *,
    body: bytes | None = None,
    needed: Collection[str] | None = None,
) -> Flow[list[Receipt]]:
    """Return verified receipts, in the order of the log.

    Args:
        path: of a package or a delivery.
        key: the log's.
        memory: keeps the last checkpoint.
        body: the package that they must be about, if it is at hand.
        needed: events that must have their proofs by now; by default all.

    Raises:
        NoLogKeyError: nothing can be verified.
        NotYetSignedError: a step has no proof yet; ask again in a moment.
        AxisError: a receipt is not valid, about another package, or the log did not only grow.
    """
    if key is None:
        raise NoLogKeyError
    found: list[Receipt] = []
    seen: set[str] = set()
    read, count = 0, 1
    while read < count:
        answer = yield Request(
            method="GET", path=f"{path}/receipts", query={"skip": read, "limit": PAGE}
        )
        page = answer.read(Proofs)
        count = page.count if page.items else 0
        read += len(page.items)
        for one in page.items:
            if one.receipt is None:
                if needed is None or one.event in needed:
                    raise NotYetSignedError(event=one.event)
                continue
            proof = parse_proof(one.receipt.encode())
            verified = verify_receipt(one.receipt.encode(), key.of(proof.checkpoint))
            # The checkpoint that it ends in must be of the one log that everybody sees.
            if proof.checkpoint not in seen:
                yield from follow(key, memory, proof.checkpoint)
                seen.add(proof.checkpoint)
            found.append(Receipt(proof=one.receipt, verified=verified))
    if body is not None:
        together = [one.verified for one in found]
        for each in together:
            verify_about(each, body, together)
    return found


def follow(key: LogKey | None, memory: Memory, note: str | None = None) -> Flow[Checkpoint]:
    """Take a checkpoint, or the newest one, as a growth of the last one kept; keep the larger.

    Raises:
        NoLogKeyError: nothing can be verified.
        SplitViewError, RollbackSeenError, ConsistencyError: the log told two stories; both
            checkpoints are evidence: the one that is kept stays, the other is in the error's notes.
        AxisError: it is no checkpoint of this log.
    """
    if key is None:
        raise NoLogKeyError
    if note is None:
        answer = yield Request(method="GET", path="/v1/ledger/checkpoint")
        note = answer.content.decode("utf-8", "replace")
    log_key = key.of(note)
    offered = verify_checkpoint(note, log_key).checkpoint
    last = memory.checkpoint(offered.origin)
    if last is None:
        memory.keep_checkpoint(offered.origin, note)
        return offered
    kept = verify_checkpoint(last, log_key).checkpoint
    try:
        if offered.size >= kept.size:
            path = yield from _consistency(offered.origin, kept.size, offered.size)
            accept(last, note, path, log_key)
            memory.keep_checkpoint(offered.origin, note)
        else:
            # An older one is no harm where the log still has what was seen since: receipts end in
            # the one that witnesses cosigned. A log that was cut short cannot prove this.
            path = yield from _containment(offered.origin, offered.size, kept.size)
            accept(note, last, path, log_key)
    except AxisError as error:
        error.add_note(f"kept:\n{last}\noffered:\n{note}")
        raise
    return offered


def _containment(origin: str, old: int, kept: int) -> Flow[Sequence[bytes]]:
    try:
        return (yield from _consistency(origin, old, kept))
    except ProblemError as error:
        if error.problem.status not in (400, 404):
            raise
        raise RollbackSeenError(expected=kept, got=old) from error


def _consistency(origin: str, old: int, new: int) -> Flow[Sequence[bytes]]:
    if old >= new or old == 0:
        return ()
    answer = yield Request(
        method="GET",
        path="/v1/ledger/consistency",
        query={"old": old, "new": new, "log": origin.rpartition("/")[2]},
    )
    return answer.read(Growth).hashes()
