"""What a notary does that stands by: it shows what the one at work has signed.

So every machine with a notary has the tiles that its gateway answers receipts from, and the last
checkpoint besides: a standby that takes over knows what it must not contradict, also where the
database was rolled back meanwhile. It signs nothing.
"""

from __future__ import annotations

import sqlalchemy as sa

from axis.ledger.checkpoint import verify_checkpoint
from axis.ledger.errors import RewrittenError
from axis.notary.building import Builder
from axis.notary.office import folder_of, signer_of
from axis.notary.signing import has_key
from axis.settings import Settings
from axis.store.checkpoints import cosignatures_of, last_checkpoint
from axis.store.engine import transaction
from axis.store.ledger import latest_log


class Follower:
    """Follows the newest log in the records, in this machine's folder."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._builder: tuple[int, Builder] | None = None

    def round(self) -> int:
        """Show what was signed since; return how many entries that were.

        Raises:
            DatabaseUnavailableError: the next round does it.
            RewrittenError: the records do not give the root that was signed.
            TileConflictError: another tile was shown here before.
            AxisError: a checkpoint is not by our key.
        """
        if not has_key(self._settings):
            return 0
        with transaction(self._engine) as connection:
            log = latest_log(connection)
            signed = last_checkpoint(connection, log) if log is not None else None
            lines = (
                cosignatures_of(connection, signed.log, signed.size) if signed is not None else []
            )
        if log is None or signed is None:
            return 0
        # 1. Has this folder as much already? On a shared disk the one at work has shown it.
        folder, verifier = folder_of(self._settings, log), signer_of(self._settings, log).verifier
        note = folder.read_checkpoint()
        shown = verify_checkpoint(note, verifier).checkpoint if note is not None else None
        before = shown.size if shown is not None else 0
        if before >= signed.size:
            return 0
        verify_checkpoint(signed.note, verifier)
        # 2. The tiles. A crash here leaves tiles that are right, and are found to be there.
        if self._builder is None or self._builder[0] != log:
            builder = Builder(self._engine, log=log, folder=folder)
            builder.take_up(before, shown.root if shown is not None else None)
            self._builder = (log, builder)
        builder = self._builder[1]
        builder.grow(signed.size)
        if builder.root != signed.root:
            raise RewrittenError(size=signed.size, where="the records")
        # 3. What was signed. From here this machine holds the one at work to it.
        folder.write_checkpoint(signed.note + "".join(f"{one.line}\n" for one in lines))
        return signed.size - before
