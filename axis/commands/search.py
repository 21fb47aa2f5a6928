"""``axis search``: which document is it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from axis.commands.output import instant, rows_option, say, show_rows

if TYPE_CHECKING:
    from axis.commands.session import Session
    from axis.search.finding import Listed

DAY = click.DateTime(["%Y-%m-%d"])


@click.command
@click.argument("words", nargs=-1)
@click.option("--office", help="Sent by or addressed to it: a code, or words of its name.")
@click.option("--from", "since", type=DAY, help="From this day on, such as 2026-11-01.")
@click.option("--to", "until", type=DAY, help="Up to and with this day.")
@click.option(
    "--state",
    "standing",
    type=click.Choice(["under-way", "stuck", "delivered", "refused"]),
    help="Only how far it got.",
)
@click.option("--limit", default=20, show_default=True, help="At most so many, the newest.")
@rows_option
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    office: str | None,
    since: datetime | None,
    until: datetime | None,
    standing: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find documents by number, words of the subject (marks do not matter), office and days.

    Exit 1 where nothing is found. `axis trace` tells the story of what is found.

    \b
    Examples:
      axis search lien thong van ban
      axis search 7816 --office "nghe an" --from 2026-11-01 --json
    """
    from datetime import UTC

    from axis.delivery.workdays import VIETNAM
    from axis.directory.errors import OfficeUnknownError
    from axis.directory.search import NameIndex
    from axis.search.errors import NothingWantedError
    from axis.search.finding import find, offices_like
    from axis.search.wanted import Standing, Wanted
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    session: Session = context.obj
    office_ids: tuple[str, ...] = ()
    if office is not None:
        now = datetime.now(UTC)
        with transaction(session.engine) as connection:
            office_ids = offices_like(NameIndex(load_directory(connection)), office, now)
        if not office_ids:
            raise OfficeUnknownError(code=office, at=instant(now))
    wanted = Wanted(
        text=" ".join(words),
        office_ids=office_ids,
        since=since.replace(tzinfo=VIETNAM) if since else None,
        until=until.replace(tzinfo=VIETNAM) + timedelta(days=1) if until else None,
        standing=Standing(standing) if standing else None,
    )
    if wanted.says_nothing:
        raise NothingWantedError
    found = find(session.engine, wanted, limit=limit)
    rows = [_row(one) for one in (*found.named, *found.fitting)]
    columns = ("decided_at", "sign", "sender", "sum", "subject", "package_id")
    if rows or as_json:
        show_rows(rows, as_json=as_json, columns=columns)
    if found.looked_back_to is not None:
        say(
            "looked back to {instant}; --to an earlier day goes on",
            instant=instant(found.looked_back_to),
        )
    if not rows:
        say("nothing is found; try fewer words, or other days")
        context.exit(1)


def _row(one: Listed) -> dict[str, object]:
    package = one.package
    return {
        "package_id": package.id,
        "document_id": package.document_id,
        "sign": package.sign,
        "subject": package.subject,
        "sender": package.sender,
        "decided_at": package.decided_at,
        "accepted": package.accepted,
        "sum": one.sum.value,
        "deliveries": sum(one.states.values()),
    }
