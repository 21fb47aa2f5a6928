"""``axis console``: who may sign in at the web console."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.language import translate
from axis.commands.output import instant, json_option, rows_option, say, show_object, show_rows

if TYPE_CHECKING:
    from axis.commands.session import Session
    from axis.signin.accounts import Given

_KINDS = click.Choice(["operator", "auditor", "viewer"])


@click.command
@click.argument("name")
@click.option("--role", "kind", type=_KINDS, required=True, help="What the console shows it.")
@click.option("--office", help="Code of the office whose documents a viewer sees.")
@click.option(
    "--openid", is_flag=True, help="It signs in by the OpenID provider, without password."
)
@json_option
@click.pass_obj
def add(
    session: Session, name: str, kind: str, office: str | None, openid: bool, as_json: bool
) -> None:
    """Let somebody sign in at the console: print a first password and the code for a telephone.

    An operator sees everything and can act; an auditor sees everything and changes nothing; a
    viewer sees the documents of one office. Where people are named (`axis admin`), an operator
    is given the role operator there too, under the same name.

    \b
    Examples:
      axis console account add hoa --role operator
      axis console account add lan --role viewer --office 000.00.00.H41 --why "văn thư tỉnh"
    """
    from axis.directory.errors import OfficeUnknownError
    from axis.people.account import account as account_of
    from axis.people.acts import set_roles
    from axis.people.duties import Role
    from axis.signin.accounts import Kind, open_account, open_openid_account
    from axis.store.directory import load_directory
    from axis.store.engine import transaction
    from axis.store.people import roles_of_all

    if (kind == "viewer") != (office is not None):
        raise click.UsageError("--office goes with --role viewer, and with no other")
    if not name.isprintable() or not 0 < len(name) <= 64 or name != name.strip():
        raise click.UsageError("a name has 1 to 64 letters")
    now, by = datetime.now(UTC), account_of()
    key = b"" if openid else _key(session)
    given = None
    with transaction(session.engine) as connection:
        office_id = None
        if office is not None:
            found = load_directory(connection).find(office, now)
            if found is None:
                raise OfficeUnknownError(code=office, at=instant(now))
            office_id = found.office_id
        if openid:
            open_openid_account(connection, name, Kind(kind), office_id=office_id, by=by, now=now)
        else:
            given = open_account(
                connection, name, Kind(kind), office_id=office_id, key=key, by=by, now=now
            )
        named = roles_of_all(connection)
        if named and kind == "operator" and Role.OPERATOR not in named.get(name, ()):
            set_roles(connection, name, {*named.get(name, ()), Role.OPERATOR}, by=by, now=now)
    if given is not None:
        _tell(session, given, as_json=as_json)
    elif as_json:
        show_object({"name": name, "openid": True})
    else:
        provider = session.settings.console.openid_issuer or translate("no provider yet")
        say("{name} signs in by {provider}", name=name, provider=provider)


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List who may sign in at the console.

    \b
    Examples:
      axis console account list
      axis console account list --json
    """
    from axis.store.console import list_accounts
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        found = list_accounts(connection)
    rows = [
        {
            "name": one.name,
            "role": one.kind,
            "office_id": one.office_id,
            "created_at": one.created_at,
            "created_by": one.created_by,
            "first_password": one.must_change,
        }
        for one in found
    ]
    columns = ("name", "role", "office_id", "created_at", "created_by", "first_password")
    if rows or as_json:
        show_rows(rows, as_json=as_json, columns=columns)
    else:
        say("nobody; `axis console account add NAME --role operator` lets somebody in")


@click.command
@click.argument("name")
@json_option
@click.pass_obj
def remove(session: Session, name: str, as_json: bool) -> None:
    """Let somebody sign in no more, and end their sessions.

    Roles under the same name stay; `axis admin remove` takes them.

    \b
    Examples:
      axis console account remove hoa
      axis console account remove hoa --why "chuyển công tác" --json
    """
    from axis.people.account import account as account_of
    from axis.signin.accounts import close_account
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        close_account(connection, name, by=account_of(), now=datetime.now(UTC))
    if as_json:
        show_object({"name": name, "removed": True})
        return
    say("{name} can sign in no more", name=name)


@click.command
@click.argument("name")
@json_option
@click.pass_obj
def reset(session: Session, name: str, as_json: bool) -> None:
    """Give somebody a new password and a new code, and end their sessions.

    \b
    Examples:
      axis console account reset hoa
      axis console account reset hoa --why "mất điện thoại" --json
    """
    from axis.signin.accounts import reset_account
    from axis.store.engine import transaction

    key = _key(session)
    with transaction(session.engine) as connection:
        given = reset_account(connection, name, key=key)
    _tell(session, given, as_json=as_json)


def _key(session: Session) -> bytes:
    from axis.ledger.keys import read_key_file

    return read_key_file(session.settings.path(session.settings.access.key))


def _tell(session: Session, given: Given, *, as_json: bool) -> None:
    import sys

    import segno

    from axis.serve.prepare import console_url
    from axis.signin.passwords import totp_uri

    settings = session.settings
    uri = totp_uri(given.totp, name=given.name, issuer=settings.console.name)
    said = {
        "name": given.name,
        "password": given.password,
        "totp": given.totp,
        "uri": uri,
        "url": console_url(settings),
    }
    if as_json:
        show_object(said)
        return
    show_rows(
        [{"what": key, "value": value} for key, value in said.items()],
        as_json=False,
        columns=("what", "value"),
    )
    say("give it to its person only; it is shown once. An authenticator reads this:")
    segno.make(uri, error="l").terminal(compact=True, out=sys.stderr)
