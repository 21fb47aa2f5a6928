"""The files of 1 July 2025 given back from the directory, cell by cell and to the byte.

The cells are asked of the directory: codes and names of the offices at the instants that the files
speak of. Beside them the axis keeps the order of the lines and the cells that are no facts: remarks
about evidence, codes that somebody inferred, a second spelling.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from axis.directory.records import Record, name_at
from axis.directory.snapshot import Directory
from axis.directory.table import Line
from axis.directory.values import Scheme
from axis.directory.vn2025 import (
    AS_OF,
    COLUMNS,
    COMMUNES,
    NEW_NAME,
    PROVINCES,
    REFORM,
    SUCCESSION,
    Files,
)
from axis.directory.vn2025_facts import district_key, new_keys, old_key, province_key

BEFORE = REFORM - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A line of an imported file: the offices that it speaks of, and what is no fact."""

    file: str
    line: int  #: 1 is the header
    offices: Mapping[str, str]
    rest: Mapping[str, str] = field(default_factory=dict)


def sources_of(directory: Directory, files: Files) -> Iterator[Source]:
    """Yield what has to be kept of each line beside the facts, which ``directory`` holds."""
    for name, line, offices in _lines(files):
        derived = _cells(directory, name, offices)
        rest = {key: cell for key, cell in line.cells.items() if derived.get(key) != cell}
        yield Source(file=name, line=line.number, offices=offices, rest=rest)


def export_rows(directory: Directory, sources: Iterable[Source]) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each file, in its order."""
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in COLUMNS}
    for source in sources:
        rows[source.file].append({**_cells(directory, source.file, source.offices), **source.rest})
    return rows


def encode_rows(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return a CSV file as the originals are: UTF-8 without BOM, lines ending in CR LF."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _lines(files: Files) -> Iterator[tuple[str, Line, dict[str, str]]]:
    keys = new_keys(files)
    for line in files.provinces:
        old, new = line.cells["old_h_code"], line.cells["new_h_code"]
        yield PROVINCES, line, {"old": province_key(old), "new": province_key(new)}
    for line in files.communes:
        yield COMMUNES, line, {"office": keys[line.cells["commune_code"]]}
    for line in files.succession:
        offices = {
            "old": old_key(line.cells),
            "district": district_key(line.cells),
            "new": keys[line.cells["new_commune_code"]],
        }
        yield SUCCESSION, line, offices


def _cells(directory: Directory, file: str, offices: Mapping[str, str]) -> dict[str, str]:
    records = {role: directory.record(key) for role, key in offices.items()}
    found = {role: record for role, record in records.items() if record is not None}
    if len(found) < len(offices):
        return {}
    if file == PROVINCES:
        return _province(found["old"], found["new"])
    if file == COMMUNES:
        return _commune(directory, found["office"])
    return _pair(directory, found)


def _province(old: Record, new: Record) -> dict[str, str]:
    return {
        "old_h_code": _code(old, Scheme.QD20, BEFORE),
        "old_gso_code": _code(old, Scheme.STATISTICS, BEFORE),
        "old_name": name_at(old, BEFORE),
        "new_h_code": _code(new, Scheme.QD20, REFORM),
        "new_gso_code": _code(new, Scheme.STATISTICS, REFORM),
        NEW_NAME: name_at(new, AS_OF),
    }


def _commune(directory: Directory, record: Record) -> dict[str, str]:
    province = _above(directory, record, REFORM)
    name = name_at(record, AS_OF)
    kind = "Đặc khu" if name.startswith("Đặc khu") else name.partition(" ")[0]
    return {
        "commune_code": _code(record, Scheme.STATISTICS, REFORM),
        "full_name": name,
        "type": kind,
        "province_gso_code": _code(province, Scheme.STATISTICS, REFORM),
        "province_name": name_at(province, AS_OF) if province else "",
        "province_h_code": _code(province, Scheme.QD20, REFORM),
    }


def _pair(directory: Directory, found: Mapping[str, Record]) -> dict[str, str]:
    old, new, district = found["old"], found["new"], found["district"]
    before, after = _above(directory, district, BEFORE), _above(directory, new, REFORM)
    successors = {fact.successor_id for fact in old.successions if fact.effective == REFORM}
    alone = old.office_id == district.office_id
    return {
        "old_province_code": _code(before, Scheme.STATISTICS, BEFORE),
        "old_district_code": _code(district, Scheme.STATISTICS, BEFORE),
        "old_commune_code": "" if alone else _code(old, Scheme.STATISTICS, BEFORE),
        "old_province": name_at(before, BEFORE) if before else "",
        "old_district": name_at(district, BEFORE),
        "old_commune": "" if alone else name_at(old, BEFORE),
        "new_province_code": _code(after, Scheme.STATISTICS, REFORM),
        "new_commune_code": _code(new, Scheme.STATISTICS, REFORM),
        "new_province": _told(after) if after else "",
        "new_commune": _told(new),
        "is_merged": str(old.office_id != new.office_id),
        "is_divided": str(len(successors) > 1),
    }


def _told(record: Record) -> str:
    """Return a name as the succession file spells it."""
    for fact in record.names:
        if fact.variant and fact.start == REFORM:
            return fact.name
    return name_at(record, REFORM)


def _above(directory: Directory, record: Record, t: int) -> Record | None:
    for fact in record.parents:
        if fact.start <= t < fact.end:
            return directory.record(fact.parent_id)
    return None


def _code(record: Record | None, scheme: Scheme, t: int) -> str:
    """Return the code of a scheme at an instant; of statistics codes the short one, told first."""
    if record is None:
        return ""
    codes = [f.code for f in record.codes if f.scheme == scheme and f.start <= t < f.end]
    return min(codes, key=len, default="")
