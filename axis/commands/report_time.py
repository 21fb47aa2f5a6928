"""``axis report``: deadlines kept and missed; the report of 17:00."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.directory.snapshot import Directory

DAY = click.DateTime(["%Y-%m-%d"])


@click.command
@click.option("--from", "since", type=DAY, help="First day, such as 2026-11-01; default: today.")
@click.option("--to", "until", type=DAY, help="Last day; default: the first.")
@json_option
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

    now = datetime.now(UTC)
    first = (since or now.astimezone(VIETNAM)).date()
    last = (until or since or now.astimezone(VIETNAM)).date()
    begin = datetime(first.year, first.month, first.day, tzinfo=VIETNAM)
    end = datetime(last.year, last.month, last.day, tzinfo=VIETNAM) + timedelta(days=1)
    with transaction(session.engine) as connection:
        directory = load_directory(connection)
        kept = measure(
            lines(connection, since=begin, until=end),
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


@click.command
@click.option("--day", type=DAY, help="Default: today.")
@click.option(
    "--by",
    "group",
    type=click.Choice(["office", "level", "province"]),
    default="office",
    show_default=True,
    help="What is counted together.",
)
@json_option
@click.pass_obj
def daily(session: Session, day: datetime | None, group: str, as_json: bool) -> None:
    """Show what arose today until 17:00, what is delivered, what is left, why, and whose it is.

    \b
    Examples:
      axis report daily
      axis report daily --by province --day 2026-11-20 --json
    """
    from datetime import UTC

    from axis.delivery.workdays import VIETNAM
    from axis.reports.daily import count, period
    from axis.store.directory import load_directory
    from axis.store.engine import transaction
    from axis.store.reports import lines

    now = datetime.now(UTC)
    chosen = (day or now.astimezone(VIETNAM)).date()
    since, until = period(chosen)
    with transaction(session.engine) as connection:
        directory = load_directory(connection)
        days = count(
            lines(connection, since=since, until=until, with_backlog=True),
            day=chosen,
            group=_group(directory, group, now),
        )
    rows = [
        {
            group: name,
            "arose": one.arose,
            "delivered": one.delivered,
            "ended": one.ended,
            "left": one.left,
            "backlog": one.backlog,
            "why": dict(one.why) if as_json else _text(one.why),
            "owners": dict(one.owners) if as_json else _text(one.owners),
        }
        for name, one in sorted(days.items())
    ]
    show_rows(rows, as_json=as_json, columns=tuple(rows[0]) if rows else (group,))


def _group(directory: Directory, group: str, now: datetime) -> Callable[[str], str]:
    """Return what turns an office id into the name of its group."""

    def name(office_id: str) -> str:
        office = directory.office(office_id, now)
        if office is None:
            return office_id
        if group == "level":
            return office.level.value
        if group == "office":
            return f"{office.code} {office.name}"
        seen = set()
        while office.level.value != "provincial" and office.parent_id and office_id not in seen:
            seen.add(office_id)
            office_id = office.parent_id
            parent = directory.office(office_id, now)
            if parent is None:
                break
            office = parent
        return office.name if office.level.value == "provincial" else "–"

    return name


def _text(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
