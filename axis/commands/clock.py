"""``axis clock``: the process that does what is due."""

from __future__ import annotations

import click

from axis.commands.output import say
from axis.commands.session import Session


@click.command
@click.option("--once", is_flag=True, help="Do once what is due, and end.")
@click.pass_obj
def clock(session: Session, once: bool) -> None:
    """Run the clock: tell again, release, expire and remind when the time has come.

    \b
    Examples:
      axis clock
      axis clock --once
    """
    import asyncio

    from axis.clock.process import Clock, work
    from axis.ledger.entry import Sealer
    from axis.ledger.keys import read_key_file
    from axis.serve.begin import begin

    settings = session.settings
    if not once:
        begin(settings, "clock")
        work(settings)
        return
    sealer = Sealer(read_key_file(settings.path(settings.notary.salt_key)))
    asyncio.run(Clock(session.engine, settings, sealer).round())
    say("done")
