"""``axis ledger verify|export|watch``: check a whole log, take it home, follow it."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.language import translate
from axis.commands.logs import (
    key_option,
    log_option,
    newest_log,
    open_log,
    open_records,
    own_key,
    progress_bar,
    read_key,
    show_fields,
    source_option,
)
from axis.commands.output import json_option, show_object
from axis.commands.session import Session


@click.command("verify")
@log_option
@click.option("--tiles", help="Verify only this export, a folder or URL, without any database.")
@key_option
@click.option("--bodies", is_flag=True, help="Also read and hash the bytes of accepted packages.")
@click.option("--processes", type=click.IntRange(min=1), help="Default: one for each processor.")
@click.option(
    "--resume",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the state of an interrupted run.",
)
@json_option
@click.pass_context
def verify_(
    context: click.Context,
    log: int | None,
    tiles: str | None,
    key: str | None,
    bodies: bool,
    processes: int | None,
    resume: Path | None,
    as_json: bool,
) -> None:
    """Re-derive every hash up to the signed root, and name every row that is wrong.

    \b
    Examples:
      axis ledger verify --bodies --resume verify.state
      axis ledger verify --tiles export/2026 --key axis.vkey
    """
    import os

    from axis.notary.office import folder_of
    from axis.notary.verification import verify_log

    session: Session = context.obj
    if tiles is not None:
        _verify_tiles(context, tiles, key, as_json=as_json)
        return
    engine = open_records(session)
    year = newest_log(engine, log)
    vkey = read_key(key) if key else own_key(session, year)
    with progress_bar(translate("verify")) as progress:
        verdict = verify_log(
            session.settings.database_url,
            log=year,
            folder=folder_of(session.settings, year),
            key=vkey,
            processes=processes or os.cpu_count() or 1,
            bodies=session.settings if bodies else None,
            resume=resume,
            progress=progress,
        )
    for finding in verdict.findings:
        row = {"index": finding.at, "until": finding.until, "wrong": finding.wrong.value}
        if as_json:
            show_object(row)
        else:
            until = f"–{finding.until - 1}" if finding.until else ""
            click.echo(f"#{finding.at}{until}: {finding.wrong}")
    show_fields(
        {
            "good": verdict.is_good,
            "entries": verdict.entries,
            "findings": len(verdict.findings),
            "first": verdict.findings[0].at if verdict.findings else None,
            "root": verdict.root.hex() if verdict.root else None,
            "signed_root": verdict.checkpoint.root.hex(),
        },
        as_json=as_json,
    )
    if not verdict.is_good:
        context.exit(1)
    if resume is not None:
        resume.unlink(missing_ok=True)


@click.command("export")
@click.option(
    "--tiles",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write.",
)
@log_option
@source_option
@key_option
@json_option
@click.pass_obj
def export_(
    session: Session,
    folder: Path,
    log: int | None,
    source: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Write the log as a folder of tiles (C2SP tlog-tiles); run again to go on or to add.

    \b
    Examples:
      axis ledger export --tiles export/2026
      axis ledger export --tiles mirror --source https://axis.example/ledger/2026 --key axis.vkey
    """
    from axis.ledger.tilefolder import TileFolder
    from axis.notary.exporting import export_tiles

    opened, vkey, _, _ = open_log(session, log, source, key)
    with progress_bar(translate("export")) as progress:
        checkpoint = export_tiles(opened, TileFolder(folder), vkey, log=log or 0, progress=progress)
    show_fields(
        {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        as_json=as_json,
    )


@click.command
@source_option
@log_option
@key_option
@click.option(
    "--memory",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File that keeps the last checkpoint that was seen.",
)
@click.option("--every", default=10.0, show_default=True, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Look once and end.")
@json_option
@click.pass_context
def watch(
    context: click.Context,
    source: str | None,
    log: int | None,
    key: str | None,
    memory: Path,
    every: float,
    once: bool,
    as_json: bool,
) -> None:
    """Follow the log as a monitor: every new checkpoint must be a growth of the last one seen.

    Ends with exit code 1, and with the proof in a file beside the memory, when the log told two
    stories or was rolled back.

    \b
    Examples:
      axis ledger watch --memory seen.checkpoint
      axis ledger watch --source https://axis.example/ledger/2026 --key axis.vkey --memory seen
    """
    import threading

    from axis.notary.watching import look

    opened, vkey, _, _ = open_log(context.obj, log, source, key)
    while True:
        seen = look(opened, vkey, memory)
        if seen.added or once:
            show_fields({"size": seen.size, "added": seen.added}, as_json=as_json)
        if once:
            return
        threading.Event().wait(every)


def _verify_tiles(context: click.Context, tiles: str, key: str | None, *, as_json: bool) -> None:
    from axis.ledger.checkpoint import verify_checkpoint
    from axis.ledger.errors import CheckpointAbsentError
    from axis.ledger.tilecheck import examine_tiles
    from axis.ledger.tilesource import open_source

    if key is None:
        raise click.UsageError("--tiles needs --key: an export does not say whom to believe")
    source = open_source(tiles)
    note = source.read_checkpoint()
    if note is None:
        raise CheckpointAbsentError(log=0)
    checkpoint = verify_checkpoint(note, read_key(key)).checkpoint
    wrong = 0
    with progress_bar(translate("verify")) as progress:
        for file in examine_tiles(
            source.read, checkpoint, lambda done: progress(done, checkpoint.size)
        ):
            wrong += 1
            if as_json:
                show_object({"path": file.path, "index": file.entry})
            else:
                click.echo(file.path + (f" #{file.entry}" if file.entry is not None else ""))
    show_fields(
        {
            "good": wrong == 0,
            "entries": checkpoint.size,
            "findings": wrong,
            "root": checkpoint.root.hex(),
        },
        as_json=as_json,
    )
    if wrong:
        context.exit(1)
