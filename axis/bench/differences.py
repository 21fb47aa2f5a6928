"""Figures as one list of names and values, and the difference between two runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from axis.bench.errors import FiguresUnreadableError

#: What is not for tables: curves, and what stands above them.
_APART: Final = frozenset({"series", "machine", "wrong", "bench"})


class Difference(NamedTuple):
    """One figure of two runs."""

    figure: str
    before: float
    now: float

    @property
    def change(self) -> str:
        """By how much it changed, in percent; empty where there was nothing before."""
        return f"{(self.now - self.before) / self.before * 100:+.1f} %" if self.before else ""

    @property
    def row(self) -> dict[str, Any]:
        """The difference as an object of JSON."""
        return {**self._asdict(), "change": self.change}


def flat(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return all figures under one name each; the rows of a list are named by their first field."""
    return dict(_flat({name: one for name, one in figures.items() if name not in _APART}, ""))


def _flat(value: object, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(one, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        for row in value:
            (first, label), *rest = row.items()
            for key, one in rest:
                yield from _flat(one, f"{name}.{first}={label}.{key}")
    elif isinstance(value, list | tuple):
        yield name, ", ".join(str(one) for one in value)
    else:
        yield name, value


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Return the figures that both runs have, in the order of the later one."""
    old = flat(before)
    return [
        Difference(name, float(old[name]), float(value))
        for name, value in flat(now).items()
        if _is_number(value) and _is_number(old.get(name))
    ]


def parse_figures(content: bytes, *, bench: str, source: str) -> dict[str, Any]:
    """Read what a run of the same bench printed with ``--json``.

    Raises:
        FiguresUnreadableError: it is something else.
    """
    try:
        figures = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FiguresUnreadableError(source=source, reason=str(error)) from error
    got = figures.get("bench")
    if got != bench:
        raise FiguresUnreadableError(
            source=source, reason=f"of the bench {str(got)[:40]!r}, not {bench!r}"
        )
    return figures


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
