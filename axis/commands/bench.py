"""``axis bench``: measure the axis on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.output import say, show_object
from axis.commands.session import Session


@click.command
@click.option("--docs", default=5000, show_default=True, help="How many packages.")
@click.option("--size", default=5000, show_default=True, help="Bytes of the attachment, Base64.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--examiners", default=1, show_default=True, help="Processes of each that read.")
@click.option("--amqp", help="RabbitMQ to use; default: one of its own.")
@click.option("--pg", help="PostgreSQL to use; default: one of its own.")
@click.option("--pairs", default=1, show_default=True, help="How often to measure.")
@click.option(
    "--floor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Yardstick script to run in turn on the same servers; prints the ratio of the medians.",
)
@click.option(
    "--second-opinion/--no-second-opinion",
    default=True,
    help="Verify each signature by two implementations.",
)
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
    second_opinion: bool,
) -> None:
    """Measure signed packages per second from the intake to confirmed delivery notices.

    Prints one JSON object. Exits 1 if anything was lost, doubled or refused.

    \b
    Examples:
      axis bench relay --docs 5000 --size 30000
      axis bench relay --pairs 3 --floor floor.py
    """
    import shutil
    from statistics import median

    from axis.bench.floor import run_floor
    from axis.bench.machine import describe_machine
    from axis.bench.relay import RelayBench, run
    from axis.bench.servers import servers

    session: Session = context.obj
    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bench = RelayBench(
        docs=docs,
        size_bytes=size,
        workers=workers,
        examiners=examiners,
        second_opinion=second_opinion,
    )
    figures, floors = [], []
    try:
        with servers(amqp, pg, home) as where:
            for pair in range(pairs):
                say("run {pair} of {pairs} …", pair=pair + 1, pairs=pairs)
                figures.append(run(bench, where, home / f"run-{pair}"))
                shutil.rmtree(home / f"run-{pair}", ignore_errors=True)
                if floor is not None:
                    floors.append(run_floor(floor, bench, where))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    middle = median(one["docs_per_s"] for one in figures)
    answer = figures[-1] | {"docs_per_s": middle, "runs": [one["docs_per_s"] for one in figures]}
    if floors:
        answer["floor_docs_per_s"] = median(floors)
        answer["floor_runs"] = floors
        answer["ratio"] = round(middle / answer["floor_docs_per_s"], 3)
    show_object(answer | {"machine": describe_machine()})
    if any(one["lost"] or one["duplicated"] or one["refused"] for one in figures):
        context.exit(1)


@click.command
@click.option("--docs", default=10, show_default=True, help="How many circulars.")
@click.option("--offices", default=3321, show_default=True, help="Offices that each goes to.")
@click.option("--systems", default=34, show_default=True, help="Systems that serve them.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--amqp", help="RabbitMQ to use; default: one of its own.")
@click.option("--pg", help="PostgreSQL to use; default: one of its own.")
@click.pass_context
def fanout(
    context: click.Context,
    docs: int,
    offices: int,
    systems: int,
    workers: int,
    amqp: str | None,
    pg: str | None,
) -> None:
    """Measure circulars to every commune: deliveries recorded and announced per second.

    Prints one JSON object. Exits 1 if anything was lost, doubled or refused.

    \b
    Examples:
      axis bench fanout
      axis bench fanout --docs 3 --offices 123000 --systems 200
    """
    import shutil

    from axis.bench.machine import describe_machine
    from axis.bench.relay import FanoutBench, run_fanout
    from axis.bench.servers import servers

    session: Session = context.obj
    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bench = FanoutBench(docs=docs, offices=offices, systems=systems, workers=workers)
    try:
        with servers(amqp, pg, home) as where:
            figures = run_fanout(bench, where, home / "run")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    show_object(figures | {"machine": describe_machine()})
    if figures["lost"] or figures["duplicated"] or figures["refused"]:
        context.exit(1)


@click.command
@click.option("--offices", default=123_000, show_default=True, help="Size of the country.")
@click.option("--pg", help="PostgreSQL database without tables; default: a SQLite file.")
def directory(offices: int, pg: str | None) -> None:
    """Measure the directory: import, load, memory, resolution, refresh.

    Prints one JSON object.

    \b
    Examples:
      axis bench directory
      axis bench directory --offices 20000 --pg postgresql://axis@db/empty
    """
    from axis.bench.directory import run
    from axis.bench.machine import describe_machine

    figures = run({"offices": offices, "database_url": pg})
    show_object(figures | {"machine": describe_machine()})
