"""Stops the intake where the ledger cannot keep its promises: no witnesses, or no signatures.

Both are the operator's choice (``[notary] witness_strict``, ``stop_after_s``) and off by default:
what was accepted is in the records either way, and is signed for when the notary can again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from axis.ledger.errors import CosignersOverdueError
from axis.notary.attendance import demand_cosigned
from axis.settings import Settings
from axis.store.checkpoints import last_checkpoint
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.ledger import has_waiting, head_size, latest_log

_LOG: Final = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class _Signed(NamedTuple):
    """How far the ledger is signed."""

    log: int | None
    size: int  #: of the last checkpoint
    is_behind: bool  #: there are entries beyond it


class LedgerPromises:
    """Looks at the ledger for a door; see :class:`axis.intake.pressure.Pressure`."""

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        *,
        now: Callable[[], datetime] = _now,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._now = now
        self._elapsed = elapsed
        self._behind: tuple[int | None, int, float] | None = None

    def look(self) -> str | None:
        """Return why nothing more may be taken: ``witnesses``, ``notary`` or ``database-away``.

        The notary counts as unable to sign where entries waited through all looks of
        ``stop_after_s`` and nothing was signed; entries' own times are not asked, because a queue
        that is worked off late brings old ones.
        """
        notary = self._settings.notary
        strict = notary.witness_strict and notary.witness_quorum > 0
        if not strict and notary.stop_after_s <= 0:
            return None
        try:
            signed = self._read()
            if notary.stop_after_s > 0 and self._behind_for(signed) > notary.stop_after_s:
                return "notary"
            if strict and signed.log is not None:
                demand_cosigned(self._engine, self._settings, log=signed.log, now=self._now())
        except CosignersOverdueError as error:
            _LOG.warning("intake stopped", extra={"code": error.code})
            return "witnesses"
        except DatabaseUnavailableError:
            return "database-away"  # then nobody can tell
        return None

    def _read(self) -> _Signed:
        with transaction(self._engine) as connection:
            log = latest_log(connection)
            if log is None:
                return _Signed(None, 0, has_waiting(connection))
            last = last_checkpoint(connection, log)
            size = last.size if last else 0
            head = head_size(connection, log) or 0
            return _Signed(log, size, head > size or has_waiting(connection))

    def _behind_for(self, signed: _Signed) -> float:
        """Return for how long (s) entries have waited with nothing signed."""
        if not signed.is_behind:
            self._behind = None
            return 0.0
        if self._behind is None or self._behind[:2] != (signed.log, signed.size):
            self._behind = (signed.log, signed.size, self._elapsed())
        return self._elapsed() - self._behind[2]
