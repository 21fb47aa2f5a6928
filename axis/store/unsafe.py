"""The settings of a database under which what it committed could be lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Settings with the values on which no receipt may be given.
UNSAFE: Final[Mapping[str, frozenset[str]]] = {
    "fsync": frozenset({"off"}),
    "full_page_writes": frozenset({"off"}),
    "synchronous_commit": frozenset({"off"}),
    "synchronous": frozenset({"0", "1"}),  # SQLite: off, normal
    "journal_mode": frozenset({"off", "memory"}),
}
