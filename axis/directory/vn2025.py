"""The three files of the reorganisation of 1 July 2025, read as they are.

===========================  ======================================================================
``provinces.csv``            the 63 provinces before and which of the 34 each became: codes of
                             QĐ 20/2020 as closed or kept by QĐ 09/2025, statistics codes before and
                             after QĐ 19/2025
``communes_2025.csv``        the 3,321 communes, wards and special zones, as of a later day
``commune_succession.csv``   which commune became part of which: a line for each pair, so a divided
                             commune has several; an island district that had no communes stands
                             with empty cells
===========================  ======================================================================

What the files say differently about one thing is explained where a rule explains it, and each
explanation is counted; what no rule explains is a problem, and then nothing is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from axis.directory.errors import (
    ContradictionError,
    DuplicateCodeError,
    FileMissingError,
    ParentMissingError,
)
from axis.directory.spelling import is_same_name
from axis.directory.table import Line, Problems, read_lines
from axis.directory.values import VIETNAM, micros

PROVINCES: Final = "provinces.csv"
COMMUNES: Final = "communes_2025.csv"
SUCCESSION: Final = "commune_succession.csv"

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    PROVINCES: (
        "old_h_code",
        "old_hdnd_k_code_inferred",
        "old_gso_code",
        "old_name",
        "new_h_code",
        "new_gso_code",
        "new_name_as_of_2026-08",
        "h_code_status_under_QD09_2025",
        "h_code_evidence",
    ),
    COMMUNES: (
        "commune_code",
        "full_name",
        "type",
        "province_gso_code",
        "province_name",
        "province_h_code",
    ),
    SUCCESSION: (
        "old_province_code",
        "old_district_code",
        "old_commune_code",
        "old_province",
        "old_district",
        "old_commune",
        "new_province_code",
        "new_commune_code",
        "new_province",
        "new_commune",
        "is_merged",
        "is_divided",
    ),
}
NEW_NAME: Final = "new_name_as_of_2026-08"

#: The reform takes effect.
REFORM: Final = micros(datetime(2025, 7, 1, tzinfo=VIETNAM))
#: Đồng Nai becomes a city and ten of its communes wards (NQ 30/2026/QH16, 237/NQ-UBTVQH16).
CITY: Final = micros(datetime(2026, 4, 30, tzinfo=VIETNAM))
#: The day that the names of ``provinces.csv`` and ``communes_2025.csv`` are of.
AS_OF: Final = micros(datetime(2026, 8, 1, tzinfo=VIETNAM))

BASIS_REFORM: Final = "NQ 202/2025/QH15"
BASIS_COMMUNES: Final = "NQ 202/2025/QH15; QĐ 19/2025/QĐ-TTg"
BASIS_CITY: Final = "NQ 30/2026/QH16; 237/NQ-UBTVQH16"


@dataclass(frozen=True, slots=True)
class Files:
    """The lines of the three files, and what was explained in comparing them."""

    provinces: Sequence[Line]
    communes: Sequence[Line]
    succession: Sequence[Line]
    explained: Counter[str] = field(default_factory=Counter)
    #: code in the succession file → code in the list of communes, where they differ
    same_commune: dict[str, str] = field(default_factory=dict)


def read_files(contents: Mapping[str, bytes], problems: Problems) -> Files:
    """Return the three files, compared with each other; contradictions go to ``problems``."""
    lines: dict[str, list[Line]] = {}
    for name, columns in COLUMNS.items():
        if name not in contents:
            problems.add(FileMissingError(file=name))
            continue
        filled = columns
        if name == SUCCESSION:
            filled = tuple(c for c in columns if c not in ("old_commune_code", "old_commune"))
        found = Problems()
        lines[name] = read_lines(contents[name], found, required=columns, filled=filled)
        problems.adopt(found, file=name)
    if problems:
        return Files((), (), ())
    files = Files(lines[PROVINCES], lines[COMMUNES], lines[SUCCESSION])
    _check_provinces(files, problems)
    _check_communes(files, problems)
    _check_succession(files, problems)
    return files


def is_renamed_city(province: str, old: str, new: str) -> bool:
    """Return whether a name differs because Đồng Nai became a city: only the type changed."""
    return province.endswith("Đồng Nai") and is_same_name(
        old.removeprefix("Tỉnh ").removeprefix("Xã "),
        new.removeprefix("Thành phố ").removeprefix("Phường "),
    )


class _Notes:
    """Adds a problem with its file, line and column."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems

    def contradiction(self, line: Line, column: str, got: str, expected: str) -> None:
        self.problems.add(
            ContradictionError(
                place=line.place(column),
                file=self.file,
                column=column,
                got=got,
                expected=expected,
            )
        )

    def duplicate(self, line: Line, column: str, code: str, first: Line) -> None:
        self.problems.add(
            DuplicateCodeError(
                place=line.place(column), file=self.file, code=code, first_line=first.number
            )
        )

    def missing(self, line: Line, column: str, code: str) -> None:
        self.problems.add(ParentMissingError(place=line.place(column), file=self.file, code=code))


