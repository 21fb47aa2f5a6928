"""``axis report``: days, weeks and months, for people and for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axis.commands.output import say, show_object, show_table
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.reports.figures import Report
    from axis.reports.periods import Kind, Period
    from axis.reports.places import Place
    from axis.reports.sheets import Sheet

_FORMS = ("table", "json", "csv", "html", "pdf", "xlsx")
#: What a terminal has room for; all columns are in the other forms.
_SHORT = [
    *("documents", "sent_late", "weak", "unsigned", "came", "in_time", "late", "not_taken"),
    *("asked", "answered_in_time", "answered_late", "unanswered", "normal_p50", "normal_p90"),
]


def _options(default_by: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options that all reports have."""

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (
                click.option("--office", metavar="CODE", default="", help="Only this office."),
                click.option(
                    "--province", metavar="CODE", default="", help="A province and all below it."
                ),
                click.option(
                    "--level",
                    type=click.Choice(["central", "provincial", "district", "commune"]),
                    help="Only offices of this level.",
                ),
                click.option(
                    "--by",
                    type=click.Choice(
                        ["office", "level", "province", *(["type"] if default_by else [])]
                    ),
                    default=default_by,
                    show_default=default_by or "province; office where some are chosen",
                    help="What is counted together.",
                ),
                click.option(
                    "--format",
                    "form",
                    type=click.Choice(_FORMS),
                    default="table",
                    show_default=True,
                    help="What is written.",
                ),
                click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
                click.option(
                    "--output",
                    "-O",
                    type=click.Path(dir_okay=False, path_type=Path),
                    help="File to write; it is replaced at once. PDF and XLSX need one.",
                ),
            )
        ):
            command = option(command)
        return command

    return wrap


@click.command
@click.option("--day", metavar="DAY", help="Such as 2026-11-20; default: today.")
@_options("office")
@click.pass_obj
def daily(session: Session, /, day: str | None, **chosen: Any) -> None:
    """Show by message type what arose until 17:00, what is done in time, what is left, why, whose.

    A day begins at 17:00 of the day before. What its figures were at 17:00 is kept by the clock and
    does not change.

    \b
    Examples:
      axis report daily
      axis report daily --by type
      axis report daily --by province --day 2026-11-20 --json
    """
    from datetime import UTC, datetime

    from axis.delivery.workdays import VIETNAM
    from axis.reports.days import take_day
    from axis.reports.periods import Kind, parse_period, period_of
    from axis.reports.scope import By
    from axis.reports.sheets import day_sheet_of

    now = datetime.now(UTC)
    today = period_of(Kind.DAILY, now.astimezone(VIETNAM).date())
    period = parse_period(Kind.DAILY, day) if day else today
    report = take_day(session.engine, period, now=now)
    scope = _scope(session, period, chosen)
    sheet = day_sheet_of(report, period, scope=scope, by=By(chosen["by"]), lang=session.lang)
    _show(sheet, [column.key for column in sheet.columns], chosen)


@click.command
@click.option("--at", metavar="WEEK", help="Such as 2026-W46; default: the last that is closed.")
@_options(None)
@click.pass_obj
def weekly(session: Session, /, at: str | None, **chosen: Any) -> None:
    """Count a week: sent, received, in time and late, signatures, answers to DueDate, times.

    A week goes from Monday to Sunday, and is closed at noon of the next working day.

    \b
    Examples:
      axis report weekly
      axis report weekly --at 2026-W46 --province 000.00.00.H41 --format pdf -O nghe-an.pdf
    """
    from axis.reports.periods import Kind

    _report(session, Kind.WEEKLY, at, chosen)


@click.command
@click.option("--at", metavar="MONTH", help="Such as 2026-10; default: the last that is closed.")
@_options(None)
@click.pass_obj
def monthly(session: Session, /, at: str | None, **chosen: Any) -> None:
    """Count a month: sent, received, in time and late, signatures, answers to DueDate, times.

    A month is closed at noon of the first working day after it.

    \b
    Examples:
      axis report monthly --by level
      axis report monthly --at 2026-10 --format xlsx -O 2026-10.xlsx
    """
    from axis.reports.periods import Kind

    _report(session, Kind.MONTHLY, at, chosen)


