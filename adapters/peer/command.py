"""``axis peer``: other axes, and the links to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, rows_option, say, show_object, show_rows

if TYPE_CHECKING:
    from axis.commands.session import Session


@click.command
@click.argument("system_id")
@click.option("--url", required=True, help="Where its HTTP door is: https://…")
@click.option(
    "--token-file",
    required=True,
    type=click.Path(dir_okay=False),
    help="File with the token that the other axis gave us.",
)
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False), help="PEM: who vouches for its TLS."
)
@click.option("--name", default="", help="What people call it.")
@json_option
@click.pass_obj
def add(
    session: Session,
    system_id: str,
    url: str,
    token_file: str,
    ca: str | None,
    name: str,
    as_json: bool,
) -> None:
    """Add another axis, or change where it is; it is a system that serves its own offices.

    Afterwards assign it the offices that are at home there. The other axis does the same with us.

    \b
    Examples:
      axis peer add truc-quoc-gia --url https://truc.gov.vn --token-file truc-quoc-gia.token
      axis system assign truc-quoc-gia 000.00.00.G22 000.00.00.G17
    """
    from pathlib import Path

    from adapters.peer.errors import PeerSystemError
    from axis.commands.office import open_directory
    from axis.directory.systems import plan_add
    from axis.directory.values import ReceivesBy
    from axis.people.account import account
    from axis.store.directory_changes import change_directory
    from axis.store.engine import transaction
    from axis.store.peers import Peer, put_peer

    now = datetime.now(UTC)
    system = open_directory(session).systems().get(system_id)
    if system is not None and system.receives_by != ReceivesBy.PEER:
        raise PeerSystemError(system_id=system_id, receives_by=system.receives_by)
    if system is None:
        change_directory(
            session.engine,
            lambda directory: plan_add(
                directory, system_id, name=name, receives_by=ReceivesBy.PEER, connected=True
            ),
            kind="system-add",
            by=account(),
            at=now,
        )
    peer = Peer(
        system_id=system_id,
        url=url.rstrip("/"),
        token_file=str(Path(token_file).resolve()),
        ca_file=str(Path(ca).resolve()) if ca else None,
        added_at=now,
    )
    with transaction(session.engine) as connection:
        put_peer(connection, peer)
    if as_json:
        show_object({"system_id": system_id, "url": peer.url})
        return
    say(
        "{system_id}: {url}; assign it its offices: axis system assign {system_id} CODE…",
        system_id=system_id,
        url=peer.url,
    )


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the other axes.

    \b
    Examples:
      axis peer list
      axis peer list --json
    """
    from axis.store.engine import transaction
    from axis.store.peers import peers

    with transaction(session.engine) as connection:
        rows = [
            {
                "system_id": peer.system_id,
                "url": peer.url,
                "token_file": peer.token_file,
                "ca_file": peer.ca_file,
                "added_at": peer.added_at,
            }
            for peer in peers(connection)
        ]
    show_rows(rows, as_json=as_json, columns=("system_id", "url", "token_file", "ca_file"))


@click.command
@rows_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show whether each link works, and what is on its way; exit 1 where one is down.

    \b
    Examples:
      axis peer status
      axis peer status --json
    """
    from axis.store.engine import transaction
    from axis.store.peers import backlog, peers

    session: Session = context.obj
    rows, down = [], False
    with transaction(session.engine) as connection:
        for peer in peers(connection):
            on_way = backlog(connection, peer.system_id)
            down = down or peer.failed_at is not None
            state = "down" if peer.failed_at else "up" if peer.answered_at else "not tried"
            rows.append(
                {
                    "system_id": peer.system_id,
                    "link": state,
                    "since": peer.failed_at or peer.answered_at,
                    "waiting": on_way.waiting,
                    "oldest": on_way.oldest,
                    "under_way": on_way.under_way,
                    "failure": peer.failure,
                }
            )
    columns = ("system_id", "link", "since", "waiting", "oldest", "under_way", "failure")
    show_rows(rows, as_json=as_json, columns=columns)
    if down:
        context.exit(1)


@click.command
@click.pass_obj
def run(session: Session) -> None:
    """Keep the links to the other axes until told to stop; `axis serve` does it too.

    \b
    Examples:
      axis peer run
      AXIS_HOME=var/axis axis peer run
    """
    from adapters.peer.process import work
    from axis.serve.begin import begin

    begin(session.settings, "peers")
    work(session.settings)
