"""Offices as they are, were and will be: the tree, the successions, all about one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from adapters.console.answer import Answer
from adapters.console.naming import Named, by_id, directory_of
from adapters.console.render import day, page
from adapters.console.visit import Visit
from adapters.console.words import word
from adapters.gateway.errors import ParameterError
from axis.delivery.workdays import VIETNAM
from axis.directory.errors import OfficeUnknownError
from axis.directory.records import Fact, Record, office_at, standing_at
from axis.directory.snapshot import Directory
from axis.directory.values import (
    FOREVER,
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
    StandingFact,
    State,
    SuccessionFact,
    SuccessionKind,
    SystemFact,
    micros,
    moment,
    parse_moment,
)
from axis.errors import Lang
from axis.store.directory_history import history_of
from axis.store.engine import transaction

#: Offices and successions on a page.
SHOWN: Final = 200
_ORDER: Final = {level: number for number, level in enumerate(Level)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """An office that another one succeeded."""

    at: datetime
    kind: SuccessionKind
    before: Office
    after: Office | None
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A day on which something changed: a stop of the slider."""

    at: datetime
    text: str  #: as the query has it
    count: int = 0


def offices(visit: Visit) -> Answer:
    """Show the top of the tree, what a search finds, and the successions of a day."""
    listed = visit.installation.offices.current()
    directory, at = listed.directory, _at(visit)
    text = visit.text("q")
    found = (
        listed.names.search(text, at, limit=SHOWN + 1, closed=True) if text else _top(directory, at)
    )
    turns = _turns_of_all(directory)
    on_day = at.astimezone(VIETNAM).date()
    moved = (
        [
            _succession(directory, fact)
            for record in directory.records()
            for fact in record.successions
            if fact.successor_id != fact.office_id
            and (on := moment(fact.effective)) is not None
            and on.astimezone(VIETNAM).date() == on_day
        ]
        if any(turn.at.astimezone(VIETNAM).date() == on_day for turn in turns)
        else []
    )
    return page(
        visit,
        "offices.html",
        offices=found[:SHOWN],
        more=len(found) > SHOWN,
        at=at,
        is_now=not visit.text("at"),
        turns=turns,
        moved=moved[:SHOWN],
        moved_in_all=len(moved),
        count=len(directory),
        system_of=lambda office: directory.system_of(office.office_id, at),
    )


def office(visit: Visit) -> Answer:
    """Show everything about one office at an instant."""
    directory, at = directory_of(visit), _at(visit)
    code = visit.names["code"]
    record = _record(directory, code, at)
    found = office_at(record, micros(at))
    children = [
        child
        for child_id in directory.children(record.office_id, at)
        if (child := directory.office(child_id, at)) is not None and child.state != State.CLOSED
    ]
    with transaction(visit.installation.engine) as connection:
        history = history_of(connection, record.office_id)
    onward = [_succession(directory, f) for f in record.successions]
    back = [
        _succession(directory, fact)
        for earlier in directory.predecessors(record.office_id)
        for fact in earlier.successions
        if fact.successor_id == record.office_id and fact.office_id != record.office_id
    ]
    instants = [*record.instants(), *(micros(one.at) for one in back)]
    return page(
        visit,
        "office.html",
        office=found,
        at=at,
        is_now=not visit.text("at"),
        above=_above(directory, found, at),
        children=sorted(children, key=_place)[:SHOWN],
        child_count=len(children),
        system=directory.system_of(record.office_id, at),
        codes=[(fact, moment(fact.start), moment(fact.end)) for fact in record.codes],
        names=[(fact, moment(fact.start), moment(fact.end)) for fact in record.names],
        contacts=[fact for fact in record.contacts if fact.start <= micros(at) < fact.end],
        onward=[
            one for one in onward if one.after is None or one.after.office_id != record.office_id
        ],
        changed=[one for one in onward if one.after and one.after.office_id == record.office_id],
        back=back,
        turns=_turns(instants),
        history=[one for one in history if one.corrected is None][-SHOWN:],
        says=lambda fact: _says(fact, visit.lang, by_id(directory, at)),
    )


def _at(visit: Visit) -> datetime:
    text = visit.text("at", most=40)
    if not text:
        return visit.now
    try:
        at = parse_moment(text)
    except (ValueError, OverflowError) as error:
        raise ParameterError(name="at", reason="YYYY-MM-DD") from error
    if not 1900 <= at.year <= 2200:
        raise ParameterError(name="at", reason="YYYY-MM-DD")
    return at


def _record(directory: Directory, code: str, at: datetime) -> Record:
    found = directory.find(code, at)
    office_id = found.office_id if found else None
    if office_id is None:
        holders = directory.holders(code)
        office_id = holders[-1].office_id if holders else code
    record = directory.record(office_id)
    if record is None:
        raise OfficeUnknownError(code=code, at=at.astimezone(VIETNAM).isoformat())
    return record


