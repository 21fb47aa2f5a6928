"""A report as a file of each form: what is in it, and what is harmless in it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pypdf
import pytest
from lxml import html

from axis.delivery.workdays import Workdays
from axis.errors import Lang
from axis.reports.daily import Day, DayLine, DayReport
from axis.reports.errors import TooLongForPdfError
from axis.reports.figures import Line, Report
from axis.reports.forms import Form, write
from axis.reports.periods import Kind, parse_period
from axis.reports.places import Place
from axis.reports.scope import By, Scope
from axis.reports.sheets import Sheet, day_sheet_of, sheet_of, span
from axis.reports.tally import Tally

WEEK = parse_period(Kind.WEEKLY, "2026-W46")
CLOSES = WEEK.closes_at(Workdays())
HOSTILE = '=HYPERLINK("http://x","y")'
TAG = "<script>alert(1)</script>"


def report(*names: str, **facts: object) -> Report:
    values: dict[str, object] = {
        "period": WEEK.key,
        "as_of": CLOSES,
        "made_at": CLOSES + timedelta(minutes=1),
        "closed": True,
        "directory_version": 7,
        "revision": 1,
        "lines": [
            Line(
                place=Place(office_id=f"o{n}", code=f"H{n}", name=name, level="commune"),
                tally=Tally(documents=1000 * n, came=7, times={"normal": {5: 3}}),
            )
            for n, name in enumerate(names, start=1)
        ],
    }
    return Report(**(values | facts))  # type: ignore[arg-type]


def sheet(*names: str, lang: Lang = "vi", **facts: object) -> Sheet:
    return sheet_of(report(*names, **facts), WEEK, scope=Scope(), by=By.OFFICE, lang=lang)


def test_a_page_loads_nothing_and_shows_hostile_names_as_they_are() -> None:
    page = write(sheet("UBND xã Hòa Sơn", TAG), Form.HTML)
    tree = html.fromstring(page)
    assert tree.get("lang") == "vi"
    assert not tree.xpath("//script | //link | //img | //@src | //@href | //@onclick")
    texts = [cell.text_content() for cell in tree.xpath("(//table)[1]/tbody/tr/td[1]")]
    assert texts == ["UBND xã Hòa Sơn", TAG]
    assert tree.xpath("(//table)[1]/tfoot//td[text()='3.000']")
    assert "Từ 09/11/2026 đến 15/11/2026" in tree.text_content()
    english = write(sheet("x", lang="en"), Form.HTML).decode()
    assert "Weekly report 2026-W46" in english
    assert "1,000" in english


def test_no_cell_is_a_formula() -> None:
    for name in (HOSTILE, "+1", "-1", "@x", "\tx"):
        text = write(sheet(name), Form.CSV).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert rows[1][1] == f"'{name}"
        assert rows[1][5] == "1000"
        assert rows[-1][0] == "Tổng cộng"
        book = openpyxl.load_workbook(io.BytesIO(write(sheet(name), Form.XLSX)))
        assert book.sheetnames == ["Số liệu", "Giải thích"]
        found = [cell for row in book["Số liệu"] for cell in row if cell.value == name]
        assert [cell.data_type for cell in found] == ["s"]
        assert not [cell for row in book["Số liệu"] for cell in row if cell.data_type == "f"]


def test_a_pdf_has_vietnamese_letters_and_every_table() -> None:
    content = write(sheet("UBND xã Hòa Sơn", "Thượng tọa Ữ ỹ"), Form.PDF)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = "\n".join(page.extract_text() for page in pages)
    for words in ("Báo cáo tuần 2026-W46", "Thượng tọa Ữ ỹ", "Thời hạn trả lời", "Tổng cộng"):
        assert words in text


def test_a_pdf_that_nobody_would_print_is_refused() -> None:
    with pytest.raises(TooLongForPdfError) as caught:
        write(sheet(*(["x"] * 1001)), Form.PDF)
    assert caught.value.code == "report.too-long-for-pdf"


@pytest.mark.parametrize("form", Form)
def test_the_same_figures_give_the_same_bytes(form: Form) -> None:
    assert write(sheet("a", "b"), form) == write(sheet("a", "b"), form)


def test_programs_get_keys_that_do_not_depend_on_the_language() -> None:
    lines = write(sheet("a"), Form.JSON).splitlines()
    (one,) = [json.loads(line) for line in lines]
    assert one | {"level": "commune", "documents": 1000, "closed": True, "revision": 1} == one
    assert one["as_of"] == "2026-11-16T05:00:00.000Z"
    assert 10 <= one["normal_p50"] <= 30
    assert one["express_p50"] is None


def test_a_report_says_what_it_lacks() -> None:
    assert sheet().notes == ["Không có văn bản nào trong kỳ."]
    provisional = sheet("a", closed=False, lang="en")
    assert any("PROVISIONAL" in line for line in provisional.under)
    corrected = sheet("a", revision=3, why="one office stood elsewhere", lang="en")
    assert "Correction 2: one office stood elsewhere" in corrected.under


def test_a_day_tells_causes_and_owners_in_words() -> None:
    day = parse_period(Kind.DAILY, "2026-11-20")
    found = DayReport(
        period=day.key,
        as_of=day.end,
        made_at=day.end,
        closed=True,
        directory_version=1,
        lines=[
            DayLine(
                place=Place(office_id="o", code="H1", name="a", level="central"),
                type="document",
                tally=Day(left=2, why={"waits-routed": 1, "no-system": 1}, owners={"receiver": 2}),
            ),
            DayLine(
                place=Place(office_id="o", code="H1", name="a", level="central"),
                type="dossier",
                tally=Day(arose=3, delivered=3, due=3, in_time=3),
            ),
        ],
        types={"document": ("Văn bản", "Document"), "dossier": ("Hồ sơ", "Dossier")},
    )
    told = day_sheet_of(found, day, scope=Scope(), by=By.OFFICE, lang="vi")
    assert told.rows[0].values["why"] == "hệ thống của đơn vị chưa kết nối: 1, chờ hệ thống nhận: 1"
    assert told.rows[0].values["owners"] == "nơi nhận: 2"
    assert [(row.labels["code"], row.labels["type"]) for row in told.rows] == [
        ("H1", "Văn bản"),
        ("H1", "Hồ sơ"),
    ]
    short = "Hồ sơ: phát sinh 3, đã nhận 3, còn lại 0; đến hạn 3, đúng hạn 3, quá hạn 0."
    assert short in told.under
    assert "17:00 19/11/2026 – 17:00 20/11/2026" in told.under
    by_type = day_sheet_of(found, day, scope=Scope(), by=By.TYPE, lang="en")
    assert [(row.facts["type"], row.values["in_time"]) for row in by_type.rows] == [
        ("document", 0),
        ("dossier", 3),
    ]
    for form in Form:
        name = b"Dossier" if form in (Form.HTML, Form.CSV) else b""
        assert name in write(by_type, form)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (12.4, "12 giây"),
        (600, "10 phút"),
        (7500, "2 giờ 05 phút"),
        (93600, "1 ngày 2 giờ"),
    ],
)
def test_times_are_told_in_words(seconds: float | None, text: str) -> None:
    assert span(seconds, "vi") == text
