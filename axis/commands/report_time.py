"""``axis report deadlines``: what was sent, taken and finished in time, office by office."""

from __future__ import annotations

from datetime import datetime

import click

from axis.commands.output import rows_option, show_rows
from axis.commands.session import Session

DAY = click.DateTime(["%Y-%m-%d"])


@click.command
@click.option("--from", "since", type=DAY, help="First day, such as 2026-11-01; default: today.")
@click.option("--to", "until", type=DAY, help="Last day; default: the first.")
@rows_option
@click.pass_obj
def deadlines(
    session: Session, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """Show for each office what it sent in time, took in time, and finished by DueDate.

    \b
    Examples:
      axis report deadlines
      axis report deadlines --from 2026-11-01 --to 2026-11-30 --json
    """
    from datetime import UTC, timedelta

    from axis.delivery.workdays import VIETNAM, Workdays
    from axis.reports.deadlines import measure
    from axis.store.directory import load_directory
    from axis.store.engine import transaction
    from axis.store.reports import lines
    from axis.store.types import roles

    now = datetime.now(UTC)
    first = (since or now.astimezone(VIETNAM)).date()
    last = (until or since or now.astimezone(VIETNAM)).date()
    begin = datetime(first.year, first.month, first.day, tzinfo=VIETNAM)
    end = datetime(last.year, last.month, last.day, tzinfo=VIETNAM) + timedelta(days=1)
    with transaction(session.engine) as connection:
        directory = load_directory(connection)
        kept = measure(
            lines(connection, since=begin, until=end, kinds=roles(connection).letters),
            now=now,
            express=timedelta(minutes=session.settings.clock.late_express_minutes),
            days=Workdays(),
        )
    rows = []
    for office_id, figures in kept.items():
        office = directory.office(office_id, now)
        rows.append(
            {
                "office": office.code if office else office_id,
                "name": office.name if office else None,
                "sent": figures.sent,
                "sent_late": figures.sent_late,
                "came": figures.came,
                "in_time": figures.taken_in_time,
                "late": figures.taken_late,
                "open_late": figures.open_late,
                "due": figures.due,
                "done": figures.done,
            }
        )
    rows.sort(key=lambda row: (-row["open_late"] - row["sent_late"], row["office"]))  # type: ignore[operator]
    show_rows(rows, as_json=as_json, columns=tuple(rows[0]) if rows else ("office",))