@click.command
@click.argument("period")
@click.option("--why", required=True, help="What was wrong; it stands in the report.")
@click.option("--yes", is_flag=True, help="Do it; without this, only show what would change.")
@click.pass_obj
def correct(session: Session, period: str, why: str, yes: bool) -> None:
    """Count a closed week or month again, with the directory and the working days of now.

    The figures before stay; reports from then on show the new ones, with the reason.

    \b
    Examples:
      axis report correct 2026-W46 --why "office 28.22.H17 stood in the wrong province"
      axis report correct 2026-10 --why "a day off was declared" --yes
    """
    from datetime import UTC, datetime

    from axis.people.account import account
    from axis.reports.closing import correct as correct_now
    from axis.reports.closing import recount
    from axis.reports.periods import Kind, parse_period

    kind = Kind.WEEKLY if "W" in period else Kind.MONTHLY
    chosen, now, express = parse_period(kind, period), datetime.now(UTC), _express(session)
    if not yes:
        before, after = recount(session.engine, chosen, now=now, express=express)
        for name, (was, becomes) in _changes(before, after).items():
            click.echo(f"{name}: {was} → {becomes}")
        say("nothing was changed; add --yes to correct the figures")
        return
    report = correct_now(session.engine, chosen, now=now, express=express, who=account(), why=why)
    click.echo(f"{report.period} {report.revision}")


def _report(session: Session, kind: Kind, at: str | None, chosen: dict[str, Any]) -> None:
    from datetime import UTC, datetime

    from axis.delivery.workdays import Workdays
    from axis.reports.closing import take
    from axis.reports.periods import last_closed, parse_period
    from axis.reports.scope import By
    from axis.reports.sheets import sheet_of

    now = datetime.now(UTC)
    period = parse_period(kind, at) if at else last_closed(kind, now, Workdays())
    report = take(session.engine, period, now=now, express=_express(session))
    scope = _scope(session, period, chosen)
    some = scope.office_id or scope.province_id or scope.level
    by = By(chosen["by"] or ("office" if some else "province"))
    _show(sheet_of(report, period, scope=scope, by=by, lang=session.lang), _SHORT, chosen)


def _scope(session: Session, period: Period, chosen: dict[str, Any]) -> Any:
    from datetime import UTC, datetime, timedelta

    from axis.reports.scope import scope_of
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    named = [name for name in ("office", "province", "level") if chosen[name]]
    if len(named) > 1:
        raise click.UsageError("--office, --province and --level exclude each other")
    wanted = {name: chosen[name] for name in named}
    if not set(wanted) & {"office", "province"}:
        return scope_of(None, at=period.end, **wanted)
    with transaction(session.engine) as connection:
        directory = load_directory(connection)
    stands = min(period.end, datetime.now(UTC)) - timedelta(microseconds=1)
    return scope_of(directory, at=stands, **wanted)


def _show(sheet: Sheet, short: list[str], chosen: dict[str, Any]) -> None:
    from axis.reports.files import put_file
    from axis.reports.forms import Form, objects_of, write
    from axis.reports.sheets import shown

    form = "json" if chosen["as_json"] else chosen["form"]
    output: Path | None = chosen["output"]
    if output is not None:
        if form == "table":
            form = output.suffix.lstrip(".").lower()
            if form not in _FORMS[1:]:
                raise click.UsageError("say what to write: --format csv, html, json, pdf or xlsx")
        put_file(output, write(sheet, Form(form)))
        click.echo(str(output))
        return
    if form in ("pdf", "xlsx"):
        raise click.UsageError(f"--format {form} needs a file: -O FILE")
    if form == "json":
        for one in objects_of(sheet):
            show_object(one)
    elif form == "table":
        for line in (sheet.title, *sheet.under, *sheet.notes):
            say(line)
        columns = [one for one in sheet.columns if one.key in short]
        show_table(
            [one.title(sheet.lang) for one in (*sheet.labels, *columns)],
            [
                [row.labels.get(one.key, "") for one in sheet.labels]
                + [shown(one, row.values[one.key], sheet.lang) for one in columns]
                for row in (*sheet.rows, sheet.total)
            ],
        )
    else:
        sys.stdout.buffer.write(write(sheet, Form(form)))


def _changes(before: Report, after: Report) -> dict[str, tuple[object, object]]:
    """Return what a correction would change: offices that move, and sums."""
    from axis.reports.tally import COUNTS, Tally

    found: dict[str, tuple[object, object]] = {}
    old = {line.place.office_id: line for line in before.lines}
    for line in after.lines:
        was = old.get(line.place.office_id)
        if was is not None and was.place != line.place:
            name = f"{line.place.code} {line.place.name}"
            found[name] = (_stands(was.place), _stands(line.place))
    sums = [Tally.sum(line.tally for line in report.lines) for report in (before, after)]
    for count in COUNTS:
        values = (getattr(sums[0], count), getattr(sums[1], count))
        if values[0] != values[1]:
            found[count] = values
    return found


def _stands(place: Place) -> str:
    return " ".join(part for part in (place.level, place.province, place.name) if part)


def _express(session: Session) -> Any:
    from datetime import timedelta

    return timedelta(minutes=session.settings.clock.late_express_minutes)
