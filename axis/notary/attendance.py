"""Beside the notary's work: asks witnesses and the time stamping authority, and watches both."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from axis.errors import AxisError, Fault
from axis.ledger.errors import CosignersOverdueError
from axis.notary.cosigning import ask_witnesses, parse_witness
from axis.notary.office import folder_of, signer_of
from axis.notary.signing import has_key
from axis.notary.timestamping import stamp
from axis.settings import Settings
from axis.store.checkpoints import first_checkpoint_above, last_cosigned
from axis.store.engine import transaction
from axis.store.ledger import latest_log

_LOG: Final = logging.getLogger(__name__)
_EVERY_S: Final = 1.0


class Attendance:
    """A thread that attends to others while the notary works; ``check`` tells what it found."""

    def __init__(self, engine: sa.Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._settings = settings
        self._now = now
        self._stop = threading.Event()
        self._failure: AxisError | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._settings.notary.witnesses or self._settings.notary.tsa_url:
            self._thread = threading.Thread(target=self._run, name="attendance", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def check(self) -> None:
        """Stop the notary where others contradict it.

        Raises:
            RolledBackError: a witness knows a larger log of ours than we do.
        """
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            try:
                attend(self._engine, self._settings, self._now)
            except AxisError as error:
                if error.fault is Fault.AXIS:
                    self._failure = error
                    return
                _LOG.warning("attendance failed", extra={"code": error.code})


def attend(engine: sa.Engine, settings: Settings, now: Callable[[], datetime]) -> None:
    """Ask every witness and the time stamping authority once, and raise the alarm if it is due.

    Raises:
        RolledBackError: a witness knows a larger log of ours than we do.
        CosignersOverdueError: too few witnesses have cosigned for too long.
        AxisError: the keys or the database cannot be used now.
    """
    with transaction(engine) as connection:
        log = latest_log(connection)
    if log is None or not has_key(settings):
        return
    ask_witnesses(
        engine,
        [parse_witness(text) for text in settings.notary.witnesses],
        log=log,
        folder=folder_of(settings, log),
        log_key=signer_of(settings, log).verifier,
        now=now,
    )
    stamp(engine, settings, log=log, now=now)
    demand_cosigned(engine, settings, log=log, now=now())


def demand_cosigned(engine: sa.Engine, settings: Settings, *, log: int, now: datetime) -> None:
    """Check the policy: every checkpoint is cosigned by the quorum within the time for it.

    A door that is to stop accepting when witnesses are missing calls this.

    Raises:
        CosignersOverdueError: one is not, and the time is over.
    """
    quorum = settings.notary.witness_quorum
    if quorum <= 0:
        return
    with transaction(engine) as connection:
        cosigned = last_cosigned(connection, log, at_least=quorum)
        oldest = first_checkpoint_above(connection, log, cosigned.size if cosigned else 0)
    if oldest is None:
        return
    late = now - oldest.signed_at
    if late > timedelta(seconds=settings.notary.witness_within_s):
        raise CosignersOverdueError(
            expected=quorum, size=oldest.size, seconds=int(late.total_seconds())
        )
