"""A readable report for auditors: one HTML file that loads nothing and runs nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from html import escape
from typing import Final

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


def write_report(
    figures: Figures, *, begin: date, end: date, ledger: Mapping[str, str | int | None]
) -> str:
    """Return the report for the days from ``begin`` to ``end`` (both included)."""
    accepted = sum(pair[0] for pair in figures.days.values())
    refused = sum(pair[1] for pair in figures.days.values())
    parts = [
        "<!doctype html><html lang='vi'><head><meta charset='utf-8'>",
        f"<title>Báo cáo kiểm toán {begin} – {end}</title><style>{_STYLE}</style></head><body>",
        "<h1>Báo cáo kiểm toán trục liên thông văn bản</h1>",
        f"<p>Từ {begin:%d/%m/%Y} đến {end:%d/%m/%Y} (giờ Việt Nam).</p>",
        "<h2>Sổ cái</h2>",
        _table(ledger.items()),
        "<h2>Gói tin</h2>",
        _table([("Chấp nhận", accepted), ("Từ chối", refused)]),
        _plot(figures.days),
        "<h2>Lý do từ chối</h2>",
        _table(figures.refusals.items()),
        "<h2>Thời hạn xử lý</h2>",
        _table([("Đúng hạn", figures.due_kept), ("Quá hạn", figures.due_missed)]),
        "<h2>Lượt gửi theo trạng thái</h2>",
        _table(figures.deliveries.items()),
        "<h2>Lượt gửi bị giữ, theo lý do</h2>",
        _table(figures.held.items()),
        "<h2>Chữ ký yếu được chấp nhận theo ngoại lệ</h2>",
        _table(figures.weak.items()),
        "</body></html>",
    ]
    return "\n".join(parts)


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
    caption = "Số gói tin mỗi ngày: chấp nhận (xanh), từ chối (đỏ)"
    return (
        f"<figure><svg viewBox='0 0 {max(width, 300)} {_HEIGHT}' role='img'"
        f" aria-label='{caption}'>{''.join(bars)}</svg><figcaption>{caption}; cao nhất {most}"
        "</figcaption></figure>"
    )
