"""The real files of 1 July 2025: imported as they are, given back, every old code accounted for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.directory.change import Change, Facts
from axis.directory.errors import DirectoryRefusedError
from axis.directory.snapshot import Directory
from axis.directory.table import Problems
from axis.directory.values import Held, Served, State
from axis.directory.vn2025 import COLUMNS, COMMUNES, PROVINCES, SUCCESSION, Files, read_files
from axis.directory.vn2025_export import sources_of
from axis.directory.vn2025_facts import facts_of
from axis.store.directory import load_directory
from axis.store.directory_source import export_vn2025, import_vn2025
from axis.store.engine import transaction

SECOND_OF_JULY = datetime(2025, 7, 2, 3, tzinfo=UTC)
LAST_OF_JUNE = datetime(2025, 6, 30, 3, tzinfo=UTC)
TODAY = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def contents(shared: Path) -> dict[str, bytes]:
    return {name: (shared / "data" / "directory" / name).read_bytes() for name in COLUMNS}


@pytest.fixture(scope="module")
def files(contents) -> Files:
    problems = Problems()
    files = read_files(contents, problems)
    assert not problems
    return files


@pytest.fixture(scope="module")
def directory(files) -> Directory:
    empty = Directory.build(0, Facts())
    return empty.advance(Change(added=tuple(facts_of(files))), 1)


def old_codes(files: Files) -> dict[str, str]:
    """Each old commune's code and the same code written in full."""
    return {
        cells["old_commune_code"]: ".".join(
            cells[f"old_{part}_code"] for part in ("province", "district", "commune")
        )
        for line in files.succession
        if (cells := line.cells)["old_commune_code"]
    }


def test_every_difference_between_the_files_is_explained(files):
    assert files.explained == {
        "commune divided, held until a rule is set": 471,
        "tone mark or capital written differently": 193,
        "province merged into another": 29,
        "renamed on 2026-04-30": 11,
        "province with a new statistics code, its seat's": 7,
        "island district without communes": 5,
        "one commune under two codes, both kept": 1,
    }


def test_a_letter_to_every_old_commune_is_accounted_for(directory, files, capsys):
    """Each of the 10,035 codes, as the old list writes it in full, is served or held."""
    counts: Counter[str] = Counter()
    for full in old_codes(files).values():
        before = directory.resolve(full, LAST_OF_JUNE)
        assert isinstance(before, Served)
        assert before.via == ()
        found = directory.resolve(full, SECOND_OF_JULY)
        if isinstance(found, Held):
            assert found.reason == "divided"
            assert len(found.candidates) >= 2
            counts["held: divided"] += 1
        else:
            assert directory.office(found.office_id, SECOND_OF_JULY).state == State.ACTIVE
            assert directory.find(found.code, SECOND_OF_JULY).office_id == found.office_id
            kind = "the same office" if found.office_id == before.office_id else "its successor"
            counts[f"served: {kind}"] += 1
    with capsys.disabled():
        print(f"\nold commune codes in full at 2025-07-02: {dict(counts)}")
    assert sum(counts.values()) == 10_035
    assert counts == {
        "served: its successor": 9_437,
        "served: the same office": 127,
        "held: divided": 471,
    }


def test_a_short_code_that_was_given_to_a_new_commune_names_the_new_one(directory, files, capsys):
    """5 digits alone name who has them now; of 471 divided communes 151 lost theirs to a part."""
    counts: Counter[str] = Counter()
    for code in old_codes(files):
        found = directory.resolve(code, SECOND_OF_JULY)
        if isinstance(found, Held):
            counts["held: divided"] += 1
            continue
        former = found.formerly
        counts["served: its successor"] += former is None and bool(found.via)
        counts["served: the same office"] += former is None and not found.via
        if former:
            counts["served: the new office that has the code now"] += 1
            record = directory.record(former)
            assert found.office_id in {fact.successor_id for fact in record.successions}
    with capsys.disabled():
        print(f"\nold commune codes, 5 digits alone, at 2025-07-02: {dict(counts)}")
    assert sum(counts.values()) == 10_035
    assert counts["held: divided"] == 320


def test_every_office_of_today_is_found_by_its_codes(directory, files):
    for line in files.communes:
        cells = line.cells
        office = directory.find(cells["commune_code"], TODAY)
        province = directory.find(cells["province_h_code"], TODAY)
        assert office.level == "commune"
        assert office.parent_id == province.office_id
    levels = Counter(
        directory.office(record.office_id, TODAY).level
        for record in directory.records()
        if directory.office(record.office_id, TODAY).state == State.ACTIVE
    )
    assert levels == {"provincial": 34, "commune": 3_321}


def test_the_country_before_the_reform_is_whole(directory):
    levels = Counter(
        office.level
        for record in directory.records()
        if (office := directory.office(record.office_id, LAST_OF_JUNE)).state == State.ACTIVE
    )
    assert levels == {"provincial": 63, "district": 696, "commune": 10_035}


