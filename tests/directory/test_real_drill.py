"""Vĩnh Phúc, Hòa Bình and Phú Thọ become Phú Thọ: all real communes, by acts instead of an import.

The same country is reached in two ways, by the import of the files and by a plan of acts on the
country before; both must serve every letter alike.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from axis.directory.change import Change, Facts
from axis.directory.importing import plan_import
from axis.directory.rehearsal import Undelivered, rehearse
from axis.directory.snapshot import Directory
from axis.directory.spelling import is_same_name
from axis.directory.succession import plan_file
from axis.directory.table import Problems
from axis.directory.values import Held, Served
from axis.directory.vn2025 import COLUMNS, read_files
from axis.directory.vn2025_facts import facts_of

JUNE = datetime(2025, 6, 30, 3, tzinfo=UTC)
JULY = datetime(2025, 7, 2, 3, tzinfo=UTC)
PROVINCES = {"26": "H62", "17": "H28", "25": "H44"}
BASIS = "NQ 202/2025/QH15"


@pytest.fixture(scope="module")
def files(shared: Path):
    problems = Problems()
    contents = {name: (shared / "data" / "directory" / name).read_bytes() for name in COLUMNS}
    files = read_files(contents, problems)
    assert not problems
    return files


@pytest.fixture(scope="module")
def pairs(files):
    return [line.cells for line in files.succession if line.cells["old_province_code"] in PROVINCES]


def full(cells) -> str:
    return ".".join(cells[f"old_{part}_code"] for part in ("province", "district", "commune"))


def quoted(*cells: str) -> str:
    return ",".join(f'"{cell}"' for cell in cells)


@pytest.fixture(scope="module")
def before(pairs) -> Directory:
    rows = {}
    for cells in pairs:
        province = PROVINCES[cells["old_province_code"]]
        district = f"{cells['old_province_code']}.{cells['old_district_code']}"
        rows[province] = quoted(province, cells["old_province"], "provincial", "")
        rows[district] = quoted(district, cells["old_district"], "district", province)
        rows[full(cells)] = quoted(full(cells), cells["old_commune"], "commune", district)
    text = "\n".join(["code,name,level,parent_code", *rows.values()])
    empty = Directory.build(0, Facts())
    return empty.advance(plan_import(empty, text.encode(), JUNE, source="before").change, 1)


@pytest.fixture(scope="module")
def plan(pairs) -> str:
    """Merges for what goes over whole, splits for what is divided, the districts last."""
    names = {cells["new_commune_code"]: cells["new_commune"] for cells in pairs}
    whole, divided = defaultdict(dict), defaultdict(dict)
    for cells in pairs:
        if cells["is_divided"] == "True":
            divided[full(cells)][cells["new_commune_code"]] = None
        else:
            whole[cells["new_commune_code"]][full(cells)] = None
    lines = [quoted("merge", "H62 H28", "H44", "2025-07-01", BASIS, "", "")]
    founded = set()

    def successor(code: str) -> str:
        word = code if code in founded else f"{code}={names[code]}"
        founded.add(code)
        return word

    for code, olds in whole.items():
        words = " ".join(olds)
        lines.append(quoted("merge", words, successor(code), "2025-07-01", BASIS, "", "H44"))
    for old, codes in divided.items():
        words = "; ".join(successor(code) for code in codes)
        lines.append(quoted("split", old, words, "2025-07-01", BASIS, "Tổ chuyển đổi", "H44"))
    districts = {f"{c['old_province_code']}.{c['old_district_code']}": None for c in pairs}
    lines.append(quoted("close", " ".join(districts), "", "2025-07-01", BASIS, "", ""))
    return "\n".join(["kind,from,to,effective,legal_basis,hold,parent", *lines])


def test_a_plan_of_acts_leads_where_the_import_leads(files, pairs, before, plan):
    planned = plan_file(before, plan.encode(), source="plan")
    after = before.advance(planned.change, 2)
    imported = Directory.build(0, Facts()).advance(Change(added=tuple(facts_of(files))), 1)
    served = held = 0
    for address in dict.fromkeys(full(cells) for cells in pairs):
        one, other = after.resolve(address, JULY), imported.resolve(address, JULY)
        if isinstance(one, Held):
            assert isinstance(other, Held)
            assert len(one.candidates) == len(other.candidates)
            held += 1
        else:
            assert isinstance(other, Served)
            assert one.code == other.code
            assert is_same_name(
                after.office(one.office_id, JULY).name,
                imported.office(other.office_id, JULY).name,
            )
            served += 1
    assert planned.draft.resolve("H62", JULY).code == "H44"
    new = [r for r in after.records() if after.office(r.office_id, JULY).state == "active"]
    communes = [r for r in new if after.office(r.office_id, JULY).level == "commune"]
    assert len(communes) == len({cells["new_commune_code"] for cells in pairs}) == 148
    ways = _ways(pairs)
    assert held == sum(len(found) > 1 for found in ways.values())
    assert served == len(ways) - held


def _ways(pairs):
    ways = defaultdict(set)
    for cells in pairs:
        ways[full(cells)].add(cells["new_commune_code"])
    return ways


def test_the_rehearsal_tells_of_every_document_in_flight(pairs, before, plan):
    planned = plan_file(before, plan.encode(), source="plan")
    addresses = list(dict.fromkeys(full(cells) for cells in pairs))
    waiting = [
        Undelivered(
            delivery_id=str(number),
            address=address,
            office_id=before.find(address, JUNE).office_id,
        )
        for number, address in enumerate(addresses)
    ]
    found = rehearse(before, planned.draft, on=JULY, grace=timedelta(days=90), undelivered=waiting)
    outcomes = {outcome.outcome for outcome in found.redirections}
    assert outcomes == {"redirected", "held"}
    assert len(found.redirections) == len(addresses)
    assert len([lost for lost in found.lost_codes if lost.code.count(".") == 2]) == len(addresses)
