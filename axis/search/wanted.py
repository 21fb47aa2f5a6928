"""What somebody looks for, read from what they typed. Pure.

Words count without marks and in any order; what looks like a number of a document is looked for as
it is written, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from axis.directory.spelling import fold

#: Words of one search, at most; more find nothing that these do not.
MOST_WORDS: Final = 12
#: No word of a subject is longer; a longer one is not kept.
MOST_LETTERS: Final = 40


class Standing(StrEnum):
    """How far a document is, as people ask for it."""

    UNDER_WAY = "under-way"  #: somebody has still to take it
    STUCK = "stuck"  #: held or set aside for somebody
    DELIVERED = "delivered"  #: nothing is under way, and somebody has it
    REFUSED = "refused"  #: by the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is not said does not matter."""

    text: str = ""  #: as it was typed
    office_ids: tuple[str, ...] = ()  #: sent by, or addressed to, one of them
    since: datetime | None = None
    until: datetime | None = None
    standing: Standing | None = None
    only_of: str | None = None  #: nothing that this office neither sent nor gets

    @property
    def words(self) -> tuple[str, ...]:
        """The words, without marks and without repetitions."""
        return words_of(self.text)[:MOST_WORDS]

    @property
    def name(self) -> str:
        """What was typed, as the number/notation or DocumentId that it may be."""
        return " ".join(self.text.split())

    @property
    def package_id(self) -> UUID | None:
        """What was typed, as the id that it may be."""
        try:
            return UUID(self.text.strip())
        except ValueError:
            return None

    @property
    def says_nothing(self) -> bool:
        """Whether nothing narrows the search."""
        return not (self.words or self.office_ids or self.since or self.until or self.standing)


def words_of(*texts: str | None) -> tuple[str, ...]:
    """Return the words of texts, folded, each once, in the order of their first use."""
    words = (word for text in texts if text for word in fold(text).split())
    return tuple(dict.fromkeys(word[:MOST_LETTERS] for word in words))
