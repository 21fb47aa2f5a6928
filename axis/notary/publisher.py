"""Builds the tree of one log, signs for it, and shows it; never two trees that do not agree.

Three places remember the last checkpoint: the records, a file beside the key, and the folder that
is shown. A database that was rolled back, or rewritten, contradicts at least one of them, and then
nothing is signed. The order of the steps makes every crash repairable: what is signed was already
durable in the records, and what is shown was already signed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from axis.ledger.checkpoint import Checkpoint, verify_checkpoint
from axis.ledger.errors import RewrittenError, RolledBackError
from axis.ledger.merkle import leaf_hash, root_hash
from axis.ledger.note import Note, NoteSigner, parse_note
from axis.ledger.tilefolder import TileFolder, write_durably
from axis.ledger.tiles import WIDTH, TileNodes
from axis.notary.building import CHUNK, Builder
from axis.store.checkpoints import (
    SignedCheckpoint,
    add_checkpoint,
    cosignatures_of,
    last_checkpoint,
)
from axis.store.engine import transaction
from axis.store.ledger import demand_epoch, head_size, leaves_between


class Promise(NamedTuple):
    """A checkpoint that somebody may hold us to."""

    size: int
    root: bytes
    note: str
    where: str


class Publisher(Builder):
    """The one who builds and signs one log, under one epoch."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        log: int,
        epoch: int,
        signer: NoteSigner,
        folder: TileFolder,
        memory: Path,
    ) -> None:
        """Take the log up where it was left.

        Args:
            engine: the records.
            log: year of the log.
            epoch: the notary's epoch.
            signer: under the log's origin.
            folder: where the log is shown.
            memory: file beside the key that remembers what was signed last.

        Raises:
            RolledBackError: the records are older than what was signed.
            RewrittenError: the records are not those that were signed for.
            AxisError: a remembered checkpoint is not by our key.
        """
        super().__init__(engine, log=log, folder=folder)
        self._epoch = epoch
        self._signer = signer
        self._memory = memory
        # 1. What was promised, and do the records still have as much?
        with transaction(engine) as connection:
            recorded = last_checkpoint(connection, log)
            self._head = head_size(connection, log) or 0
        promises = self._promises(recorded)
        last = max(promises, key=lambda promise: promise.size, default=None)
        if last is not None and last.size > self._head:
            raise RolledBackError(expected=last.size, got=self._head, where=last.where)
        # 2. The right edge as of then, from the tiles, or anew from the records.
        size = last.size if last else 0
        self.take_up(size, last.root if last else None)
        # 3. It must give every root that was promised.
        for promise in promises:
            if self._root_at(promise.size) != promise.root:
                raise RewrittenError(size=promise.size, where=promise.where)
        # 4. Records that do not know of a checkpoint that we signed: a crash, or a restored backup.
        known = recorded.size if recorded else 0
        self._compare_records(min(known, max(size - WIDTH, 0)), size)
        self._signed = last
        self._signed_at = recorded.signed_at if recorded else None
        if last is not None and (recorded is None or recorded.size < last.size):
            self._unrecorded: Promise | None = last
        else:
            self._unrecorded = None

    @property
    def signed_at(self) -> datetime | None:
        """When something was last signed in this log."""
        return self._signed_at

    @property
    def size(self) -> int:
        """How many entries the last checkpoint has."""
        return self._signed.size if self._signed else 0

    def advance(self, check_clock: Callable[[], datetime]) -> int:
        """Build, sign and show whatever the records have beyond the last checkpoint.

        Returns:
            How many entries were added to what is signed.

        Raises:
            NotaryFencedError: another notary has taken over; nothing was signed.
            AxisError: with a code of the clock: nothing was signed.
            TileConflictError: a tile is there already with other content.
        """
        # 1. Grow the tree. A crash here leaves tiles that are right, and are found to be there.
        with transaction(self._engine) as connection:
            self._head = head_size(connection, self._log) or 0
        self.grow(self._head)
        if self._signed is not None and self._signed.size == self._tree.size:
            self._record_late(check_clock)
            # Witnesses cosign what is shown already: their lines are added as they come.
            with transaction(self._engine) as connection:
                lines = cosignatures_of(connection, self._log, self._signed.size)
            self._show(self._signed, "".join(f"{cosignature.line}\n" for cosignature in lines))
            return 0
        if not self._tree.size:
            return 0
        # 2. Hold the office: nobody can take over until the signature is recorded.
        with transaction(self._engine) as connection:
            demand_epoch(connection, self._epoch)
            now = check_clock()
            promise = self._sign()
            # 3. Remember beside the key. From here we may be held to it, whatever is restored.
            write_durably(self._memory, promise.note.encode())
            # 4. Record. After a crash before the commit, _record_late adds it from the memory.
            add_checkpoint(
                connection,
                SignedCheckpoint(self._log, promise.size, promise.root, promise.note, now),
            )
        added = promise.size - self.size
        self._signed, self._signed_at, self._unrecorded = promise, now, None
        # 5. Show. After a crash here the next round shows it.
        self._show(promise)
        return added

    def _sign(self) -> Promise:
        checkpoint = Checkpoint(
            origin=self._signer.verifier.name, size=self._tree.size, root=self._tree.root
        )
        text = str(checkpoint)
        note = str(Note(text=text, signatures=(self._signer.sign(text),)))
        return Promise(checkpoint.size, checkpoint.root, note, str(self._memory))

    def _show(self, promise: Promise, cosignatures: str = "") -> None:
        shown = promise.note + cosignatures
        if self._folder.read_checkpoint() != shown:
            self._folder.write_checkpoint(shown)

    def _record_late(self, check_clock: Callable[[], datetime]) -> None:
        """Record a checkpoint that was signed just before a crash."""
        promise = self._unrecorded
        if promise is None:
            return
        with transaction(self._engine) as connection:
            demand_epoch(connection, self._epoch)
            now = check_clock()
            add_checkpoint(
                connection,
                SignedCheckpoint(self._log, promise.size, promise.root, promise.note, now),
            )
        self._unrecorded, self._signed_at = None, now

    def _promises(self, recorded: SignedCheckpoint | None) -> list[Promise]:
        """Return every checkpoint that we remember, each verified to be by our key."""
        promises = []
        memory = (
            self._memory.read_bytes().decode(errors="replace") if self._memory.exists() else None
        )
        for note, where in (
            (recorded.note if recorded else None, "the records"),
            (memory, str(self._memory)),
            (self._folder.read_checkpoint(), str(self._folder.path / "checkpoint")),
        ):
            if note is not None:
                signed = verify_checkpoint(note, self._signer.verifier).checkpoint
                promises.append(Promise(signed.size, signed.root, self._own(note), where))
        return promises

    def _own(self, note: str) -> str:
        """Return a checkpoint's note with our signature alone: what is shown has others as well."""
        whole, key = parse_note(note), self._signer.verifier
        own = [
            line for line in whole.signatures if (line.name, line.key_id) == (key.name, key.key_id)
        ]
        return str(Note(text=whole.text, signatures=tuple(own[:1])))

    def _root_at(self, size: int) -> bytes:
        return root_hash(TileNodes(self._folder.read, self._tree.size), size)

    def _compare_records(self, start: int, stop: int) -> None:
        """Check that the records from ``start`` on are those in the tiles."""
        nodes = TileNodes(self._folder.read, stop)
        index = start
        for leaf in leaves_between(self._engine, self._log, start, stop, chunk=CHUNK):
            if nodes(0, index) != leaf_hash(leaf):
                raise RewrittenError(size=index + 1, where="the tiles")
            index += 1
        if index != stop:
            raise RewrittenError(size=index, where="a gap in the records")
