"""A readable report for auditors: one HTML file that loads nothing and runs nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Final, NamedTuple

from axis.store.audit_figures import Figures

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem;text-align:left;
border-bottom:1px solid #ddd}td:last-child{text-align:right;font-variant-numeric:tabular-nums}
code{overflow-wrap:anywhere}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
svg{width:100%;height:auto}@media print{body{margin:0;max-width:none}}
"""
_BAR: Final = 18  #: width of a day in the plot
_HEIGHT: Final = 160


class Section(NamedTuple):
    """One part of the report, in whatever form it is written."""

    title: str
    rows: Sequence[tuple[str, object]]  #: values that are None are left out
    days: Mapping[date, tuple[int, int]] = {}  #: accepted and refused, to be drawn


def heading() -> str:
    """Return what stands over the report."""
    return "Báo cáo kiểm toán trục liên thông văn bản"


def period(begin: date, end: date) -> str:
    """Return the line that names the days."""
    return f"Từ {begin:%d/%m/%Y} đến {end:%d/%m/%Y} (giờ Việt Nam)."


def legend(days: Mapping[date, tuple[int, int]]) -> str:
    """Return what stands under the plot."""
    most = max(sum(pair) for pair in days.values())
    return f"Số gói tin mỗi ngày: chấp nhận (xanh), từ chối (đỏ); cao nhất {most}"


def sections(figures: Figures, ledger: Mapping[str, str | int | None]) -> list[Section]:
    """Return what the report says."""
    accepted = sum(pair[0] for pair in figures.days.values())
    refused = sum(pair[1] for pair in figures.days.values())
    return [
        Section("Sổ cái", list(ledger.items())),
        Section("Gói tin", [("Chấp nhận", accepted), ("Từ chối", refused)], figures.days),
        Section("Lý do từ chối", list(figures.refusals.items())),
        Section(
            "Thời hạn xử lý", [("Đúng hạn", figures.due_kept), ("Quá hạn", figures.due_missed)]
        ),
        Section("Lượt gửi theo trạng thái", list(figures.deliveries.items())),
        Section("Lượt gửi bị giữ, theo lý do", list(figures.held.items())),
        Section("Chữ ký yếu được chấp nhận theo ngoại lệ", list(figures.weak.items())),
    ]


def write_report(
    figures: Figures, *, begin: date, end: date, ledger: Mapping[str, str | int | None]
) -> str:
    """Return the report for the days from ``begin`` to ``end`` (both included)."""
    parts = [
        "<!doctype html><html lang='vi'><head><meta charset='utf-8'>",
        f"<title>Báo cáo kiểm toán {begin} – {end}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{heading()}</h1>",
        f"<p>{period(begin, end)}</p>",
    ]
    for section in sections(figures, ledger):
        parts += [f"<h2>{section.title}</h2>", _table(section.rows), _plot(section.days)]
    parts.append("</body></html>")
    return "\n".join(part for part in parts if part)


def _table(rows: Iterable[tuple[str, object]]) -> str:
    cells = [
        f"<tr><td>{escape(name)}</td><td><code>{escape(str(value))}</code></td></tr>"
        for name, value in rows
        if value is not None
    ]
    return f"<table>{''.join(cells)}</table>" if cells else "<p>Không có.</p>"


def _plot(days: Mapping[date, tuple[int, int]]) -> str:
    """Draw accepted and refused packages of each day as stacked bars."""
    if not days:
        return ""
    most = max(sum(pair) for pair in days.values()) or 1
    bars = []
    for place, (day, (accepted, refused)) in enumerate(days.items()):
        x = place * _BAR
        good, bad = accepted * _HEIGHT / most, refused * _HEIGHT / most
        title = f"<title>{day:%d/%m/%Y}: {accepted} / {refused}</title>"
        bars.append(
            f"<g>{title}<rect x='{x}' y='{_HEIGHT - good:.1f}' width='{_BAR - 3}'"
            f" height='{good:.1f}' fill='#2a6f97'/><rect x='{x}' y='{_HEIGHT - good - bad:.1f}'"
            f" width='{_BAR - 3}' height='{bad:.1f}' fill='#c1121f'/></g>"
        )
    width = len(days) * _BAR
    caption = legend(days)
    return (
        f"<figure><svg viewBox='0 0 {max(width, 300)} {_HEIGHT}' role='img'"
        f" aria-label='{caption}'>{''.join(bars)}</svg><figcaption>{caption}</figcaption>"
        "</figure>"
    )
