"""All facts about one office in one place, and how a set of facts becomes an index of offices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol, TypeVar

from msgspec import Struct

from axis.directory.values import (
    ActingFact,
    CodeFact,
    ContactFact,
    Kind,
    Level,
    NameFact,
    Office,
    OfficeFact,
    ParentFact,
    RuleFact,
    Scheme,
    StandingFact,
    State,
    SuccessionFact,
    SystemFact,
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
    Scheme.QD20: 0,
    Scheme.QCVN102: 1,
    Scheme.OTHER: 2,
    Scheme.STATISTICS: 3,
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


def ordered(facts: tuple[F, ...]) -> tuple[F, ...]:
    """Return facts in the order of time, and of what they say where the time is the same."""
    return tuple(sorted(facts, key=_when)) if len(facts) > 1 else facts


def _when(fact: Struct) -> tuple[int, str]:
    start: int = fact.effective if isinstance(fact, SuccessionFact) else fact.start  # type: ignore[attr-defined]
    return start, repr(fact)


def by_key(facts: Iterable[F], key: Callable[[F], str]) -> dict[str, tuple[F, ...]]:
    """Group facts, in the order of time."""
    groups: dict[str, tuple[F, ...]] = {}
    several: set[str] = set()
    for fact in facts:
        k = key(fact)
        have = groups.get(k)
        if have is None:
            groups[k] = (fact,)
        else:
            groups[k] = (*have, fact)
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
    live = [fact for fact in record.codes if fact.start <= t < fact.end]
    if not live and record.codes:
        last = max(fact.end for fact in record.codes)
        live = [fact for fact in record.codes if fact.end == last]
    if not live:
        return ""
    if len(live) == 1:
        return live[0].code
    return min(live, key=lambda fact: (CODE_ORDER.get(fact.scheme, 9), len(fact.code))).code


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
