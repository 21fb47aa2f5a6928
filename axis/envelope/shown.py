"""How a piece of a hostile package is repeated in a refusal, a log line or a terminal."""

from __future__ import annotations

from typing import Final

SHOWN: Final = 80  #: characters that are repeated at most


def shown(text: str, most: int = SHOWN) -> str:
    """Return the beginning of a text on one line, what cannot be seen as its code point.

    Line breaks, control characters and characters that change the direction of writing would let a
    package write its own refusal.
    """
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(char if char.isprintable() else f"U+{ord(char):04X}" for char in cut)
