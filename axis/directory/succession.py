"""What an act changes: which facts end, which begin, and why an act cannot be.

An act changes nothing before its instant. What it ends keeps its beginning; what it founds begins
with it; so it can be recorded long before, takes effect by itself, and is taken back by retiring
what it added and believing again what it retired.

Cycles are impossible: a successor must be working when it succeeds, an office that has ended never
works again, and an act that is older than what rests on it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from axis.directory.acts import Act, read_plan
from axis.directory.change import Change
from axis.directory.draft import Draft
from axis.directory.errors import (
    BeforeExistenceError,
    DirectoryRefusedError,
    NoRuleError,
    NothingToChangeError,
    OrphanQueueError,
    SuccessorMissingError,
    SystemUnknownError,
)
from axis.directory.office_rows import scheme_of
from axis.directory.parties import Parties, shown
from axis.directory.records import Record, code_at, in_force, name_at, standing_at
from axis.directory.snapshot import Directory
from axis.directory.table import Problems
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    ActingFact,
    CodeFact,
    OfficeFact,
    ParentFact,
    RuleFact,
    RuleKind,
    StandingFact,
    State,
    SuccessionFact,
    SuccessionKind,
    moment,
)


def plan_acts(directory: Directory, acts: Iterable[Act], problems: Problems) -> Draft:
    """Return a draft on which the acts have been tried in order; one with a problem is skipped."""
    draft = directory.draft()
    for act in acts:
        before = len(problems)
        change = _Planner(draft, act, problems).run()
        if len(problems) == before:
            draft.apply(change)
    return draft


class _Planner(Parties):
    """Plans one act on a draft."""

    def run(self) -> Change:
        """Return the change; what stands against it goes to the problems."""
        olds = [record for code in self.act.old if (record := self._old(code)) is not None]
        if len(olds) == len(self.act.old):
            plan = {
                SuccessionKind.MERGE: self._merge,
                SuccessionKind.SPLIT: self._split,
                SuccessionKind.RENAME: self._rename,
                SuccessionKind.RECODE: self._recode,
                SuccessionKind.MOVE: self._move,
                SuccessionKind.CLOSE: self._close_all,
            }[self.act.kind]
            plan(olds)
        return Change(added=tuple(self.added), retired=tuple(self.retired))

    # --- kinds of acts ---

    def _merge(self, olds: Sequence[Record]) -> None:
        if len(self.act.new) != 1:
            self._no(NothingToChangeError, kind=self.act.kind, code=" ".join(self.act.old))
            return
        into = self._successor(self.act.new[0], olds)
        if into is None:
            return
        for old in olds:
            if old.office_id != into.office_id:
                self._succeed(old, [into])
                self._close(old)
                self._rehome_children(old, into)
        self._rehome_system(olds, into)

    def _split(self, olds: Sequence[Record]) -> None:
        (old, *others) = olds
        into = [self._successor(successor, olds) for successor in self.act.new]
        if others or len(into) < 2:
            self._no(NothingToChangeError, kind=self.act.kind, code=" ".join(self.act.old))
            return
        found = [record for record in into if record is not None]
        if len(found) < len(into):
            return
        self._rules(old, found)
        self._succeed(old, [record for record in found if record.office_id != old.office_id])
        if all(record.office_id != old.office_id for record in found):
            self._close(old)
            self._refuse_orphans(old)
        for record in found:
            self._rehome_system([old], record)

    def _rename(self, olds: Sequence[Record]) -> None:
        t = self.act.at
        for old in olds:
            if not self.act.name or name_at(old, t) == self.act.name:
                self._no(NothingToChangeError, kind=self.act.kind, code=code_at(old, t))
                continue
            official = [fact for fact in old.names if not fact.variant]
            self._replace(official, lambda f: structs.replace(f, name=self.act.name), "name", old)
            self._succeed(old, [old])

    def _recode(self, olds: Sequence[Record]) -> None:
        (old, *others) = olds
        if others or len(self.act.new) != 1 or self.act.new[0].code == self.act.old[0]:
            self._no(NothingToChangeError, kind=self.act.kind, code=" ".join(self.act.old))
            return
        code = self.act.new[0].code
        if self._is_free(code, old):
            current = [fact for fact in old.codes if fact.code == self.act.old[0]]
            scheme = scheme_of(code)
            self._replace(
                current, lambda f: structs.replace(f, code=code, scheme=scheme), "code", old
            )
            self._succeed(old, [old])

    def _move(self, olds: Sequence[Record]) -> None:
        t, act = self.act.at, self.act
        for old in olds:
            standing = standing_at(old, t)
            if act.level and standing and standing.level != act.level:
                self._replace(old.standings, self._leveled, "level", old)
            elif not act.parent:
                self._no(NothingToChangeError, kind=act.kind, code=code_at(old, t))
                continue
            if act.parent:
                parent = self._parent(act.parent, old)
                if parent is None:
                    continue
                self._reparent(old, parent)
            self._succeed(old, [old])

    def _leveled(self, fact: StandingFact) -> StandingFact:
        return structs.replace(fact, level=str(self.act.level))

    def _close_all(self, olds: Sequence[Record]) -> None:
        for old in olds:
            self._succeed(old, [None])
            self._close(old)
            self._refuse_orphans(old)

    # --- what changes ---

    def _succeed(self, old: Record, into: Sequence[Record | None]) -> None:
        for record in into:
            self.added.append(
                SuccessionFact(
                    old.office_id,
                    self.succession_id,
                    self.act.kind,
                    record.office_id if record else None,
                    self.act.at,
                    self.act.legal_basis,
                )
            )

    def _close(self, old: Record) -> None:
        """End what holds of an office, except its name and the system that answers for it."""
        t = self.act.at
        for record in self.draft.predecessors(old.office_id):
            for onward in record.successions:
                if onward.successor_id == old.office_id and onward.effective > t:
                    self._later("succession", record, onward.effective)
        for standing in old.standings:
            if standing.start >= t:
                self._later("state", old, standing.start)
            elif standing.end > t:
                self.retired.append(standing)
                self.added.append(structs.replace(standing, end=t))
                self.added.append(
                    structs.replace(standing, state=State.CLOSED, start=t, end=FOREVER)
                )
        spans: tuple[CodeFact | ParentFact, ...] = (*old.codes, *old.parents)
        for fact in spans:
            if fact.start == t and isinstance(fact, ParentFact):
                self.retired.append(fact)  # moved by an act of the same day, to end with this one
            elif fact.start >= t:
                self._later("code" if isinstance(fact, CodeFact) else "parent", old, fact.start)
            elif fact.end > t:
                self.retired.append(fact)
                self.added.append(structs.replace(fact, end=t))

    def _replace(self, facts: Sequence[Any], new: Any, what: str, old: Record) -> None:
        """Let another value hold from the act on; a value that begins later stays."""
        t = self.act.at
        fact = in_force(facts, t)
        if fact is None:
            self._no(BeforeExistenceError, code=code_at(old, t), start="–", at=shown(t))
            return
        if fact.end < FOREVER:
            self._later(what, old, fact.end)
            return
        self.retired.append(fact)
        if fact.start < t:
            self.added.append(structs.replace(fact, end=t))
        self.added.append(structs.replace(new(fact), start=t))

    def _reparent(self, child: Record, parent: Record) -> None:
        if in_force(child.parents, self.act.at) is None:
            self.added.append(ParentFact(child.office_id, parent.office_id, self.act.at, FOREVER))
            return
        self._replace(
            child.parents,
            lambda fact: structs.replace(fact, parent_id=parent.office_id),
            "parent",
            child,
        )

    def _rehome_children(self, old: Record, into: Record) -> None:
        at = moment(self.act.at)
        for child_id in self.draft.children(old.office_id, at) if at else ():
            child = self.draft.record(child_id)
            if child is not None:
                self._reparent(child, into)

    def _rehome_system(self, olds: Sequence[Record], into: Record) -> None:
        """Let a successor that no system acts for be served where its predecessors were."""
        t = self.act.at
        if in_force(into.actings, t) is not None:
            return
        if self.act.system and self.draft.system(self.act.system) is None:
            self._no(SystemUnknownError, system_id=self.act.system)
            return
        systems = {fact.system_id for old in olds if (fact := in_force(old.actings, t))}
        if self.act.system:
            systems = {self.act.system}
        if len(systems) > 1:
            several = ", ".join(sorted(systems))
            self._no(OrphanQueueError, code=code_at(into, t), at=shown(t), systems=several)
        for system_id in systems:
            start = t if into.standings and into.standings[0].start == t else ALWAYS
            self.added.append(ActingFact(into.office_id, system_id, start, FOREVER))

    def _rules(self, old: Record, into: Sequence[Record]) -> None:
        by_code = {fact.code: record.office_id for record in into for fact in record.codes}
        t, act = self.act.at, self.act
        wanted = [
            *((RuleKind.SUBUNIT, name, code) for name, code in act.subunits.items()),
            *((RuleKind.DOCUMENT_TYPE, name, code) for name, code in act.document_types.items()),
        ]
        if act.default:
            wanted.append((RuleKind.DEFAULT, "", act.default))
        if act.hold:
            self.added.append(RuleFact(old.office_id, RuleKind.HOLD, act.hold, None, t, FOREVER))
        remains = any(record.office_id == old.office_id for record in into)
        if not wanted and not act.hold and not remains:
            self._no(NoRuleError, code=act.old[0], count=len(into))
        for kind, name, code in wanted:
            if code not in by_code:
                self._no(SuccessorMissingError, code=code, at=shown(t))
                continue
            self.added.append(RuleFact(old.office_id, kind, name, by_code[code], t, FOREVER))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPlan:
    """What acts amount to, tried on a draft of the directory."""

    draft: Draft
    change: Change
    acts: int

    def summary(self) -> Mapping[str, int]:
        """Return what is kept beside the change."""
        return count(self.change) | {"acts": self.acts}


def plan_reorganisation(directory: Directory, acts: Sequence[Act], *, source: str) -> ActPlan:
    """Return the change that the acts amount to, one after the other.

    Raises:
        DirectoryRefusedError: an act cannot be; every reason is listed.
    """
    problems = Problems()
    draft = plan_acts(directory, acts, problems)
    if problems:
        raise DirectoryRefusedError.of(problems.sorted(), source=source)
    return ActPlan(draft=draft, change=draft.change(), acts=len(acts))


def plan_file(directory: Directory, data: bytes, *, source: str) -> ActPlan:
    """Return the change that a plan's acts amount to.

    Raises:
        DirectoryRefusedError: the file is not a plan, or an act of it cannot be.
    """
    problems = Problems()
    acts = read_plan(data, problems)
    draft = plan_acts(directory, acts, problems)
    if problems:
        raise DirectoryRefusedError.of(problems.sorted(), source=source)
    return ActPlan(draft=draft, change=draft.change(), acts=len(acts))


def count(change: Change) -> dict[str, int]:
    """Return how many offices a change founds and closes, and how many pairs succeed."""
    return {
        "founded": sum(isinstance(fact, OfficeFact) for fact in change.added),
        "closed": sum(
            isinstance(fact, StandingFact) and fact.state == State.CLOSED for fact in change.added
        ),
        "successions": sum(isinstance(fact, SuccessionFact) for fact in change.added),
    }
