"""Who may send what to whom: a list of rules, of which the first that fits decides.

A rule is a line of text::

    deny new,replace from level=commune to level=central because theo quy chế công tác văn thư
    allow any from office=H49.12 to under=H49
    deny any from !under=H49 to office=H49.99

``from`` and ``to`` take terms that must all hold: ``any``, ``level=LEVEL``, ``office=CODE``,
``under=CODE`` (that office and all below it), each with ``!`` for its opposite. Without a rule that
fits, an office may send to any office. What a package does is ``new``, ``recall``, ``update``,
``replace`` or ``status``; a message of another type goes by it, such as ``type=dossier``. The rules
come on top of what always holds: a system sends only in the name of its own offices, and a
certificate speaks only for the offices it is bound to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from axis.admission.errors import PolicyDeniedError, PolicySyntaxError
from axis.directory.snapshot import Directory
from axis.directory.values import Level

_DEPTH: Final = 32  #: offices above an office, at most


class MessageType(StrEnum):
    """What a package of edXML does, as rules name it; other messages go by ``type=NAME``."""

    NEW = "new"
    RECALL = "recall"
    UPDATE = "update"
    REPLACE = "replace"
    STATUS = "status"


_TYPE: Final = re.compile(r"type=[a-z][a-z0-9-]{0,15}")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on an office."""

    kind: str  #: ``any``, ``level``, ``office`` or ``under``
    value: str
    holds: bool  #: False: its opposite


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the policy."""

    text: str  #: as it was written
    allows: bool
    types: frozenset[str]  #: empty: all
    sender: tuple[Term, ...]
    recipient: tuple[Term, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in their order."""

    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy says, and the rule that decided; None: no rule fits, so it is allowed."""

    is_allowed: bool
    rule: Rule | None


OPEN: Final = Policy()  #: an office may send to any office


def parse_policy(lines: Sequence[str]) -> Policy:
    """Read a policy from its lines.

    Raises:
        PolicySyntaxError: a line is no rule; its number and text are told.
    """
    return Policy(tuple(_rule(number, line) for number, line in enumerate(lines, 1)))


def decide(
    policy: Policy,
    sender_id: str,
    recipient_id: str,
    message: str,
    *,
    directory: Directory,
    at: datetime,
) -> Decision:
    """Return what the first rule that fits says; offices go by their keys in the directory."""
    for rule in policy.rules:
        if rule.types and message not in rule.types:
            continue
        if _fits(rule.sender, sender_id, directory, at) and _fits(
            rule.recipient, recipient_id, directory, at
        ):
            return Decision(rule.allows, rule)
    return Decision(True, None)


def enforce(
    policy: Policy,
    sender_id: str,
    recipient_id: str,
    message: str,
    *,
    directory: Directory,
    at: datetime,
) -> None:
    """Return if the policy lets an office send such a message to another.

    Raises:
        PolicyDeniedError: a rule denies it.
    """
    decision = decide(policy, sender_id, recipient_id, message, directory=directory, at=at)
    if not decision.is_allowed and decision.rule is not None:
        raise PolicyDeniedError(
            sender=_code(directory, sender_id, at),
            recipient=_code(directory, recipient_id, at),
            type=message,
            rule=decision.rule.text,
        )


def _fits(terms: tuple[Term, ...], office_id: str, directory: Directory, at: datetime) -> bool:
    return all(_holds(term, office_id, directory, at) is term.holds for term in terms)


def _holds(term: Term, office_id: str, directory: Directory, at: datetime) -> bool:
    office = directory.office(office_id, at)
    match term.kind:
        case "any":
            return True
        case "level":
            return office is not None and office.level.value == term.value
        case _:
            named = directory.find(term.value, at)
            if named is None:
                return False
            if term.kind == "office":
                return office_id == named.office_id
            return named.office_id in _line(office_id, directory, at)


def _line(office_id: str, directory: Directory, at: datetime) -> list[str]:
    """Return an office and those above it."""
    line: list[str] = []
    current: str | None = office_id
    while current is not None and current not in line and len(line) < _DEPTH:
        line.append(current)
        office = directory.office(current, at)
        current = office.parent_id if office else None
    return line


def _rule(number: int, line: str) -> Rule:
    words, _, reason = line.partition(" because ")
    parts = words.split()
    try:
        effect, types, start = parts[0], parts[1], parts.index("from")
        to = parts.index("to", start)
        sender, recipient = parts[start + 1 : to], parts[to + 1 :]
        if effect not in ("allow", "deny") or start != 2 or not sender or not recipient:
            raise ValueError(words)
        chosen = [] if types == "any" else [_type(each) for each in types.split(",")]
        return Rule(
            text=line,
            allows=effect == "allow",
            types=frozenset(chosen),
            sender=tuple(map(_term, sender)),
            recipient=tuple(map(_term, recipient)),
            reason=reason.strip(),
        )
    except (ValueError, IndexError) as error:
        raise PolicySyntaxError(number=number, rule=line) from error


def _type(text: str) -> str:
    return text if _TYPE.fullmatch(text) else MessageType(text)


def _term(text: str) -> Term:
    holds = not text.startswith("!")
    kind, equals, value = text.removeprefix("!").partition("=")
    if kind == "any" and not equals:
        return Term(kind, "", holds)
    if kind not in ("level", "office", "under") or not value:
        raise ValueError(text)
    if kind == "level":
        Level(value)
    return Term(kind, value, holds)


def _code(directory: Directory, office_id: str, at: datetime) -> str:
    office = directory.office(office_id, at)
    return office.code if office is not None else office_id
