"""``axis courier``: the process that pushes notices."""

from __future__ import annotations

import click

from axis.commands.output import say
from axis.commands.session import Session


@click.command
@click.option("--once", is_flag=True, help="Push once what is due, and end.")
@click.pass_obj
def courier(session: Session, once: bool) -> None:
    """Push notices of deliveries to systems' webhooks until told to stop; more of them may run.

    \b
    Examples:
      axis courier
      axis courier --once
    """
    import asyncio

    from axis.courier.keys import read_courier_key
    from axis.courier.process import Courier, work
    from axis.serve.begin import begin

    settings = session.settings
    if not once:
        begin(settings, "courier")
        work(settings)
        return
    key = read_courier_key(settings.path(settings.courier.key))

    async def push() -> None:
        at_work = Courier(session.engine, settings, key)
        try:
            await at_work.round(wait=True)
        finally:
            await at_work.close()

    asyncio.run(push())
    say("done")
