"""Offices from a CSV file: every line is an office; the whole file is taken or nothing of it.

===============  ==================================================================================
``code``         what the office is addressed by (required)
``name``         its official name (required)
``level``        central, provincial, district or commune (required)
``parent_code``  a code of the office above it, in the file or in the directory
``kind``         committee, council, ministry, department, central-body, party, enterprise, other
``scheme``       qcvn102, qd20, statistics or other; guessed from the code's form when empty
``other_codes``  further codes, ``scheme:code``, separated by spaces
``state``        active (the default), planned or suspended
``valid_from``   first day, ``2025-07-01`` in Vietnam, or an instant; empty: since ever
``valid_to``     first day on which the office is closed; empty: it is not
``email`` ``phone`` ``address``  how its people are reached
===============  ==================================================================================

An import only adds. A line about an office that is there must say what the directory says; then it
is no change, so a file can be imported again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from axis.directory.errors import (
    CodeTakenError,
    DiffersError,
    DirectoryRefusedError,
    DuplicateCodeError,
    OddCodeError,
    ParentCycleError,
    ParentMissingError,
    SpanReversedError,
    UnknownValueError,
)
from axis.directory.records import Fact, Record, in_force, name_at, office_at
from axis.directory.snapshot import Change, Directory
from axis.directory.table import Line, Problems, read_lines
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    CodeFact,
    ContactFact,
    Kind,
    Level,
    NameFact,
    OfficeFact,
    ParentFact,
    Scheme,
    StandingFact,
    State,
    micros,
    parse_moment,
)
from axis.errors import Refusal

REQUIRED: Final = ("code", "name", "level")
OPTIONAL: Final = (
    "parent_code",
    "kind",
    "scheme",
    "other_codes",
    "state",
    "valid_from",
    "valid_to",
    "email",
    "phone",
    "address",
)

_FORMS: Final = {
    Scheme.QCVN102: re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}", re.ASCII),
    Scheme.QD20: re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*", re.ASCII),
    Scheme.STATISTICS: re.compile(r"\d{2}|\d{3}|\d{5}|\d{2}\.\d{3}(\.\d{5})?", re.ASCII),
}
E = TypeVar("E", bound=StrEnum)

_MAX_CODE: Final = 64  # the column's width; QĐ 20/2020 allows 35


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """A line of the file, read."""

    line: Line
    code: str
    name: str
    level: Level
    kind: Kind
    state: State
    scheme: Scheme
    other_codes: tuple[tuple[Scheme, str], ...]
    parent_code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do."""

    change: Change
    added: int
    unchanged: int
    warnings: tuple[Refusal, ...] = ()

    def summary(self) -> Mapping[str, int]:
        """Return the counts that are kept with the change."""
        return {"added": self.added, "unchanged": self.unchanged, "warnings": len(self.warnings)}


def scheme_of(code: str) -> Scheme:
    """Return the list that a code has the form of; it is a guess, and nothing depends on it."""
    for scheme, form in _FORMS.items():
        if form.fullmatch(code):
            return scheme
    return Scheme.OTHER


def office_key(code: str, start: int) -> str:
    """Return the key of a new office: 80 bits that say nothing but are the same in every import."""
    return hashlib.sha256(f"office|{code}|{start}".encode()).hexdigest()[:20]


def read_offices(data: bytes, problems: Problems) -> list[OfficeRow]:
    """Return the offices of a CSV file; what is wrong goes to ``problems``."""
    rows = []
    for line in read_lines(data, problems, required=REQUIRED, optional=OPTIONAL):
        row = _read(line, problems)
        if row is not None:
            rows.append(row)
    _refuse_duplicates(rows, problems)
    return rows


def plan_import(directory: Directory, data: bytes, now: datetime, *, source: str) -> ImportPlan:
    """Return the change that makes the directory know every office of the file.

    Raises:
        DirectoryRefusedError: the file contradicts itself or the directory.
    """
    problems = Problems()
    rows = read_offices(data, problems)
    planner = _Planner(directory, rows, problems, micros(now))
    facts, unchanged = planner.run()
    if problems:
        raise DirectoryRefusedError.of(problems.sorted(), source=source)
    warnings = tuple(
        OddCodeError(place=row.line.place("code"), code=row.code).refusal
        for row in rows
        if row.scheme == Scheme.OTHER
    )
    return ImportPlan(
        change=Change(added=tuple(facts)),
        added=len(rows) - unchanged,
        unchanged=unchanged,
        warnings=warnings,
    )


