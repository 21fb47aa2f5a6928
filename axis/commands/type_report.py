"""``axis type day|unsynced|league``: what of a type is open and why, and who has answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from axis.commands.output import instant, rows_option, show_rows
from axis.commands.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import sqlalchemy as sa

_UNSYNCED = ("type", "number", "revision", "step", "sender", "recipient", "since", "why", "owner")
_DAY = ("type", "arose", "delivered", "left", "backlog", "refused", "due", "in_time", "late", "why")
_LEAGUE = ("place", "story", "office", "standing", "answered_at", "due_at", "revision", "documents")

#: Stories of which a league is shown where none is named.
_MOST_STORIES = 20


@click.command
@click.argument("name", metavar="[TYPE]", default="dossier")
@click.option("--days", type=click.IntRange(1, 366), default=1, help="Refused within; default: 1.")
@rows_option
@click.pass_obj
def unsynced(session: Session, name: str, days: int, as_json: bool) -> None:
    """List what of a type is not where it belongs, since when, why, and who must act.

    By the rule of 17:00 this list is empty at the end of the day. What was refused stays in it
    until it is sent again, or for --days.

    \b
    Examples:
      axis type unsynced
      axis type unsynced report --days 7 --json
    """
    from axis.reports.messages import row_of_open
    from axis.store.engine import transaction
    from axis.store.message_figures import unsynced as open_of

    now = datetime.now(UTC)
    with transaction(session.engine) as connection:
        found = list(open_of(connection, name, refused_since=now - timedelta(days=days)))
        codes = {code for one in found for code in (one.sender, one.recipient) if code}
        names = names_at(connection, codes, now)
    rows = [row_of_open(one, lang=session.lang, name_of=names) for one in found]
    for row, one in zip(rows, found, strict=True):
        row["since"] = instant(one.since)
    show_rows(rows, as_json=as_json, columns=_UNSYNCED)


@click.command
@click.option("--day", "day_text", metavar="DAY", help="In Vietnam; default: today.")
@rows_option
@click.pass_obj
def day(session: Session, day_text: str | None, as_json: bool) -> None:
    """Show a day by message type: what arose until 17:00, arrived, was in time, is left and why.

    The figures of axis report daily --by type. What arises after 17:00 belongs to the next day.

    \b
    Examples:
      axis type day
      axis type day --day 2026-11-20 --json
    """
    from axis.commands.office import instant_of
    from axis.delivery.workdays import VIETNAM
    from axis.reports.days import take_day
    from axis.reports.forms import objects_of
    from axis.reports.periods import Kind, period_of
    from axis.reports.scope import By, Scope
    from axis.reports.sheets import day_sheet_of

    period = period_of(Kind.DAILY, instant_of(day_text).astimezone(VIETNAM).date())
    report = take_day(session.engine, period, now=datetime.now(UTC))
    sheet = day_sheet_of(report, period, scope=Scope(), by=By.TYPE, lang=session.lang)
    rows = [{"day": period.key, **one} for one in objects_of(sheet)]
    show_rows(rows, as_json=as_json, columns=_DAY)


@click.command
@click.argument("name", metavar="[TYPE]", default="report")
@click.argument("story", required=False)
@rows_option
@click.pass_obj
def league(session: Session, name: str, story: str | None, as_json: bool) -> None:
    """Rank the offices that were asked for something by when they answered.

    STORY is a template and period, or the code of a task; without it, the newest are shown. More
    time that was given counts.
    Documents that answer a task by its code are counted beside.

    \b
    Examples:
      axis type league report KTXH-01/2026-02
      axis type league task VPCP-2026-00127 --csv
    """
    from axis.envelope.errors import TypeUnknownError
    from axis.reports.messages import league as ranked
    from axis.store.engine import transaction
    from axis.store.leagues import asked, stories_open
    from axis.store.types import load_types

    now = datetime.now(UTC)
    rows: list[dict[str, object]] = []
    with transaction(session.engine) as connection:
        book = load_types(connection)
        rules = next((one for one in book.named(name) if one.league), None)
        if rules is None:
            having = sorted({k for k, _ in book.entries() if book.named(k)[0].league})
            raise TypeUnknownError(expected=", ".join(having) or "–", got=name)
        keys = [story] if story else stories_open(connection, rules, most=_MOST_STORIES)
        found = asked(connection, rules, keys)
        names = names_at(connection, {one.address for one in found}, now)
        for key in keys:
            rows += [
                {
                    "place": place,
                    "story": key,
                    "office": names(one.address),
                    "code": one.address,
                    "standing": how.value,
                    "answered_at": instant(one.answered_at) if one.answered_at else None,
                    "due_at": instant(one.due_at) if one.due_at else None,
                    "asked_due_at": instant(one.asked_due_at) if one.asked_due_at else None,
                    "revision": one.revision,
                    "documents": one.documents,
                }
                for place, one, how in ranked((one for one in found if one.story == key), now=now)
            ]
    show_rows(rows, as_json=as_json, columns=_LEAGUE)


def names_at(connection: sa.Connection, codes: Iterable[str], at: datetime) -> Callable[[str], str]:
    """Return what shows a code with the name of its office."""
    from axis.store.directory_names import names_of

    known = names_of(connection, set(codes), at=at)
    return lambda code: f"{code} {known[code]}" if code in known else code
