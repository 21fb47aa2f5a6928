"""``axis bench search``: how fast documents are found among millions."""

from __future__ import annotations

import click

from axis.commands.benching import Output, bench_database, bench_home, finish, output_options
from axis.commands.output import say


@click.command
@click.option("--docs", default=100_000, show_default=True, help="How many documents.")
@click.option(
    "--offices", default=123_000, show_default=True, help="How many offices the directory has."
)
@click.option("--asked", default=200, show_default=True, help="How often each question is asked.")
@click.option("--pg", help="PostgreSQL to use; default: one of its own.")
@output_options("search")
@click.pass_context
def search(
    context: click.Context, docs: int, offices: int, asked: int, pg: str | None, output: Output
) -> None:
    """Measure search, trace and the pages of the console among generated documents.

    Prints one JSON object, on a terminal a table. Ten million documents need some 20 GB and half
    an hour.

    \b
    Examples:
      axis bench search
      axis bench search --docs 1000000 --asked 500
    """
    from axis.bench.search import SearchBench, run
    from axis.bench.soundness import unsafe_settings

    with bench_home(context.obj) as home, bench_database(home, pg) as url:
        unsafe = unsafe_settings(url)
        bench = SearchBench(docs=docs, asked=asked, offices=offices)
        figures = {"wrong": unsafe} if unsafe else run(bench, url, home, say)
    finish(context, figures, output)
