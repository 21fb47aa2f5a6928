"""``axis bench growth``: what a document costs after millions of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from axis.commands.benching import Output, finish, measured, output_options, servers_options
from axis.commands.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from axis.bench.servers import Servers


@click.command
@click.option(
    "--history",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="How many documents went before.",
)
@click.option(
    "--beside",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="How many in the other database.",
)
@click.option(
    "--docs",
    type=click.IntRange(min=1),
    default=3000,
    show_default=True,
    help="How many packages a run.",
)
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option(
    "--pairs",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How often to measure in each database.",
)
@servers_options
@output_options("growth")
@click.pass_context
def growth(
    context: click.Context,
    history: int,
    beside: int,
    docs: int,
    workers: int,
    pairs: int,
    amqp: str | None,
    pg: str | None,
    output: Output,
) -> None:
    """Measure what documents and questions cost after many others and after few.

    The relay, a system's mailbox, trace and a step of a purge, in turn in both. Prints one JSON
    object, on a terminal a table. Exits 1 if anything was lost, doubled or refused. Ten million
    documents of the past need some 20 GB and half an hour.

    \b
    Examples:
      axis bench growth
      axis bench growth --history 10000000 --pairs 5
    """
    from axis.bench.growth import GrowthBench, run

    bench = GrowthBench(history=history, few=beside, docs=docs, workers=workers, pairs=pairs)

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        return run(bench, where, home, say)

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)
