"""Offices from CSV: all lines or none, every problem with its place, again means no change."""

from __future__ import annotations

from datetime import datetime

import pytest

from axis.directory.change import Facts
from axis.directory.errors import DirectoryRefusedError
from axis.directory.importing import plan_import
from axis.directory.snapshot import Directory

from .conftest import COUNTRY

EMPTY = Directory.build(0, Facts())
HEADER = "code,name,level,parent_code,kind,scheme,other_codes,state,valid_from,valid_to\n"


def problems_of(text: str | bytes, now: datetime, directory: Directory = EMPTY) -> list[tuple]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(DirectoryRefusedError) as caught:
        plan_import(directory, data, now, source="offices.csv")
    assert caught.value.code == "directory.refused"
    assert caught.value.facts["count"] == len(caught.value.problems)
    return [
        (problem.code, problem.place and problem.place.line, problem.place and problem.place.column)
        for problem in caught.value.problems
    ]


def test_the_country_is_imported_with_codes_names_levels_and_parents(country, before):
    commune = country.find("H44.1", before)
    assert (commune.name, commune.level, commune.kind) == ("Xã Hy Cương", "commune", "committee")
    province = country.office(commune.parent_id, before)
    assert (province.code, province.name) == ("H44", "Tỉnh Phú Thọ")
    assert country.find("000.00.00.H44", before) == province
    assert country.find("25", before) == province
    assert country.find("G22", before).kind == "central-body"


def test_importing_again_is_no_change(country, before):
    plan = plan_import(country, COUNTRY.encode(), before, source="country.csv")
    assert not plan.change
    assert (plan.added, plan.unchanged) == (0, 5)


def test_a_byte_order_mark_and_crlf_are_no_difference(country, before):
    data = b"\xef\xbb\xbf" + COUNTRY.replace("\n", "\r\n").encode()
    assert not plan_import(country, data, before, source="country.csv").change


def test_lines_may_stand_in_any_order(before):
    lines = COUNTRY.splitlines()
    text = "\n".join([lines[0], *reversed(lines[1:])])
    plan = plan_import(EMPTY, text.encode(), before, source="x.csv")
    assert EMPTY.advance(plan.change, 1).find("H62.1", before).parent_id is not None


def test_a_file_that_is_not_utf8_is_refused_with_the_byte(before):
    data = "code,name,level\nG22,Văn phòng,central\n".encode("utf-16-le")
    assert problems_of(b"code,name,level\nG22,V\xe3n,central\n", before) == [
        ("directory.wrong-encoding", 2, None)
    ]
    assert problems_of(b"\xff\xfe" + data, before)[0][0] == "directory.wrong-encoding"


@pytest.mark.parametrize(
    "header",
    ["code;name;level", "code,name", "code,name,level,colour", "code,name,level,code", ""],
)
def test_wrong_columns_are_refused(header, before):
    assert problems_of(header + "\nG22,Văn phòng,central\n", before) == [
        ("directory.wrong-columns", 1, None)
    ]


def test_a_line_with_too_few_cells_is_refused(before):
    assert problems_of("code,name,level\nG22,Văn phòng\n", before) == [
        ("directory.wrong-columns", 2, 3)
    ]


def test_every_problem_is_listed_with_line_and_column(before):
    text = (
        HEADER
        + "G22,,central,,,,,,,\n"
        + "H01,Tỉnh,province,,,,,,,\n"
        + "H02,Tỉnh,provincial,H99,,,,,,\n"
        + "H03,Tỉnh,provincial,,village,,,,,\n"
        + "H04,Tỉnh,provincial,,,,statistics-04,,,\n"
        + "H05,Tỉnh,provincial,,,,,,2025-13-01,\n"
        + "H06,Tỉnh,provincial,,,,,,2025-07-01,2025-06-01\n"
        + "H07,Tỉnh A,provincial,,,,,,,\n"
        + "H07,Tỉnh B,provincial,,,,,,,\n"
    )
    assert problems_of(text, before) == [
        ("directory.missing-value", 2, 2),
        ("directory.unknown-value", 3, 3),
        ("directory.parent-missing", 4, 4),
        ("directory.unknown-value", 5, 5),
        ("directory.unknown-value", 6, 7),
        ("directory.unknown-value", 7, 9),
        ("directory.span-reversed", 8, 10),
        ("directory.duplicate-code", 10, 1),
    ]


def test_an_office_under_itself_is_refused(before):
    text = "code,name,level,parent_code\nA,A,central,C\nB,B,central,A\nC,C,central,B\n"
    assert problems_of(text, before) == [("directory.parent-cycle", 2, 4)]
    text = "code,name,level,parent_code\nA,A,central,A\n"
    assert problems_of(text, before) == [("directory.parent-cycle", 2, 4)]


def test_a_line_that_contradicts_the_directory_is_refused(country, before):
    text = COUNTRY.replace("Tỉnh Vĩnh Phúc", "Tỉnh Phúc Vĩnh").replace("H62.1,", "H62.2,")
    assert problems_of(text, before, country) == [("directory.differs", 4, 2)]


def test_a_code_of_another_office_is_refused(country, before):
    text = "code,name,level,other_codes\nH99,Tỉnh mới,provincial,statistics:25\n"
    assert problems_of(text, before, country) == [("directory.code-taken", 2, 4)]


def test_codes_may_follow_each_other_in_one_file(before, after):
    text = HEADER + ("05,Cũ,provincial,,,,,,,2025-07-01\n" + "05,Mới,provincial,,,,,,2025-07-01,\n")
    directory = EMPTY.advance(plan_import(EMPTY, text.encode(), before, source="x").change, 1)
    assert directory.find("05", before).name == "Cũ"
    assert directory.find("05", after).name == "Mới"


def test_an_odd_code_is_a_warning_and_works(before):
    text = "code,name,level\nvxp.saas.03,Nền tảng,central\n"
    plan = plan_import(EMPTY, text.encode(), before, source="x")
    assert [warning.code for warning in plan.warnings] == ["directory.odd-code"]
    assert EMPTY.advance(plan.change, 1).find("vxp.saas.03", before) is not None
