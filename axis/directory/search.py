"""Offices by name without diacritics, and by any code ever valid.

``xa hoa tien`` finds *Xã Hòa Tiến*. Every word must be the beginning of a word of a name, in any
order; names of any time count, so an old name finds who bears the new one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime

from axis.directory.records import office_at
from axis.directory.snapshot import Directory
from axis.directory.spelling import fold
from axis.directory.values import Office, State, micros


class NameIndex:
    """The words of all names of a snapshot; made once, asked many times."""

    __slots__ = ("_by_word", "_directory", "_words")

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        by_word: dict[str, set[str]] = {}
        for record in directory.records():
            for fact in record.names:
                for word in fold(fact.name).split():
                    by_word.setdefault(word, set()).add(record.office_id)
        self._by_word = by_word
        self._words = sorted(by_word)

    def search(
        self, text: str, at: datetime, *, limit: int = 20, closed: bool = False
    ) -> list[Office]:
        """Return the offices that fit best: a code exactly, then the shortest names."""
        t = micros(at)
        coded = dict.fromkeys(fact.office_id for fact in self._directory.holders(text.strip()))
        named = self._named(text) - set(coded)
        exact = [office for key in coded if (office := self._directory.office(key, at))]
        rest = [office_at(record, t) for key in named if (record := self._directory.record(key))]
        rest.sort(key=lambda office: (len(office.name), office.name, office.code))
        offices = [office for office in (*exact, *rest) if closed or office.state != State.CLOSED]
        return offices[:limit]

    def _named(self, text: str) -> set[str]:
        words = fold(text).split()
        if not words:
            return set()
        return set.intersection(*(set(self._starting(word)) for word in words))

    def _starting(self, prefix: str) -> Iterator[str]:
        index = bisect_left(self._words, prefix)
        while index < len(self._words) and self._words[index].startswith(prefix):
            yield from self._by_word[self._words[index]]
            index += 1