class _Planner:
    """Holds what all lines share: the directory, the lines by code, the problems found."""

    def __init__(
        self, directory: Directory, rows: Sequence[OfficeRow], problems: Problems, now: int
    ) -> None:
        self.directory = directory
        self.rows = rows
        self.problems = problems
        self.now = now
        self.by_code: dict[str, list[OfficeRow]] = {}
        for row in rows:
            self.by_code.setdefault(row.code, []).append(row)

    def run(self) -> tuple[list[Fact], int]:
        """Return the facts of all new offices and the number of lines that say nothing new."""
        facts: list[Fact] = []
        unchanged = 0
        self._refuse_cycles()
        for row in self.rows:
            parent_id = self._parent_id(row)
            known = self._known(row)
            if known is None:
                facts += _facts_of(row, parent_id)
                self._refuse_taken(row)
            else:
                unchanged += 1
                self._compare(row, known, parent_id)
        return facts, unchanged

    def _known(self, row: OfficeRow) -> Record | None:
        """Return the office that has the line's code within the line's validity."""
        for fact in self.directory.holders(row.code):
            if fact.start < row.end and row.start < fact.end:
                return self.directory.record(fact.office_id)
        return None

    def _parent_id(self, row: OfficeRow) -> str | None:
        if not row.parent_code:
            return None
        candidates = self.by_code.get(row.parent_code, [])
        for candidate in candidates:
            if candidate.start <= row.start < candidate.end or row.start == ALWAYS:
                known = self._known(candidate)
                return known.office_id if known else office_key(candidate.code, candidate.start)
        for t in (row.start, self.now):
            fact = in_force(self.directory.holders(row.parent_code), t)
            if fact:
                return fact.office_id
        self.problems.at(row.line, "parent_code", ParentMissingError, code=row.parent_code)
        return None

    def _compare(self, row: OfficeRow, known: Record, parent_id: str | None) -> None:
        """Refuse a line that says something else than the directory, then or now."""
        first = min(fact.start for fact in known.codes if fact.code == row.code)
        views = [office_at(known, t) for t in (max(row.start, first), self.now)]
        names = {name_at(known, t) for t in (max(row.start, first), self.now)}
        names |= {fact.name for fact in known.names if fact.variant}
        said: list[tuple[str, object, set[object]]] = [
            ("name", row.name, set(names)),
            ("level", row.level, {view.level for view in views}),
            ("kind", row.kind, {view.kind for view in views}),
            ("parent_code", parent_id, {view.parent_id for view in views}),
        ]
        for column, got, expected in said:
            if column == "parent_code" and got is None:
                continue
            if column == "kind" and not row.line.cells.get("kind"):
                continue
            if got not in expected:
                self.problems.at(
                    row.line,
                    column,
                    DiffersError,
                    code=row.code,
                    got=row.parent_code if column == "parent_code" else str(got),
                    expected=" / ".join(sorted(self._shown(value) for value in expected)),
                )
        codes = {fact.code for fact in known.codes}
        for _, code in row.other_codes:
            if code not in codes:
                self.problems.at(
                    row.line,
                    "other_codes",
                    DiffersError,
                    code=row.code,
                    got=code,
                    expected=" ".join(sorted(codes)),
                )

    def _shown(self, value: object) -> str:
        record = self.directory.record(value) if isinstance(value, str) else None
        return office_at(record, self.now).code if record else str(value or "–")

    def _refuse_taken(self, row: OfficeRow) -> None:
        """Refuse a code that any office has or had: it passes on only by a succession."""
        codes = [("code", row.code), *(("other_codes", code) for _, code in row.other_codes)]
        for column, code in codes:
            for fact in self.directory.holders(code):
                record = self.directory.record(fact.office_id)
                name = name_at(record, fact.start) if record else ""
                self.problems.at(
                    row.line, column, CodeTakenError, code=code, name=name, office_id=fact.office_id
                )
                break

    def _refuse_cycles(self) -> None:
        """Refuse lines whose way up comes back to themselves."""
        done: set[str] = set()
        for row in self.rows:
            way: dict[str, None] = {}
            code = row.code
            while code in self.by_code and code not in done and code not in way:
                way[code] = None
                code = self.by_code[code][0].parent_code
            if code in way:
                loop = [*list(way)[list(way).index(code) :], code]
                line = self.by_code[code][0].line
                self.problems.at(
                    line, "parent_code", ParentCycleError, code=code, way=" → ".join(loop)
                )
            done |= set(way)


