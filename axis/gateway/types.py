"""The message types for doors: loaded when first asked for, then following their version."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from axis.store.engine import transaction
from axis.store.types import load_types, types_version
from axis.types.book import Book

FRESH_S: Final = 1.0


class Types:
    """Keeps the book of types in memory; asks for its version once a second at most."""

    def __init__(self, engine: sa.Engine, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._elapsed = elapsed
        self._book: Book | None = None
        self._version = -1
        self._asked_at = float("-inf")
        self._turn = threading.Lock()

    def current(self) -> Book:
        """Return the types of now; waits for the database.

        Raises:
            DatabaseUnavailableError: the records cannot be reached.
        """
        with self._turn:
            now = self._elapsed()
            if self._book is not None and now - self._asked_at < FRESH_S:
                return self._book
            with transaction(self._engine) as connection:
                version = types_version(connection)
                if self._book is None or version != self._version:
                    self._book, self._version = load_types(connection), version
            self._asked_at = now
            return self._book
