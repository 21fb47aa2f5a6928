"""Who takes part in an act, and what stands against it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from axis.directory.acts import Act, Successor
from axis.directory.draft import Draft
from axis.directory.errors import (
    AlreadyClosedError,
    BeforeExistenceError,
    CodeTakenError,
    LaterFactsError,
    OfficeUnknownError,
    OrphanOfficesError,
    ParentCycleError,
    SuccessionCycleError,
    SuccessorMissingError,
)
from axis.directory.office_rows import office_key, scheme_of
from axis.directory.records import Fact, Record, code_at, in_force, name_at, standing_at
from axis.directory.table import Problems
from axis.directory.values import (
    FOREVER,
    CodeFact,
    NameFact,
    OfficeFact,
    ParentFact,
    StandingFact,
    State,
    moment,
)
from axis.errors import AxisError


class Parties:
    """Finds the offices that an act names on a draft; collects facts and problems."""

    def __init__(self, draft: Draft, act: Act, problems: Problems) -> None:
        self.draft = draft
        self.act = act
        self.problems = problems
        self.added: list[Fact] = []
        self.retired: list[Fact] = []
        words = [act.kind, *act.old, str(act.at), *(s.code for s in act.new), act.legal_basis]
        self.succession_id = hashlib.sha256("|".join(words).encode()).hexdigest()[:20]

    # --- who takes part ---

    def _old(self, code: str) -> Record | None:
        """Return the office that has a code just before the act, and works then."""
        t = self.act.at
        holders = self.draft.holders(code)
        fact = in_force(holders, t - 1)
        record = self.draft.record(fact.office_id) if fact else None
        if record is not None:
            standing = standing_at(record, t - 1)
            if standing is not None and standing.state != State.CLOSED:
                return record
        if not holders:
            self._no(OfficeUnknownError, code=code, at=shown(t))
        elif all(fact.start >= t for fact in holders):
            self._no(BeforeExistenceError, code=code, start=shown(holders[0].start), at=shown(t))
        else:
            end = max(fact.end for fact in holders if fact.end < FOREVER or record)
            self._no(AlreadyClosedError, code=code, end=shown(end))
        return None

    def _successor(self, successor: Successor, olds: Sequence[Record]) -> Record | None:
        if successor.name:
            return self._found(successor, olds)
        t = self.act.at
        for instant in (t - 1, t):
            fact = in_force(self.draft.holders(successor.code), instant)
            record = self.draft.record(fact.office_id) if fact else None
            if record is None:
                continue
            standing = standing_at(record, t)
            if standing is not None and standing.state in (State.ACTIVE, State.SUSPENDED):
                self._refuse_cycle(record, olds)
                return record
        self._no(SuccessorMissingError, code=successor.code, at=shown(t))
        return None

    def _found(self, successor: Successor, olds: Sequence[Record]) -> Record | None:
        """Return the office that the act founds, in the place of the first that it succeeds."""
        t, act, first = self.act.at, self.act, olds[0]
        for fact in self.draft.holders(successor.code):
            mine = any(fact.office_id == old.office_id for old in olds)
            if fact.end > t and not mine:
                self._taken(successor.code, fact)
                return None
            if fact.end <= t and not mine and not self._leads_to(fact.office_id, olds):
                self._taken(successor.code, fact)
                return None
        standing = standing_at(first, t - 1)
        level = act.level or (standing.level if standing else "")
        parent = in_force(first.parents, t - 1)
        parent_id = parent.parent_id if parent else None
        if act.parent:
            above = self._parent(act.parent, None)
            parent_id = above.office_id if above else None
        office_id = office_key(successor.code, t)
        facts: list[Any] = [
            StandingFact(office_id, str(level), State.ACTIVE, t, FOREVER),
            NameFact(office_id, successor.name, False, t, FOREVER),
            CodeFact(office_id, successor.code, scheme_of(successor.code), t, FOREVER),
        ]
        if parent_id:
            facts.append(ParentFact(office_id, parent_id, t, FOREVER))
        self.added += [OfficeFact(office_id, first.kind), *facts]
        return Record(
            office_id=office_id,
            kind=first.kind,
            standings=(facts[0],),
            names=(facts[1],),
            codes=(facts[2],),
            parents=tuple(facts[3:]),
        )

    def _parent(self, code: str, child: Record | None) -> Record | None:
        fact = in_force(self.draft.holders(code), self.act.at)
        parent = self.draft.record(fact.office_id) if fact else None
        if parent is None:
            self._no(SuccessorMissingError, code=code, at=shown(self.act.at))
            return None
        above: Record | None = parent
        way = [code]
        while above is not None and child is not None:
            if above.office_id == child.office_id:
                own = code_at(child, self.act.at - 1)
                self._no(ParentCycleError, code=own, way=" → ".join([own, *way]))
                return None
            up = in_force(above.parents, self.act.at)
            above = self.draft.record(up.parent_id) if up else None
            way.append(code_at(above, self.act.at) if above else "")
        return parent

    # --- what stands against it ---

    def _refuse_orphans(self, old: Record) -> None:
        at = moment(self.act.at)
        left = list(self.draft.children(old.office_id, at)) if at else []
        if left:
            example = self.draft.record(left[0])
            self._no(
                OrphanOfficesError,
                code=code_at(old, self.act.at - 1),
                count=len(left),
                at=shown(self.act.at),
                example=code_at(example, self.act.at) if example else "",
            )

    def _refuse_cycle(self, into: Record, olds: Sequence[Record]) -> None:
        for old in olds:
            if old.office_id != into.office_id and self._leads_to(into.office_id, [old]):
                code = code_at(old, self.act.at - 1)
                way = f"{code} → {code_at(into, self.act.at)} → … → {code}"
                self._no(SuccessionCycleError, code=code, way=way)

    def _leads_to(self, office_id: str, targets: Sequence[Record]) -> bool:
        """Return whether successions lead from an office to one of the targets."""
        wanted = {record.office_id for record in targets}
        seen = {office_id}
        waiting = [office_id]
        while waiting:
            record = self.draft.record(waiting.pop())
            for fact in record.successions if record else ():
                successor = fact.successor_id
                if successor in wanted:
                    return True
                if successor and successor not in seen:
                    seen.add(successor)
                    waiting.append(successor)
        return False

    def _is_free(self, code: str, taker: Record) -> bool:
        """Refuse a code that another office has, or had without the taker as its successor."""
        for fact in self.draft.holders(code):
            if fact.office_id == taker.office_id:
                continue
            if fact.end > self.act.at or not self._leads_to(fact.office_id, [taker]):
                self._taken(code, fact)
                return False
        return True

    def _taken(self, code: str, fact: CodeFact) -> None:
        record = self.draft.record(fact.office_id)
        name = name_at(record, fact.start) if record else ""
        self._no(CodeTakenError, code=code, name=name, office_id=fact.office_id)

    def _later(self, what: str, record: Record, start: int) -> None:
        office = code_at(record, self.act.at - 1)
        self._no(LaterFactsError, what=what, office=office, start=shown(start))

    def _no(self, error: type[AxisError], **facts: str | int) -> None:
        self.problems.add(error(place=self.act.place, **facts))


def shown(t: int) -> str:
    """Return an instant in microseconds as text for people."""
    at = moment(t)
    return at.isoformat().replace("+00:00", "Z") if at else "–"
