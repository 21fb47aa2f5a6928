"""``axis bench relay`` and ``fanout``: measure the relay on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axis.commands.benching import Output, finish, measured, output_options, servers_options
from axis.commands.output import say

if TYPE_CHECKING:
    from axis.bench.servers import Servers


@click.command
@click.option("--docs", default=5000, show_default=True, help="How many packages.")
@click.option("--size", default=5000, show_default=True, help="Bytes of the attachment, Base64.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--examiners", default=1, show_default=True, help="Processes of each that read.")
@servers_options
@click.option("--pairs", default=1, show_default=True, help="How often to measure.")
@click.option(
    "--floor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Yardstick script to run in turn on the same servers; prints the ratio of the medians.",
)
@click.option("--scaling", is_flag=True, help="Measure with one worker, two, … up to --workers.")
@click.option(
    "--second-opinion/--no-second-opinion",
    default=True,
    help="Verify each signature by two implementations.",
)
@output_options("relay")
@click.pass_context
def relay(
    context: click.Context,
    docs: int,
    size: int,
    workers: int,
    examiners: int,
    amqp: str | None,
    pg: str | None,
    pairs: int,
    floor: Path | None,
    scaling: bool,
    second_opinion: bool,
    output: Output,
) -> None:
    """Measure signed packages per second from the intake to confirmed delivery notices.

    Prints one JSON object, on a terminal a table. Exits 1 if anything was lost, doubled or
    refused, or if the machine was not loaded.

    \b
    Examples:
      axis bench relay --docs 5000 --size 30000 --html relay.html
      axis bench relay --pairs 3 --floor floor.py
    """
    from axis.bench.floor import run_pairs
    from axis.bench.relay import RelayBench, run_scaling

    if scaling and (floor is not None or pairs > 1):
        raise click.UsageError("--scaling goes without --floor and --pairs")
    bench = RelayBench(
        docs=docs,
        size_bytes=size,
        workers=workers,
        examiners=examiners,
        second_opinion=second_opinion,
    )

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        if scaling:
            return run_scaling(bench, where, home)
        return run_pairs(bench, where, home, pairs=pairs, script=floor, say=say)

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)


@click.command
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pairs", default=3, show_default=True, help="How often to measure each size.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--examiners", default=1, show_default=True, help="Processes of each that read.")
@click.option(
    "--size",
    "sizes",
    type=int,
    multiple=True,
    help="Bytes of the attachment, Base64; may repeat. Default: 5000, 30000 and 300000.",
)
@click.option("--docs", type=int, help="Packages of a run; default: some seconds' worth.")
@servers_options
@output_options("floor")
@click.pass_context
def floor(
    context: click.Context,
    script: Path,
    pairs: int,
    workers: int,
    examiners: int,
    sizes: tuple[int, ...],
    docs: int | None,
    amqp: str | None,
    pg: str | None,
    output: Output,
) -> None:
    """Measure the relay beside a yardstick at several sizes, in turn, and print the ratios.

    SCRIPT takes --amqp, --pg, --size, --docs and --workers, and prints one JSON object with
    docs_per_s. Each figure is the median of its runs. Prints one JSON object, on a terminal a
    table. Exits 1 if anything was lost, doubled or refused, or if the machine was not loaded.

    \b
    Examples:
      axis bench floor floor.py --pairs 3
      axis bench floor floor.py --size 30000 --examiners 0
    """
    from axis.bench.floor import SIZES, run_sizes
    from axis.bench.relay import RelayBench

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        benches = [
            RelayBench(
                docs=docs or usual,
                size_bytes=size,
                workers=workers,
                examiners=examiners,
            )
            for size, usual in ((size, SIZES.get(size, 2000)) for size in sizes or SIZES)
        ]
        return run_sizes(benches, where, home, pairs=pairs, script=script, say=say)

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)


@click.command
@click.option("--docs", default=10, show_default=True, help="How many circulars.")
@click.option("--offices", default=3321, show_default=True, help="Offices that each goes to.")
@click.option("--systems", default=34, show_default=True, help="Systems that serve them.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@servers_options
@output_options("fanout")
@click.pass_context
def fanout(
    context: click.Context,
    docs: int,
    offices: int,
    systems: int,
    workers: int,
    amqp: str | None,
    pg: str | None,
    output: Output,
) -> None:
    """Measure circulars to every commune: deliveries recorded and announced per second.

    Prints one JSON object, on a terminal a table. Exits 1 if anything was lost, doubled or
    refused.

    \b
    Examples:
      axis bench fanout
      axis bench fanout --docs 3 --offices 123000 --systems 200
    """
    from axis.bench.relay import FanoutBench, run_fanout

    bench = FanoutBench(docs=docs, offices=offices, systems=systems, workers=workers)

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        return run_fanout(bench, where, home / "run")

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)


@click.command
@click.option("--offices", default=123_000, show_default=True, help="Size of the country.")
@click.option("--pg", help="PostgreSQL database without tables; default: a SQLite file.")
@output_options("directory")
@click.pass_context
def directory(context: click.Context, offices: int, pg: str | None, output: Output) -> None:
    """Measure the directory: import, load, memory, resolution, refresh.

    Prints one JSON object, on a terminal a table.

    \b
    Examples:
      axis bench directory
      axis bench directory --offices 20000 --pg postgresql://axis@db/empty
    """
    from axis.bench.directory import run
    from axis.bench.soundness import unsafe_settings

    unsafe = unsafe_settings(pg) if pg else []
    figures = {"wrong": unsafe} if unsafe else run({"offices": offices, "database_url": pg})
    finish(context, figures, output)
