"""CSV files as lines with places: UTF-8 with or without BOM, a header, every problem reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from axis.directory.errors import (
    MissingValueError,
    WrongColumnsError,
    WrongEncodingError,
)
from axis.errors import AxisError, Place, Refusal

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file: its cells by column name, without the spaces around them."""

    number: int  #: 1 is the header
    cells: Mapping[str, str]
    positions: Mapping[str, int]

    def place(self, column: str) -> Place:
        """Return where a cell stands; columns count from 1."""
        return Place(line=self.number, column=self.positions.get(column))


class Problems:
    """Collects every reason against a file instead of stopping at the first."""

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    def add(self, error: AxisError) -> None:
        """Keep a problem."""
        self._found.append(error.refusal)

    def at(self, line: Line, column: str, error: type[AxisError], **facts: str | int) -> None:
        """Keep a problem of one cell."""
        self.add(error(place=line.place(column), column=column, **facts))

    def adopt(self, others: Problems, *, file: str) -> None:
        """Keep the problems of one of several files."""
        for found in others.sorted():
            self._found.append(replace(found, facts={**found.facts, "file": file}))

    def sorted(self) -> tuple[Refusal, ...]:
        """Return the problems in the order of the file."""
        return tuple(sorted(self._found, key=_by_place))

    def __len__(self) -> int:
        return len(self._found)


def read_lines(
    data: bytes,
    problems: Problems,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    filled: Sequence[str] | None = None,
) -> list[Line]:
    """Return the lines of a CSV file below its header; what is wrong goes to ``problems``.

    ``filled`` names the columns that may not be empty; by default all required ones.
    """
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        problems.add(
            WrongEncodingError(
                place=Place(line=before.count(b"\n") + 1),
                byte=f"0x{data[error.start]:02x}",
                offset=error.start,
            )
        )
        return []
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip() for name in next(reader, [])]
    expected = ", ".join(required)
    unknown = [name for name in header if name not in required and name not in optional]
    if not set(required) <= set(header) or unknown or len(set(header)) != len(header):
        problems.add(
            WrongColumnsError(place=Place(line=1), expected=expected, got=", ".join(header))
        )
        return []
    positions = {name: index for index, name in enumerate(header, start=1)}
    must = required if filled is None else filled
    lines = []
    start = reader.line_num
    for cells in reader:
        number, start = start + 1, reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.add(
                WrongColumnsError(
                    place=Place(line=number, column=min(len(cells), len(header)) + 1),
                    expected=f"{len(header)} cells",
                    got=str(len(cells)),
                )
            )
            continue
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        line = Line(number=number, cells=values, positions=positions)
        for name in must:
            if not values[name]:
                problems.at(line, name, MissingValueError)
        lines.append(line)
    return lines


def _by_place(refusal: Refusal) -> tuple[str, int, int]:
    place = refusal.place or Place()
    return str(refusal.facts.get("file", "")), place.line or 0, place.column or 0
