"""One run as an HTML page that loads nothing and runs nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from axis.bench.differences import Difference, flat
from axis.bench.plots import bars, curves

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.15rem .8rem;text-align:left;
border-bottom:1px solid #ddd}td:not(:first-child){text-align:right;
font-variant-numeric:tabular-nums}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
svg{width:100%;height:auto}figure{margin:1rem 0}figcaption{font-weight:600}
.wrong{background:#fdecea;border-left:4px solid #c1121f;padding:.5rem 1rem}
.legend span{margin-right:1rem;white-space:nowrap}.legend b{display:inline-block;width:.8em;
height:.8em;margin-right:.3em}@media print{body{margin:0;max-width:none}}
"""
#: Figures that are drawn as bars, by the end of their name, with their unit.
_BARS: Final = {
    "cpu_ms": "ms",
    "stage_ms": "ms",
    "cpu_us": "µs",
    "peak_mib": "MiB",
    "cores": "",
}


def write_page(
    figures: Mapping[str, Any],
    *,
    title: str,
    words: Mapping[str, str],
    compared: Sequence[Difference] = (),
) -> str:
    """Return the page.

    Args:
        figures: of one run, with ``machine``, ``wrong`` and ``series``.
        title: what stands over it.
        words: headings in the reader's language: ``wrong``, ``machine``, ``figures``, ``before``,
            ``now``, ``change``, ``figure``.
        compared: the differences from a run before.
    """
    parts = [
        f"<!doctype html><html><head><meta charset='utf-8'><title>{escape(title)}</title>",
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
    ]
    if wrong := figures.get("wrong"):
        said = "".join(f"<li>{escape(str(one))}</li>" for one in wrong)
        parts.append(f"<div class='wrong'><b>{escape(words['wrong'])}</b><ul>{said}</ul></div>")
    parts += [f"<h2>{escape(words['machine'])}</h2>", _table(figures.get("machine", {}).items())]
    parts += [curves(one) for one in figures.get("series", ())]
    parts += [bars(name, unit, values) for name, unit, values in _barred(figures, "")]
    parts += [f"<h2>{escape(words['figures'])}</h2>", _table(flat(figures).items())]
    if compared:
        heads = (words["figure"], words["before"], words["now"], words["change"])
        parts += [
            f"<h2>{escape(words['change'])}</h2>",
            _table(((one.figure, one.before, one.now, one.change) for one in compared), heads),
        ]
    return "\n".join([*parts, "</body></html>"])


def _barred(value: object, name: str) -> Iterator[tuple[str, str, Mapping[str, float]]]:
    if isinstance(value, list | tuple):
        for one in value:
            if isinstance(one, Mapping) and "at" not in one and one:
                first, label = next(iter(one.items()))
                yield from _barred(one, f"{name} {first}={label}".strip())
    elif isinstance(value, Mapping):
        for key, one in value.items():
            unit = next((unit for end, unit in _BARS.items() if str(key).endswith(end)), None)
            if unit is not None and isinstance(one, Mapping) and one:
                yield f"{name} {key}".strip(), unit, one
            elif key not in ("machine", "series"):
                yield from _barred(one, f"{name} {key}".strip() if name else str(key))


def _table(rows: Iterable[Sequence[object]], heads: Sequence[str] = ()) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    cells = [
        "<tr>" + "".join(f"<td>{escape(_shown(one))}</td>" for one in row) + "</tr>" for row in rows
    ]
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{''.join(cells)}</table>"


def _shown(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
