"""Names that are safe on every disk: what a sender calls a file is never a path.

The letters stay: only what a file system, a shell or an eye could be deceived by goes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Final

from pathvalidate import sanitize_filename

MOST_LETTERS: Final = 100
MOST_BYTES: Final = 180  #: a disk takes 255, and people add to names
#: Controls, formats (turned and invisible letters), halves of letters, private and unassigned ones.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES: Final = re.compile(r"\s+")
#: What runs when it is opened; a letter behind the name keeps it a document.
_RUNS: Final = frozenset(
    {"bat", "cmd", "com", "cpl", "exe", "hta", "jar", "js", "jse", "lnk", "msc", "msi", "msp"}
    | {"pif", "ps1", "reg", "scr", "url", "vb", "vbe", "vbs", "wsf"}
)


def safe_name(name: str | None, *, otherwise: str, taken: Collection[str] = ()) -> str:
    """Return a name that can be written into one folder, on Linux and on Windows.

    Args:
        name: as the sender signed it.
        otherwise: what to call it where nothing of the name is left.
        taken: names in the folder; ``(2)`` and so on tells apart what would be one on some disk.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name or ""))[-1]
    seen = "".join(" " if one.isspace() else one for one in last if one.isspace() or _is_seen(one))
    clean = sanitize_filename(_SPACES.sub(" ", seen).strip(), platform="universal")
    clean = clean.strip(" .") or otherwise
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = clean, ""
    if suffix.lower() in _RUNS:
        suffix += "_"
    known = {_as_one(one) for one in taken}
    number = 1
    while True:
        found = _fit(stem, f" ({number})" if number > 1 else "", f".{suffix}" if suffix else "")
        if _as_one(found) not in known:
            return found
        number += 1


def _fit(stem: str, count: str, suffix: str) -> str:
    room = MOST_BYTES - len((count + suffix).encode())
    stem = stem[:MOST_LETTERS].encode()[:room].decode("utf-8", "ignore").rstrip(" .") or "_"
    return f"{stem}{count}{suffix}"


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in _UNSEEN


def _as_one(name: str) -> str:
    """Return what a disk may take as the same name: in any letter case and composition."""
    return unicodedata.normalize("NFKC", name).casefold()


def stem_of(name: str) -> str:
    """Return a name without its last suffix."""
    return PurePosixPath(name).stem
