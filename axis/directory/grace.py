"""Who may sign under a code: the office that has it, and for a while the one that had it.

An office that was merged keeps its certificate and its system for some weeks; what it had in hand
goes out under the old name. After the grace period the refusal names the successor and the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from axis.directory.errors import SenderClosedError
from axis.directory.records import Record, code_at, standing_at
from axis.directory.resolution import successors
from axis.directory.snapshot import Directory
from axis.directory.values import FOREVER, State, micros, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """An office that may sign under a code at an instant."""

    office_id: str
    closed_at: datetime | None = None  #: it signs as an office that has ended
    until: datetime | None = None  #: the first instant at which it may not; None: no end is known


def signatories(
    directory: Directory, code: str, at: datetime, grace: timedelta
) -> tuple[Signatory, ...]:
    """Return who may sign under ``code`` at ``at``: its holder first, then those in their grace.

    The caller admits the package if certificate and system belong to one of them. Nobody, where no
    office has or ever had the code.

    Raises:
        SenderClosedError: the last office that had the code ended longer than ``grace`` ago.
    """
    t = micros(at)
    found: list[Signatory] = []
    ended: list[tuple[datetime, Record]] = []
    for fact in reversed(directory.holders(code)):
        record = directory.record(fact.office_id)
        if record is None or fact.start > t or any(s.office_id == fact.office_id for s in found):
            continue
        standing = standing_at(record, t)
        if standing is not None and standing.state == State.ACTIVE:
            end = moment(standing.end) if standing.end < FOREVER else None
            signatory = Signatory(office_id=record.office_id, until=end + grace if end else None)
            if fact.start <= t < fact.end:
                found.insert(0, signatory)
            else:  # its code was changed: the old one counts for a while like an old name
                changed = moment(fact.end)
                if changed is not None and at < changed + grace:
                    found.append(Signatory(office_id=record.office_id, until=changed + grace))
        elif standing is not None and standing.state == State.CLOSED:
            closed = moment(standing.start)
            if closed is None:
                continue
            if at < closed + grace:
                until = closed + grace
                found.append(Signatory(office_id=record.office_id, closed_at=closed, until=until))
            else:
                ended.append((closed, record))
    if not found and ended:
        closed, record = max(ended, key=lambda pair: pair[0])
        raise SenderClosedError(
            code=code,
            closed_at=_day(closed),
            until=_day(closed + grace),
            successor=_successors(directory, record, t),
        )
    return tuple(found)


def _successors(directory: Directory, record: Record, t: int) -> str:
    codes = []
    for fact in successors(record, t):
        successor = directory.record(fact.successor_id or "")
        if successor is not None:
            codes.append(code_at(successor, t))
    return ", ".join(codes) or "–"


def _day(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
