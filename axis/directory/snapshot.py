"""The directory at one version, in memory, immutable: what routing and admission ask.

A relay loads it once and follows the version: :meth:`Directory.advance` gives the next snapshot
from the facts that changed, while others go on reading this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Self

from axis.directory.change import Change, Facts
from axis.directory.kinship import Kinship
from axis.directory.records import (
    Record,
    by_key,
    in_force,
    office_at,
    system_of_fact,
)
from axis.directory.resolution import resolve
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    CodeFact,
    Held,
    Office,
    Served,
    System,
    SystemState,
    micros,
)

if TYPE_CHECKING:
    from axis.directory.draft import Draft


class Directory:
    """Offices, codes and systems at one version of the directory."""

    __slots__ = ("_asked", "_below", "_holders", "_instants", "_records", "_systems", "version")

    def __init__(
        self,
        version: int,
        records: dict[str, Record],
        holders: dict[str, tuple[CodeFact, ...]],
        systems: dict[str, System],
        instants: set[int],
    ) -> None:
        self.version = version
        self._instants = instants
        self._asked: tuple[int, int, dict[str, Served | Held]] = (0, 0, {})
        self._records = records
        self._holders = holders
        self._systems = systems
        self._below: Kinship | None = None

    @classmethod
    def build(cls, version: int, facts: Facts) -> Self:
        """Return the snapshot of these facts."""
        offices = {fact.office_id: fact.kind for fact in facts.offices}
        standings = by_key(facts.standings, "office_id")
        names = by_key(facts.names, "office_id")
        codes: list[CodeFact] = list(facts.codes)
        codes_of = by_key(codes, "office_id")
        parents = by_key(facts.parents, "office_id")
        contacts = by_key(facts.contacts, "office_id")
        actings = by_key(facts.actings, "office_id")
        successions = by_key(facts.successions, "office_id")
        rules = by_key(facts.rules, "office_id")
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
        systems = {fact.system_id: system_of_fact(fact) for fact in facts.systems}
        if facts.instants is None:
            instants = {t for record in records.values() for t in record.instants()}
        else:
            instants = {t for t in facts.instants if type(t) is int}
        return cls(version, records, by_key(codes, "code"), systems, instants)

    def advance(self, change: Change, version: int) -> Directory:
        """Return the snapshot after a change; this one stays as it is."""
        draft = self.draft()
        draft.apply(change)
        return draft.finish(version)

    def draft(self) -> Draft:
        """Return a copy to try changes on."""
        from axis.directory.draft import Draft

        return Draft(
            self.version,
            dict(self._records),
            dict(self._holders),
            dict(self._systems),
            set(self._instants),
        )

    def period(self, at: datetime) -> int:
        """Return how many instants at which something changes have passed at ``at``.

        Two answers of one version and one period are equal.
        """
        t = micros(at)
        return sum(1 for instant in self._instants if instant <= t)

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
        t = micros(at)
        plain = scheme is None and subunit is None and document_type is None
        if plain:
            start, end, answers = self._asked
            if not start <= t < end:
                answers = self._ask_anew(t)
            answer = answers.get(code)
            if answer is not None:
                return answer
        holders = self._holders.get(code)
        if holders is None:
            holders = self._holders.get(code.strip().upper(), ())
        found = resolve(
            self._records,
            holders,
            code,
            t,
            scheme=scheme,
            subunit=subunit,
            document_type=document_type,
        )
        if plain:
            answers[code] = found
        return found

    def _ask_anew(self, t: int) -> dict[str, Served | Held]:
        """Return where answers are kept until the next instant at which any fact changes.

        Between two such instants every answer stays the same, whichever instant is asked about.
        """
        past = [instant for instant in self._instants if instant <= t]
        future = [instant for instant in self._instants if instant > t]
        answers: dict[str, Served | Held] = {}
        self._asked = (max(past, default=ALWAYS), min(future, default=FOREVER), answers)
        return answers

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

    def _index(self) -> Kinship:
        """Return the ways down and back, made when first asked for: routing needs neither."""
        if self._below is None:
            self._below = Kinship()
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
