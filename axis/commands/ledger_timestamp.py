"""``axis ledger timestamp``: the newest time stamp, as files that OpenSSL reads."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.logs import log_option, newest_log, open_records, show_fields
from axis.commands.output import json_option
from axis.commands.session import Session


@click.command
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help="Folder for the files; default: here.",
)
@log_option
@json_option
@click.pass_obj
def timestamp(session: Session, folder: Path, log: int | None, as_json: bool) -> None:
    """Write the newest stamped checkpoint and its time stamp (RFC 3161) as two files.

    \b
    Examples:
      axis ledger timestamp --to stamps
      axis ledger timestamp --log 2026 --json
    """
    from axis.ledger.errors import TimestampAbsentError
    from axis.store.checkpoints import last_checkpoint, last_timestamp
    from axis.store.engine import transaction

    engine = open_records(session)
    year = newest_log(engine, log)
    with transaction(engine) as connection:
        found = last_timestamp(connection, year, only_tokens=True)
        checkpoint = last_checkpoint(connection, year, below=found.size) if found else None
    if found is None or found.token is None or checkpoint is None:
        raise TimestampAbsentError(log=year)
    folder.mkdir(parents=True, exist_ok=True)
    stamped, token = folder / "stamped.checkpoint", folder / "stamped.tsr"
    stamped.write_text(checkpoint.note, encoding="utf-8")
    token.write_bytes(found.token)
    show_fields(
        {"log": year, "size": found.size, "checkpoint": str(stamped), "token": str(token)},
        as_json=as_json,
    )
