"""Offices from a CSV file: the whole file is taken or nothing of it.

An import only adds. A line about an office that is there must say what the directory says; then it
is no change, so a file can be imported again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from axis.directory.change import Change
from axis.directory.errors import (
    CodeTakenError,
    DiffersError,
    DirectoryRefusedError,
    OddCodeError,
    ParentCycleError,
    ParentMissingError,
)
from axis.directory.office_rows import OfficeRow, office_key, read_offices
from axis.directory.records import Fact, Record, in_force, name_at, office_at
from axis.directory.snapshot import Directory
from axis.directory.table import Problems
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    CodeFact,
    ContactFact,
    NameFact,
    OfficeFact,
    ParentFact,
    Scheme,
    StandingFact,
    State,
    micros,
)
from axis.errors import Refusal


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
