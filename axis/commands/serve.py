"""``axis serve`` and ``axis relay``: the processes of an axis."""

from __future__ import annotations

import signal
import threading

import click

from axis.commands.output import say
from axis.commands.session import Session


@click.command
@click.option(
    "--private-broker",
    is_flag=True,
    help="Start a RabbitMQ of its own under the home folder, and stop it at the end.",
)
@click.pass_obj
def serve(session: Session, private_broker: bool) -> None:
    """Run a whole axis in one process tree until it is told to stop.

    \b
    Examples:
      axis serve
      AXIS_HOME=var/axis axis serve --private-broker
    """
    import asyncio
    from contextlib import ExitStack, suppress

    import msgspec

    from axis.bus.errors import BusUnavailableError
    from axis.sandbox.rabbitmq import PrivateRabbitMQ
    from axis.serve.begin import await_database, begin, check_queues
    from axis.serve.logs import begin_logging
    from axis.serve.prepare import console_url, prepare
    from axis.serve.supervise import Supervisor, processes_of, processes_on_demand

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = session.settings
    with ExitStack() as stack:
        if private_broker:
            say("starting RabbitMQ …")
            broker = stack.enter_context(PrivateRabbitMQ(settings.path("rabbitmq")))
            settings = msgspec.structs.replace(
                settings, amqp=msgspec.structs.replace(settings.amqp, url=broker.url)
            )
        begin_logging(settings.logs, "serve")
        await_database(settings, "serve", tables=False)
        prepare(settings)
        with suppress(BusUnavailableError, TimeoutError):  # each process waits for it by itself
            asyncio.run(check_queues(settings))
        # The other commands of this installation find the servers here.
        config = settings.path("axis.toml")
        written = private_broker
        if written:
            config.touch(mode=0o600)
            config.write_bytes(msgspec.toml.encode(settings))
        supervisor = Supervisor(
            settings, processes_of(settings), before=begin, on_demand=processes_on_demand
        )
        supervisor.start()
        stack.callback(supervisor.stop)
        say("the axis serves: {names}", names=", ".join(supervisor.process_ids()))
        say("the console is at {console_url}", console_url=console_url(settings))
        if written:
            say("use it with: AXIS_CONFIG={config} axis …", config=config)
        supervisor.watch(stop)
    say("stopped; nothing that was accepted is lost")


@click.command
@click.option("--workers", type=click.IntRange(min=1), help="How many processes; default: 1.")
@click.pass_obj
def relay(session: Session, workers: int | None) -> None:
    """Run the relay: examine, record, publish, acknowledge, answer.

    \b
    Examples:
      axis relay
      axis relay --workers 4
    """
    import msgspec

    from axis.relay.run import work
    from axis.serve.begin import begin
    from axis.serve.supervise import Supervisor

    settings = session.settings
    count = workers or settings.relay.workers
    begin(settings, "relay")
    if count == 1:
        work(settings)
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = msgspec.structs.replace(
        settings, relay=msgspec.structs.replace(settings.relay, workers=count)
    )
    targets = {f"relay-{number}": work for number in range(count)}
    supervisor = Supervisor(settings, targets, before=begin)
    supervisor.start()
    try:
        supervisor.watch(stop)
    finally:
        supervisor.stop()
