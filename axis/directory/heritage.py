"""Whose affairs an office goes on with: the offices that ended and whose letters it is served."""

from __future__ import annotations

from datetime import datetime

from axis.directory.records import Record, standing_at
from axis.directory.resolution import choose, successors
from axis.directory.snapshot import Directory
from axis.directory.values import State, micros


def heir_of(directory: Directory, office_id: str, at: datetime) -> frozenset[str]:
    """Return the ids of the offices, ended by ``at``, whose heir an office is, also over several.

    Of a divided office the heir is whom its default rule names; where a person decides about each
    letter, nobody is.
    """
    t, found, waiting = micros(at), set[str](), [office_id]
    while waiting:
        heir = waiting.pop()
        for record in directory.predecessors(heir):
            old = record.office_id
            if old not in found and old != office_id and _heir(record, t) == heir:
                found.add(old)
                waiting.append(old)
    return frozenset(found)


def _heir(record: Record, t: int) -> str | None:
    standing = standing_at(record, t)
    if standing is None or standing.state != State.CLOSED:
        return None
    onward = {fact.successor_id for fact in successors(record, t)}
    if len(onward) > 1 or record.rules:
        rule = choose(record.rules, t, subunit=None, document_type=None)
        return rule.successor_id if rule is not None else None
    return onward.pop() if onward else None
