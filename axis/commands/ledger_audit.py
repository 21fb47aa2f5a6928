"""``axis ledger head|key|proof|consistency``: what an auditor starts from."""

from __future__ import annotations

import base64
from pathlib import Path

import click

from axis.commands.logs import (
    key_option,
    log_option,
    newest_log,
    open_log,
    open_records,
    own_key,
    show_fields,
)
from axis.commands.output import json_option, say, show_object
from axis.commands.session import Session


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
    from axis.store.checkpoints import last_checkpoint, last_cosigned, last_timestamp
    from axis.store.engine import transaction
    from axis.store.ledger import head_size, waiting

    engine = open_records(session)
    year = newest_log(engine, log)
    with transaction(engine) as connection:
        signed = last_checkpoint(connection, year)
        quorum = max(session.settings.notary.witness_quorum, 1)
        cosigned = last_cosigned(connection, year, at_least=quorum)
        stamped = last_timestamp(connection, year, only_tokens=True)
        row: dict[str, object] = {
            "log": year,
            "origin": f"{session.settings.notary.origin}/{year}",
            "size": head_size(connection, year) or 0,
            "waiting": waiting(connection),
            "signed_size": signed.size if signed else 0,
            "cosigned_size": cosigned.size if cosigned else 0,
            "stamped_size": stamped.size if stamped else 0,
            "root": signed.root.hex() if signed else None,
            "signed_at": signed.signed_at.isoformat() if signed else None,
            "checkpoint": signed.note if signed else None,
        }
    show_fields(row, as_json=as_json)


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
    vkey = own_key(session, newest_log(open_records(session), log))
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

    source, _, note, size = open_log(session, log, tiles, key)
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
@click.option(
    "--with",
    "other",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another checkpoint; default: the newest one of the log.",
)
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

    source, vkey, note, size = open_log(context.obj, log, tiles, key)
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
    show_fields(row, as_json=as_json)