def _facts_of(row: OfficeRow, parent_id: str | None) -> list[Fact]:
    office_id, start, end = office_key(row.code, row.start), row.start, row.end
    facts: list[Fact] = [
        OfficeFact(office_id, row.kind),
        StandingFact(office_id, row.level, row.state, start, end),
        NameFact(office_id, row.name, False, start, FOREVER),
        CodeFact(office_id, row.code, row.scheme, start, end),
    ]
    facts += [CodeFact(office_id, code, scheme, start, end) for scheme, code in row.other_codes]
    if end != FOREVER:
        facts.append(StandingFact(office_id, row.level, State.CLOSED, end, FOREVER))
    if parent_id:
        facts.append(ParentFact(office_id, parent_id, start, end))
    email, phone, address = (row.line.cells.get(n, "") for n in ("email", "phone", "address"))
    if email or phone or address:
        facts.append(ContactFact(office_id, email, phone, address, start, FOREVER))
    return facts


def _read(line: Line, problems: Problems) -> OfficeRow | None:
    cells = line.cells
    if not all(cells[name] for name in REQUIRED):
        return None
    before = len(problems)
    level = _choice(line, "level", Level, cells["level"], problems)
    usual = Kind.CENTRAL_BODY if level == Level.CENTRAL else Kind.COMMITTEE
    kind = _choice(line, "kind", Kind, cells.get("kind") or usual, problems)
    state = _choice(line, "state", State, cells.get("state") or State.ACTIVE, problems)
    guessed = scheme_of(cells["code"])
    scheme = _choice(line, "scheme", Scheme, cells.get("scheme") or guessed, problems)
    start = _moment(line, "valid_from", ALWAYS, problems)
    end = _moment(line, "valid_to", FOREVER, problems)
    if start >= end:
        problems.at(
            line,
            "valid_to",
            SpanReversedError,
            got=cells.get("valid_to", ""),
            start=cells.get("valid_from", ""),
        )
    others = _other_codes(line, problems)
    if len(cells["code"]) > _MAX_CODE:
        problems.at(
            line, "code", UnknownValueError, got=cells["code"], expected=f"≤ {_MAX_CODE} characters"
        )
    if len(problems) > before or not (level and kind and state and scheme):
        return None
    return OfficeRow(
        line=line,
        code=cells["code"],
        name=cells["name"],
        level=level,
        kind=kind,
        state=state,
        scheme=scheme,
        other_codes=others,
        parent_code=cells.get("parent_code", ""),
        start=start,
        end=end,
    )


def _choice(line: Line, column: str, kind: type[E], got: str, problems: Problems) -> E | None:
    try:
        return kind(got)
    except ValueError:
        expected = ", ".join(kind)
        problems.at(line, column, UnknownValueError, got=got, expected=expected)
        return None


def _moment(line: Line, column: str, default: int, problems: Problems) -> int:
    got = line.cells.get(column)
    if not got:
        return default
    try:
        return micros(parse_moment(got))
    except ValueError:
        problems.at(line, column, UnknownValueError, got=got, expected="2025-07-01")
        return default


def _other_codes(line: Line, problems: Problems) -> tuple[tuple[Scheme, str], ...]:
    found = []
    for word in line.cells.get("other_codes", "").split():
        name, _, code = word.partition(":")
        if name in list(Scheme) and code:
            found.append((Scheme(name), code))
        else:
            problems.at(line, "other_codes", UnknownValueError, got=word, expected="scheme:code")
    return tuple(found)


def _refuse_duplicates(rows: Sequence[OfficeRow], problems: Problems) -> None:
    seen: dict[str, list[OfficeRow]] = {}
    for row in rows:
        for column, code in (("code", row.code), *(("other_codes", c) for _, c in row.other_codes)):
            for other in seen.setdefault(code, []):
                if other.start < row.end and row.start < other.end:
                    problems.at(
                        row.line,
                        column,
                        DuplicateCodeError,
                        code=code,
                        first_line=other.line.number,
                    )
                    break
            seen[code].append(row)
