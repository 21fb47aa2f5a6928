"""``axis admin``: who may run the axis, what they did, and what waits for a second person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from axis.commands.language import translate
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.people.duties import Role

if TYPE_CHECKING:
    from collections.abc import Collection

    from axis.commands.session import Session

_ROLES = click.Choice([role.value for role in Role])


@click.command
@click.argument("account")
@click.option("--role", "roles", type=_ROLES, multiple=True, help="What it may do; repeatable.")
@click.option("--all", "all_roles", is_flag=True, help="It may do everything.")
@json_option
@click.pass_obj
def add(
    session: Session, account: str, roles: tuple[str, ...], all_roles: bool, as_json: bool
) -> None:
    """Name an account of this machine that may run the axis, with its roles.

    While nobody is named, every account that reaches the database may do everything. The first
    one named must be an administrator; from then on only who is named may change anything.

    \b
    Examples:
      axis admin add hoa --all --why "QĐ 12/QĐ-STTTT"
      axis admin add nam --role operator --role registrar
    """
    from axis.people.account import account as account_of
    from axis.people.acts import set_roles
    from axis.store.engine import transaction
    from axis.store.people import roles_of_all

    given = {Role(role) for role in roles} | (set(Role) if all_roles else set())
    if not given:
        raise click.UsageError("give at least one --role, or --all")
    with transaction(session.engine) as connection:
        whole = given | set(roles_of_all(connection).get(account, ()))
        set_roles(connection, account, whole, by=account_of(), now=datetime.now(UTC))
    _tell(account, whole, as_json=as_json)


@click.command
@click.argument("account")
@click.argument("roles", type=_ROLES, nargs=-1, required=True)
@json_option
@click.pass_obj
def role(session: Session, account: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Give an account exactly these roles; others that it had are taken back.

    \b
    Examples:
      axis admin role nam operator
      axis admin role nam operator keeper --why "thay ca trực"
    """
    from axis.people.account import account as account_of
    from axis.people.acts import set_roles
    from axis.store.engine import transaction

    given = {Role(role) for role in roles}
    with transaction(session.engine) as connection:
        set_roles(connection, account, given, by=account_of(), now=datetime.now(UTC))
    _tell(account, given, as_json=as_json)


@click.command
@click.argument("account")
@json_option
@click.pass_obj
def remove(session: Session, account: str, as_json: bool) -> None:
    """Take all roles back from an account; what it did stays on the record.

    \b
    Examples:
      axis admin remove nam
      axis admin remove nam --why "chuyển công tác" --json
    """
    from axis.people.account import account as account_of
    from axis.people.acts import set_roles
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        set_roles(connection, account, (), by=account_of(), now=datetime.now(UTC))
    _tell(account, (), as_json=as_json)


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List who may run the axis, and in which roles.

    \b
    Examples:
      axis admin list
      axis admin list --json
    """
    from axis.store.engine import transaction
    from axis.store.people import roles_of_all

    with transaction(session.engine) as connection:
        found = roles_of_all(connection)
    if not found and not as_json:
        say("nobody is named: every account that reaches the database may do everything")
        return
    rows = [{"account": name, "roles": ", ".join(sorted(found[name]))} for name in sorted(found)]
    show_rows(rows, as_json=as_json, columns=("account", "roles"))


@click.command
@click.option("--by", "who", help="Only what this account did.")
@click.option("--command", help="Only this command, or all of this noun.")
@click.option("--since", type=click.DateTime(), help="Only from this day on (UTC).")
@click.option("--limit", default=100, help="At most so many, the newest.", show_default=True)
@rows_option
@click.pass_obj
def acts(
    session: Session,
    who: str | None,
    command: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what people changed, newest first; the ledger has an entry for each.

    \b
    Examples:
      axis admin acts --since 2026-11-01
      axis admin acts --by nam --command cert --json
    """
    from axis.store import people
    from axis.store.engine import transaction

    start = since.replace(tzinfo=UTC) if since else None
    with transaction(session.engine) as connection:
        found = people.acts(connection, who=who, command=command, since=start, limit=limit)
    rows = [
        {
            "at": act.at,
            "who": act.who,
            "command": act.command,
            "arguments": dict(act.arguments) if as_json else _brief(act.arguments),
            "why": act.why,
            "approved_by": act.approved_by,
            "id": act.id,
        }
        for act in found
    ]
    columns = ("at", "who", "command", "arguments", "why", "approved_by")
    show_rows(rows, as_json=as_json, columns=columns)


