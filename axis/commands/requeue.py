"""``axis requeue``: rebuild the receivers' queues from the records."""

from __future__ import annotations

import click

from axis.commands.language import translate
from axis.commands.logs import progress_bar
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session


@click.command
@click.argument("system_ids", metavar="[SYSTEM]…", nargs=-1)
@click.option("--yes", is_flag=True, help="Do it; without it, only show what would be done.")
@json_option
@click.pass_context
def requeue(context: click.Context, system_ids: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Tell the queues of systems, or of all, of every delivery that is not confirmed.

    Needed when RabbitMQ has lost its queues. A notice that is there already comes twice then, which
    receivers know by the delivery's id. Exits 3 where RabbitMQ did not take a notice.

    \b
    Examples:
      axis requeue --yes
      axis requeue vpubnd-h49 --json
    """
    import asyncio
    from datetime import UTC, datetime

    from axis.clock.requeue import requeue as rebuild
    from axis.directory.errors import SystemUnknownError
    from axis.directory.values import QUEUED
    from axis.store.directory import load_directory
    from axis.store.engine import transaction
    from axis.store.telling import count_open

    session: Session = context.obj
    settings = session.settings
    engine = session.engine
    with transaction(engine) as connection:
        systems = load_directory(connection).systems()
    queued = {key for key, system in systems.items() if system.receives_by in QUEUED}
    for system_id in system_ids:
        if system_id not in systems:
            raise SystemUnknownError(system_id=system_id)
    chosen = sorted(queued & set(system_ids)) if system_ids else sorted(queued)
    if not yes:
        with transaction(engine) as connection:
            counts = count_open(connection, chosen)
        for system_id in chosen:
            count = counts.get(system_id, 0)
            if as_json:
                show_object({"system_id": system_id, "open": count})
            else:
                say(
                    "{system_id}: would be told of {count} deliveries",
                    system_id=system_id,
                    count=count,
                )
        say("repeat it with --yes")
        return
    with transaction(engine) as connection:
        size = sum(count_open(connection, chosen).values())
    with progress_bar(translate("requeue")) as progress:
        told = 0

        def on_told(count: int) -> None:
            nonlocal told
            told += count
            progress(told, max(size, told))

        done = asyncio.run(
            rebuild(engine, settings.amqp, chosen, clock=lambda: datetime.now(UTC), told=on_told)
        )
    for one in done:
        if as_json:
            show_object({"system_id": one.system_id, "told": one.told, "untold": one.untold})
        else:
            say(
                "{system_id}: told of {told} deliveries, {untold} not taken",
                system_id=one.system_id,
                told=one.told,
                untold=one.untold,
            )
    if any(one.untold for one in done):
        context.exit(3)
