"""The list of offices for doors: loaded when first asked for, then following its version."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import sqlalchemy as sa

from axis.directory.search import NameIndex
from axis.directory.snapshot import Directory
from axis.store.directory import load_directory, refresh_directory
from axis.store.directory_listing import touched_offices
from axis.store.engine import transaction

FRESH_S: Final = 1.0


class Listed(NamedTuple):
    """The directory at one version, with what questions to it need."""

    directory: Directory
    names: NameIndex
    touched: dict[str, int]  #: every office, with the version that last touched it


class Offices:
    """Keeps the directory in memory; asks for its version once a second at most."""

    def __init__(self, engine: sa.Engine, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._elapsed = elapsed
        self._listed: Listed | None = None
        self._asked_at = float("-inf")
        self._turn = threading.Lock()

    def current(self) -> Listed:
        """Return the directory of now; in a thread, for the first time takes seconds.

        Raises:
            DatabaseUnavailableError: the records cannot be reached.
        """
        with self._turn:
            now = self._elapsed()
            if self._listed is not None and now - self._asked_at < FRESH_S:
                return self._listed
            with transaction(self._engine) as connection:
                if self._listed is None:
                    directory = load_directory(connection)
                else:
                    directory = refresh_directory(connection, self._listed.directory)
                if self._listed is None or directory is not self._listed.directory:
                    touched = touched_offices(connection, since=0, until=directory.version)
                    self._listed = Listed(directory, NameIndex(directory), touched)
            self._asked_at = now
            return self._listed

    def changed(self, since: int) -> tuple[Directory, dict[str, int]]:
        """Return the directory of now and the offices that changed after a version.

        Raises:
            DatabaseUnavailableError: the records cannot be reached.
        """
        listed = self.current()
        if since == 0:
            return listed.directory, listed.touched
        with transaction(self._engine) as connection:
            touched = touched_offices(connection, since=since, until=listed.directory.version)
        return listed.directory, touched
