"""``axis audit``: exports for auditors, and their verification."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from axis.commands.logs import log_option, newest_log, open_records, progress_bar, read_key
from axis.commands.output import json_option, show_object
from axis.commands.session import Session


@click.command
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "parquet", "xlsx"]),
    default="csv",
    show_default=True,
    help="Form of the files.",
)
@click.option("--office", "offices", multiple=True, help="Only what this office sent or got.")
@click.option("--branch", help="Only what the office with this code, or any below it, sent or got.")
@click.option(
    "--at",
    "at_text",
    metavar="DAY",
    help="Who belongs to the branch: as of this day or instant; default: now.",
)
@click.option("--from", "begin", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--until", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC).")
@click.option("--document", help="Only this DocumentId or number/notation.")
@click.option("--event", help="Only this event, such as ContentHandover.")
@click.option("--state", help="Only deliveries that are in this state now.")
@click.option("--part-rows", default=500_000, show_default=True, help="Rows in a file, at most.")
@log_option
@json_option
@click.pass_obj
def export(
    session: Session,
    folder: Path,
    form: str,
    offices: tuple[str, ...],
    branch: str | None,
    at_text: str | None,
    begin: datetime | None,
    end: datetime | None,
    document: str | None,
    event: str | None,
    state: str | None,
    part_rows: int,
    log: int | None,
    as_json: bool,
) -> None:
    """Write the steps of documents into FOLDER, with counts, digests and a signature.

    Run again after an interruption to go on. The export itself is recorded in the ledger.

    \b
    Examples:
      axis audit export h1 --format xlsx --office 000.00.00.H41 --from 2026-01-01
      axis audit export old-h41 --branch H41 --at 2025-06-30 --until 2025-12-31
    """
    import getpass
    from datetime import UTC

    from axis.audit.branch import branch_of
    from axis.audit.export import Order, export_rows
    from axis.audit.rows import Choice
    from axis.commands.office import instant_of
    from axis.ledger.entry import Sealer
    from axis.ledger.errors import CheckpointAbsentError
    from axis.ledger.keys import read_key_file
    from axis.notary.office import origin_of
    from axis.notary.signing import signer_named
    from axis.store.checkpoints import last_checkpoint
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    settings = session.settings
    if at_text is not None and branch is None:
        raise click.UsageError("--at says who belongs to a branch: name it with --branch")
    engine = open_records(session)
    year = newest_log(engine, log)
    with transaction(engine) as connection:
        checkpoint = last_checkpoint(connection, year)
        chosen = None
        if branch is not None:
            at = instant_of(at_text)
            chosen = branch_of(load_directory(connection), branch, at, as_of=at_text or "")
    if checkpoint is None:
        raise CheckpointAbsentError(log=year)
    order = Order(
        log=year,
        size=checkpoint.size,
        root=checkpoint.root,
        choice=Choice(
            offices=frozenset(offices),
            branch=chosen,
            begin=begin.date() if begin else None,
            end=end.date() if end else None,
            document=document,
            event=event,
            state=state,
        ),
        format=form,
        part_rows=min(part_rows, 1_000_000),
    )
    signer = signer_named(settings, f"{origin_of(settings, year)}/export")
    with progress_bar("export") as progress:
        manifest = export_rows(
            engine,
            order,
            folder,
            signer,
            sealer=Sealer(read_key_file(settings.path(settings.notary.salt_key))),
            by=getpass.getuser(),
            now=datetime.now(UTC),
            progress=progress,
        )
    row = {
        "rows": manifest.rows,
        "files": [file.name for file in manifest.files],
        "size": manifest.size,
        "key": str(signer.verifier),
    }
    if as_json:
        show_object(row)
    else:
        click.echo(f"{manifest.rows} rows in {len(manifest.files)} files; key: {signer.verifier}")


@click.command
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", required=True, help="The export's verifier key, or a file that holds it.")
@json_option
def verify(folder: Path, key: str, as_json: bool) -> None:
    """Check that the files of an export are those that were written and signed.

    \b
    Examples:
      axis audit verify h1 --key export.vkey
      axis audit verify h1 --key export.vkey --json
    """
    from axis.audit.export import verify_export

    manifest = verify_export(folder, read_key(key))
    if as_json:
        show_object({"good": True, "rows": manifest.rows, "origin": manifest.origin})
    else:
        click.echo(f"good: {manifest.rows} rows of {manifest.origin}")


@click.command
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--from", "begin", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day."
)
@click.option("--until", "end", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "pdf"]),
    default="html",
    show_default=True,
    help="Form of the file.",
)
@log_option
@click.pass_obj
def report(
    session: Session, file: Path, begin: datetime, end: datetime, form: str, log: int | None
) -> None:
    """Write a readable report of a period: counts, refusals, deadlines, weak signatures.

    \b
    Examples:
      axis audit report july.html --from 2026-07-01 --until 2026-07-31
      axis audit report day.pdf --format pdf --from 2026-07-01 --until 2026-07-01
    """
    from datetime import UTC, timedelta

    from axis.audit.report import write_report
    from axis.audit.report_pdf import write_pdf
    from axis.store.audit_figures import figures, midnight
    from axis.store.checkpoints import last_checkpoint, last_cosigned, last_timestamp
    from axis.store.engine import transaction

    engine = open_records(session)
    year = newest_log(engine, log)
    with transaction(engine) as connection:
        counted = figures(
            connection,
            midnight(begin.date()),
            midnight(end.date() + timedelta(days=1)),
            datetime.now(UTC),
        )
        signed = last_checkpoint(connection, year)
        cosigned = last_cosigned(connection, year, at_least=1)
        stamped = last_timestamp(connection, year, only_tokens=True)
    facts: dict[str, str | int | None] = {
        "Năm": year,
        "Số mục đã ký": signed.size if signed else 0,
        "Mã băm gốc": signed.root.hex() if signed else None,
        "Số mục được chứng kiến": cosigned.size if cosigned else 0,
        "Số mục có dấu thời gian": stamped.size if stamped else 0,
    }
    first, last = begin.date(), end.date()
    if form == "pdf":
        made_at = datetime.now(UTC)
        file.write_bytes(write_pdf(counted, begin=first, end=last, ledger=facts, made_at=made_at))
    else:
        page = write_report(counted, begin=first, end=last, ledger=facts)
        file.write_text(page, encoding="utf-8")
    click.echo(str(file))
