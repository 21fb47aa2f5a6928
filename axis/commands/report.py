"""``axis report``: counts over what was carried."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from axis.commands.office import instant_of
from axis.commands.output import instant, rows_option, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from datetime import datetime

_COLUMNS = ("system_id", "weak", "packages", "last_at", "policy", "leave_until")


@click.command("weak-signatures")
@click.option("--since", metavar="DAY", help="From this day or instant; default: 30 days ago.")
@click.option("--until", metavar="DAY", help="To this day or instant; default: now.")
@rows_option
@click.pass_obj
def weak_signatures(session: Session, since: str | None, until: str | None, as_json: bool) -> None:
    """Count the weakly signed packages that passed, by system, with the leave of each.

    Systems with leave are shown also where they sent none.

    \b
    Examples:
      axis report weak-signatures
      axis report weak-signatures --since 2026-01-01 --json
    """
    from axis.store.engine import transaction
    from axis.store.trust import count_weak_signatures, list_signature_policies

    end = instant_of(until)
    start: datetime = instant_of(since) if since else end - timedelta(days=30)
    with transaction(session.engine) as connection:
        counts = count_weak_signatures(connection, since=start, until=end)
        leaves = {each.system_id: each for each in list_signature_policies(connection)}
    rows: list[dict[str, object]] = []
    for each in counts:
        leave = leaves.get(each.system_id)
        rows.append(
            {
                "system_id": each.system_id,
                "weak": each.weak.value,
                "packages": each.packages,
                "last_at": instant(each.last_at),
                "policy": leave.policy.value if leave else "strict",
                "leave_until": instant(leave.until) if leave else None,
            }
        )
    seen = {each.system_id for each in counts}
    rows += [
        {
            "system_id": leave.system_id,
            "weak": None,
            "packages": 0,
            "last_at": None,
            "policy": leave.policy.value,
            "leave_until": instant(leave.until),
        }
        for leave in leaves.values()
        if leave.system_id not in seen and end < leave.until
    ]
    show_rows(rows, as_json=as_json, columns=_COLUMNS)
