"""What all measurements share: where they work, and how their figures are shown."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from axis.commands.language import translate
from axis.commands.output import say, show_object, show_table
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.bench.differences import Difference
    from axis.bench.servers import Servers

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How the figures of a call are shown."""

    bench: str
    form: str | None  #: ``json`` or ``table``; None: a table on a terminal, else JSON
    html: Path | None
    before: Mapping[str, Any] | None  #: figures to compare with
    load: float  #: of the machine in the minute before, in processes that wanted a core


def output_options(bench: str) -> Callable[[_F], _F]:
    """Give a measurement ``--json``, ``--table``, ``--html`` and ``--compare`` as ``output``."""

    def give(function: _F) -> _F:
        @click.option("--json", "form", flag_value="json", help="Print JSON, on a terminal too.")
        @click.option("--table", "form", flag_value="table", help="Print a table, in a pipe too.")
        @click.option(
            "--html",
            type=click.Path(dir_okay=False, writable=True, path_type=Path),
            help="Write a page with plots, too.",
        )
        @click.option(
            "--compare",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Figures of a run before (--json), to show the difference.",
        )
        @wraps(function)
        def called(
            *args: Any, form: str | None, html: Path | None, compare: Path | None, **given: Any
        ) -> Any:
            before = _before(compare, bench) if compare else None
            load = round(os.getloadavg()[0], 2)
            output = Output(bench=bench, form=form, html=html, before=before, load=load)
            return function(*args, output=output, **given)

        return called  # type: ignore[return-value]

    return give


def _before(compare: Path, bench: str) -> Mapping[str, Any]:
    """Read what is compared with, before anything is measured."""
    from axis.bench.differences import parse_figures

    return parse_figures(compare.read_bytes(), bench=bench, source=str(compare))


def servers_options(function: _F) -> _F:
    """Give a measurement ``--amqp`` and ``--pg``."""
    function = click.option("--pg", help="PostgreSQL to use; default: one of its own.")(function)
    return click.option("--amqp", help="RabbitMQ to use; default: one of its own.")(function)


@contextmanager
def bench_home(session: Session) -> Iterator[Path]:
    """Give an empty folder for one measurement, and take it away afterwards."""
    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def bench_database(home: Path, pg: str | None) -> Iterator[str]:
    """Give the URL of the PostgreSQL that was named, or of one that is started for this."""
    if pg is not None:
        yield pg
        return
    from axis.sandbox.postgresql import PrivatePostgreSQL

    with PrivatePostgreSQL(home / "postgresql", disposable=True) as server:
        yield server.url


def measured(
    session: Session,
    measure: Callable[[Servers, Path], dict[str, Any]],
    *,
    amqp: str | None,
    pg: str | None,
) -> dict[str, Any]:
    """Return the figures of a measurement on RabbitMQ and PostgreSQL.

    On a PostgreSQL that could forget a commit nothing is measured: the figures are what is wrong.
    """
    from axis.bench.servers import servers
    from axis.bench.soundness import unsafe_settings

    with bench_home(session) as home, servers(amqp, pg, home) as where:
        if unsafe := unsafe_settings(where.pg):
            return {"wrong": unsafe}
        return measure(where, home)


def finish(context: click.Context, figures: Mapping[str, Any], output: Output) -> None:
    """Show the figures of a run; what makes them worthless comes first, and ends with exit 1."""
    from axis.bench.differences import differences
    from axis.bench.machine import describe_machine

    wrong = list(figures.get("wrong", ()))
    for line in wrong:
        say(line)
    shown: dict[str, Any] = {"wrong": wrong} if wrong else {}
    machine = describe_machine() | {"load_before": output.load}
    shown |= {"bench": output.bench, **figures, "wrong": wrong, "machine": machine}
    compared = differences(output.before, shown) if output.before is not None else []
    if output.html is not None:
        output.html.write_text(_page(shown, compared), encoding="utf-8")
        say("the page is {file}", file=output.html)
    if output.form == "table" or (output.form is None and sys.stdout.isatty()):
        _show(shown, compared)
    else:
        if output.before is not None:
            shown["compared"] = [one.row for one in compared]
        show_object(shown)
    if wrong:
        context.exit(1)


def _show(figures: Mapping[str, Any], compared: Sequence[Difference]) -> None:
    from axis.bench.differences import flat

    rows = [(f"machine.{name}", str(value)) for name, value in figures["machine"].items()]
    rows += [(name, _cell(value)) for name, value in flat(figures).items()]
    if not compared:
        show_table(("figure", "value"), rows)
        return
    changes = {one.figure: (f"{one.before:g}", one.change) for one in compared}
    table = [(name, value, *changes.get(name, ("", ""))) for name, value in rows]
    show_table(("figure", "value", "before", "change"), table)


def _page(figures: Mapping[str, Any], compared: Sequence[Difference]) -> str:
    from axis.bench.page import write_page

    words = {
        "wrong": translate("these figures say nothing"),
        "machine": translate("machine"),
        "figures": translate("figures"),
        "figure": translate("figure"),
        "before": translate("before"),
        "now": translate("now"),
        "change": translate("change"),
    }
    return write_page(
        figures, title=f"axis bench {figures['bench']}", words=words, compared=compared
    )


def _cell(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
