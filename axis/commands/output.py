"""Data goes to stdout, everything else to stderr; ``--json`` gives one object or JSON Lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import click
import msgspec

from axis.commands.language import translate
from axis.errors import Lang, Refusal

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, a line for each row."
)


def show_object(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line; bytes are written in hex."""
    sys.stdout.write(msgspec.json.encode(_plain(value)).decode() + "\n")


def show_rows(
    rows: Iterable[Mapping[str, object]], *, as_json: bool, columns: Sequence[str]
) -> None:
    """Print rows as JSON Lines or as a plain table of the named columns."""
    if as_json:
        for row in rows:
            show_object(row)
        return
    show_table(columns, ([_cell(row.get(name)) for name in columns] for row in rows))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table; colour only on a terminal and without ``NO_COLOR``."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(translate(name.replace("_", " ")), overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, 200)
    console.print(table)


def show_refusal(refusal: Refusal, lang: str) -> None:
    """Print a refusal on stderr: code, sentence, place and next step."""
    language: Lang = "vi" if lang == "vi" else "en"
    click.echo(f"{refusal.code}: {refusal.text(language)}", err=True)
    if refusal.place and refusal.place.xpath:
        line = f" ({refusal.place.line})" if refusal.place.line else ""
        click.echo(f"  {refusal.place.xpath}{line}", err=True)
    click.echo(f"  → {refusal.hint(language)}", err=True)


def say(text: str, /, **facts: object) -> None:
    """Print a remark for people on stderr, in the language of the call.

    Args:
        text: as it stands in the catalogue; a template over ``facts`` where there are any.
        facts: what the template names.
    """
    spoken = translate(text)
    click.echo(spoken.format(**facts) if facts else spoken, err=True)


def instant(at: datetime) -> str:
    """Return an instant as UTC ISO 8601 with ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bytes():
            return value.hex()[:12]
        case datetime():
            return value.astimezone().isoformat(sep=" ", timespec="seconds")[:19]
        case UUID():
            return str(value)
        case bool():
            return translate("yes") if value else translate("no")
        case _:
            return str(value)
