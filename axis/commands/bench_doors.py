"""``axis bench doors``: measure the HTTP door on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from axis.commands.benching import Output, finish, measured, output_options, servers_options
from axis.commands.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from axis.bench.servers import Servers


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
@servers_options
@output_options("doors")
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
    output: Output,
) -> None:
    """Measure round trips over HTTP: submit, verdict, mailbox, fetch, confirm; and the memory.

    Prints one JSON object, on a terminal a table. Exits 1 if an answer was wrong.

    \b
    Examples:
      axis bench doors
      axis bench doors --trips 500 --connections 16 --polls 0 --no-large
    """
    from axis.bench.doors import DoorsBench, run

    try:
        numbers = [int(word) for word in connections.split(",")]
    except ValueError as error:
        raise click.UsageError("--connections takes numbers with commas between") from error
    bench = DoorsBench(trips=trips, size_bytes=size, connections=numbers, polls=polls, large=large)

    def measure(where: Servers, home: Path) -> dict[str, Any]:
        return run(bench, where, home / "run", say)

    finish(context, measured(context.obj, measure, amqp=amqp, pg=pg), output)
