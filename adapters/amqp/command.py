"""``axis hub`` and ``axis system provision``: the AMQP door and the accounts of its systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, say, show_object, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.amqp.provision import Step
    from axis.settings import Settings


@click.command
@click.pass_obj
def hub(session: Session) -> None:
    """Run the AMQP door: take packages, tell of deliveries, answer.

    \b
    Examples:
      axis hub
      AXIS_HUB_PREFETCH=64 axis hub
    """
    from adapters.amqp.hub import work
    from axis.serve.begin import begin

    begin(session.settings, "hub")
    work(session.settings)


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.option("--yes", is_flag=True, help="Do it; without it, only show what would be done.")
@click.option("--rotate", is_flag=True, help="Give a new password; the old one ends at once.")
@click.option(
    "--external",
    is_flag=True,
    help="No password: the user comes over TLS with a certificate of this common name.",
)
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the new password here (0600) instead of showing it.",
)
@click.option("--remove", is_flag=True, help="End the account, with all that stands in its queues.")
@json_option
@click.pass_obj
def provision(
    session: Session,
    system_id: str,
    yes: bool,
    rotate: bool,
    external: bool,
    password_file: Path | None,
    remove: bool,
    as_json: bool,
) -> None:
    """Give a system its user, virtual host, permissions and limits in RabbitMQ.

    Without --yes it shows what would be done and changes nothing. Doing it again changes nothing
    either, and takes back what was widened by hand.

    \b
    Examples:
      axis system provision vpubnd-h49
      axis system provision vpubnd-h49 --yes --password-file h49.password
      axis system provision vpubnd-h49 --external --yes --json
    """
    from adapters.amqp.management import Management
    from adapters.amqp.names import account_of
    from adapters.amqp.provision import (
        Account,
        apply_steps,
        has_user,
        new_password,
        plan_account,
        plan_removal,
    )
    from axis.bus.management import management_url
    from axis.ledger.keys import write_key_file

    if external and (rotate or password_file):
        raise click.UsageError("--external has no password")
    settings = session.settings
    name = account_of(system_id, settings.hub.prefix)
    if not remove:
        _demand_amqp(session, system_id)
    password = None
    with Management(settings.hub.management or management_url(settings.amqp.url)) as management:
        if remove:
            steps = plan_removal(management, name)
        else:
            if not external and (rotate or not has_user(management, name)):
                password = new_password()
            steps = plan_account(
                management,
                Account(
                    name=name,
                    axis_user=_axis_user(settings),
                    password=password,
                    external=external,
                ),
            )
        if yes:
            if password is not None and password_file is not None:
                # Before the user has it: a password that nobody kept would lock the system out.
                write_key_file(password_file, password.encode())
            apply_steps(management, steps)
            if not remove:
                _declare(settings, name)
    shown = password if yes and password_file is None else None
    _show(steps, name, settings, password=shown, done=yes, as_json=as_json)


def _show(
    steps: Sequence[Step],
    name: str,
    settings: Settings,
    *,
    password: str | None,
    done: bool,
    as_json: bool,
) -> None:
    rows = [{"what": s.what, "action": s.action, "was": s.was, "will": s.will} for s in steps]
    changes = sum(step.action != "keep" for step in steps)
    if as_json:
        show_object(
            {
                "account": name,
                "done": done,
                "changes": changes,
                "steps": rows,
                "password": password,
            }
        )
        return
    show_rows(rows, as_json=False, columns=("action", "what", "was", "will"))
    if not done:
        say("{changes} changes; do it with --yes", changes=changes)
        return
    say("{changes} changes made; user and virtual host: {name}", changes=changes, name=name)
    if password is not None:
        say("the password is shown now and never again:")
        click.echo(password)


def _demand_amqp(session: Session, system_id: str) -> None:
    """Return where the directory knows the system as one that receives by AMQP."""
    from adapters.amqp.errors import NotByAmqpError
    from axis.directory.errors import SystemUnknownError
    from axis.directory.values import ReceivesBy
    from axis.store.engine import transaction
    from axis.store.offers import way_of_system

    with transaction(session.engine) as connection:
        way = way_of_system(connection, system_id)
    if way is None:
        raise SystemUnknownError(system_id=system_id)
    if way is not ReceivesBy.AMQP:
        raise NotByAmqpError(system_id=system_id, got=way.value)


def _axis_user(settings: Settings) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(settings.amqp.url).username or "guest")


def _declare(settings: Settings, vhost: str) -> None:
    """Declare what stands in the virtual host, so that the system can come before the hub does."""
    import asyncio

    from adapters.amqp.names import url_of
    from adapters.amqp.topology import declare_account
    from axis.bus.connection import connected, open_channel

    async def declare() -> None:
        url = url_of(settings.amqp.url, vhost)
        async with connected(url, name="axis system provision") as connection:
            await declare_account(await open_channel(connection, confirms=False))

    asyncio.run(declare())
