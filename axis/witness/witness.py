"""A witness at work: judge, keep, cosign, as one step for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa

from axis.ledger.checkpoint import parse_checkpoint
from axis.ledger.note import NoteSigner, VerifierKey, parse_note
from axis.store.engine import transaction
from axis.witness.errors import ContradictionError
from axis.witness.judge import judge, log_of, parse_request
from axis.witness.records import keep_last, keep_suspect, last_note


class Witness:
    """Cosigns the checkpoints of the logs that it follows."""

    def __init__(
        self,
        records: sa.Engine,
        signer: NoteSigner,
        logs: Iterable[VerifierKey],
        now: Callable[[], datetime],
    ) -> None:
        """Follow logs by their verifier keys, whose names are their origins."""
        self._records = records
        self._signer = signer
        self._logs = {key.name: key for key in logs}
        self._now = now

    def add_checkpoint(self, body: bytes) -> str:
        """Answer an add-checkpoint request with the line of our cosignature.

        Raises:
            WitnessError: no; its ``status`` is the HTTP status to answer with.
            DatabaseUnavailableError: the records cannot be written; nothing was cosigned.
        """
        # 1. Read, and find out whose it is.
        request = parse_request(body)
        key = log_of(request, self._logs)
        now = self._now()
        try:
            # 2. Judge and keep in one transaction that locks out all others: two requests at once
            #    cannot both go out from the same checkpoint. Kept before it is answered.
            with transaction(self._records) as connection:
                kept = last_note(connection, key.name)
                last = parse_checkpoint(parse_note(kept).text) if kept else None
                checkpoint = judge(request, key, last)
                keep_last(connection, key.name, request.note, now)
        except ContradictionError as error:
            # 3. The log signed it and it contradicts: that is evidence, and is kept as such.
            with transaction(self._records) as connection:
                keep_suspect(connection, key.name, kept or "", request.note, error.code, now)
            raise
        # 4. Cosign. After a crash before this the log asks again and gets it.
        return f"{self._signer.cosign(str(checkpoint), now)}\n"
