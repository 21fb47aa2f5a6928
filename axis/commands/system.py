"""``axis system add|set|assign``: the eOffice installations that act for offices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.language import translate
from axis.commands.office import by_option, instant_of
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.snapshot import Directory
    from axis.directory.systems import SystemPlan

_RECEIVES_BY = click.Choice(["poll", "amqp", "webhook"])


@click.command
@click.argument("system_id")
@click.option("--name", default="", help="What people call it.")
@click.option("--receives-by", type=_RECEIVES_BY, default="poll", help="How it gets deliveries.")
@click.option("--not-connected", is_flag=True, help="Hold its deliveries until it connects.")
@by_option
@json_option
@click.pass_obj
def add(
    session: Session,
    system_id: str,
    name: str,
    receives_by: str,
    not_connected: bool,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Add a system; adding the same again is no change.

    \b
    Examples:
      axis system add vpubnd-h49 --name "eOffice tỉnh Quảng Ninh" --receives-by amqp
      axis system add vpcp --json
    """
    from axis.directory.systems import plan_add
    from axis.directory.values import ReceivesBy

    _record(
        session,
        lambda directory: plan_add(
            directory,
            system_id,
            name=name,
            receives_by=ReceivesBy(receives_by),
            connected=not not_connected,
        ),
        kind="system-add",
        by=recorded_by,
        as_json=as_json,
    )


@click.command("set")
@click.argument("system_id")
@click.option("--name", help="What people call it.")
@click.option("--receives-by", type=_RECEIVES_BY, help="How it gets deliveries.")
@click.option(
    "--state", type=click.Choice(["active", "suspended", "closed"]), help="May it send and receive?"
)
@click.option("--connected/--not-connected", default=None, help="Whether deliveries are offered.")
@by_option
@json_option
@click.pass_obj
def set_(
    session: Session,
    system_id: str,
    name: str | None,
    receives_by: str | None,
    state: str | None,
    connected: bool | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Change what is recorded about a system.

    \b
    Examples:
      axis system set vpubnd-h49 --connected
      axis system set vpubnd-h49 --state suspended
    """
    from axis.directory.systems import plan_set
    from axis.directory.values import ReceivesBy, SystemState

    _record(
        session,
        lambda directory: plan_set(
            directory,
            system_id,
            name=name,
            receives_by=ReceivesBy(receives_by) if receives_by else None,
            state=SystemState(state) if state else None,
            connected=connected,
        ),
        kind="system-set",
        by=recorded_by,
        as_json=as_json,
    )


@click.command
@click.argument("system_id")
@click.argument("codes", nargs=-1, required=True)
@click.option("--below", is_flag=True, help="And for all offices under the named ones.")
@click.option("--from", "from_text", metavar="DAY", help="From when on; default: since ever.")
@by_option
@json_option
@click.pass_obj
def assign(
    session: Session,
    system_id: str,
    codes: tuple[str, ...],
    below: bool,
    from_text: str | None,
    recorded_by: str,
    as_json: bool,
) -> None:
    """Let a system act for offices; the system that did so until then ends on that day.

    Without --from, an office that no system acts for yet is taken since ever; one that another
    system acts for is taken over now.

    \b
    Examples:
      axis system assign vpubnd-h49 H49 --below
      axis system assign vpubnd-h44 H44 H44.01 --from 2025-07-01
    """
    from axis.directory.systems import plan_assign
    from axis.directory.values import micros

    now = datetime.now(UTC)
    start = micros(instant_of(from_text)) if from_text else None
    _record(
        session,
        lambda directory: plan_assign(
            directory, system_id, codes, start=start, now=now, below=below
        ),
        kind="system-assign",
        by=recorded_by,
        as_json=as_json,
    )


def _record(
    session: Session, plan: Callable[[Directory], SystemPlan], *, kind: str, by: str, as_json: bool
) -> None:
    from axis.store.directory_changes import change_directory

    planned, version = change_directory(
        session.engine, plan, kind=kind, by=by, at=datetime.now(UTC)
    )
    if as_json:
        show_object({**planned.facts, "changed": bool(planned.change), "version": version})
    else:
        done = translate("recorded") if planned.change else translate("no change")
        say("{done}; directory version {version}", done=done, version=version)
