"""The readable report as one PDF file, with its letters inside. Pure, but for the font's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from axis.audit.report import Section, heading, legend, period, sections
from axis.store.audit_figures import Figures

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT: Final = "Roboto"
_TEXT_PT: Final = 10
_LINE_MM: Final = 5.5
_PLOT_MM: Final = 40.0
_ACCEPTED: Final = (0x2A, 0x6F, 0x97)
_REFUSED: Final = (0xC1, 0x12, 0x1F)
_TITLE_PT: Final = 16
_SECTION_PT: Final = 12


def write_pdf(
    figures: Figures,
    *,
    begin: date,
    end: date,
    ledger: Mapping[str, str | int | None],
    made_at: datetime,
) -> bytes:
    """Return the report for the days from ``begin`` to ``end`` (both included)."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_creation_date(made_at)
    pdf.set_lang("vi")
    pdf.set_title(f"{heading()} {begin} – {end}")
    pdf.set_margin(20)
    fonts = files("font_roboto") / "files"
    for style, name in (("", "Regular"), ("B", "Bold")):
        pdf.add_font(_FONT, style=style, fname=str(fonts / f"Roboto-{name}.ttf"))
    pdf.add_page()
    _line(pdf, heading(), _TITLE_PT)
    _line(pdf, period(begin, end), _TEXT_PT, bold=False)
    for section in sections(figures, ledger):
        _section(pdf, section)
    return bytes(pdf.output())


def _section(pdf: FPDF, section: Section) -> None:
    pdf.ln(_LINE_MM)
    _line(pdf, section.title, _SECTION_PT)
    rows = [(name, str(value)) for name, value in section.rows if value is not None]
    if rows:
        _table(pdf, rows)
    else:
        _line(pdf, "Không có.", _TEXT_PT, bold=False)
    if section.days:
        _plot(pdf, section.days)


def _table(pdf: FPDF, rows: Iterable[tuple[str, str]]) -> None:
    pdf.set_font(_FONT, size=_TEXT_PT)
    with pdf.table(
        borders_layout="HORIZONTAL_LINES",
        col_widths=(2, 7),
        first_row_as_headings=False,
        line_height=_LINE_MM,
        text_align=("LEFT", "RIGHT"),
    ) as table:
        for name, value in rows:
            row = table.row()
            row.cell(name)
            row.cell(value)


def _plot(pdf: FPDF, days: Mapping[date, tuple[int, int]]) -> None:
    """Draw accepted and refused packages of each day as stacked bars."""
    if pdf.will_page_break(_PLOT_MM + 3 * _LINE_MM):
        pdf.add_page()
    most = max(sum(pair) for pair in days.values()) or 1
    step = min(pdf.epw / len(days), 6.0)
    foot = pdf.get_y() + _LINE_MM + _PLOT_MM
    for place, (accepted, refused) in enumerate(days.values()):
        x, top = pdf.l_margin + place * step, foot
        for count, colour in ((accepted, _ACCEPTED), (refused, _REFUSED)):
            height = count * _PLOT_MM / most
            top -= height
            if count:
                pdf.set_fill_color(*colour)
                pdf.rect(x, top, step * 0.85, height, style="F")
    pdf.set_y(foot + 1)
    _line(pdf, legend(days), _TEXT_PT, bold=False)


def _line(pdf: FPDF, text: str, size_pt: int, *, bold: bool = True) -> None:
    pdf.set_font(_FONT, style="B" if bold else "", size=size_pt)
    pdf.multi_cell(0, size_pt * 0.55, text, new_x="LMARGIN", new_y="NEXT")
