"""``axis system webhook set|show|test|replay|remove``: endpoints that are told what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from axis.commands.credentials import demand_system, instant_now
from axis.commands.language import translate
from axis.commands.office import by_option, instant_of
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.store.webhooks import Webhook


@click.command("set")
@click.argument("system_id", metavar="SYSTEM")
@click.argument("url")
@by_option
@json_option
@click.pass_obj
def set_(session: Session, system_id: str, url: str, recorded_by: str, as_json: bool) -> None:
    """Tell SYSTEM at this https address of what waits for it; the courier begins within a second.

    \b
    Examples:
      axis system webhook set vpubnd-h49 https://eoffice.h49.example/axis
      axis system webhook set vpubnd-h49 https://eoffice.h49.example/axis --json
    """
    from axis.courier.errors import WebhookWayError
    from axis.courier.keys import make_courier_key, public_pem, read_courier_key
    from axis.courier.reach import demand_url
    from axis.directory.values import ReceivesBy
    from axis.store.engine import transaction
    from axis.store.offers import way_of_system
    from axis.store.webhooks import Webhook, set_webhook

    settings, now = session.settings, instant_now()
    webhook = Webhook(system_id=system_id, url=demand_url(url), set_at=now, set_by=recorded_by)
    with transaction(session.engine) as connection:
        demand_system(connection, system_id)
        way = way_of_system(connection, system_id)
        if way is not ReceivesBy.WEBHOOK:
            raise WebhookWayError(system_id=system_id, got=way.value if way else "–")
        set_webhook(connection, webhook)
    path = settings.path(settings.courier.key)
    if not path.exists():
        make_courier_key(path)
    public = public_pem(read_courier_key(path).public_key())
    if as_json:
        show_object({"system_id": system_id, "url": url, "public_key": public})
    else:
        say(
            "{system_id}: {url}; give the system this key to verify notices with:",
            system_id=system_id,
            url=url,
        )
        click.echo(public, nl=False)


@click.command
@click.argument("system_id", metavar="SYSTEM")
@json_option
@click.pass_obj
def show(session: Session, system_id: str, as_json: bool) -> None:
    """Show a webhook, the key that its notices are signed with, and how the endpoint takes them.

    \b
    Examples:
      axis system webhook show vpubnd-h49
      axis system webhook show vpubnd-h49 --json
    """
    from axis.courier.keys import public_pem, read_courier_key
    from axis.courier.notice import key_id_of
    from axis.store.engine import transaction
    from axis.store.webhooks import pushes_of, webhook_healths

    settings = session.settings
    key = read_courier_key(settings.path(settings.courier.key)).public_key()
    with transaction(session.engine) as connection:
        webhook = _webhook(connection, system_id)
        pushes = pushes_of(connection, system_id)
        health = webhook_healths(connection).get(system_id)
    row = {
        "system_id": system_id,
        "url": webhook.url,
        "set_at": webhook.set_at,
        "set_by": webhook.set_by,
        "waiting": pushes.waiting,
        "told": pushes.told,
        "last_told_at": pushes.last_told_at,
        "answer": pushes.answer,
        "failures": health.failures if health else 0,
        "next_try_at": health.next_try_at if health else None,
        "key_id": key_id_of(key.public_bytes_raw()),
        "public_key": public_pem(key),
    }
    if as_json:
        show_object(row)
        return
    for name, value in row.items():
        click.echo(f"{name}: {value if value is not None else ''}")


@click.command
@click.argument("system_id", metavar="SYSTEM")
@json_option
@click.pass_obj
def test(session: Session, system_id: str, as_json: bool) -> None:
    """Push a notice without deliveries, signed like all others, and show what comes back.

    \b
    Examples:
      axis system webhook test vpubnd-h49
      axis system webhook test vpubnd-h49 --json
    """
    import asyncio

    from axis.courier.keys import read_courier_key
    from axis.courier.process import Courier
    from axis.store.engine import transaction

    settings = session.settings
    with transaction(session.engine) as connection:
        webhook = _webhook(connection, system_id)
    key = read_courier_key(settings.path(settings.courier.key))

    async def push() -> int:
        courier = Courier(session.engine, settings, key)
        try:
            return await courier.push(webhook, [], test=True)
        finally:
            await courier.close()

    status = asyncio.run(push())
    if as_json:
        show_object({"system_id": system_id, "url": webhook.url, "status": status})
    else:
        say("{url}: HTTP {status}", url=webhook.url, status=status)


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.option("--since", metavar="TIME", help="Only what was routed from then on.")
@click.option("--delivery", "ids", type=UUID, multiple=True, help="Only this; again for more.")
@json_option
@click.pass_obj
def replay(
    session: Session, system_id: str, since: str | None, ids: tuple[UUID, ...], as_json: bool
) -> None:
    """Tell SYSTEM again of everything that it has not confirmed.

    \b
    Examples:
      axis system webhook replay vpubnd-h49
      axis system webhook replay vpubnd-h49 --since 2026-03-02T08:00:00+07:00
    """
    from axis.store.engine import transaction
    from axis.store.webhooks import recover_webhook, replay_pushes

    with transaction(session.engine) as connection:
        _webhook(connection, system_id)
        count = replay_pushes(
            connection,
            system_id,
            at=instant_now(),
            since=instant_of(since) if since else None,
            delivery_ids=ids,
        )
        # Who orders it knows that the endpoint is back.
        recover_webhook(connection, system_id)
    if as_json:
        show_object({"system_id": system_id, "deliveries": count})
    else:
        say("{system_id} is told again of {count} deliveries", system_id=system_id, count=count)


@click.command
@click.argument("system_id", metavar="SYSTEM")
@json_option
@click.pass_obj
def remove(session: Session, system_id: str, as_json: bool) -> None:
    """Tell SYSTEM no more; its deliveries wait in its mailbox as ever.

    \b
    Examples:
      axis system webhook remove vpubnd-h49
      axis system webhook remove vpubnd-h49 --json
    """
    from axis.store.engine import transaction
    from axis.store.webhooks import remove_webhook

    with transaction(session.engine) as connection:
        removed = remove_webhook(connection, system_id)
    if as_json:
        show_object({"system_id": system_id, "removed": removed})
    else:
        say(
            "{system_id}: {how}",
            system_id=system_id,
            how=translate("removed") if removed else translate("there was no webhook"),
        )


def _webhook(connection: sa.Connection, system_id: str) -> Webhook:
    from axis.courier.errors import WebhookUnknownError
    from axis.store.webhooks import list_webhooks

    found = next((one for one in list_webhooks(connection) if one.system_id == system_id), None)
    if found is None:
        raise WebhookUnknownError(system_id=system_id)
    return found