@click.command
@rows_option
@click.pass_obj
def requests(session: Session, as_json: bool) -> None:
    """List the commands that wait for a second person.

    \b
    Examples:
      axis admin requests
      axis admin requests --json
    """
    from axis.people.acts import REQUEST_LIVES
    from axis.store.engine import transaction
    from axis.store.people import requests_waiting

    with transaction(session.engine) as connection:
        waiting = requests_waiting(connection, since=datetime.now(UTC) - REQUEST_LIVES)
    rows = [
        {
            "id": one.id,
            "at": one.at,
            "who": one.who,
            "command": one.command,
            "arguments": dict(one.arguments) if as_json else _brief(one.arguments),
            "why": one.why,
        }
        for one in waiting
    ]
    show_rows(rows, as_json=as_json, columns=("id", "at", "who", "command", "arguments", "why"))


@click.command
@click.argument("request_id", type=UUID)
@click.option("--why", help="The reason, for the ledger.")
@json_option
@click.pass_obj
def approve(session: Session, request_id: UUID, why: str | None, as_json: bool) -> None:
    """Approve, as the second person, a command that somebody else asked for.

    They then give the same command again, within a day; the approval is good for one time.

    \b
    Examples:
      axis admin approve 6f1f7a8e-35b0-4d0c-9c0a-5f7b1f6f3a10
      axis admin approve 6f1f7a8e-35b0-4d0c-9c0a-5f7b1f6f3a10 --why "đã đối chiếu QĐ"
    """
    _answer(session, request_id, approved=True, why=why, as_json=as_json)


@click.command
@click.argument("request_id", type=UUID)
@click.option("--why", required=True, help="The reason, for the ledger.")
@json_option
@click.pass_obj
def refuse(session: Session, request_id: UUID, why: str, as_json: bool) -> None:
    """Refuse, as the second person, a command that somebody else asked for.

    \b
    Examples:
      axis admin refuse 6f1f7a8e-35b0-4d0c-9c0a-5f7b1f6f3a10 --why "sai mã đơn vị"
      axis admin refuse 6f1f7a8e-35b0-4d0c-9c0a-5f7b1f6f3a10 --why "chưa có quyết định" --json
    """
    _answer(session, request_id, approved=False, why=why, as_json=as_json)


def _answer(
    session: Session, request_id: UUID, *, approved: bool, why: str | None, as_json: bool
) -> None:
    from axis.people.account import account
    from axis.people.acts import answer

    request = answer(
        session.engine,
        session.sealer,
        request_id,
        approved=approved,
        who=account(),
        why=why,
        now=datetime.now(UTC),
    )
    word = translate("approved") if approved else translate("refused")
    if as_json:
        show_object({"id": request.id, "command": request.command, "answer": word})
        return
    say(
        "{word}: axis {command}, asked for by {who}",
        word=word,
        command=request.command,
        who=request.who,
    )


def _tell(account: str, roles: Collection[Role], *, as_json: bool) -> None:
    names = sorted(role.value for role in roles)
    if as_json:
        show_object({"account": account, "roles": names})
        return
    say("{account}: {roles}", account=account, roles=", ".join(names) or translate("no role"))


def _brief(arguments: object) -> str:
    import json

    text = json.dumps(arguments, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"
