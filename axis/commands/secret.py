"""``axis system secret new|list|revoke``: secrets that a system signs its headers with."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.credentials import (
    after_days,
    demand_system,
    instant_now,
    note_option,
    rotate_option,
    term_row,
)
from axis.commands.language import translate
from axis.commands.office import by_option
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.option(
    "--file",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A secret that the system has already; default: a new random one.",
)
@click.option("--days", type=click.IntRange(min=1), help="How long it counts; default: no end.")
@rotate_option
@note_option
@by_option
@json_option
@click.pass_obj
def new(
    session: Session,
    system_id: str,
    source: Path | None,
    days: int | None,
    rotate: bool,
    note: str,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Make a shared secret for SYSTEM and print it; the axis keeps it encrypted.

    A line end at the end of a file does not belong to the secret.

    \b
    Examples:
      axis system secret new vpubnd-h49
      axis system secret new vpubnd-h49 --file secret.txt --rotate --json
    """
    import secrets

    from axis.access.sealing import demand_strong, seal_secret
    from axis.access.values import SharedSecret, Term
    from axis.ledger.keys import read_key_file
    from axis.store.access import add_secret, end_secrets
    from axis.store.engine import transaction

    settings = session.settings
    now = instant_now()
    secret = source.read_bytes().rstrip(b"\r\n") if source else secrets.token_hex(32).encode()
    demand_strong(secret)
    secret_id = secrets.token_hex(8)
    record = SharedSecret(
        id=secret_id,
        system_id=system_id,
        sealed=seal_secret(
            read_key_file(settings.path(settings.access.key)),
            secret,
            secret_id=secret_id,
            system_id=system_id,
        ),
        term=Term(created_at=now, expires_at=after_days(now, days) if days else None),
        note=note,
        created_by=recorded_by,
    )
    with transaction(session.engine) as connection:
        demand_system(connection, system_id)
        if rotate:
            end_secrets(connection, system_id, at=after_days(now, settings.access.overlap_days))
        add_secret(connection, record)
    shown = None if source else secret.decode()
    if as_json:
        show_object(
            {
                "id": secret_id,
                "system_id": system_id,
                "secret": shown,
                "expires_at": record.term.expires_at,
            }
        )
        return
    if shown is not None:
        click.echo(shown)
    say("secret {secret_id} is recorded, encrypted; it is not shown again", secret_id=secret_id)


@click.command("list")
@click.argument("system_id", metavar="SYSTEM", required=False)
@rows_option
@click.pass_obj
def list_(session: Session, system_id: str | None, as_json: bool) -> None:
    """List shared secrets and how long they count; never the secrets themselves.

    \b
    Examples:
      axis system secret list
      axis system secret list vpubnd-h49 --json
    """
    from axis.store.access import list_secrets
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        rows = [
            {
                "id": secret.id,
                "system_id": secret.system_id,
                **term_row(secret.term),
                "note": secret.note,
                "created_by": secret.created_by,
            }
            for secret in list_secrets(connection, system_id=system_id)
        ]
    show_rows(rows, as_json=as_json, columns=("id", "system_id", "state", "expires_at", "note"))


@click.command
@click.argument("secret_id", metavar="SECRET")
@json_option
@click.pass_obj
def revoke(session: Session, secret_id: str, as_json: bool) -> None:
    """End a shared secret now, by the id that ``list`` shows; the doors know within a second.

    \b
    Examples:
      axis system secret revoke 4f1c9a20b7d3e856
      axis system secret revoke 4f1c9a20b7d3e856 --json
    """
    from axis.store.access import revoke_secret
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        changed = revoke_secret(connection, secret_id, at=instant_now())
    if as_json:
        show_object({"id": secret_id, "changed": changed})
    else:
        say(
            "{secret_id}: {how}",
            secret_id=secret_id,
            how=translate("revoked") if changed else translate("had ended before"),
        )
