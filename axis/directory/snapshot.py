"""The directory at one version, in memory, immutable: what routing and admission ask.

A relay loads it once and follows the version: :meth:`Directory.advance` gives the next snapshot
from the facts that changed, while others go on reading this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Self

from msgspec import structs

from axis.directory.change import Change, Facts
from axis.directory.records import (
    FIELD_OF,
    Fact,
    OfficeRelated,
    Record,
    by_key,
    in_force,
    office_at,
    ordered,
)
from axis.directory.resolution import resolve
from axis.directory.values import (
    CodeFact,
    Held,
    Office,
    OfficeFact,
    ParentFact,
    ReceivesBy,
    Served,
    SuccessionFact,
    System,
    SystemFact,
    SystemState,
    micros,
)


class Directory:
    """Offices, codes and systems at one version of the directory."""

    __slots__ = ("_below", "_holders", "_records", "_systems", "version")

    def __init__(
        self,
        version: int,
        records: dict[str, Record],
        holders: dict[str, tuple[CodeFact, ...]],
        systems: dict[str, System],
    ) -> None:
        self.version = version
        self._records = records
        self._holders = holders
        self._systems = systems
        self._below: _Index | None = None

    @classmethod
    def build(cls, version: int, facts: Facts) -> Self:
        """Return the snapshot of these facts."""
        offices = {fact.office_id: fact.kind for fact in facts.offices}
        own = lambda fact: fact.office_id  # noqa: E731
        standings = by_key(facts.standings, own)
        names = by_key(facts.names, own)
        codes: list[CodeFact] = list(facts.codes)
        codes_of = by_key(codes, own)
        parents = by_key(facts.parents, own)
        contacts = by_key(facts.contacts, own)
        actings = by_key(facts.actings, own)
        successions = by_key(facts.successions, own)
        rules = by_key(facts.rules, own)
        records = {
            office_id: Record(
                office_id,
                kind,
                standings.get(office_id, ()),
                names.get(office_id, ()),
                codes_of.get(office_id, ()),
                parents.get(office_id, ()),
                contacts.get(office_id, ()),
                actings.get(office_id, ()),
                successions.get(office_id, ()),
                rules.get(office_id, ()),
            )
            for office_id, kind in offices.items()
        }
        systems = {fact.system_id: _system(fact) for fact in facts.systems}
        return cls(version, records, by_key(codes, lambda fact: fact.code), systems)

    def advance(self, change: Change, version: int) -> Directory:
        """Return the snapshot after a change; this one stays as it is."""
        draft = self.draft()
        draft.apply(change)
        return draft.finish(version)

    def draft(self) -> Draft:
        """Return a copy to try changes on."""
        return Draft(self.version, dict(self._records), dict(self._holders), dict(self._systems))

    # --- addresses ---

    def find(self, code: str, at: datetime) -> Office | None:
        """Return the office that has ``code`` at ``at``, or None."""
        t = micros(at)
        fact = in_force(self._holders.get(code, ()), t)
        return office_at(self._records[fact.office_id], t) if fact else None

    def resolve(
        self,
        code: str,
        at: datetime,
        *,
        scheme: str | None = None,
        subunit: str | None = None,
        document_type: str | None = None,
    ) -> Served | Held:
        """Return the office that a letter to ``code`` is served to at ``at``, or why it is held.

        A code in force names its holder, whoever had it before. ``scheme`` looks the code up in one
        list only; ``subunit`` and ``document_type`` are what the rules of a divided office ask.

        Raises:
            RecipientUnknownError: nobody has or ever had the code.
            RecipientNotYetError: the code takes effect later.
        """
        holders = self._holders.get(code)
        if holders is None:
            holders = self._holders.get(code.strip().upper(), ())
        return resolve(
            self._records,
            holders,
            code,
            micros(at),
            scheme=scheme,
            subunit=subunit,
            document_type=document_type,
        )

    def office(self, office_id: str, at: datetime) -> Office | None:
        """Return an office by its key, as it is at ``at``."""
        record = self._records.get(office_id)
        return office_at(record, micros(at)) if record else None

    def record(self, office_id: str) -> Record | None:
        """Return every fact about an office."""
        return self._records.get(office_id)

    def records(self) -> Iterator[Record]:
        """Yield every office's facts, in the order in which they were recorded."""
        return iter(self._records.values())

    def holders(self, code: str) -> tuple[CodeFact, ...]:
        """Return who has, had or will have a code, in the order of time."""
        return self._holders.get(code, ())

    def children(self, office_id: str, at: datetime) -> Iterator[str]:
        """Yield the offices directly under an office at ``at``."""
        t = micros(at)
        for child_id in self._index().children.get(office_id, {}):
            parent = in_force(self._records[child_id].parents, t)
            if parent and parent.parent_id == office_id:
                yield child_id

    def every_child(self, office_id: str) -> Iterator[str]:
        """Yield the offices that stand, stood or will stand directly under an office."""
        for child_id in self._index().children.get(office_id, {}):
            if any(fact.parent_id == office_id for fact in self._records[child_id].parents):
                yield child_id

    def predecessors(self, office_id: str) -> Iterator[Record]:
        """Yield the offices that an office succeeds, whenever that is."""
        for old_id in self._index().predecessors.get(office_id, {}):
            record = self._records[old_id]
            if any(fact.successor_id == office_id for fact in record.successions):
                yield record

    def _index(self) -> _Index:
        """Return the ways down and back, made when first asked for: routing needs neither."""
        if self._below is None:
            self._below = _Index()
            for record in self._records.values():
                for parent in record.parents:
                    self._below.learn(parent)
                for onward in record.successions:
                    self._below.learn(onward)
        return self._below

    def __len__(self) -> int:
        return len(self._records)

    # --- systems ---

    def system(self, system_id: str) -> System | None:
        """Return a system by its id."""
        return self._systems.get(system_id)

    def systems(self) -> Mapping[str, System]:
        """Return all systems by id."""
        return self._systems

    def system_of(self, office_id: str, at: datetime) -> System | None:
        """Return the system that acts for an office at ``at``; None: nobody fetches yet."""
        record = self._records.get(office_id)
        fact = in_force(record.actings, micros(at)) if record else None
        return self._systems.get(fact.system_id) if fact else None

    def may_act(self, system_id: str, office_id: str, at: datetime) -> bool:
        """Return whether a system may send and receive for an office at ``at``."""
        system = self.system_of(office_id, at)
        return (
            system is not None
            and system.system_id == system_id
            and system.state == SystemState.ACTIVE
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
    ) -> None:
        super().__init__(version, records, holders, systems)
        self._added: dict[Fact, None] = {}
        self._retired: dict[Fact, None] = {}

    def apply(self, change: Change) -> None:
        """Make a change on this copy."""
        for fact in change.retired:
            if fact in self._added:
                del self._added[fact]
            else:
                self._retired[fact] = None
            self._forget(fact)
        for fact in change.added:
            if fact in self._retired:
                del self._retired[fact]
            else:
                self._added[fact] = None
            if isinstance(fact, SystemFact):
                self._systems[fact.system_id] = _system(fact)
            elif isinstance(fact, OfficeFact):
                self._records.setdefault(fact.office_id, Record(fact.office_id, fact.kind))
            else:
                self._learn(fact)

    def change(self) -> Change:
        """Return what all changes amount to: a fact that came and went is not in it."""
        return Change(added=tuple(self._added), retired=tuple(self._retired))

    def finish(self, version: int) -> Directory:
        """Return the copy as a snapshot; the draft is not used any more."""
        return Directory(version, self._records, self._holders, self._systems)

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


class _Index:
    """Who ever stood under, or was succeeded by, an office; what holds is asked of the records."""

    __slots__ = ("children", "predecessors")

    def __init__(self) -> None:
        self.children: dict[str, dict[str, None]] = {}
        self.predecessors: dict[str, dict[str, None]] = {}

    def learn(self, fact: OfficeRelated) -> None:
        if isinstance(fact, ParentFact):
            self.children.setdefault(fact.parent_id, {})[fact.office_id] = None
        elif isinstance(fact, SuccessionFact) and fact.successor_id not in (None, fact.office_id):
            self.predecessors.setdefault(fact.successor_id or "", {})[fact.office_id] = None


def _system(fact: SystemFact) -> System:
    return System(
        system_id=fact.system_id,
        name=fact.name,
        receives_by=ReceivesBy(fact.receives_by),
        state=SystemState(fact.state),
        connected=fact.connected,
    )
