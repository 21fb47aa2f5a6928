"""``axis bench doors``: measure the HTTP door on this machine."""

from __future__ import annotations

import click

from axis.commands.output import say, show_object
from axis.commands.session import Session


@click.command
@click.option("--trips", default=2000, show_default=True, help="Round trips of each measurement.")
@click.option("--size", default=26000, show_default=True, help="Bytes of the attachment, Base64.")
@click.option(
    "--connections",
    default="1,16,128",
    show_default=True,
    help="Numbers of connections, with commas between.",
)
@click.option("--polls", default=1000, show_default=True, help="Idle long polls; 0: none.")
@click.option("--large/--no-large", default=True, help="50 MB up and down.")
@click.option("--amqp", help="RabbitMQ to use; default: one of its own.")
@click.option("--pg", help="PostgreSQL to use; default: one of its own.")
@click.pass_context
def doors(
    context: click.Context,
    trips: int,
    size: int,
    connections: str,
    polls: int,
    large: bool,
    amqp: str | None,
    pg: str | None,
) -> None:
    """Measure round trips over HTTP: submit, verdict, mailbox, fetch, confirm; and the memory.

    Prints one JSON object. Exits 1 if an answer was wrong.

    \b
    Examples:
      axis bench doors
      axis bench doors --trips 500 --connections 16 --polls 0 --no-large
    """
    import shutil

    from axis.bench.doors import DoorsBench, run
    from axis.bench.machine import describe_machine
    from axis.bench.servers import servers

    try:
        numbers = [int(word) for word in connections.split(",")]
    except ValueError as error:
        raise click.UsageError("--connections takes numbers with commas between") from error
    session: Session = context.obj
    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bench = DoorsBench(trips=trips, size_bytes=size, connections=numbers, polls=polls, large=large)
    try:
        with servers(amqp, pg, home) as where:
            figures = run(bench, where, home / "run", say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    show_object(figures | {"machine": describe_machine()})
    if figures["wrong"]:
        context.exit(1)
