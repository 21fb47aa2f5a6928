"""``axis bench fairness``: what is urgent beside a flood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from axis.commands.benching import Output, finish, measured, output_options, servers_options
from axis.commands.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from axis.bench.servers import Servers


@click.command
@click.option("--circulars", default=40, show_default=True, help="Circulars to every office.")
@click.option("--large", default=60, show_default=True, help="Documents of 10 MB.")
@click.option("--offices", default=3321, show_default=True, help="Offices that each goes to.")
@click.option("--every-ms", default=50, show_default=True, help="Between two express documents.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--examiners", default=1, show_default=True, help="Processes of each that read.")
@servers_options
@output_options("fairness")
@click.pass_context
def fairness(
    context: click.Context,
    circulars: int,
    large: int,
    offices: int,
    every_ms: int,
    workers: int,
    examiners: int,
    amqp: str | None,
    pg: str | None,
    output: Output,
) -> None:
    """Measure how long an express document takes while circulars and large documents go on.

    Its way ends when its receiver has confirmed it; the aim is 1 s for 99 of 100. Prints one JSON
    object, on a terminal a table. Exits 1 if anything was lost, doubled or refused, or if fewer
    than 100 express documents went beside the flood.

    \b
    Examples:
      axis bench fairness
      axis bench fairness --circulars 100 --every-ms 20
    """
    from axis.bench.fairness import FairnessBench, run

    bench = FairnessBench(
        circulars=circulars,
        large=large,
        offices=offices,
        every_s=every_ms / 1000,
        workers=workers,
        examiners=examiners,
    )

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        return run(bench, where, home / "run", say)

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)
