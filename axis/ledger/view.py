"""What an office, a witness or a monitor does with a new checkpoint: take it only as a growth.

Whoever keeps the last checkpoint that it saw, and takes another only with proof that nothing before
was changed, is a witness; with enough of them nobody can rewrite the past unseen.
"""

from __future__ import annotations

from collections.abc import Sequence

from axis.ledger.checkpoint import VerifiedCheckpoint, verify_checkpoint
from axis.ledger.errors import RollbackSeenError, SplitViewError
from axis.ledger.merkle import verify_consistency
from axis.ledger.note import VerifierKey


def accept(
    last: str | None, new: str, proof: Sequence[bytes], log_key: VerifierKey
) -> VerifiedCheckpoint:
    """Return the new checkpoint, verified to be a growth of the last one; keep it from now on.

    Args:
        last: the signed note kept so far; None for the first one, which is taken on trust.
        new: the signed note that is offered.
        proof: consistency proof from the last to the new.
        log_key: the log's.

    Raises:
        NoteSignatureError, NoteMalformedError, CheckpointMalformedError: it is not the log's.
        SplitViewError: same size, other root: both notes together convict the log; keep them.
        RollbackSeenError: the new one is smaller.
        ConsistencyError: the proof does not show growth.
    """
    offered = verify_checkpoint(new, log_key)
    grown = offered.checkpoint
    if last is None:
        return offered
    kept = verify_checkpoint(last, log_key).checkpoint
    if grown.size == kept.size and grown.root != kept.root:
        raise SplitViewError(size=kept.size, a=kept.root.hex(), b=grown.root.hex())
    if grown.size < kept.size:
        raise RollbackSeenError(expected=kept.size, got=grown.size)
    verify_consistency(kept.size, grown.size, proof, kept.root, grown.root)
    return offered
