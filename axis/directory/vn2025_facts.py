"""What the files of 1 July 2025 amount to: offices, codes, names, parents and successions.

- A province whose QĐ 20 code survives goes on as the same office; the others are merged into it.
- A commune that was not merged goes on under its province; all others end, and the new ones are
  founded on that day, even where a new one was given the code of an old one. Then the code, from
  that day on, names the new one.
- The old communes also have the code that the old list writes in full, ``01.001.00007`` (province,
  district, commune). It is never given to a new one, so it names the old one beyond doubt.
- Districts end without successor, except the islands that became special zones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from axis.directory.office_rows import office_key
from axis.directory.records import Fact
from axis.directory.table import Line
from axis.directory.values import (
    ALWAYS,
    FOREVER,
    CodeFact,
    Kind,
    Level,
    NameFact,
    OfficeFact,
    ParentFact,
    Scheme,
    StandingFact,
    State,
    SuccessionFact,
    SuccessionKind,
)
from axis.directory.vn2025 import (
    BASIS_CITY,
    BASIS_COMMUNES,
    BASIS_REFORM,
    CITY,
    NEW_NAME,
    REFORM,
    Files,
    is_renamed_city,
)


def facts_of(files: Files) -> Iterator[Fact]:
    """Yield every fact that the files tell."""
    yield from _provinces(files)
    yield from _districts(files)
    yield from _old_communes(files)
    yield from _new_communes(files)
    yield from _edges(files)


def province_key(h_code: str) -> str:
    """Return the key of a province, old or new, by its QĐ 20 code."""
    return office_key(h_code, ALWAYS)


def district_key(cells: Mapping[str, str]) -> str:
    """Return the key of a district by a line of the succession file."""
    return office_key(f"{cells['old_province_code']}.{cells['old_district_code']}", ALWAYS)


def old_key(cells: Mapping[str, str]) -> str:
    """Return the key of the office on the old side of a line: a commune, or an island district."""
    if not cells["old_commune_code"]:
        return district_key(cells)
    return office_key(_path(cells), ALWAYS)


def new_keys(files: Files) -> dict[str, str]:
    """Return the key of each new commune by the code that the succession file has for it."""
    keys = {}
    for line in files.succession:
        code = line.cells["new_commune_code"]
        goes_on = line.cells["is_merged"] == "False"
        keys[code] = old_key(line.cells) if goes_on else office_key(code, REFORM)
    for told, listed in files.same_commune.items():
        keys[listed] = keys[told]
    return keys


def _path(cells: Mapping[str, str]) -> str:
    return ".".join(cells[f"old_{part}_code"] for part in ("province", "district", "commune"))


def _provinces(files: Files) -> Iterator[Fact]:
    spelled = {line.cells["new_province_code"]: line.cells for line in files.succession}
    for line in files.provinces:
        cells = line.cells
        h, old_gso, new_gso = cells["old_h_code"], cells["old_gso_code"], cells["new_gso_code"]
        key = province_key(h)
        yield OfficeFact(key, Kind.COMMITTEE)
        survives = cells["new_h_code"] == h
        end = FOREVER if survives else REFORM
        yield StandingFact(key, Level.PROVINCIAL, State.ACTIVE, ALWAYS, end)
        yield CodeFact(key, h, Scheme.QD20, ALWAYS, end)
        yield CodeFact(key, f"000.00.00.{h}", Scheme.QCVN102, ALWAYS, end)
        if not survives:
            yield StandingFact(key, Level.PROVINCIAL, State.CLOSED, REFORM, FOREVER)
            yield NameFact(key, cells["old_name"], False, ALWAYS, FOREVER)
            yield CodeFact(key, old_gso, Scheme.STATISTICS, ALWAYS, REFORM)
            continue
        told = spelled[new_gso]["new_province"] if new_gso in spelled else cells["old_name"]
        yield from _names(key, cells["old_name"], told, cells[NEW_NAME], cells["old_name"])
        if old_gso == new_gso:
            yield CodeFact(key, old_gso, Scheme.STATISTICS, ALWAYS, FOREVER)
        else:
            yield CodeFact(key, old_gso, Scheme.STATISTICS, ALWAYS, REFORM)
            yield CodeFact(key, new_gso, Scheme.STATISTICS, REFORM, FOREVER)


def _districts(files: Files) -> Iterator[Fact]:
    h_codes = {line.cells["old_gso_code"]: line.cells["old_h_code"] for line in files.provinces}
    seen: set[str] = set()
    for line in files.succession:
        cells = line.cells
        key = district_key(cells)
        if key in seen:
            continue
        seen.add(key)
        yield OfficeFact(key, Kind.COMMITTEE)
        yield StandingFact(key, Level.DISTRICT, State.ACTIVE, ALWAYS, REFORM)
        yield StandingFact(key, Level.DISTRICT, State.CLOSED, REFORM, FOREVER)
        yield NameFact(key, cells["old_district"], False, ALWAYS, FOREVER)
        path = f"{cells['old_province_code']}.{cells['old_district_code']}"
        for code in (cells["old_district_code"], path):
            yield CodeFact(key, code, Scheme.STATISTICS, ALWAYS, REFORM)
        yield ParentFact(key, province_key(h_codes[cells["old_province_code"]]), ALWAYS, REFORM)
        if cells["old_commune_code"]:
            yield SuccessionFact(
                key, f"vn2025-{path}", SuccessionKind.CLOSE, None, REFORM, BASIS_REFORM
            )


def _old_communes(files: Files) -> Iterator[Fact]:
    seen: set[str] = set()
    for line in files.succession:
        cells = line.cells
        key, code = old_key(cells), cells["old_commune_code"]
        if key in seen or not code:
            continue
        seen.add(key)
        yield OfficeFact(key, Kind.COMMITTEE)
        yield CodeFact(key, _path(cells), Scheme.STATISTICS, ALWAYS, REFORM)
        yield ParentFact(key, district_key(cells), ALWAYS, REFORM)
        if cells["is_merged"] == "False":  # goes on; the rest is told with the new communes
            continue
        yield StandingFact(key, Level.COMMUNE, State.ACTIVE, ALWAYS, REFORM)
        yield StandingFact(key, Level.COMMUNE, State.CLOSED, REFORM, FOREVER)
        yield NameFact(key, cells["old_commune"], False, ALWAYS, FOREVER)
        yield CodeFact(key, code, Scheme.STATISTICS, ALWAYS, REFORM)


def _new_communes(files: Files) -> Iterator[Fact]:
    lines: dict[str, Line] = {}
    for line in files.succession:
        code = line.cells["new_commune_code"]
        lines.setdefault(files.same_commune.get(code, code), line)
    other_code = {listed: told for told, listed in files.same_commune.items()}
    keys = new_keys(files)
    for commune in files.communes:
        code = commune.cells["commune_code"]
        cells = lines[code].cells
        key = keys[code]
        goes_on = cells["is_merged"] == "False"
        start = ALWAYS if goes_on else REFORM
        if not goes_on:
            yield OfficeFact(key, Kind.COMMITTEE)
        yield StandingFact(key, Level.COMMUNE, State.ACTIVE, start, FOREVER)
        before = cells["old_commune"] if goes_on else None
        listed = commune.cells["full_name"]
        yield from _names(key, before, cells["new_commune"], listed, cells["new_province"])
        if goes_on and cells["old_commune_code"] != code:
            yield CodeFact(key, cells["old_commune_code"], Scheme.STATISTICS, ALWAYS, REFORM)
            start = REFORM
        yield CodeFact(key, code, Scheme.STATISTICS, start, FOREVER)
        if code in other_code:
            yield CodeFact(key, other_code[code], Scheme.STATISTICS, REFORM, FOREVER)
        yield ParentFact(key, province_key(commune.cells["province_h_code"]), REFORM, FOREVER)


def _names(
    key: str, before: str | None, told: str, listed: str, province: str
) -> Iterator[NameFact | SuccessionFact]:
    """Yield the names of an office that is there after the reform.

    ``told`` is its name on the day of the reform, ``listed`` the one of a year later: another
    spelling, or the name as a city or ward.
    """
    renamed = told != listed and is_renamed_city(province, told, listed) and told[:2] != listed[:2]
    official = told if renamed else _capital(listed)
    if before == official:
        start = ALWAYS
    else:
        start = REFORM
        if before is not None:
            yield NameFact(key, before, False, ALWAYS, REFORM)
            yield SuccessionFact(
                key, f"vn2025-name-{key}", SuccessionKind.RENAME, key, REFORM, BASIS_COMMUNES
            )
    if before is None:
        start = REFORM
    yield NameFact(key, official, False, start, CITY if renamed else FOREVER)
    if renamed:
        yield NameFact(key, listed, False, CITY, FOREVER)
        yield SuccessionFact(
            key, f"vn2026-name-{key}", SuccessionKind.RENAME, key, CITY, BASIS_CITY
        )
    elif told != official:
        yield NameFact(key, told, True, REFORM, FOREVER)


def _edges(files: Files) -> Iterator[SuccessionFact]:
    for line in files.provinces:
        cells = line.cells
        old, new = cells["old_h_code"], cells["new_h_code"]
        act = f"vn2025-{new}"
        if old != new:
            into = province_key(new)
            yield SuccessionFact(
                province_key(old), act, SuccessionKind.MERGE, into, REFORM, BASIS_REFORM
            )
        elif cells["old_gso_code"] != cells["new_gso_code"]:
            key = province_key(old)
            basis = "QĐ 19/2025/QĐ-TTg"
            yield SuccessionFact(key, f"{act}-code", SuccessionKind.RECODE, key, REFORM, basis)
    keys = new_keys(files)
    for line in files.succession:
        cells = line.cells
        code = cells["new_commune_code"]
        kind = SuccessionKind.MERGE
        if cells["is_divided"] == "True":
            kind = SuccessionKind.SPLIT
        elif cells["is_merged"] == "False":
            kind = SuccessionKind.MOVE
        act = hashlib.sha256(f"vn2025|{code}".encode()).hexdigest()[:20]
        yield SuccessionFact(old_key(cells), act, kind, keys[code], REFORM, BASIS_COMMUNES)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
