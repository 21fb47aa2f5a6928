"""``axis system list|show``: the eOffice installations, for whom they act, and when they called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from axis.commands.logs import show_fields
from axis.commands.office import open_directory
from axis.commands.output import json_option, rows_option, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.snapshot import Directory


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the systems, how many offices each acts for now, and when each called last.

    \b
    Examples:
      axis system list
      axis system list --json
    """
    from axis.store.calls import last_calls
    from axis.store.engine import transaction

    directory = open_directory(session)
    with transaction(session.engine) as connection:
        calls = last_calls(connection)
    offices = _offices(directory, datetime.now(UTC))
    show_rows(
        [
            {
                "system_id": system.system_id,
                "name": system.name,
                "receives_by": system.receives_by,
                "state": system.state,
                "connected": system.connected,
                "offices": len(offices.get(system.system_id, ())),
                "last_call": calls[system.system_id].at if system.system_id in calls else None,
            }
            for system in directory.systems().values()
        ],
        as_json=as_json,
        columns=("system_id", "name", "receives_by", "state", "connected", "offices", "last_call"),
    )


@click.command
@click.argument("system_id")
@json_option
@click.pass_obj
def show(session: Session, system_id: str, as_json: bool) -> None:
    """Show a system: for whom it acts, when it called last, what waits for it.

    \b
    Examples:
      axis system show vpubnd-h49
      axis system show vpubnd-h49 --json
    """
    from axis.directory.errors import SystemUnknownError
    from axis.store.calls import last_calls
    from axis.store.engine import transaction
    from axis.store.health import healths, waiting_counts

    directory, now = open_directory(session), datetime.now(UTC)
    system = directory.system(system_id)
    if system is None:
        raise SystemUnknownError(system_id=system_id)
    with transaction(session.engine) as connection:
        call = last_calls(connection).get(system_id)
        count, since = waiting_counts(connection).get(system_id, (0, None))
        health = healths(connection).get(system_id)
    offices = _offices(directory, now).get(system_id, [])
    show_fields(
        {
            "system_id": system.system_id,
            "name": system.name,
            "receives_by": system.receives_by.value,
            "state": system.state.value,
            "connected": system.connected,
            "last_call": call.at.isoformat() if call else None,
            "last_door": call.door if call else None,
            "waiting": count,
            "waiting_since": since.isoformat() if since else None,
            "notices_not_taken": health.failures if health else 0,
            "offices": offices if as_json else "\n".join(offices),
        },
        as_json=as_json,
    )


def _offices(directory: Directory, at: datetime) -> dict[str, list[str]]:
    """Return for each system the offices that it acts for, code and name."""
    from axis.directory.records import in_force, office_at
    from axis.directory.values import micros

    t, found = micros(at), dict[str, list[str]]()
    for record in directory.records():
        acting = in_force(record.actings, t)
        if acting:
            office = office_at(record, t)
            found.setdefault(acting.system_id, []).append(f"{office.code} {office.name}".strip())
    return found
