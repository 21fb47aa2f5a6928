"""``axis bench search``: how fast documents are found among millions."""

from __future__ import annotations

import click

from axis.commands.output import say, show_object
from axis.commands.session import Session


@click.command
@click.option("--docs", default=100_000, show_default=True, help="How many documents.")
@click.option("--asked", default=200, show_default=True, help="How often each question is asked.")
@click.option("--pg", help="PostgreSQL to use; default: one of its own.")
@click.pass_obj
def search(session: Session, docs: int, asked: int, pg: str | None) -> None:
    """Measure search, trace and the console's counts among generated documents.

    Prints one JSON object. Ten million documents need some 20 GB and half an hour.

    \b
    Examples:
      axis bench search
      axis bench search --docs 1000000 --asked 500
    """
    import shutil
    from contextlib import ExitStack

    from axis.bench.machine import describe_machine
    from axis.bench.search import SearchBench, run
    from axis.sandbox.postgresql import PrivatePostgreSQL

    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    try:
        with ExitStack() as stack:
            if pg is None:
                server = PrivatePostgreSQL(home / "postgresql", disposable=True)
                pg = stack.enter_context(server).url
            figures = run(SearchBench(docs=docs, asked=asked), pg, say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    show_object(figures | {"machine": describe_machine()})
