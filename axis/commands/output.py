"""Data goes to stdout, everything else to stderr; rows come as a table, JSON Lines or CSV."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from itertools import chain
from typing import Any, Final, TextIO, TypeVar
from uuid import UUID

import click
import msgspec
from click.core import ParameterSource

from axis.commands.language import translate
from axis.errors import Lang, Refusal

_F = TypeVar("_F", bound=Callable[..., Any])

#: Where a call keeps the form of its rows, and whether they may go through a pager.
_FORM: Final = "axis.form"
_PAGER: Final = "axis.pager"

#: What a call may say beside what it looks for.
_NO_FILTERS: Final = frozenset({"as_json", "yes", "why", "who", "limit"})


def _chosen(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    """Keep the form that an option asks for; there is one."""
    if value:
        form = str(parameter.opts[0]).removeprefix("--")
        before = context.meta.setdefault(_FORM, form)
        if before != form:
            told = translate("--{one} and --{other} exclude each other")
            raise click.UsageError(told.format(one=before, other=form), context)
    return value


def _without_pager(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        context.meta[_PAGER] = False
    return value


json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_chosen,
    help="Print JSON, a line for each row.",
)

pager_option = click.option(
    "--no-pager",
    is_flag=True,
    expose_value=False,
    callback=_without_pager,
    help="Never show long output through $PAGER.",
)


def rows_option(function: _F) -> _F:
    """Give a command that lists rows the forms of lists: ``--json``, ``--csv``, ``--table``.

    The command gets ``as_json``, for what it says beside its rows; :func:`show_rows` knows more.
    """
    for name, says in (
        ("--table", "Print a table for people; the default."),
        ("--csv", "Print CSV with a header, all columns, values as in JSON."),
    ):
        function = click.option(
            name, is_flag=True, expose_value=False, callback=_chosen, help=says
        )(function)
    return json_option(pager_option(function))


def show_object(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line; bytes are written in hex."""
    sys.stdout.write(msgspec.json.encode(_plain(value)).decode() + "\n")


def show_rows(
    rows: Iterable[Mapping[str, object]], *, as_json: bool, columns: Sequence[str]
) -> None:
    """Print rows in the form that the call asks for: a table of the named columns by default.

    JSON Lines and CSV have everything that the rows have.
    """
    context = click.get_current_context(silent=True)
    form = context.meta.get(_FORM) if context else None
    if as_json:
        for row in rows:
            show_object(row)
    elif form == "csv":
        _show_csv(rows, columns)
    elif found := [[_cell(row.get(name)) for name in columns] for row in rows]:
        show_table(columns, found)
    else:
        _say_nothing_fits(context)


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
        return
    with console.capture() as captured:
        console.print(table)
    with paged() as out:
        out.write(captured.get())


def _say_nothing_fits(context: click.Context | None) -> None:
    """Say that there are no rows, and which words of the call may be the reason."""
    given = [] if context is None else [_name(one) for one in _filters(context)]
    if given:
        words = ", ".join(given)
        say("nothing fits {words}; leave out or change one of these to see more", words=words)
    else:
        say("there is nothing to list")


def _filters(context: click.Context) -> Iterator[click.Parameter]:
    """Yield what this call looks for."""
    for one in context.command.params:
        given = context.get_parameter_source(str(one.name)) is ParameterSource.COMMANDLINE
        if given and one.expose_value and one.name not in _NO_FILTERS:
            yield one


def _name(parameter: click.Parameter) -> str:
    return (
        parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name
    )


@contextmanager
def paged() -> Iterator[TextIO]:
    """Collect what is written; show it through ``$PAGER`` if it is longer than the terminal.

    Without a terminal, or with ``--no-pager``, it goes to stdout as it comes.
    """
    context = click.get_current_context(silent=True)
    wanted = context is None or context.meta.get(_PAGER, True)
    if not wanted or not sys.stdout.isatty() or not sys.stdin.isatty():
        yield sys.stdout
        return
    held = StringIO()
    yield held
    text = held.getvalue()
    if text.count("\n") < shutil.get_terminal_size().lines:
        click.echo(text, nl=False)
        return
    os.environ.setdefault("LESS", "-R")
    click.echo_via_pager(text, color=True)


def _show_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    ahead = iter(rows)
    first = next(ahead, None)
    names = list(first) if first is not None else list(columns)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in chain([first] if first is not None else [], ahead):
        writer.writerow([_field(row.get(name)) for name in names])


def _field(value: object) -> str:
    """Return a value as JSON has it, without the quotes of a string."""
    plain = msgspec.to_builtins(_plain(value))
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()


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
    _speak(text, facts, aside=True)


def tell(text: str, /, **facts: object) -> None:
    """Print a line of the answer on stdout, in the language of the call; else as :func:`say`."""
    _speak(text, facts, aside=False)


def _speak(text: str, facts: Mapping[str, object], *, aside: bool) -> None:
    spoken = translate(text)
    click.echo(spoken.format(**facts) if facts else spoken, err=aside)


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