def _top(directory: Directory, at: datetime) -> list[Office]:
    t = micros(at)
    return sorted(
        (office_at(record, t) for record in _ever_on_top(directory) if _is_on_top(record, t)),
        key=_place,
    )


@lru_cache(maxsize=2)
def _ever_on_top(directory: Directory) -> tuple[Record, ...]:
    """Return the few offices that have nobody above them at some time."""
    return tuple(
        record
        for record in directory.records()
        if any(_is_on_top(record, t) for t in _turning_points(record))
    )


def _turning_points(record: Record) -> set[int]:
    """Return the instants between which an office's place does not change."""
    spans = [(fact.start, fact.end) for fact in record.standings]
    spans += [(fact.start, fact.end) for fact in record.parents]
    return {instant for span in spans for instant in span}


def _is_on_top(record: Record, t: int) -> bool:
    standing = standing_at(record, t)
    return (
        standing is not None
        and standing.state not in (State.CLOSED, State.PLANNED)
        and not any(fact.start <= t < fact.end for fact in record.parents)
    )


def _place(office: Office) -> tuple[int, str, str]:
    return _ORDER[office.level], office.name, office.code


def _above(directory: Directory, office: Office, at: datetime) -> list[Office]:
    above: list[Office] = []
    parent_id = office.parent_id
    while parent_id and len(above) < 8 and parent_id not in {one.office_id for one in above}:
        parent = directory.office(parent_id, at)
        if parent is None:
            break
        above.insert(0, parent)
        parent_id = parent.parent_id
    return above


def _succession(directory: Directory, fact: SuccessionFact) -> Succession:
    at = moment(fact.effective) or datetime.min.replace(tzinfo=UTC)
    before = directory.office(fact.office_id, at)
    assert before is not None  # noqa: S101  a fact has its office
    after = directory.office(fact.successor_id, at) if fact.successor_id else None
    return Succession(
        at=at,
        kind=SuccessionKind(fact.kind),
        before=before,
        after=after,
        legal_basis=fact.legal_basis,
    )


def _turns(instants: Iterable[int]) -> list[Turn]:
    days = {at.astimezone(VIETNAM).date() for t in instants if (at := moment(t)) is not None}
    if days:
        days.add(min(days) - timedelta(days=1))  # how it was before anything changed
    return [Turn(at=parse_moment(day.isoformat()), text=day.isoformat()) for day in sorted(days)]


@lru_cache(maxsize=2)
def _turns_of_all(directory: Directory) -> list[Turn]:
    days: Counter[str] = Counter()
    for record in directory.records():
        for fact in record.successions:
            at = moment(fact.effective)
            if at is not None and fact.successor_id != fact.office_id:
                days[at.astimezone(VIETNAM).date().isoformat()] += 1
    return [Turn(at=parse_moment(day), text=day, count=days[day]) for day in sorted(days)]


def _says(fact: Fact, lang: Lang, name: Callable[[str], Named]) -> str:
    """Return what a fact says, in words."""
    match fact:
        case OfficeFact():
            pair, said = ("loại", "kind"), word(Kind(fact.kind), lang)
        case NameFact():
            pair, said = ("tên", "name"), fact.name
        case StandingFact():
            level, state = word(Level(fact.level), lang), word(State(fact.state), lang)
            pair, said = ("cấp, tình trạng", "level, state"), f"{level}, {state}"
        case CodeFact():
            pair, said = ("mã", "code"), f"{fact.code} ({fact.scheme})"
        case ParentFact():
            pair, said = ("trực thuộc", "below"), str(name(fact.parent_id))
        case ActingFact():
            pair, said = ("hệ thống", "system"), fact.system_id
        case ContactFact():
            pair, said = ("liên hệ", "contact"), f"{fact.email} {fact.phone} {fact.address}"
        case SuccessionFact():
            to = str(name(fact.successor_id)) if fact.successor_id else "–"
            kind = word(SuccessionKind(fact.kind), lang)
            pair, said = ("kế thừa", "succession"), f"{kind}: {name(fact.office_id)} → {to}"
        case RuleFact():
            to = str(name(fact.successor_id)) if fact.successor_id else "–"
            pair, said = ("quy tắc", "rule"), f"{fact.kind} {fact.matches} → {to}"
        case _:
            pair, said = ("hệ thống", "system"), fact.name
    span = ""
    for at, (vi, en) in zip(_span(fact), (("từ", "from"), ("đến", "until")), strict=False):
        if moment(at) is not None:
            span += f", {vi if lang == 'vi' else en} {day(moment(at))}"
    return f"{pair[0] if lang == 'vi' else pair[1]}: {said}{span}"


def _span(fact: Fact) -> tuple[int, ...]:
    if isinstance(fact, (OfficeFact, SystemFact)):
        return ()
    if isinstance(fact, SuccessionFact):
        return fact.effective, FOREVER
    return fact.start, fact.end
