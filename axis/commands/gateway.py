"""``axis gateway``: the HTTP doors as a process of its own."""

from __future__ import annotations

import click

from axis.commands.session import Session


@click.command
@click.option("--host", help="Address to listen on; default: [gateway] host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default: [gateway] port.")
@click.pass_obj
def gateway(session: Session, host: str | None, port: int | None) -> None:
    """Run the HTTP doors until told to stop; more of them may run behind a load balancer.

    \b
    Examples:
      axis gateway
      axis gateway --host 0.0.0.0 --port 8443
    """
    import msgspec

    from axis.serve.begin import begin
    from axis.serve.supervise import serve_gateway

    settings = session.settings
    begin(settings, "gateway")
    own = settings.gateway
    serve_gateway(
        msgspec.structs.replace(
            settings,
            gateway=msgspec.structs.replace(
                own, host=host or own.host, port=own.port if port is None else port
            ),
        )
    )
