"""A file name for an attachment: what its sender calls it, without anything that a path could be.

The name in a package is for people and never a path. Who keeps attachments as files asks here, and
puts the result into a folder of its own choosing. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_BYTES: Final = 150  #: of the name in UTF-8, its ending included

_STRANGE: Final = re.compile(
    r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069]'
)
_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")


def file_name(name: str | None, number: int) -> str:
    """Return a name that is one component of a path on every system, and differs by ``number``.

    Separators, control and direction characters become ``_``; it never begins with a dot.
    """
    plain = unicodedata.normalize("NFC", name or "").encode("utf-8", "replace").decode()
    plain = _STRANGE.sub("_", plain).strip(" .")
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    stem, dot, ending = plain.rpartition(".")
    if not stem or len(ending.encode()) > 10:
        stem, dot, ending = plain, "", ""
    room = MOST_BYTES - len(dot + ending)
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{number:03d}-{stem or 'attachment'}{dot}{ending}"
