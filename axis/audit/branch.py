"""A branch of the directory: an office and all below it at one instant, by the codes of each. Pure.

The instant says who belongs to the branch. A code then counts for as long as one of them had it, so
that a code which passed to an office elsewhere brings none of that office's rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from axis.directory.errors import OfficeUnknownError
from axis.directory.snapshot import Directory
from axis.directory.values import micros
from axis.ledger.canonical import encode_canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Who belongs to a branch."""

    code: str  #: of the office at its head
    as_of: str  #: the instant as it was named; empty: as of when the export was begun
    office_ids: frozenset[str]
    codes: Mapping[str, tuple[tuple[int, int], ...]]  #: from when to before when (microseconds)

    def __str__(self) -> str:
        members = encode_canonical([sorted(self.office_ids), self.codes])
        digest = hashlib.sha256(members).hexdigest()
        named = f" as of {self.as_of}" if self.as_of else ""
        return f"{self.code}{named}: {len(self.office_ids)} offices, sha256:{digest}"

    def has(self, name: str, at: datetime) -> bool:
        """Tell whether an office id, or a code at that instant, belongs to the branch."""
        t = micros(at)
        return name in self.office_ids or any(
            start <= t < end for start, end in self.codes.get(name, ())
        )


def branch_of(directory: Directory, code: str, at: datetime, *, as_of: str = "") -> Branch:
    """Return the branch under the office that has ``code`` at ``at``.

    Raises:
        OfficeUnknownError: nobody has the code then.
    """
    head = directory.find(code, at)
    if head is None:
        raise OfficeUnknownError(code=code, at=at.isoformat())
    found = {head.office_id: None}  # in order, each once
    waiting = [head.office_id]
    while waiting:
        for child_id in directory.children(waiting.pop(), at):
            if child_id not in found:
                found[child_id] = None
                waiting.append(child_id)
    codes: dict[str, tuple[tuple[int, int], ...]] = {}
    for office_id in found:
        record = directory.record(office_id)
        for fact in record.codes if record else ():
            codes[fact.code] = (*codes.get(fact.code, ()), (fact.start, fact.end))
    return Branch(code=code, as_of=as_of, office_ids=frozenset(found), codes=codes)
