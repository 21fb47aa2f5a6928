"""``axis bench day``: carry a day of the nation on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from axis.commands.benching import Output, finish, measured, output_options, servers_options
from axis.commands.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from axis.bench.servers import Servers


@click.command
@click.option("--scale", default=0.1, show_default=True, help="1 is a day: 90,323 packages.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--examiners", default=0, show_default=True, help="Processes of each that read.")
@click.option("--backlog", default=1000, show_default=True, help="Documents under way at once.")
@click.option(
    "--minutes", type=click.FloatRange(min=0.1), help="Spread over so long; default: at full speed."
)
@click.option("--seed", default=1, show_default=True, help="Of the order of the documents.")
@servers_options
@click.option(
    "--second-opinion/--no-second-opinion",
    default=True,
    help="Verify each signature by two implementations.",
)
@output_options("day")
@click.pass_context
def day(
    context: click.Context,
    scale: float,
    workers: int,
    examiners: int,
    backlog: int,
    minutes: float | None,
    seed: int,
    amqp: str | None,
    pg: str | None,
    second_opinion: bool,
    output: Output,
) -> None:
    """Measure a day of the nation: documents, confirmations, statuses and their ledger.

    61 % statuses, documents of 30 kB to 10 MB to 3.6 offices each; counted from the first package
    handed in until everything is confirmed and covered by a signed checkpoint. A whole day writes
    some 20 GB below the axis's home. Prints one JSON object, on a terminal a table. Exits 1 if
    anything was lost, doubled or refused, or if the machine was not loaded.

    \b
    Examples:
      axis bench day
      axis bench day --scale 1 --workers 2
      axis bench day --scale 1 --minutes 60
    """
    from axis.bench.day import DayBench, run

    bench = DayBench(
        scale=scale,
        workers=workers,
        examiners=examiners,
        second_opinion=second_opinion,
        backlog=backlog,
        minutes=minutes,
        seed=seed,
    )

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        return run(bench, where, home / "run", say)

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)
