"""``axis audit consistency``: do database, bodies, queues and ledger agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from axis.commands.output import rows_option, say, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.settings import Settings


@click.command
@click.option("--deep", is_flag=True, help="Read every body, not only its size.")
@click.option("--no-queues", is_flag=True, help="Do not ask RabbitMQ.")
@rows_option
@click.pass_context
def consistency(context: click.Context, deep: bool, no_queues: bool, as_json: bool) -> None:
    """Prove the invariants over all records, and name what breaks one. Exits 1 if anything does.

    \b
    Examples:
      axis audit consistency
      axis audit consistency --deep --json
    """
    from axis.bodies import open_bodies
    from axis.consistency.check import check
    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file

    session: Session = context.obj
    settings = session.settings
    count = 0

    def told(more: int) -> None:
        nonlocal count
        count += more

    findings = list(
        check(
            session.engine,
            open_bodies(settings),
            Sealer(read_key_file(settings.path(settings.notary.salt_key))),
            deep=deep,
            queues=None if no_queues else _queues(settings),
            told=told,
        )
    )
    show_rows(
        [{"invariant": one.invariant, "what": one.what, "name": one.name} for one in findings],
        as_json=as_json,
        columns=("invariant", "what", "name"),
    )
    say("{count} packages, {findings} contradictions", count=count, findings=len(findings))
    if findings:
        context.exit(1)


def _queues(settings: Settings) -> Mapping[str, int]:
    import asyncio

    from axis.bus.connection import connected, open_channel
    from axis.bus.topology import PARKED_QUEUE, UNROUTED_QUEUE, declare_topology

    async def ask() -> Mapping[str, int]:
        async with connected(settings.amqp.url, name="axis audit") as connection:
            channel = await open_channel(connection, confirms=False)
            await declare_topology(channel)
            parked = await channel.queue_declare(PARKED_QUEUE, passive=True)
            unrouted = await channel.queue_declare(UNROUTED_QUEUE, passive=True)
            return {
                "notice-parked": parked.message_count or 0,
                "notice-unrouted": unrouted.message_count or 0,
            }

    return asyncio.run(ask())
