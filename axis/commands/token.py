"""``axis system token new|list|revoke``: bearer tokens of systems."""

from __future__ import annotations

import click

from axis.commands.credentials import (
    after_days,
    days_option,
    demand_system,
    instant_now,
    note_option,
    rotate_option,
    scope_option,
    scopes_of,
    term_row,
)
from axis.commands.language import translate
from axis.commands.office import by_option
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.argument("system_id", metavar="SYSTEM")
@scope_option
@days_option
@rotate_option
@note_option
@by_option
@json_option
@click.pass_obj
def new(
    session: Session,
    system_id: str,
    scope_words: tuple[str, ...],
    days: int | None,
    rotate: bool,
    note: str,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Make a token for SYSTEM and print it, once: the axis keeps only its hash.

    \b
    Examples:
      axis system token new vpubnd-h49
      axis system token new vpubnd-h49 --scope receive --days 90 --rotate --json
    """
    from axis.access.tokens import mint
    from axis.access.values import Term, Token
    from axis.store.access import add_token, end_tokens
    from axis.store.engine import transaction

    access = session.settings.access
    now = instant_now()
    minted = mint()
    token = Token(
        id=minted.id,
        system_id=system_id,
        digest=minted.digest,
        scopes=scopes_of(scope_words),
        term=Term(created_at=now, expires_at=after_days(now, days or access.token_days)),
        note=note,
        created_by=recorded_by,
    )
    with transaction(session.engine) as connection:
        demand_system(connection, system_id)
        if rotate:
            end_tokens(connection, system_id, at=after_days(now, access.overlap_days))
        add_token(connection, token)
    if as_json:
        show_object(
            {
                "id": token.id,
                "system_id": system_id,
                "token": minted.text,
                "scopes": sorted(token.scopes),
                "expires_at": token.term.expires_at,
            }
        )
        return
    click.echo(minted.text)
    say(
        "token {id} counts until {expires_at}; it is not shown again",
        id=token.id,
        expires_at=token.term.expires_at,
    )
    if rotate:
        say(
            "the tokens before end in {overlap_days} days at the latest",
            overlap_days=access.overlap_days,
        )


@click.command("list")
@click.argument("system_id", metavar="SYSTEM", required=False)
@rows_option
@click.pass_obj
def list_(session: Session, system_id: str | None, as_json: bool) -> None:
    """List tokens with what they are for and how long they count; never the tokens themselves.

    \b
    Examples:
      axis system token list
      axis system token list vpubnd-h49 --json
    """
    from axis.store.access import list_tokens
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        rows = [
            {
                "id": token.id,
                "system_id": token.system_id,
                "scopes": " ".join(sorted(token.scopes)),
                **term_row(token.term),
                "note": token.note,
                "created_by": token.created_by,
            }
            for token in list_tokens(connection, system_id=system_id)
        ]
    columns = ("id", "system_id", "scopes", "state", "expires_at", "note")
    show_rows(rows, as_json=as_json, columns=columns)


@click.command
@click.argument("token_id", metavar="TOKEN")
@json_option
@click.pass_obj
def revoke(session: Session, token_id: str, as_json: bool) -> None:
    """End a token now, by the id that ``list`` shows; the doors know within a second.

    \b
    Examples:
      axis system token revoke 4f1c9a20b7d3e856
      axis system token revoke 4f1c9a20b7d3e856 --json
    """
    from axis.store.access import revoke_token
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        changed = revoke_token(connection, token_id, at=instant_now())
    if as_json:
        show_object({"id": token_id, "changed": changed})
    else:
        say(
            "{token_id}: {how}",
            token_id=token_id,
            how=translate("revoked") if changed else translate("had ended before"),
        )
