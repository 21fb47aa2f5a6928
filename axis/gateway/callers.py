"""Who may call: the credentials and the states of systems, followed by their versions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from axis.access.book import AccessBook
from axis.access.errors import AccessDeniedError, SystemStoppedError
from axis.access.sealing import open_secret
from axis.access.values import ALL_SCOPES, Caller, Proof
from axis.directory.values import SystemState
from axis.store.access import access_version, load_book
from axis.store.directory import directory_version
from axis.store.directory_systems import system_states
from axis.store.engine import reading
from axis.store.errors import DatabaseUnavailableError
from axis.store.trust import registry_version

#: A revoked credential is believed no longer than this.
FRESH_S: Final = 1.0
#: While the database is away the last book counts so long; then nobody is believed.
STALE_MOST_S: Final = 30.0


class _Known(NamedTuple):
    versions: tuple[int, int, int]
    book: AccessBook
    states: Mapping[str, str]


class Callers:
    """Says who a caller is; asks the records for their versions once a second."""

    def __init__(
        self,
        engine: sa.Engine,
        secret_key: Callable[[], bytes],
        *,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what will be asked.

        Args:
            engine: the records.
            secret_key: reads the key that shared secrets are sealed with, when first needed.
            elapsed: seconds that passed, for tests.
        """
        self._engine = engine
        self._secret_key = secret_key
        self._elapsed = elapsed
        self._known: _Known | None = None
        self._asked_at = float("-inf")
        self._answered_at = float("-inf")
        self._opened: dict[str, bytes] = {}
        self._turn = threading.Lock()

    @property
    def is_fresh(self) -> bool:
        """Whether the next answer needs no look into the records."""
        return self._elapsed() - self._asked_at < FRESH_S

    def refresh(self) -> None:
        """Look into the records, where that was not done within the last second; in a thread.

        Raises:
            DatabaseUnavailableError: they cannot be reached, and what was read is too old.
        """
        with self._turn:
            now = self._elapsed()
            if now - self._asked_at < FRESH_S:
                return
            try:
                self._read()
            except DatabaseUnavailableError:
                if now - self._answered_at > STALE_MOST_S:
                    raise
            else:
                self._answered_at = now
            self._asked_at = now

    def by_token(self, text: str, at: datetime) -> Caller:
        """Return who presents a bearer token.

        Raises:
            AccessDeniedError, CredentialExpiredError: nobody, now.
            SystemStoppedError: the system may do nothing now.
        """
        return self._running(self._book.by_token(text, at))

    def by_certificate(self, sha256: bytes, at: datetime) -> Caller:
        """Return who presents a client certificate that the transport has verified.

        Raises:
            AccessDeniedError, CredentialExpiredError: nobody, now.
            SystemStoppedError: the system may do nothing now.
        """
        return self._running(self._book.by_certificate(sha256, at))

    def secrets_of(self, system_id: str, at: datetime) -> Sequence[tuple[str, bytes]]:
        """Return the shared secrets of a system that count now, as ``(id, secret)``; [] if none.

        Raises:
            SecretUnreadableError: the key at hand does not open them.
        """
        found = []
        for one in self._book.secrets_of(system_id, at):
            if one.id not in self._opened:
                self._opened[one.id] = open_secret(
                    self._secret_key(), one.sealed, secret_id=one.id, system_id=system_id
                )
            found.append((one.id, self._opened[one.id]))
        return found

    def by_secret(self, system_id: str, secret_id: str) -> Caller:
        """Return the caller that a door has verified by one of its shared secrets.

        Raises:
            SystemStoppedError: the system may do nothing now.
        """
        return self._running(
            Caller(
                system_id=system_id,
                scopes=ALL_SCOPES,
                proof=Proof.SECRET,
                credential=secret_id,
            )
        )

    @property
    def _book(self) -> AccessBook:
        if self._known is None:
            raise AccessDeniedError
        return self._known.book

    def _running(self, caller: Caller) -> Caller:
        state = self._known.states.get(caller.system_id) if self._known else None
        if state is None:
            raise AccessDeniedError
        if state != SystemState.ACTIVE.value:
            raise SystemStoppedError(system_id=caller.system_id, state=state)
        return caller

    def _read(self) -> None:
        with reading(self._engine) as connection:
            versions = (
                access_version(connection),
                directory_version(connection),
                registry_version(connection),
            )
            if self._known is not None and self._known.versions == versions:
                return
            self._known = _Known(versions, load_book(connection), system_states(connection))
            self._opened = {}
