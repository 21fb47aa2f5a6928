"""The directory at one version, in memory, immutable: what routing and admission ask.

A relay loads it once and follows the version: :meth:`Directory.advance` gives the next snapshot
from the facts that changed, while others go on reading this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Self

from msgspec import Struct, structs

from axis.directory.records import (
    FIELD_OF,
    Fact,
    Record,
    by_key,
    in_force,
    office_at,
    ordered,
)
from axis.directory.resolution import resolve
from axis.directory.values import (
    ActingFact,
    CodeFact,
    ContactFact,
    Held,
    NameFact,
    Office,
    OfficeFact,
    ParentFact,
    ReceivesBy,
    RuleFact,
    Served,
    StandingFact,
    SuccessionFact,
    System,
    SystemFact,
    SystemState,
    micros,
)


class Facts(Struct, frozen=True, kw_only=True):
    """What a snapshot is built from; each may be a generator that is read once."""

    offices: Iterable[OfficeFact] = ()
    standings: Iterable[StandingFact] = ()
    names: Iterable[NameFact] = ()
    codes: Iterable[CodeFact] = ()
    parents: Iterable[ParentFact] = ()
    contacts: Iterable[ContactFact] = ()
    systems: Iterable[SystemFact] = ()
    actings: Iterable[ActingFact] = ()
    successions: Iterable[SuccessionFact] = ()
    rules: Iterable[RuleFact] = ()


class Change(Struct, frozen=True, kw_only=True):
    """Facts that become known and facts that are believed no longer; nothing is edited."""

    added: tuple[Fact, ...] = ()
    retired: tuple[Fact, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.retired)


class Directory:
    """Offices, codes and systems at one version of the directory."""

    __slots__ = ("_children", "_holders", "_records", "_systems", "version")

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
        self._children: dict[str, tuple[str, ...]] | None = None

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
        records, systems = dict(self._records), dict(self._systems)
        holders = dict(self._holders)
        for fact in change.retired:
            if isinstance(fact, SystemFact):
                systems.pop(fact.system_id, None)
            elif not isinstance(fact, OfficeFact):
                record, name = records[fact.office_id], FIELD_OF[type(fact)]
                kept = tuple(f for f in getattr(record, name) if f != fact)
                records[fact.office_id] = structs.replace(record, **{name: kept})
                if isinstance(fact, CodeFact):
                    left = tuple(f for f in holders[fact.code] if f != fact)
                    if left:
                        holders[fact.code] = left
                    else:
                        del holders[fact.code]
        touched: dict[tuple[str, str], list[Fact]] = {}
        for fact in change.added:
            if isinstance(fact, SystemFact):
                systems[fact.system_id] = _system(fact)
            elif isinstance(fact, OfficeFact):
                records.setdefault(fact.office_id, Record(fact.office_id, fact.kind))
            else:
                touched.setdefault((fact.office_id, FIELD_OF[type(fact)]), []).append(fact)
                if isinstance(fact, CodeFact):
                    holders[fact.code] = ordered((*holders.get(fact.code, ()), fact))
        for (office_id, name), facts in touched.items():
            record = records[office_id]
            together = ordered((*getattr(record, name), *facts))
            records[office_id] = structs.replace(record, **{name: together})
        return Directory(version, records, holders, systems)

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
        if self._children is None:
            below: dict[str, dict[str, None]] = {}
            for record in self._records.values():
                for fact in record.parents:
                    below.setdefault(fact.parent_id, {})[record.office_id] = None
            self._children = {parent: tuple(ids) for parent, ids in below.items()}
        t = micros(at)
        for child_id in self._children.get(office_id, ()):
            parent = in_force(self._records[child_id].parents, t)
            if parent and parent.parent_id == office_id:
                yield child_id

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


def _system(fact: SystemFact) -> System:
    return System(
        system_id=fact.system_id,
        name=fact.name,
        receives_by=ReceivesBy(fact.receives_by),
        state=SystemState(fact.state),
        connected=fact.connected,
    )
