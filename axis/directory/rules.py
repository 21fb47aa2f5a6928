"""Rules for divided offices, set when the law divides them or whenever somebody decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import structs

from axis.directory.change import Change
from axis.directory.errors import (
    DirectoryRefusedError,
    NothingToChangeError,
    OfficeUnknownError,
    SuccessorMissingError,
)
from axis.directory.parties import shown
from axis.directory.records import Fact, in_force
from axis.directory.resolution import holder_at, successors
from axis.directory.snapshot import Directory
from axis.directory.table import Problems
from axis.directory.values import FOREVER, RuleFact, RuleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePlan:
    """The rules that a change sets."""

    change: Change
    office_id: str

    def summary(self) -> Mapping[str, object]:
        """Return what is kept beside the change."""
        return {"office_id": self.office_id, "rules": len(self.change.added)}


def plan_rules(
    directory: Directory,
    code: str,
    *,
    start: int,
    default: str = "",
    hold: str = "",
    subunits: Mapping[str, str] | None = None,
    document_types: Mapping[str, str] | None = None,
) -> RulePlan:
    """Return the change that lets letters to a divided office find one successor from ``start`` on.

    A rule of the same kind for the same thing ends; *hold* and *default* replace each other.

    Raises:
        DirectoryRefusedError: the code is unknown, no rule is named, or a rule names an office that
            does not succeed this one.
    """
    problems = Problems()
    fact = holder_at([f for f in directory.holders(code) if f.start < start], start - 1)
    record = directory.record(fact.office_id) if fact else None
    if record is None:
        problems.add(OfficeUnknownError(code=code, at=shown(start)))
        raise DirectoryRefusedError.of(problems.sorted(), source="the rule")
    heirs = {f.successor_id for f in successors(record, FOREVER)}
    wanted: list[tuple[RuleKind, str, str]] = [
        *((RuleKind.SUBUNIT, name, to) for name, to in (subunits or {}).items()),
        *((RuleKind.DOCUMENT_TYPE, name, to) for name, to in (document_types or {}).items()),
    ]
    if default:
        wanted.append((RuleKind.DEFAULT, "", default))
    if hold:
        wanted.append((RuleKind.HOLD, hold, ""))
    if not wanted:
        problems.add(NothingToChangeError(kind="rule", code=code))
    added: list[Fact] = []
    retired: list[Fact] = []
    for kind, matches, to in wanted:
        heir = in_force(directory.holders(to), start) if to else None
        if to and (heir is None or heir.office_id not in heirs):
            problems.add(SuccessorMissingError(code=to, at=shown(start)))
            continue
        new = RuleFact(
            record.office_id, kind, matches, heir.office_id if heir else None, start, FOREVER
        )
        for old in record.rules:
            if _excludes(new, old) and old.end > start:
                retired.append(old)
                if old.start < start:
                    added.append(structs.replace(old, end=start))
        added.append(new)
    if problems:
        raise DirectoryRefusedError.of(problems.sorted(), source="the rule")
    return RulePlan(
        change=Change(added=tuple(added), retired=tuple(retired)), office_id=record.office_id
    )


def _excludes(new: RuleFact, old: RuleFact) -> bool:
    general = (RuleKind.HOLD, RuleKind.DEFAULT)
    if new.kind in general:
        return old.kind in general
    return (new.kind, new.matches) == (old.kind, old.matches)