def test_closed_provinces_lead_to_the_one_that_kept_its_name(directory):
    for code in ("H62", "000.00.00.H28", "26", "H44"):
        assert directory.resolve(code, SECOND_OF_JULY).code == "H44"
    assert directory.resolve("91", LAST_OF_JUNE).code == "91"  # Kiên Giang
    assert directory.find("91", SECOND_OF_JULY).code == "H01"  # An Giang, by its seat
    assert directory.resolve("89", SECOND_OF_JULY).code == "H01"


def test_an_abolished_district_is_held_and_an_island_is_served(directory):
    assert directory.resolve("001", SECOND_OF_JULY).reason == "no-successor"
    served = directory.resolve("755", SECOND_OF_JULY)
    assert directory.office(served.office_id, SECOND_OF_JULY).name == "Đặc khu Côn Đảo"


def test_names_change_when_the_law_says(directory):
    assert directory.find("H19", SECOND_OF_JULY).name == "Tỉnh Đồng Nai"
    assert directory.find("H19", TODAY).name == "Thành phố Đồng Nai"
    assert directory.find("26368", SECOND_OF_JULY).name == "Xã Long Thành"
    assert directory.find("26368", TODAY).name == "Phường Long Thành"


def test_only_remarks_and_spellings_are_kept_beside_the_facts(directory, files):
    kept = Counter(
        (source.file, column) for source in sources_of(directory, files) for column in source.rest
    )
    remarks = ("old_hdnd_k_code_inferred", "h_code_status_under_QD09_2025", "h_code_evidence")
    assert all(kept.pop((PROVINCES, column)) == 63 for column in remarks)
    assert kept == {(COMMUNES, "commune_code"): 1, (COMMUNES, "full_name"): 1}


def test_the_files_are_recorded_and_given_back_to_the_byte(engine: sa.Engine, contents):
    done = import_vn2025(engine, contents, by="test", at=TODAY, dry_run=False)
    assert (done.provinces, done.communes, done.edges) == (63, 3_321, 10_602)
    assert (done.facts, done.version) == (103_079, 1)
    again = import_vn2025(engine, contents, by="test", at=TODAY, dry_run=False)
    assert (again.facts, again.version) == (0, 1)
    with transaction(engine) as connection:
        assert len(load_directory(connection)) == 13_988
        assert export_vn2025(connection) == contents
    other = contents[COMMUNES].replace("Phường Hoàn Kiếm".encode(), "Phường Hoàn kiếm".encode(), 1)
    with pytest.raises(DirectoryRefusedError) as caught:
        import_vn2025(engine, {**contents, COMMUNES: other}, by="test", at=TODAY, dry_run=False)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == ("directory.contradiction", 5)


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (PROVINCES, "H02,K02,24", "H01,K02,24", "directory.duplicate-code"),
        (PROVINCES, "24,Tỉnh Bắc Giang,H05", "24,Tỉnh Bắc Giang,H99", "directory.parent-missing"),
        (PROVINCES, "H01,91,Tỉnh An Giang", "H01,91,Tỉnh Giang An", "directory.contradiction"),
        (COMMUNES, "00004,Phường Ba Đình", "00008,Phường Ba Đình", "directory.duplicate-code"),
        (COMMUNES, "Phường,01,", "Phường,03,", "directory.parent-missing"),
        (COMMUNES, "Phường,01,", "Xã,01,", "directory.contradiction"),
        (SUCCESSION, "00097,Thành phố", "99999,Thành phố", "directory.parent-missing"),
        (SUCCESSION, "Phường Hồng Hà", "Phường Hà Hồng", "directory.contradiction"),
        (SUCCESSION, "True,True", "True,False", "directory.contradiction"),
        (SUCCESSION, "old_district_code", "district", "directory.wrong-columns"),
        (SUCCESSION, "00001,Thành phố", ",Thành phố", "directory.contradiction"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(contents, name, old, new, code):
    changed = {**contents, name: contents[name].replace(old.encode(), new.encode(), 1)}
    assert changed[name] != contents[name]
    problems = Problems()
    read_files(changed, problems)
    found = problems.sorted()
    assert code in {problem.code for problem in found}
    assert all(problem.place and problem.place.line for problem in found)


def test_a_folder_without_one_of_the_files_is_refused(contents):
    problems = Problems()
    read_files({name: contents[name] for name in (PROVINCES, COMMUNES)}, problems)
    assert [problem.code for problem in problems.sorted()] == ["directory.file-missing"]


def test_codes_that_another_office_has_are_refused(sqlite_engine, contents):
    from axis.directory.importing import plan_import
    from axis.store.directory_changes import change_directory

    text = "code,name,level\n00004,Cơ quan khác,commune\n"
    change_directory(
        sqlite_engine,
        lambda directory: plan_import(directory, text.encode(), TODAY, source="x"),
        kind="import",
        by="test",
        at=TODAY,
    )
    with pytest.raises(DirectoryRefusedError) as caught:
        import_vn2025(sqlite_engine, contents, by="test", at=TODAY, dry_run=False)
    assert {problem.code for problem in caught.value.problems} == {"directory.code-taken"}
