"""Curves and bars as SVG that stands in a page by itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

_WIDTH: Final = 760
_HEIGHT: Final = 220
_LEFT: Final = 56
_BOTTOM: Final = 24
#: Told apart by who does not see all colours, too (Okabe and Ito).
_COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999",
)  # fmt: skip


def curves(series: Mapping[str, Any]) -> str:
    """Draw lines over seconds.

    Args:
        series: ``name``, ``unit``, ``at`` (s, or what ``across`` names) and ``lines``: name → a
            value for each.
    """
    at: Sequence[float] = series["at"]
    lines: Mapping[str, Sequence[float]] = series["lines"]
    across, unit = max(at, default=0.0) or 1.0, series.get("across", "s")
    most = max((value for line in lines.values() for value in line), default=0.0) or 1.0
    drawn = []
    for number, (name, line) in enumerate(lines.items()):
        points = " ".join(
            f"{_x(instant, across):.1f},{_y(value, most):.1f}"
            for instant, value in zip(at, line, strict=False)
        )
        colour = _COLOURS[number % len(_COLOURS)]
        drawn.append(
            f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.6'>"
            f"<title>{escape(name)}</title></polyline>"
        )
    corner = _text(_WIDTH - 4, _HEIGHT - 6, f"{across:g} {unit}", "end")
    title = f"{series['name']} ({series['unit']})"
    return _figure(title, [*_grid(most), *drawn, corner], list(lines))


def bars(title: str, unit: str, values: Mapping[str, float]) -> str:
    """Draw one bar for each value, with its number beside it."""
    most = max(values.values(), default=0.0) or 1.0
    row, left = 22, 220
    drawn = []
    for number, (name, value) in enumerate(values.items()):
        y = number * row
        long = max(0.0, value) / most * (_WIDTH - left - 110)
        size = f"width='{long:.1f}' height='{row - 6}'"
        drawn += [
            _text(left - 8, y + 15, name, "end"),
            f"<rect x='{left}' y='{y + 3}' {size} fill='{_COLOURS[0]}'/>",
            _text(left + long + 6, y + 15, f"{value:,.4g} {unit}", "start"),
        ]
    return _figure(title, drawn, [], height=max(row, len(values) * row))


def _grid(most: float) -> list[str]:
    parts = []
    for quarter in range(5):
        value = most * quarter / 4
        y = _y(value, most)
        parts.append(f"<line x1='{_LEFT}' x2='{_WIDTH}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ddd'/>")
        parts.append(_text(_LEFT - 6, y + 4, f"{value:.3g}", "end"))
    return parts


def _figure(
    title: str, drawn: Sequence[str], names: Sequence[str], *, height: int = _HEIGHT
) -> str:
    legend = " ".join(
        f"<span><b style='background:{_COLOURS[number % len(_COLOURS)]}'></b>{escape(name)}</span>"
        for number, name in enumerate(names)
    )
    return (
        f"<figure><figcaption>{escape(title)}</figcaption><svg viewBox='0 0 {_WIDTH} {height}'"
        f" role='img' aria-label='{escape(title, quote=True)}'>{''.join(drawn)}</svg>"
        f"<p class='legend'>{legend}</p></figure>"
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='12'>{escape(text)}</text>"
    )


def _x(value: float, across: float) -> float:
    return _LEFT + value / across * (_WIDTH - _LEFT)


def _y(value: float, most: float) -> float:
    return (1 - value / most) * (_HEIGHT - _BOTTOM - 8) + 8
