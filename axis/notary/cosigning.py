"""Asks the witnesses for cosignatures, beside the work of the notary and never in its way."""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from axis.errors import AxisError
from axis.ledger.checkpoint import verify_checkpoint
from axis.ledger.errors import RolledBackError
from axis.ledger.merkle import consistency_proof
from axis.ledger.note import Note, VerifierKey, parse_note, parse_verifier_key
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import TileNodes
from axis.store.checkpoints import (
    Cosignature,
    SignedCheckpoint,
    add_cosignature,
    cosigned_size,
    last_checkpoint,
)
from axis.store.engine import transaction
from axis.witness.errors import WitnessUnusableError
from axis.witness.judge import encode_request

_LOG: Final = logging.getLogger(__name__)
_TIMEOUT_S: Final = 10.0
_MOST_BYTES: Final = 100_000
_SIZE_TYPE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAddress:
    """Where a witness is, and how its cosignatures are verified."""

    url: str  #: submission prefix
    key: VerifierKey  #: type 0x04


def parse_witness(text: str) -> WitnessAddress:
    """Read ``URL VERIFIER-KEY``, as in ``[notary] witnesses``.

    Raises:
        VerifierKeyError: the key is none.
    """
    url, _, key = text.strip().partition(" ")
    return WitnessAddress(url=url.rstrip("/"), key=parse_verifier_key(key))


def ask_witnesses(
    engine: sa.Engine,
    witnesses: Sequence[WitnessAddress],
    *,
    log: int,
    folder: TileFolder,
    log_key: VerifierKey,
    now: Callable[[], datetime],
) -> int:
    """Ask every witness that has not cosigned the last checkpoint; return how many now have.

    A witness that does not answer is logged and asked again the next time.

    Raises:
        RolledBackError: a witness knows a larger log of ours than we do.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        last = last_checkpoint(connection, log)
    if last is None:
        return 0
    count = 0
    for witness in witnesses:
        with transaction(engine) as connection:
            known = cosigned_size(connection, log, witness.key.name) or 0
        if known == last.size:
            count += 1
            continue
        try:
            line = _ask(witness, last, known, folder, log_key)
        except WitnessUnusableError as error:
            _LOG.warning("no cosignature", extra={"witness": witness.key.name, "code": error.code})
            continue
        with transaction(engine) as connection:
            add_cosignature(connection, Cosignature(log, last.size, witness.key.name, line, now()))
        count += 1
    return count


def _ask(
    witness: WitnessAddress,
    last: SignedCheckpoint,
    known: int,
    folder: TileFolder,
    log_key: VerifierKey,
) -> str:
    """Return the line of a cosignature, verified.

    Raises:
        WitnessUnusableError: there is none now.
        RolledBackError: the witness knows a larger log.
    """
    nodes = TileNodes(folder.read, last.size)
    for _ in range(2):
        # What the witness knows may be more than we remember, if we crashed before recording it.
        proof = consistency_proof(nodes, known, last.size)
        status, kind, answer = _post(witness, encode_request(known, proof, last.note))
        if status != 409 or kind != _SIZE_TYPE or not answer.strip().isdecimal():
            break
        said = int(answer)
        if said > last.size:
            raise RolledBackError(expected=said, got=last.size, where=witness.key.name)
        if said == known:
            break
        known = said
    if status != 200:
        raise WitnessUnusableError(name=witness.key.name, reason=f"{status} {answer.strip()}")
    note = parse_note(last.note)
    try:
        lines = parse_note(note.text + "\n" + answer).signatures
        line = next(
            line
            for line in lines
            if (line.name, line.key_id) == (witness.key.name, witness.key.key_id)
        )
        whole = Note(text=note.text, signatures=(*note.signatures, line))
        verify_checkpoint(str(whole), log_key, [witness.key])
    except (AxisError, StopIteration) as error:
        raise WitnessUnusableError(name=witness.key.name, reason="no valid cosignature") from error
    return str(line)


def _post(witness: WitnessAddress, body: bytes) -> tuple[int, str, str]:
    request = urllib.request.Request(  # noqa: S310  the address is configured
        f"{witness.url}/add-checkpoint", data=body, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            return answer.status, "", answer.read(_MOST_BYTES).decode(errors="replace")
    except urllib.error.HTTPError as error:
        kind = error.headers.get_content_type()
        with error:
            return error.code, kind, error.read(_MOST_BYTES).decode(errors="replace")
    except OSError as error:
        raise WitnessUnusableError(name=witness.key.name, reason=str(error)) from error
