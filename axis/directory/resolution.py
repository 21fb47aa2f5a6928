"""From the address written to the office served, past codes that passed on and offices that ended.

1. The code names the office that holds it now, else the one that held it last.
2. An office that is active is served. A closed one is followed to its successor.
3. Where several succeed, the rules set for the divided office choose: by old sub-unit, by document
   type, by default. Without one that fits the letter is held, with the candidates.

The way ends: every succession leads to an office that outlives the instant, or an instant later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from axis.directory.errors import RecipientNotYetError, RecipientUnknownError
from axis.directory.records import Record, code_at
from axis.directory.values import (
    ALWAYS,
    CodeFact,
    Held,
    HeldReason,
    RuleFact,
    RuleKind,
    Served,
    State,
    Step,
    SuccessionFact,
    SuccessionKind,
    moment,
)

#: Plain text, because the facts hold plain text and an enumeration's member is slow to look up.
_ACTIVE: Final = State.ACTIVE.value
_PLANNED: Final = State.PLANNED.value
_SUSPENDED: Final = State.SUSPENDED.value
_RECODE: Final = SuccessionKind.RECODE.value
_KINDS: Final[Mapping[str, SuccessionKind]] = {kind.value: kind for kind in SuccessionKind}


def holder_at(holders: Sequence[CodeFact], t: int, scheme: str | None = None) -> CodeFact | None:
    """Return who has a code at an instant, else who had it last; None if nobody had it yet."""
    best: CodeFact | None = None
    for fact in holders:
        if scheme is not None and fact.scheme != scheme:
            continue
        if fact.start <= t < fact.end:
            return fact
        if fact.end <= t and (best is None or fact.end > best.end):
            best = fact
    return best


def resolve(
    records: Mapping[str, Record],
    holders: Sequence[CodeFact],
    code: str,
    t: int,
    *,
    scheme: str | None = None,
    subunit: str | None = None,
    document_type: str | None = None,
) -> Served | Held:
    """Return who is served for ``code`` at ``t`` (microseconds), or why a person must decide.

    Raises:
        RecipientUnknownError: nobody has or ever had the code.
        RecipientNotYetError: the code takes effect later, or its office does not work yet.
    """
    # 1. The office written.
    held = holder_at(holders, t, scheme)
    if held is None:
        future = [f.start for f in holders if scheme is None or f.scheme == scheme]
        if future:
            raise _not_yet(code, min(future))
        raise RecipientUnknownError(code=code)
    written = record = records[held.office_id]
    state = _state(record, t)
    if state == _ACTIVE and held.start <= t < held.end:
        return Served(
            office_id=record.office_id,
            code=held.code,
            written_office_id=record.office_id,
            formerly=_former(holders, held) if len(holders) > 1 else None,
        )

    # 2. Follow the successions; 3. let the rules choose.
    steps: list[Step] = []
    seen = {record.office_id}
    while state != _ACTIVE:
        if state == _PLANNED:
            raise _not_yet(code, record.standings[0].start if record.standings else ALWAYS)
        if state == _SUSPENDED:
            return _held(HeldReason.SUSPENDED, record, written, (), steps)
        onward = successors(record, t)
        rule = None
        if len(onward) > 1 or record.rules:
            rule = choose(record.rules, t, subunit=subunit, document_type=document_type)
            if rule is None or rule.successor_id is None:
                reason = HeldReason.DIVIDED if rule is None else HeldReason.RULE
                return _held(reason, record, written, onward, steps, rule=rule)
            onward = [fact for fact in onward if fact.successor_id == rule.successor_id]
        if not onward:
            return _held(HeldReason.NO_SUCCESSOR, record, written, (), steps)
        fact = onward[0]
        successor_id = fact.successor_id or ""
        if successor_id in seen:  # the writer refuses cycles; a corrupted one must not spin
            return _held(HeldReason.NO_SUCCESSOR, record, written, (), steps)
        seen.add(successor_id)
        steps.append(_step(fact, successor_id, rule))
        record = records[successor_id]
        state = _state(record, t)
    if not steps:
        steps.extend(
            _step(fact, record.office_id, None)
            for fact in record.successions
            if fact.kind == _RECODE and fact.effective == held.end
        )
    return Served(
        office_id=record.office_id,
        code=code_at(record, t),
        written_office_id=written.office_id,
        via=tuple(steps),
    )


def _state(record: Record, t: int) -> str:
    for standing in record.standings:
        if standing.start <= t < standing.end:
            return standing.state
    return _PLANNED


def _former(holders: Sequence[CodeFact], held: CodeFact) -> str | None:
    others = [f for f in holders if f.end <= held.start and f.office_id != held.office_id]
    return others[-1].office_id if others else None


def successors(record: Record, t: int) -> list[SuccessionFact]:
    """Return the facts that name another office as successor, in force at ``t``, one per office."""
    found: list[SuccessionFact] = []
    for fact in record.successions:
        successor = fact.successor_id
        if successor is None or fact.effective > t or successor == record.office_id:
            continue
        if not found or all(other.successor_id != successor for other in found):
            found.append(fact)
    return found


def choose(
    rules: Sequence[RuleFact], t: int, *, subunit: str | None, document_type: str | None
) -> RuleFact | None:
    """Return the rule that decides: sub-unit before document type before hold before default."""
    live = [rule for rule in rules if rule.start <= t < rule.end]
    asked = ((RuleKind.SUBUNIT, subunit), (RuleKind.DOCUMENT_TYPE, document_type))
    for kind, value in asked:
        for rule in live:
            if rule.kind == kind and value is not None and rule.matches == value:
                return rule
    for kind in (RuleKind.HOLD, RuleKind.DEFAULT):
        for rule in live:
            if rule.kind == kind:
                return rule
    return None


def _step(fact: SuccessionFact, successor_id: str, rule: RuleFact | None) -> Step:
    return Step(
        succession_id=fact.succession_id,
        kind=_KINDS[fact.kind],
        from_office_id=fact.office_id,
        to_office_id=successor_id,
        effective=fact.effective,
        legal_basis=fact.legal_basis,
        rule=RuleKind(rule.kind) if rule else None,
    )


def _held(
    reason: HeldReason,
    record: Record,
    written: Record,
    onward: Sequence[SuccessionFact],
    steps: Sequence[Step],
    *,
    rule: RuleFact | None = None,
) -> Held:
    return Held(
        reason=reason,
        office_id=record.office_id,
        written_office_id=written.office_id,
        candidates=tuple(fact.successor_id for fact in onward if fact.successor_id),
        via=tuple(steps),
        assigned_to=rule.matches or None if rule else None,
    )


def _not_yet(code: str, start: int) -> RecipientNotYetError:
    at = moment(start)
    return RecipientNotYetError(code=code, valid_from=at.isoformat() if at else None)
