"""All facts about one office in one place, and how a set of facts becomes an index of offices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final, Protocol, TypeVar, cast

from msgspec import Struct

from axis.directory.values import (
    ActingFact,
    CodeFact,
    ContactFact,
    GroupFact,
    Kind,
    Level,
    MemberFact,
    NameFact,
    Office,
    OfficeFact,
    ParentFact,
    ReceivesBy,
    RuleFact,
    Scheme,
    StandingFact,
    State,
    SuccessionFact,
    System,
    SystemFact,
    SystemState,
)

#: What a record keeps besides the office itself.
OfficeRelated = (
    StandingFact
    | NameFact
    | CodeFact
    | ParentFact
    | ContactFact
    | ActingFact
    | SuccessionFact
    | RuleFact
)
Fact = OfficeFact | SystemFact | OfficeRelated
#: Groups are no part of the snapshot: routing does not ask for them.
Recorded = Fact | GroupFact | MemberFact


class Record(Struct, frozen=True, gc=False):
    """Everything that is and was true of one office; each tuple is in the order of time."""

    office_id: str
    kind: str
    standings: tuple[StandingFact, ...] = ()
    names: tuple[NameFact, ...] = ()
    codes: tuple[CodeFact, ...] = ()
    parents: tuple[ParentFact, ...] = ()
    contacts: tuple[ContactFact, ...] = ()
    actings: tuple[ActingFact, ...] = ()
    successions: tuple[SuccessionFact, ...] = ()
    rules: tuple[RuleFact, ...] = ()

    def instants(self) -> Iterator[int]:
        """Yield every instant at which something begins or ends for the office."""
        for facts in (self.standings, self.codes, self.names, self.parents):
            for fact in cast("tuple[StandingFact, ...]", facts):
                yield fact.start
                yield fact.end
        for rule in self.rules:
            yield rule.start
            yield rule.end
        for onward in self.successions:
            yield onward.effective


#: Where a record keeps each kind of fact.
FIELD_OF: Final[Mapping[type, str]] = {
    StandingFact: "standings",
    NameFact: "names",
    CodeFact: "codes",
    ParentFact: "parents",
    ContactFact: "contacts",
    ActingFact: "actings",
    SuccessionFact: "successions",
    RuleFact: "rules",
}

#: Which code an office is addressed by when it has several.
CODE_ORDER: Final[Mapping[str, int]] = {
    Scheme.QD20.value: 0,
    Scheme.QCVN102.value: 1,
    Scheme.OTHER.value: 2,
    Scheme.STATISTICS.value: 3,
}


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=_Spanned)
F = TypeVar("F", bound=Struct)


def in_force(facts: Iterable[S], t: int) -> S | None:
    """Return the fact that holds at an instant in microseconds."""
    for fact in facts:
        if fact.start <= t < fact.end:
            return fact
    return None


#: What puts facts of a kind in order: their time, then what they say.
_ORDER: Final[Mapping[type, Callable[[Any], Any]]] = {
    StandingFact: attrgetter("start"),
    NameFact: attrgetter("start", "variant", "name"),
    CodeFact: attrgetter("start", "end", "code", "office_id"),
    ParentFact: attrgetter("start"),
    ContactFact: attrgetter("start"),
    ActingFact: attrgetter("start"),
    SuccessionFact: attrgetter("effective", "succession_id"),
    RuleFact: attrgetter("start", "kind", "matches"),
}


def ordered(facts: tuple[F, ...]) -> tuple[F, ...]:
    """Return facts of one kind in the order of time."""
    return tuple(sorted(facts, key=_ORDER[type(facts[0])])) if len(facts) > 1 else facts


def by_key(facts: Iterable[F], key: str) -> dict[str, tuple[F, ...]]:
    """Group facts by one of their fields, in the order of time."""
    groups: dict[str, tuple[F, ...]] = {}
    several: set[str] = set()
    get = attrgetter(key)
    for fact in facts:
        k = get(fact)
        alone = (fact,)
        have = groups.setdefault(k, alone)
        if have is not alone:
            groups[k] = have + alone
            several.add(k)
    for k in several:
        groups[k] = ordered(groups[k])
    return groups


def standing_at(record: Record, t: int) -> StandingFact | None:
    """Return the standing at an instant; None before the office was there."""
    return in_force(record.standings, t)


def name_at(record: Record, t: int) -> str:
    """Return the official name; the nearest one where the instant lies outside all validities."""
    official = [fact for fact in record.names if not fact.variant]
    fact = in_force(official, t)
    if fact is None and official:
        past = [candidate for candidate in official if candidate.end <= t]
        fact = past[-1] if past else official[0]
    return fact.name if fact else ""


def code_at(record: Record, t: int) -> str:
    """Return the code to address the office by; its last one when it has none any more."""
    if len(record.codes) == 1:
        return record.codes[0].code
    live = [fact for fact in record.codes if fact.start <= t < fact.end]
    if not live and record.codes:
        last = max(fact.end for fact in record.codes)
        live = [fact for fact in record.codes if fact.end == last]
    if not live:
        return ""
    if len(live) == 1:
        return live[0].code
    return min(live, key=_code_order).code


def _code_order(fact: CodeFact) -> tuple[int, int]:
    return CODE_ORDER.get(fact.scheme, 9), len(fact.code)


def office_at(record: Record, t: int) -> Office:
    """Return the office as it is at an instant; before its first standing it is planned."""
    standing = standing_at(record, t) or (record.standings[0] if record.standings else None)
    state = standing.state if standing and standing.start <= t else State.PLANNED
    parent = in_force(record.parents, t)
    return Office(
        office_id=record.office_id,
        code=code_at(record, t),
        name=name_at(record, t),
        level=Level(standing.level) if standing else Level.CENTRAL,
        kind=Kind(record.kind),
        state=State(state),
        parent_id=parent.parent_id if parent else None,
    )


def system_of_fact(fact: SystemFact) -> System:
    """Return the system that a fact tells of."""
    return System(
        system_id=fact.system_id,
        name=fact.name,
        receives_by=ReceivesBy(fact.receives_by),
        state=SystemState(fact.state),
        connected=fact.connected,
    )