def _check_provinces(files: Files, problems: Problems) -> None:
    notes = _Notes(PROVINCES, problems)
    seen: dict[tuple[str, str], Line] = {}
    for line in files.provinces:
        for column in ("old_h_code", "old_gso_code"):
            code = line.cells[column]
            first = seen.setdefault((column, code), line)
            if first is not line:
                notes.duplicate(line, column, code, first)
    by_code = {line.cells["old_h_code"]: line for line in files.provinces}
    for line in files.provinces:
        cells = line.cells
        into = by_code.get(cells["new_h_code"])
        if into is None:
            notes.missing(line, "new_h_code", cells["new_h_code"])
            continue
        if into.cells["new_h_code"] != cells["new_h_code"]:
            notes.contradiction(line, "new_h_code", cells["new_h_code"], into.cells["new_h_code"])
        for column in ("new_gso_code", NEW_NAME):
            if cells[column] != into.cells[column]:
                notes.contradiction(line, column, cells[column], into.cells[column])
    for line in files.provinces:
        cells = line.cells
        if cells["old_h_code"] != cells["new_h_code"]:
            files.explained["province merged into another"] += 1
            continue
        old, new = cells["old_name"], cells[NEW_NAME]
        if cells["old_gso_code"] != cells["new_gso_code"]:
            files.explained["province with a new statistics code, its seat's"] += 1
        if old == new:
            continue
        if is_same_name(old, new):
            files.explained["tone mark or capital written differently"] += 1
        elif is_renamed_city(old, old, new):
            files.explained["renamed on 2026-04-30"] += 1
        else:
            notes.contradiction(line, NEW_NAME, new, old)


def _check_communes(files: Files, problems: Problems) -> None:
    notes = _Notes(COMMUNES, problems)
    provinces = {line.cells["new_gso_code"]: line.cells for line in files.provinces}
    seen: dict[str, Line] = {}
    for line in files.communes:
        cells = line.cells
        first = seen.setdefault(cells["commune_code"], line)
        if first is not line:
            notes.duplicate(line, "commune_code", cells["commune_code"], first)
        province = provinces.get(cells["province_gso_code"])
        if province is None:
            notes.missing(line, "province_gso_code", cells["province_gso_code"])
            continue
        if province["new_h_code"] != cells["province_h_code"]:
            notes.contradiction(
                line, "province_h_code", cells["province_h_code"], province["new_h_code"]
            )
        if not is_same_name(province[NEW_NAME], cells["province_name"]):
            notes.contradiction(line, "province_name", cells["province_name"], province[NEW_NAME])
        if not cells["full_name"].casefold().startswith(cells["type"].casefold()):
            notes.contradiction(line, "type", cells["type"], cells["full_name"])


def _check_succession(files: Files, problems: Problems) -> None:
    notes = _Notes(SUCCESSION, problems)
    old_provinces = {line.cells["old_gso_code"]: line.cells for line in files.provinces}
    communes = {line.cells["commune_code"]: line for line in files.communes}
    named = {
        (line.cells["province_gso_code"], line.cells["full_name"]): code
        for code, line in communes.items()
    }
    told = {line.cells["new_commune_code"] for line in files.succession}
    pairs: dict[tuple[str, str], Line] = {}
    ways = Counter(
        line.cells["old_commune_code"]
        for line in files.succession
        if line.cells["old_commune_code"]
    )
    full = {
        line.cells["old_district_code"]
        for line in files.succession
        if line.cells["old_commune_code"]
    }
    said: dict[tuple[str, str], str] = {}
    explained: set[str] = set()
    for line in files.succession:
        cells = line.cells
        old, new = cells["old_commune_code"], cells["new_commune_code"]
        first = pairs.setdefault((old or cells["old_district_code"], new), line)
        if first is not line:
            notes.duplicate(line, "old_commune_code", f"{old} → {new}", first)
        province = old_provinces.get(cells["old_province_code"])
        if province is None:
            notes.missing(line, "old_province_code", cells["old_province_code"])
            continue
        if province["new_gso_code"] != cells["new_province_code"]:
            notes.contradiction(
                line, "new_province_code", cells["new_province_code"], province["new_gso_code"]
            )
        if not is_same_name(cells["old_province"], province["old_name"]):
            notes.contradiction(line, "old_province", cells["old_province"], province["old_name"])
        for kind, code, column in (
            ("district", cells["old_district_code"], "old_district"),
            ("old", old, "old_commune"),
            ("new", new, "new_commune"),
        ):
            before = said.setdefault((kind, code), cells[column]) if code else cells[column]
            if before != cells[column]:
                notes.contradiction(line, column, cells[column], before)
        if (ways[old] > 1) != (cells["is_divided"] == "True") and old:
            notes.contradiction(line, "is_divided", cells["is_divided"], str(ways[old] > 1))
        if bool(old) != bool(cells["old_commune"]) or (
            not old and cells["old_district_code"] in full
        ):
            notes.contradiction(line, "old_commune_code", old or "–", cells["old_commune"] or "–")
        if not old:
            files.explained["island district without communes"] += 1
        if new in explained:
            continue
        explained.add(new)
        if new not in communes:
            twin = named.get((cells["new_province_code"], cells["new_commune"]))
            if twin is None or twin in told:
                notes.missing(line, "new_commune_code", new)
                continue
            files.same_commune[new] = twin
            files.explained["one commune under two codes, both kept"] += 1
        _explain_name(files, notes, line, communes[files.same_commune.get(new, new)])
    lacking = set(communes) - told - set(files.same_commune.values())
    for code in sorted(lacking):
        _Notes(COMMUNES, problems).missing(communes[code], "commune_code", code)
    files.explained["commune divided, held until a rule is set"] += sum(
        count > 1 for count in ways.values()
    )


def _explain_name(files: Files, notes: _Notes, line: Line, commune: Line) -> None:
    told, listed = line.cells["new_commune"], commune.cells["full_name"]
    if told == listed:
        return
    if is_same_name(told, listed):
        files.explained["tone mark or capital written differently"] += 1
    elif is_renamed_city(line.cells["new_province"], told, listed):
        files.explained["renamed on 2026-04-30"] += 1
    else:
        notes.contradiction(line, "new_commune", told, listed)
