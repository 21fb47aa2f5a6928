"""``axis ledger``: what an auditor asks: heads, keys, proofs, whole verifications, exports."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.output import json_option, say, show_object, show_table
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.ledger.note import VerifierKey
    from axis.ledger.tilesource import TileSource

log_option = click.option("--log", type=int, help="Year of the log; default: the newest.")
key_option = click.option("--key", help="Verifier key or a file that holds it; default: our own.")


@click.command
@log_option
@json_option
@click.pass_obj
def head(session: Session, log: int | None, as_json: bool) -> None:
    """Show how far the log goes, what of it is signed for, and what still waits.

    \b
    Examples:
      axis ledger head
      axis ledger head --log 2026 --json
    """
    from axis.store.checkpoints import last_checkpoint
    from axis.store.engine import transaction
    from axis.store.ledger import head_size, waiting

    engine = _engine(session)
    year = _log(engine, log)
    with transaction(engine) as connection:
        signed = last_checkpoint(connection, year)
        row: dict[str, object] = {
            "log": year,
            "origin": f"{session.settings.notary.origin}/{year}",
            "size": head_size(connection, year) or 0,
            "waiting": waiting(connection),
            "signed_size": signed.size if signed else 0,
            "root": signed.root.hex() if signed else None,
            "signed_at": signed.signed_at.isoformat() if signed else None,
            "checkpoint": signed.note if signed else None,
        }
    _show(row, as_json=as_json)


@click.command
@log_option
@json_option
@click.pass_obj
def key(session: Session, log: int | None, as_json: bool) -> None:
    """Print the key that anyone verifies the log with: name, id and public key in one line.

    \b
    Examples:
      axis ledger key > axis.vkey
      axis ledger key --log 2026 --json
    """
    vkey = _own_key(session, _log(_engine(session), log))
    if as_json:
        show_object({"name": vkey.name, "id": vkey.key_id.hex(), "key": str(vkey)})
    else:
        click.echo(str(vkey))


@click.command
@click.argument("index", type=click.IntRange(min=0))
@log_option
@click.option("--tiles", help="Folder or URL of the log; default: our own folder.")
@key_option
@json_option
@click.pass_obj
def proof(
    session: Session, index: int, log: int | None, tiles: str | None, key: str | None, as_json: bool
) -> None:
    """Print the inclusion proof of the entry with this index, made from the tiles alone.

    \b
    Examples:
      axis ledger proof 1234 > 1234.tlog-proof
      axis ledger proof 1234 --tiles https://axis.example/ledger/2026 --key axis.vkey
    """
    from axis.ledger.merkle import inclusion_proof
    from axis.ledger.proof import Proof
    from axis.ledger.tiles import TileNodes

    source, _, note, size = _open_log(session, log, tiles, key)
    path = inclusion_proof(TileNodes(source.read, size), index, size)
    made = Proof(index=index, path=tuple(path), checkpoint=note)
    if as_json:
        show_object(
            {"index": index, "size": size, "path": [p.hex() for p in path], "checkpoint": note}
        )
    else:
        click.echo(str(made), nl=False)


@click.command
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--with", "other", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@log_option
@click.option("--tiles", help="Folder or URL of the log; default: our own folder.")
@key_option
@click.option(
    "--convict",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the proof, if the two contradict each other.",
)
@json_option
@click.pass_context
def consistency(
    context: click.Context,
    old: Path,
    other: Path | None,
    log: int | None,
    tiles: str | None,
    key: str | None,
    convict: Path | None,
    as_json: bool,
) -> None:
    """Prove that the log of now begins with the log of the checkpoint in the file OLD.

    With two checkpoints that contradict each other, prints and keeps the proof that the log told
    two stories, and exits 1.

    \b
    Examples:
      axis ledger consistency yesterday.checkpoint
      axis ledger consistency mine.checkpoint --with theirs.checkpoint --convict split.json
    """
    from axis.ledger.checkpoint import verify_checkpoint
    from axis.ledger.merkle import consistency_proof
    from axis.ledger.splitview import prove_split_view
    from axis.ledger.tiles import TileNodes

    source, vkey, note, size = _open_log(context.obj, log, tiles, key)
    kept = old.read_text(encoding="utf-8")
    note = other.read_text(encoding="utf-8") if other else note
    checkpoints = sorted(
        (verify_checkpoint(n, vkey).checkpoint for n in (kept, note)), key=lambda c: c.size
    )
    nodes = TileNodes(source.read, max(size, checkpoints[1].size))
    split = prove_split_view(kept, note, nodes, vkey)
    if split is not None:
        if convict is not None:
            convict.write_bytes(split.encode())
        say("the log told two stories; keep this:")
        click.echo(split.encode().decode())
        context.exit(1)
    path = consistency_proof(nodes, checkpoints[0].size, checkpoints[1].size)
    row = {
        "consistent": True,
        "old_size": checkpoints[0].size,
        "new_size": checkpoints[1].size,
        "path": [base64.b64encode(value).decode() for value in path],
    }
    _show(row, as_json=as_json)


@click.command("verify")
@log_option
@click.option("--tiles", help="Verify only this export, a folder or URL, without any database.")
@key_option
@click.option("--processes", type=click.IntRange(min=1), help="Default: one for each processor.")
@click.option("--resume", type=click.Path(dir_okay=False, path_type=Path), help="Go on after.")
@json_option
@click.pass_context
def verify_(
    context: click.Context,
    log: int | None,
    tiles: str | None,
    key: str | None,
    processes: int | None,
    resume: Path | None,
    as_json: bool,
) -> None:
    """Re-derive every hash up to the signed root, and name every row that is wrong.

    \b
    Examples:
      axis ledger verify --resume verify.state
      axis ledger verify --tiles export/2026 --key axis.vkey
    """
    import os

    from axis.notary.office import folder_of
    from axis.notary.verification import verify_log

    session: Session = context.obj
    if tiles is not None:
        _verify_tiles(context, tiles, key, as_json=as_json)
        return
    engine = _engine(session)
    year = _log(engine, log)
    vkey = _read_key(key) if key else _own_key(session, year)
    with _progress("verify") as progress:
        verdict = verify_log(
            session.settings.database_url,
            log=year,
            folder=folder_of(session.settings, year),
            key=vkey,
            processes=processes or os.cpu_count() or 1,
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
    _show(
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
@click.option("--tiles", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@log_option
@click.option("--source", help="Folder or URL of the log; default: our own folder.")
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

    opened, vkey, _, _ = _open_log(session, log, source, key)
    with _progress("export") as progress:
        checkpoint = export_tiles(opened, TileFolder(folder), vkey, log=log or 0, progress=progress)
    _show(
        {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        as_json=as_json,
    )


@click.command
@click.option("--source", help="Folder or URL of the log; default: our own folder.")
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

    opened, vkey, _, _ = _open_log(context.obj, log, source, key)
    while True:
        seen = look(opened, vkey, memory)
        if seen.added or once:
            _show({"size": seen.size, "added": seen.added}, as_json=as_json)
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
    checkpoint = verify_checkpoint(note, _read_key(key)).checkpoint
    wrong = 0
    with _progress("verify") as progress:
        for file in examine_tiles(
            source.read, checkpoint, lambda done: progress(done, checkpoint.size)
        ):
            wrong += 1
            if as_json:
                show_object({"path": file.path, "index": file.entry})
            else:
                click.echo(file.path + (f" #{file.entry}" if file.entry is not None else ""))
    _show(
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


def _open_log(
    session: Session, log: int | None, tiles: str | None, key: str | None
) -> tuple[TileSource, VerifierKey, str, int]:
    from axis.ledger.checkpoint import verify_checkpoint
    from axis.ledger.errors import CheckpointAbsentError
    from axis.ledger.tilesource import open_source
    from axis.notary.office import folder_of

    if tiles is not None and key is None:
        raise click.UsageError("a log of others needs --key")
    year = log or 0
    if tiles is None:
        year = _log(_engine(session), log)
    source: TileSource = (
        open_source(tiles) if tiles is not None else folder_of(session.settings, year)
    )
    vkey = _read_key(key) if key is not None else _own_key(session, year)
    note = source.read_checkpoint()
    if note is None:
        raise CheckpointAbsentError(log=year)
    return source, vkey, note, verify_checkpoint(note, vkey).checkpoint.size


def _engine(session: Session) -> sa.Engine:
    from axis.store.engine import open_engine

    return open_engine(session.settings.database_url)


def _log(engine: sa.Engine, log: int | None) -> int:
    from axis.ledger.errors import CheckpointAbsentError
    from axis.store.engine import transaction
    from axis.store.ledger import latest_log

    if log is not None:
        return log
    with transaction(engine) as connection:
        newest = latest_log(connection)
    if newest is None:
        raise CheckpointAbsentError(log=0)
    return newest


def _own_key(session: Session, log: int) -> VerifierKey:
    from axis.notary.office import signer_of

    return signer_of(session.settings, log).verifier


def _read_key(key: str) -> VerifierKey:
    from axis.ledger.note import parse_verifier_key

    path = Path(key)
    return parse_verifier_key(path.read_text(encoding="utf-8") if path.is_file() else key)


def _show(row: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        show_object(row)
    else:
        show_table(("", ""), ((name, _plain(value)) for name, value in row.items()))


def _plain(value: object) -> str:
    return "" if value is None else str(value).rstrip("\n")


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr while the block runs, if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, size: None
        return
    with Progress(console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size)
