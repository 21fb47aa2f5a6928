"""``axis report hours``: what offices sent and got, by hour, level and message type."""

from __future__ import annotations

from datetime import timedelta

import click

from axis.commands.office import instant_of, open_directory
from axis.commands.output import rows_option, show_rows
from axis.commands.session import Session


@click.command
@click.option("--since", metavar="DAY", help="From this day or instant; default: an hour before.")
@click.option("--until", metavar="DAY", help="To this day or instant; default: now.")
@click.option("--by", type=click.Choice(["office", "level"]), default="office", help="Each row is.")
@click.option("--type", "kind", metavar="TYPE", help="One message type only.")
@click.option("--office", "code", metavar="CODE", help="One office only.")
@rows_option
@click.pass_obj
def hours(
    session: Session,
    since: str | None,
    until: str | None,
    by: str,
    kind: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Count what offices sent and got in whole hours: two days, or 31 by level or of one office.

    The same rows as GET /v1/statistics; docs/integrate/statistics.md says what each column counts.

    \b
    Examples:
      axis report hours --by level --csv
      axis report hours --since 2026-11-20 --until 2026-11-21 --type dossier --json
    """
    from dataclasses import asdict

    from axis.directory.errors import OfficeUnknownError
    from axis.figures.feed import COLUMNS, By, ask, whole_hours
    from axis.store.engine import transaction

    end = instant_of(until)
    begin, end = whole_hours(instant_of(since) if since else end - timedelta(hours=1), end)
    directory = open_directory(session)
    office = directory.find(code, end) if code else None
    if code and office is None:
        raise OfficeUnknownError(code=code, at=f"{end:%Y-%m-%d}")
    with transaction(session.engine) as connection:
        found = ask(
            connection,
            directory,
            since=begin,
            until=end,
            by=By(by),
            kind=kind,
            office=office,
            code=code,
        )
    rows: list[dict[str, object]] = [asdict(row) for row in found]
    show_rows(rows, as_json=as_json, columns=COLUMNS)
