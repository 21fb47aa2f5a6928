"""``axis metrics``: the process that Prometheus reads."""

from __future__ import annotations

import click

from axis.commands.session import Session


@click.command
@click.option("--host", help="Address to listen on; default: [metrics] host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; default: [metrics] port.")
@click.pass_obj
def metrics(session: Session, host: str | None, port: int | None) -> None:
    """Show figures to Prometheus until told to stop: one on each machine; `axis serve` has it.

    \b
    Examples:
      axis metrics
      axis metrics --host 10.0.0.5 --port 8049
    """
    import msgspec

    from axis.commands.output import say
    from axis.serve.metrics import work

    settings = session.settings
    own = settings.metrics
    changed = msgspec.structs.replace(own, host=host or own.host, port=port or own.port)
    say("metrics at http://{host}:{port}/metrics", host=changed.host, port=changed.port)
    work(msgspec.structs.replace(settings, metrics=changed))
