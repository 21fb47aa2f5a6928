"""Writes a report as JSON Lines, CSV, HTML or XLSX. Pure: the same report gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final

import msgspec

from axis.reports.pdf import write_pdf
from axis.reports.sheets import Cell, Row, Sheet, shown

#: A cell that begins like this is taken for a formula by spreadsheet programs.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDTHS: Final = {"name": 44, "province": 28, "remark": 32, "type": 28, "why": 40, "owners": 28}


class Form(StrEnum):
    """A form of a file."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"


def write(sheet: Sheet, form: Form) -> bytes:
    """Return the bytes of a file.

    Raises:
        TooLongForPdfError: of a PDF.
    """
    return _WRITERS[form](sheet)


def objects_of(sheet: Sheet) -> list[dict[str, Any]]:
    """Return each row as an object, under keys that stay; the sum is not among them."""
    return [{**sheet.facts, **row.values, **row.facts} for row in sheet.rows]


def _json(sheet: Sheet) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in objects_of(sheet))


def _csv(sheet: Sheet) -> bytes:
    """Return UTF-8 with a byte order mark, which spreadsheet programs need for Vietnamese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([one.title(sheet.lang) for one in (*sheet.labels, *sheet.columns)])
    for row in (*sheet.rows, sheet.total):
        writer.writerow([_harmless(cell) for cell in _cells(sheet, row)])
    return text.getvalue().encode("utf-8-sig", "replace")


def _xlsx(sheet: Sheet) -> bytes:
    """Return a workbook; texts are texts and never formulas or links."""
    import xlsxwriter

    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    vi = sheet.lang == "vi"
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": sheet.title, "created": sheet.as_of.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        head = book.add_format({"bold": True, "font_size": 14})
        number = book.add_format({"num_format": "#,##0"})
        sums = book.add_format({"num_format": "#,##0", "bold": True, "top": 1})
        page = book.add_worksheet("Số liệu" if vi else "Figures")
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.write_string(0, 0, sheet.title, head)
        for place, remark in enumerate((*sheet.under, *sheet.notes), start=1):
            page.write_string(place, 0, remark)
        top = 2 + len(sheet.under) + len(sheet.notes)
        columns = [*sheet.labels, *sheet.columns]
        for place, column in enumerate(columns):
            page.set_column(place, place, _WIDTHS.get(column.key, 13))
            page.write_string(top, place, column.title(sheet.lang), bold)
        page.freeze_panes(top + 1, len(sheet.labels))
        page.repeat_rows(top)
        for line, row in enumerate((*sheet.rows, sheet.total), start=top + 1):
            style = sums if row is sheet.total else number
            for place, cell in enumerate(_cells(sheet, row)):
                if isinstance(cell, int | float):
                    page.write_number(line, place, cell, style)
                elif cell is not None:
                    page.write_string(line, place, cell, sums if row is sheet.total else None)
        page = book.add_worksheet("Giải thích" if vi else "Columns")
        page.set_column(0, 0, 30)
        page.set_column(1, 1, 90)
        for line, column in enumerate(sheet.columns):
            page.write_string(line, 0, column.title(sheet.lang), bold)
            page.write_string(line, 1, column.about(sheet.lang))
    return file.getvalue()


def _html(sheet: Sheet) -> bytes:
    """Return a page that loads nothing and runs nothing."""
    page: str = _template().render(
        sheet=sheet, shown=lambda column, value: shown(column, value, sheet.lang)
    )
    return page.encode("utf-8", "replace")


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("axis.reports"), autoescape=True, undefined=StrictUndefined
    ).get_template("report.html")


def _cells(sheet: Sheet, row: Row) -> list[Cell]:
    labels: list[Cell] = [row.labels.get(one.key, "") for one in sheet.labels]
    return labels + [row.values.get(one.key) for one in sheet.columns]


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


_WRITERS: Final[Mapping[Form, Callable[[Sheet], bytes]]] = {
    Form.JSON: _json,
    Form.CSV: _csv,
    Form.HTML: _html,
    Form.PDF: write_pdf,
    Form.XLSX: _xlsx,
}
