"""A copy of the directory that changes are tried on before anybody records them."""

from __future__ import annotations

from msgspec import structs

from axis.directory.change import Change, instants_of
from axis.directory.records import FIELD_OF, Fact, OfficeRelated, Record, ordered, system_of_fact
from axis.directory.snapshot import Directory
from axis.directory.values import (
    CodeFact,
    GroupFact,
    MemberFact,
    OfficeFact,
    System,
    SystemFact,
)


class Draft(Directory):
    """A copy that changes are tried on, one after the other; what they amount to is one change."""

    __slots__ = ("_added", "_retired")

    def __init__(
        self,
        version: int,
        records: dict[str, Record],
        holders: dict[str, tuple[CodeFact, ...]],
        systems: dict[str, System],
        instants: set[int],
    ) -> None:
        super().__init__(version, records, holders, systems, instants)
        self._added: dict[Fact, None] = {}
        self._retired: dict[Fact, None] = {}

    def apply(self, change: Change) -> None:
        """Make a change on this copy."""
        self._instants |= instants_of(change.added)
        self._asked = (0, 0, {})
        for fact in change.retired:
            if isinstance(fact, (GroupFact, MemberFact)):
                continue
            if fact in self._added:
                del self._added[fact]
            else:
                self._retired[fact] = None
            self._forget(fact)
        for fact in change.added:
            if isinstance(fact, (GroupFact, MemberFact)):
                continue
            if fact in self._retired:
                del self._retired[fact]
            else:
                self._added[fact] = None
            if isinstance(fact, SystemFact):
                self._systems[fact.system_id] = system_of_fact(fact)
            elif isinstance(fact, OfficeFact):
                self._records.setdefault(fact.office_id, Record(fact.office_id, fact.kind))
            else:
                self._learn(fact)

    def change(self) -> Change:
        """Return what all changes amount to: a fact that came and went is not in it."""
        return Change(added=tuple(self._added), retired=tuple(self._retired))

    def finish(self, version: int) -> Directory:
        """Return the copy as a snapshot; the draft is not used any more."""
        return Directory(version, self._records, self._holders, self._systems, self._instants)

    def _learn(self, fact: OfficeRelated) -> None:
        record, name = self._records[fact.office_id], FIELD_OF[type(fact)]
        together = ordered((*getattr(record, name), fact))
        self._records[fact.office_id] = structs.replace(record, **{name: together})
        if isinstance(fact, CodeFact):
            self._holders[fact.code] = ordered((*self._holders.get(fact.code, ()), fact))
        elif self._below is not None:
            self._below.learn(fact)

    def _forget(self, fact: Fact) -> None:
        if isinstance(fact, SystemFact):
            self._systems.pop(fact.system_id, None)
            return
        if isinstance(fact, OfficeFact):
            self._records.pop(fact.office_id, None)
            return
        record, name = self._records.get(fact.office_id), FIELD_OF[type(fact)]
        if record is not None:
            kept = tuple(f for f in getattr(record, name) if f != fact)
            self._records[fact.office_id] = structs.replace(record, **{name: kept})
        if isinstance(fact, CodeFact):
            left = tuple(f for f in self._holders.get(fact.code, ()) if f != fact)
            if left:
                self._holders[fact.code] = left
            else:
                self._holders.pop(fact.code, None)
