"""``axis reconcile``: an office's register against the axis's records."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from axis.commands.output import rows_option, say, show_rows
from axis.commands.session import Session

DAY = click.DateTime(["%Y-%m-%d"])


@click.command
@click.argument("system_id", metavar="SYSTEM")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "since", type=DAY, help="Only what was routed from this day on.")
@click.option("--to", "until", type=DAY, help="Only what was routed up to this day.")
@rows_option
@click.pass_context
def reconcile(
    context: click.Context,
    system_id: str,
    file: Path,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Compare what SYSTEM has registered (FILE, CSV) with what the axis says that it got.

    FILE has a header and the column delivery_id, sha256 or document_id. Exits 1 on a difference.

    \b
    Examples:
      axis reconcile vpubnd-h49 so-van-ban-den.csv
      axis reconcile vpubnd-h49 so-van-ban-den.csv --from 2026-11-01 --to 2026-11-30 --json
    """
    from axis.delivery.states import State
    from axis.delivery.workdays import VIETNAM
    from axis.reconcile.compare import Given, compare, parse_register
    from axis.reconcile.errors import RegisterUnreadableError
    from axis.store.engine import transaction
    from axis.store.given import given_to

    session: Session = context.obj
    try:
        register = parse_register(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise RegisterUnreadableError(line=1, reason="not UTF-8") from error
    with transaction(session.engine) as connection:
        rows = given_to(
            connection,
            system_id,
            since=since.replace(tzinfo=VIETNAM) if since else None,
            until=until.replace(tzinfo=VIETNAM) + timedelta(days=1) if until else None,
        )
    found = compare(
        register,
        (
            Given(
                delivery_id=str(row.id),
                sha256=bytes(row.digest).hex(),
                document_id=row.document_id or "",
                sign=row.sign,
                address=row.address,
                state=State(row.state),
            )
            for row in rows
        ),
    )
    show_rows(
        [
            {
                "difference": one.difference.value,
                "name": one.name,
                "line": one.line,
                "state": one.given.state.value if one.given else None,
                "to": one.given.address if one.given else None,
                "delivery_id": one.given.delivery_id if one.given else None,
            }
            for one in found
        ],
        as_json=as_json,
        columns=("difference", "name", "line", "state", "to", "delivery_id"),
    )
    say(
        "{register} lines, {rows} deliveries, {found} differences",
        register=len(register),
        rows=len(rows),
        found=len(found),
    )
    if found:
        context.exit(1)
