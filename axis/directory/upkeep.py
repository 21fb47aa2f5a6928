"""Changes that no law makes: an office is suspended or resumes, its contact data change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from axis.directory.change import Change
from axis.directory.errors import (
    AlreadyClosedError,
    DirectoryRefusedError,
    LaterFactsError,
    NothingToChangeError,
    OfficeUnknownError,
)
from axis.directory.parties import shown
from axis.directory.records import Fact, Record, code_at, in_force, standing_at
from axis.directory.resolution import holder_at
from axis.directory.snapshot import Directory
from axis.directory.table import Problems
from axis.directory.values import FOREVER, ContactFact, State
from axis.errors import AxisError


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepPlan:
    """What such a change records."""

    change: Change
    facts: Mapping[str, Any]

    def summary(self) -> Mapping[str, Any]:
        """Return what is kept beside the change."""
        return self.facts


def plan_state(directory: Directory, code: str, state: State, *, start: int) -> UpkeepPlan:
    """Return the change that suspends an office or lets it work from ``start`` on.

    What is addressed to a suspended office is held. A planned office begins to work the same way.

    Raises:
        DirectoryRefusedError: the code is unknown, the office has ended or will, or is so already.
    """
    record = _record(directory, code, start)
    standing = standing_at(record, start)
    if standing is None or standing.state == State.CLOSED:
        end = standing.start if standing else start
        raise _refusal(AlreadyClosedError, code=code, end=shown(end))
    if standing.state == state:
        raise _refusal(NothingToChangeError, kind=state.value, code=code)
    if standing.end != FOREVER:
        office = code_at(record, start)
        raise _refusal(LaterFactsError, what="state", office=office, start=shown(standing.end))
    return _replaced(record, standing, structs.replace(standing, state=state.value), start)


def plan_contact(
    directory: Directory, code: str, *, start: int, email: str, phone: str, address: str
) -> UpkeepPlan:
    """Return the change that gives an office other contact data from ``start`` on.

    Raises:
        DirectoryRefusedError: the code is unknown, or later data are recorded already.
    """
    record = _record(directory, code, start)
    current = in_force(record.contacts, start)
    later = [fact.start for fact in record.contacts if fact.start > start]
    if later:
        office = code_at(record, start)
        raise _refusal(LaterFactsError, what="contact", office=office, start=shown(min(later)))
    new = ContactFact(record.office_id, email, phone, address, start, FOREVER)
    if current is None:
        return UpkeepPlan(change=Change(added=(new,)), facts={"code": code})
    if (current.email, current.phone, current.address) == (email, phone, address):
        return UpkeepPlan(change=Change(), facts={"code": code})
    return _replaced(record, current, new, start)


def _replaced(record: Record, old: Any, new: Any, start: int) -> UpkeepPlan:
    added: list[Fact] = [structs.replace(old, end=start)] if old.start < start else []
    added.append(structs.replace(new, start=start))
    return UpkeepPlan(
        change=Change(added=tuple(added), retired=(old,)), facts={"office_id": record.office_id}
    )


def _record(directory: Directory, code: str, start: int) -> Record:
    fact = holder_at(_known(directory, code, start), start)
    record = directory.record(fact.office_id) if fact else None
    if record is None:
        raise _refusal(OfficeUnknownError, code=code, at=shown(start))
    return record


def _known(directory: Directory, code: str, start: int) -> Sequence[Any]:
    return [fact for fact in directory.holders(code) if fact.start <= start]


def _refusal(error: type[AxisError], **facts: str) -> DirectoryRefusedError:
    problems = Problems()
    problems.add(error(place=None, **facts))
    return DirectoryRefusedError.of(problems.sorted(), source="the change")
