"""The two message types that VXP knows, as it writes them: its ``messageType`` is one of two words.

This is the one place of the door that names types: the protocol itself does. Messages of other
types are not offered here; what takes them comes by another door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from axis.envelope.values import DOCUMENT, STATUS

#: The type of the axis by VXP's word.
TYPES: Final[Mapping[str, str]] = {"edoc": DOCUMENT, "status": STATUS}
_WORDS: Final = {kind: word for word, kind in TYPES.items()}
#: What VXP means where it says nothing, and where a package could not be read.
USUAL: Final = "edoc"


def word_of(kind: str | None) -> str:
    """Return VXP's word for a type."""
    return _WORDS.get(kind or "", USUAL)


def type_of(kind: str | None) -> str:
    """Return the type; one that could not be read is shown among the documents."""
    return kind or TYPES[USUAL]
