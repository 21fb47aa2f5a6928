"""``axis bench day``: carry a day of the nation on this machine."""

from __future__ import annotations

import click

from axis.commands.output import say, show_object
from axis.commands.session import Session


@click.command
@click.option("--scale", default=0.1, show_default=True, help="1 is a day: 90,323 packages.")
@click.option("--workers", default=2, show_default=True, help="Relay processes.")
@click.option("--examiners", default=0, show_default=True, help="Processes of each that read.")
@click.option("--backlog", default=1000, show_default=True, help="Documents under way at once.")
@click.option("--seed", default=1, show_default=True, help="Of the order of the documents.")
@click.option("--amqp", help="RabbitMQ to use; default: one of its own.")
@click.option("--pg", help="PostgreSQL to use; default: one of its own.")
@click.option(
    "--second-opinion/--no-second-opinion",
    default=True,
    help="Verify each signature by two implementations.",
)
@click.pass_context
def day(
    context: click.Context,
    scale: float,
    workers: int,
    examiners: int,
    backlog: int,
    seed: int,
    amqp: str | None,
    pg: str | None,
    second_opinion: bool,
) -> None:
    """Measure a day of the nation: documents, confirmations, statuses and their ledger.

    61 % statuses, documents of 30 kB to 10 MB to 3.6 offices each; counted from the first package
    handed in until everything is confirmed and covered by a signed checkpoint. A whole day writes
    some 20 GB below the axis's home. Prints one JSON object. Exits 1 if anything was lost, doubled
    or refused, or if the machine was not loaded.

    \b
    Examples:
      axis bench day
      axis bench day --scale 1 --workers 2
    """
    import shutil

    from axis.bench.day import DayBench, run
    from axis.bench.machine import describe_machine
    from axis.bench.servers import servers

    session: Session = context.obj
    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bench = DayBench(
        scale=scale,
        workers=workers,
        examiners=examiners,
        second_opinion=second_opinion,
        backlog=backlog,
        seed=seed,
    )
    try:
        with servers(amqp, pg, home) as where:
            figures = run(bench, where, home / "run", say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for line in figures["wrong"]:
        say(line)
    show_object(figures | {"machine": describe_machine()})
    if figures["wrong"]:
        context.exit(1)
