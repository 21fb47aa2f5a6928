"""Named, dated lists of addressees: all communes of a province, all ministries, a list by hand.

A rule is a line of conditions that all must hold: ``level=commune below=H44 kind=committee``.
``below`` means anywhere under that office at the instant asked about. Members by hand come after,
exceptions by hand are left out. What is expanded is recorded where it is used; the group may change
afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from axis.directory.change import Change
from axis.directory.errors import GroupRuleError, GroupUnknownError, OfficeUnknownError
from axis.directory.records import in_force, office_at
from axis.directory.snapshot import Directory
from axis.directory.values import (
    FOREVER,
    GroupFact,
    Kind,
    Level,
    MemberFact,
    Office,
    State,
    micros,
)

_CONDITIONS: Final = ("below", "kind", "level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """All groups and who is in them by hand, as recorded."""

    groups: Sequence[GroupFact]
    members: Sequence[MemberFact]

    def has(self, group_id: str) -> bool:
        """Say whether a group of this id was ever set."""
        return any(group.group_id == group_id for group in self.groups)


NO_GROUPS: Final = Groups(groups=(), members=())


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """What a change of a group does."""

    change: Change
    group_id: str

    def summary(self) -> Mapping[str, object]:
        """Return what is kept beside the change."""
        return {"group_id": self.group_id}


def parse_rule(rule: str) -> dict[str, str]:
    """Return the conditions of a rule.

    Raises:
        GroupRuleError: a word is no condition.
    """
    conditions: dict[str, str] = {}
    for word in rule.split():
        name, _, value = word.partition("=")
        if name not in _CONDITIONS or not value or name in conditions:
            raise GroupRuleError(got=word, expected=", ".join(f"{c}=…" for c in _CONDITIONS))
        allowed: list[str] = [*Level] if name == "level" else [*Kind] if name == "kind" else []
        if allowed and value not in allowed:
            raise GroupRuleError(got=word, expected=", ".join(allowed))
        conditions[name] = value
    return conditions


def expand(directory: Directory, groups: Groups, group_id: str, at: datetime) -> list[Office]:
    """Return the offices that a letter to a group goes to at ``at``, in the directory's order.

    Raises:
        GroupUnknownError: there is no such group at that time.
        OfficeUnknownError: the rule names an office that nobody knows at that time.
    """
    t = micros(at)
    group = in_force([g for g in groups.groups if g.group_id == group_id], t)
    if group is None:
        raise GroupUnknownError(group_id=group_id, at=at.isoformat())
    by_hand = [m for m in groups.members if m.group_id == group_id and m.start <= t < m.end]
    left_out = {member.office_id for member in by_hand if not member.included}
    chosen = dict.fromkeys(_by_rule(directory, group.rule, at) if group.rule else ())
    chosen.update(dict.fromkeys(m.office_id for m in by_hand if m.included))
    offices = (directory.office(key, at) for key in chosen if key not in left_out)
    return [office for office in offices if office and office.state == State.ACTIVE]


def plan_group(
    directory: Directory,
    groups: Groups,
    group_id: str,
    *,
    name: str,
    rule: str,
    members: Iterable[str] = (),
    left_out: Iterable[str] = (),
    start: int,
    at: datetime,
) -> GroupPlan:
    """Return the change that makes a group be so from ``start`` on; what it was before ends then.

    Raises:
        GroupRuleError: the rule cannot be read.
        OfficeUnknownError: a member or the rule names an office that nobody knows.
    """
    conditions = parse_rule(rule)
    if "below" in conditions:
        _office_id(directory, conditions["below"], at)
    retired, added = _ended(groups, group_id, start)
    added.append(GroupFact(group_id, name, rule, start, FOREVER))
    for codes, included in ((members, True), (left_out, False)):
        for code in codes:
            office_id = _office_id(directory, code, at)
            added.append(MemberFact(office_id, group_id, included, start, FOREVER))
    change = Change(added=tuple(added), retired=tuple(retired))
    return GroupPlan(change=change, group_id=group_id)


def _ended(
    groups: Groups, group_id: str, start: int
) -> tuple[list[GroupFact | MemberFact], list[GroupFact | MemberFact]]:
    """Return the facts that are retired at ``start`` and what is left of them."""
    retired: list[GroupFact | MemberFact] = []
    added: list[GroupFact | MemberFact] = []
    for group in groups.groups:
        if group.group_id == group_id and group.end > start:
            retired.append(group)
            if group.start < start:
                added.append(GroupFact(group_id, group.name, group.rule, group.start, start))
    for member in groups.members:
        if member.group_id == group_id and member.end > start:
            retired.append(member)
            if member.start < start:
                added.append(
                    MemberFact(member.office_id, group_id, member.included, member.start, start)
                )
    return retired, added


def _by_rule(directory: Directory, rule: str, at: datetime) -> list[str]:
    conditions = parse_rule(rule)
    t = micros(at)
    if "below" in conditions:
        candidates = _below(directory, _office_id(directory, conditions["below"], at), at)
    else:
        candidates = [record.office_id for record in directory.records()]
    chosen = []
    for office_id in candidates:
        record = directory.record(office_id)
        office = office_at(record, t) if record else None
        if office is None or office.state != State.ACTIVE:
            continue
        if conditions.get("level") in (None, office.level) and conditions.get("kind") in (
            None,
            office.kind,
        ):
            chosen.append(office_id)
    return chosen


def _below(directory: Directory, office_id: str, at: datetime) -> list[str]:
    found = list(directory.children(office_id, at))
    for child_id in found:  # the list grows while it is walked
        found.extend(directory.children(child_id, at))
    return found


def _office_id(directory: Directory, code: str, at: datetime) -> str:
    office = directory.find(code, at)
    if office is None:
        raise OfficeUnknownError(code=code, at=at.isoformat())
    return office.office_id
