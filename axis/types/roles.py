"""What figures and lists take the types for, so that none of them knows a type by its name. Pure.

A type with several versions is whatever one of them says: what was carried is not uncounted by a
later version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from axis.types.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The names of the types that have a property, each in order."""

    papers: tuple[str, ...]  #: sent for their own sake: listed, searched, reported on, answered
    letters: tuple[str, ...]  #: official correspondence

    def is_paper(self, kind: str | None) -> bool:
        """Say whether a package of this type is listed; one that could not be read is."""
        return kind is None or kind in self.papers


def roles_of(rules: Iterable[Rules]) -> Roles:
    """Return what types say of themselves."""
    told = list(rules)
    return Roles(
        papers=tuple(sorted({one.type for one in told if one.counts.paper})),
        letters=tuple(sorted({one.type for one in told if one.counts.letter})),
    )
