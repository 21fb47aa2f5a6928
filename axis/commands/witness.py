"""``axis witness``: watch over the logs of others, and cosign what only grew."""

from __future__ import annotations

import click

from axis.commands.output import rows_option, say, show_object, show_rows
from axis.commands.session import Session


@click.command
@click.pass_obj
def init(session: Session) -> None:
    """Make the witness's key, once, and print the verifier key that logs must know.

    \b
    Examples:
      axis witness init
      AXIS_WITNESS_NAME=witness.hanoi.gov.vn axis witness init
    """
    from axis.ledger.keys import make_notary_key, read_signer
    from axis.ledger.note import COSIGNATURE

    settings = session.settings
    path = settings.path(settings.witness.key)
    make_notary_key(path)
    say("made {path}; the log's operator needs this line:", path=path)
    click.echo(str(read_signer(path, settings.witness.name, COSIGNATURE).verifier))


@click.command
@click.option("--host", help="Address to listen on; default: [witness] host.")
@click.option("--port", type=int, help="Port to listen on; default: [witness] port.")
@click.pass_obj
def serve(session: Session, host: str | None, port: int | None) -> None:
    """Answer add-checkpoint requests (C2SP tlog-witness) for the logs in [witness] logs.

    \b
    Examples:
      axis witness serve
      axis witness serve --host 0.0.0.0 --port 8047
    """
    from datetime import UTC, datetime

    import uvicorn

    from axis.ledger.keys import read_signer
    from axis.ledger.note import COSIGNATURE, parse_verifier_key
    from axis.witness.app import make_app
    from axis.witness.records import open_records
    from axis.witness.witness import Witness

    settings = session.settings
    own = settings.witness
    signer = read_signer(settings.path(own.key), own.name, COSIGNATURE)
    witness = Witness(
        open_records(str(settings.path(own.records))),
        signer,
        [parse_verifier_key(text) for text in own.logs],
        lambda: datetime.now(UTC),
    )
    say("witness {verifier} follows {logs} logs", verifier=signer.verifier, logs=len(own.logs))
    uvicorn.run(
        make_app(witness, signer.verifier),
        host=host or own.host,
        port=port or own.port,
        log_level="warning",
    )


@click.command("list")
@rows_option
@click.pass_obj
def list_(session: Session, as_json: bool) -> None:
    """List the logs that were cosigned, and how far.

    \b
    Examples:
      axis witness list
      axis witness list --json
    """
    from axis.store.engine import transaction
    from axis.witness.records import followed, open_records

    settings = session.settings
    with transaction(open_records(str(settings.path(settings.witness.records)))) as connection:
        rows = [
            {"origin": origin, "size": size, "at": at.isoformat()}
            for origin, size, at in followed(connection)
        ]
    show_rows(rows, as_json=as_json, columns=("origin", "size", "at"))


@click.command
@click.pass_context
def suspects(context: click.Context) -> None:
    """Print what contradicted an earlier checkpoint, a JSON object a line; exit 1 if there is any.

    \b
    Examples:
      axis witness suspects
      axis witness suspects > evidence.jsonl
    """
    from axis.store.engine import transaction
    from axis.witness.records import open_records
    from axis.witness.records import suspects as kept

    settings = context.obj.settings
    with transaction(open_records(str(settings.path(settings.witness.records)))) as connection:
        found = kept(connection)
    for code, last, note in found:
        show_object({"code": code, "last": last, "note": note})
    if found:
        context.exit(1)
