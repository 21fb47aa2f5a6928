"""``axis office search|changes|snapshot``: the directory for those who write addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from axis.commands.office import at_option, instant_of, open_directory
from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="How many at most.")
@click.option("--closed", is_flag=True, help="Offices that have ended, too.")
@at_option
@rows_option
@click.pass_obj
def search(
    session: Session, text: str, limit: int, closed: bool, at_text: str | None, as_json: bool
) -> None:
    """Find offices by words of a name, with or without diacritics, or by any code ever valid.

    \b
    Examples:
      axis office search "xa hoa tien"
      axis office search 000.00.00.H62 --closed --json
    """
    from axis.directory.search import NameIndex

    at = instant_of(at_text)
    found = NameIndex(open_directory(session)).search(text, at, limit=limit, closed=closed)
    rows = [
        {"code": o.code, "name": o.name, "level": o.level, "state": o.state, "id": o.office_id}
        for o in found
    ]
    show_rows(rows, as_json=as_json, columns=("code", "name", "level", "state"))


@click.command
@click.option("--since", type=int, default=0, help="The version of the last answer; 0: all.")
@click.option("--after", help="Where the last page ended.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=1000, help="Offices on a page.")
@rows_option
@click.pass_obj
def changes(session: Session, since: int, after: str | None, limit: int, as_json: bool) -> None:
    """List the offices that changed since a version of the directory, oldest change first.

    \b
    Examples:
      axis office changes --since 17
      axis office changes --since 17 --json
    """
    from axis.directory.listing import page_of
    from axis.store.directory import load_directory
    from axis.store.directory_listing import touched_offices
    from axis.store.engine import transaction

    with transaction(session.engine) as connection:
        directory = load_directory(connection)
        touched = touched_offices(connection, since=since, until=directory.version)
    page = page_of(directory, touched, at=datetime.now(UTC), limit=limit, after=after)
    rows: list[dict[str, Any]] = [msgspec.to_builtins(entry) for entry in page.entries]
    if as_json:
        show_object(
            {"version": page.version, "next": page.next, "etag": page.etag, "offices": rows}
        )
    else:
        show_rows(rows, as_json=False, columns=("version", "code", "name", "level", "state"))
        say(
            f"directory version {page.version}" + (f"; next page: {page.next}" if page.next else "")
        )


@click.command
@click.argument("target", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def snapshot(session: Session, target: Path, as_json: bool) -> None:
    """Write the whole list of offices, signed with the notary's key, for systems to carry away.

    \b
    Examples:
      axis office snapshot directory.axis
      axis office snapshot directory.axis --json
    """
    from axis.directory.listing import entry_of, seal
    from axis.notary.signing import signer_named
    from axis.store.directory import load_directory
    from axis.store.directory_listing import touched_offices
    from axis.store.engine import transaction

    settings = session.settings
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + timedelta(days=settings.directory.snapshot_days)
    with transaction(session.engine) as connection:
        directory = load_directory(connection)
        touched = touched_offices(connection, since=0, until=directory.version)
    entries = [entry_of(directory, office_id, v, now) for office_id, v in touched.items()]
    signer = signer_named(settings, settings.notary.origin)
    data = seal(entries, signer, version=directory.version, made_at=now, valid_until=until)
    target.write_bytes(data)
    if as_json:
        show_object(
            {"offices": len(entries), "version": directory.version, "size_bytes": len(data)}
        )
    else:
        say(
            "{entries} offices, version {version}, valid until {isoformat}",
            entries=len(entries),
            version=directory.version,
            isoformat=until.isoformat(),
        )
