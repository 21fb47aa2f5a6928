"""Vietnamese names as people type them: without marks for searching, tone marks in either place."""

from __future__ import annotations

import unicodedata
from typing import Final

#: Grave, acute, tilde, hook above, dot below: the tones. The other marks make another letter.
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")


def fold(text: str) -> str:
    """Return a name in small letters without marks: ``Xã Hòa Tiến`` is ``xa hoa tien``."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(char if char.isalnum() else " " for char in decomposed if _is_base(char))
    return " ".join(bare.split())


def is_same_name(one: str, other: str) -> bool:
    """Return whether two spellings are one name: ``Hoà`` and ``Hòa``, ``xã`` and ``Xã``."""
    return one == other or _syllables(one) == _syllables(other)


def _syllables(text: str) -> list[tuple[str, str]]:
    """Return each syllable as its letters and its tones, wherever these were put."""
    syllables = []
    for word in text.casefold().split():
        decomposed = unicodedata.normalize("NFD", word)
        letters = "".join(char for char in decomposed if char not in _TONES)
        tones = "".join(sorted(char for char in decomposed if char in _TONES))
        syllables.append((unicodedata.normalize("NFC", letters), tones))
    return syllables


def _is_base(char: str) -> bool:
    return not unicodedata.combining(char)
