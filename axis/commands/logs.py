"""What the commands about a log share: which log, whose key, where its files are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.language import translate
from axis.commands.output import show_object, show_table
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.ledger.note import VerifierKey
    from axis.ledger.tilesource import TileSource

log_option = click.option("--log", type=int, help="Year of the log; default: the newest.")
key_option = click.option("--key", help="Verifier key or a file that holds it; default: our own.")
source_option = click.option("--source", help="Folder or URL of the log; default: our own folder.")


def open_log(
    session: Session, log: int | None, tiles: str | None, key: str | None
) -> tuple[TileSource, VerifierKey, str, int]:
    """Return a log's files, its key, its newest checkpoint and how many entries that has."""
    from axis.ledger.checkpoint import verify_checkpoint
    from axis.ledger.errors import CheckpointAbsentError
    from axis.ledger.tilesource import open_source
    from axis.notary.office import folder_of

    if tiles is not None and key is None:
        raise click.UsageError("a log of others needs --key")
    year = log or 0
    if tiles is None:
        year = newest_log(open_records(session), log)
    source: TileSource = (
        open_source(tiles) if tiles is not None else folder_of(session.settings, year)
    )
    vkey = read_key(key) if key is not None else own_key(session, year)
    note = source.read_checkpoint()
    if note is None:
        raise CheckpointAbsentError(log=year)
    return source, vkey, note, verify_checkpoint(note, vkey).checkpoint.size


def open_records(session: Session) -> sa.Engine:
    """Open the records of this installation."""
    return session.engine


def newest_log(engine: sa.Engine, log: int | None) -> int:
    """Return the year of the log that was asked for, or of the newest."""
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


def own_key(session: Session, log: int) -> VerifierKey:
    """Return the verifier key of our own log."""
    from axis.notary.office import signer_of

    return signer_of(session.settings, log).verifier


def read_key(key: str) -> VerifierKey:
    """Return a verifier key, given as it is or by the file that holds it."""
    from axis.ledger.note import parse_verifier_key

    path = Path(key)
    return parse_verifier_key(path.read_text(encoding="utf-8") if path.is_file() else key)


def read_keys(keys: str) -> list[VerifierKey]:
    """Return verifier keys, one given as it is or those in a file, a line each."""
    from axis.ledger.note import parse_verifier_key

    path = Path(keys)
    text = path.read_text(encoding="utf-8") if path.is_file() else keys
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [parse_verifier_key(line) for line in lines]


def show_fields(row: dict[str, object], *, as_json: bool) -> None:
    """Print one object, as JSON or as a table of its fields."""
    if as_json:
        show_object(row)
    else:
        show_table(
            ("", ""),
            ((translate(name.replace("_", " ")), _plain(value)) for name, value in row.items()),
        )


def _plain(value: object) -> str:
    return "" if value is None else str(value).rstrip("\n")


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
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
