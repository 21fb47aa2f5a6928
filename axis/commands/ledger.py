"""``axis ledger``: read what is recorded and check it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import click

from axis.commands.language import translate
from axis.commands.output import json_option, rows_option, show_object, show_rows, show_table
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.ledger.entry import LoggedEntry


@click.command("list")
@click.option("--log", type=int, help="Year of the log; default: the newest.")
@click.option("--from", "start", type=click.IntRange(min=0), help="First index to show.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many."
)
@rows_option
@click.pass_obj
def list_entries(
    session: Session, log: int | None, start: int | None, limit: int, as_json: bool
) -> None:
    """List entries in the order of their places; without --from, the newest ones.

    \b
    Examples:
      axis ledger list --limit 20
      axis ledger list --from 0 --limit 1000 --json
    """
    from axis.store.engine import transaction
    from axis.store.ledger import entries_between, head_size, latest_log

    with transaction(session.engine) as connection:
        year = latest_log(connection) if log is None else log
        size = (head_size(connection, year) or 0) if year is not None else 0
        low = max(size - limit, 0) if start is None else start
        rows = (
            entries_between(connection, year, low, min(low + limit, size))
            if year is not None
            else iter(())
        )
        show_rows(
            map(row_of, rows),
            as_json=as_json,
            columns=("index", "time", "event", "doc", "from", "to", "reason", "status", "id"),
        )


@click.command
@click.argument("name")
@click.option("--log", type=int, help="Year of the log; default: the newest.")
@json_option
@click.pass_obj
def show(session: Session, name: str, log: int | None, as_json: bool) -> None:
    """Show the entry with this index or id, with what its commitments stand for.

    \b
    Examples:
      axis ledger show 1234
      axis ledger show 5f0c1b0a-5f0e-8c3a-9d60-6a7d2f1c9b11 --json
    """
    from axis.ledger.errors import LedgerEntryUnknownError
    from axis.store.engine import transaction
    from axis.store.ledger import entry_at, entry_by_id, latest_log

    with transaction(session.engine) as connection:
        if name.isdecimal():
            year = latest_log(connection) if log is None else log
            entry = entry_at(connection, year, int(name)) if year is not None else None
        else:
            entry = entry_by_id(connection, _uuid(name))
    if entry is None:
        raise LedgerEntryUnknownError(name=name)
    row = row_of(entry) | {"leaf": entry.leaf.decode()}
    if as_json:
        show_object(row)
    else:
        show_table(
            ("field", "value"),
            ((translate(key.replace("_", " ")), str(value)) for key, value in row.items()),
        )


def row_of(entry: LoggedEntry) -> dict[str, object]:
    """Return an entry as a row for people: its clear fields, and its opened commitments.

    Raises:
        OpeningMismatchError: the record was changed.
        EntryMalformedError: the record was changed.
    """
    from axis.ledger.entry import parse_leaf
    from axis.ledger.opening import open_entry

    leaf = parse_leaf(entry.leaf)
    opened: Mapping[str, str] = open_entry(entry.leaf, entry.salt, entry.opening)
    return {
        "log": entry.log,
        "index": entry.leaf_index,
        "time": leaf.time,
        "event": leaf.event.rsplit("/", 1)[-1].rsplit(":", 1)[-1],
        "id": leaf.id,
        **dict(_present(("prev", leaf.prev), ("reason", leaf.reason), ("status", leaf.status))),
        **dict(_present(("weak", leaf.weak))),
        **opened,
        "leaf_hash": entry.leaf_hash.hex(),
    }


def _present(*fields: tuple[str, object]) -> Iterator[tuple[str, object]]:
    from msgspec import UNSET

    return ((name, value) for name, value in fields if value is not UNSET)


def _uuid(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError as error:
        raise click.BadParameter("neither an index nor an id", param_hint="NAME") from error
