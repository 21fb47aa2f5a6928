"""Facts on their way: all of them for a snapshot, or those that a change adds and retires."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from axis.directory.records import Recorded
from axis.directory.values import (
    ActingFact,
    CodeFact,
    ContactFact,
    NameFact,
    OfficeFact,
    ParentFact,
    RuleFact,
    StandingFact,
    SuccessionFact,
    SystemFact,
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
    #: all instants, among other things, once the facts have been read; None: not known
    instants: Iterable[object] | None = None


class Change(Struct, frozen=True, kw_only=True):
    """Facts that become known and facts that are believed no longer; nothing is edited."""

    added: tuple[Recorded, ...] = ()
    retired: tuple[Recorded, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.retired)


def instants_of(facts: Iterable[Recorded]) -> set[int]:
    """Return when facts begin and end."""
    found: set[int] = set()
    for fact in facts:
        if isinstance(fact, SuccessionFact):
            found.add(fact.effective)
        elif not isinstance(fact, (OfficeFact, SystemFact)):
            found.add(fact.start)
            found.add(fact.end)
    return found
