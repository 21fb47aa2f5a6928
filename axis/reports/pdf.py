"""A report as a PDF file, with its letters inside. Pure, but for the font's file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from axis.reports.columns import Column, Part
from axis.reports.errors import TooLongForPdfError
from axis.reports.sheets import Row, Sheet, shown

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT: Final = "Roboto"
_TITLE_PT, _PART_PT, _TEXT_PT, _CELL_PT = 15, 11, 9, 7
_LINE_MM: Final = 4.0
_MARGIN_MM: Final = 12
#: Widths of columns to each other; the remark of an office is left to the other forms.
_WIDTHS: Final = {
    "code": 5,
    "name": 11,
    "level": 4,
    "province": 6,
    "type": 8,
    "why": 12,
    "owners": 8,
}
_LEFT_OUT: Final = frozenset({"remark", "level"})
_FIGURE: Final = 3
_MOST_ROWS: Final = 1000


def write_pdf(sheet: Sheet) -> bytes:
    """Return the file: A4 across, a table for each part.

    Raises:
        TooLongForPdfError: it would have hundreds of pages, and take minutes.
    """
    from fpdf import FPDF

    if len(sheet.rows) > _MOST_ROWS:
        raise TooLongForPdfError(rows=len(sheet.rows), most=_MOST_ROWS)
    pdf = FPDF(orientation="landscape", format="A4")
    pdf.set_creation_date(sheet.as_of)
    pdf.set_lang(sheet.lang)
    pdf.set_title(sheet.title)
    pdf.set_margin(_MARGIN_MM)
    fonts = files("font_roboto") / "files"
    for style, name in (("", "Regular"), ("B", "Bold")):
        pdf.add_font(_FONT, style=style, fname=str(fonts / f"Roboto-{name}.ttf"))
    pdf.add_page()
    _line(pdf, sheet.title, _TITLE_PT, bold=True)
    for line in sheet.under:
        _line(pdf, line, _TEXT_PT)
    for line in sheet.notes:
        _line(pdf, line, _TEXT_PT, bold=True)
    for part in sheet.parts:
        _part(pdf, sheet, part)
    return bytes(pdf.output())


def _part(pdf: FPDF, sheet: Sheet, part: Part) -> None:
    if pdf.will_page_break(8 * _LINE_MM):
        pdf.add_page()
    pdf.ln(_LINE_MM)
    _line(pdf, part.title(sheet.lang), _PART_PT, bold=True)
    only = len(sheet.labels) == 1
    labels = [one for one in sheet.labels if only or one.key not in _LEFT_OUT]
    columns = [*labels, *part.columns]
    aligned = ["LEFT" if one in labels or one.key in _WIDTHS else "RIGHT" for one in columns]
    pdf.set_font(_FONT, size=_CELL_PT)
    with pdf.table(
        borders_layout="HORIZONTAL_LINES",
        col_widths=tuple(_WIDTHS.get(one.key, _FIGURE) for one in columns),
        line_height=_LINE_MM,
        text_align=tuple(aligned),
    ) as table:
        table.row([one.title(sheet.lang) for one in columns])
        for row in sheet.rows:
            table.row(_cells(sheet, row, labels, part.columns))
        pdf.set_font(_FONT, style="B", size=_CELL_PT)
        table.row(_cells(sheet, sheet.total, labels, part.columns))
        pdf.set_font(_FONT, size=_CELL_PT)
    for column in part.columns:
        if pdf.will_page_break(_LINE_MM):
            pdf.add_page()
        _line(pdf, f"{column.title(sheet.lang)}: {column.about(sheet.lang)}", _CELL_PT)


def _cells(
    sheet: Sheet, row: Row, labels: Sequence[Column], columns: Sequence[Column]
) -> list[str]:
    return [row.labels.get(one.key, "") for one in labels] + [
        shown(one, row.values.get(one.key), sheet.lang) for one in columns
    ]


def _line(pdf: FPDF, text: str, size_pt: int, *, bold: bool = False) -> None:
    pdf.set_font(_FONT, style="B" if bold else "", size=size_pt)
    pdf.multi_cell(0, size_pt * 0.5, text, new_x="LMARGIN", new_y="NEXT")
