"""Writes rows as CSV, JSON Lines, Parquet or XLSX, a bounded number of them at a time in memory."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

from axis.audit.rows import COLUMNS, Row
from axis.ledger.canonical import encode_canonical

_AT_ONCE: Final = 5_000
_NUMBERS: Final = frozenset(("log", "index"))
#: A cell that begins like this is taken for a formula by spreadsheet programs.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write UTF-8 with a byte order mark, which spreadsheet programs need for Vietnamese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.values())
        for row in rows:
            writer.writerow([_harmless(row[name]) for name in COLUMNS])


def write_jsonl(path: Path, rows: Iterable[Row]) -> None:
    """Write one canonical JSON object a line, under the names of the columns."""
    with path.open("wb") as file:
        file.writelines(encode_canonical(row) + b"\n" for row in rows)


def write_parquet(path: Path, rows: Iterable[Row]) -> None:
    """Write Parquet; the Vietnamese headings stand in each column's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            pa.field(
                name,
                pa.int64() if name in _NUMBERS else pa.string(),
                metadata={"title": heading},
            )
            for name, heading in COLUMNS.items()
        ]
    )
    source = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while part := list(islice(source, _AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(part, schema=schema))


def write_xlsx(path: Path, rows: Iterable[Row]) -> None:
    """Write one sheet, row by row, with texts as texts and never as formulas."""
    import xlsxwriter

    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Sổ cái")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, list(COLUMNS.values()), bold)
        for place, row in enumerate(rows, start=1):
            for column, name in enumerate(COLUMNS):
                value = row[name]
                if isinstance(value, int):
                    sheet.write_number(place, column, value)
                elif value is not None:
                    sheet.write_string(place, column, value)


Writer = Callable[[Path, Iterable[Row]], None]

WRITERS: Final[Mapping[str, Writer]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}


def _harmless(value: str | int | None) -> str | int | None:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
