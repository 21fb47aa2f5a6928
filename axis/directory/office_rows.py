"""The lines of an office file: each describes an office.

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
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from axis.directory.errors import DuplicateCodeError, SpanReversedError, UnknownValueError
from axis.directory.table import Line, Problems, read_lines
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    Kind,
    Level,
    Scheme,
    State,
    micros,
    parse_moment,
)

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
