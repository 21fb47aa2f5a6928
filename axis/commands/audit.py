"""``axis audit export``: lists for auditors to take home."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.auditing import why_option
from axis.commands.language import translate
from axis.commands.logs import log_option, newest_log, progress_bar
from axis.commands.output import json_option, show_object, tell
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.audit.branch import Branch
    from axis.audit.export import Order
    from axis.audit.rows import Choice


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
@click.option("--kind", metavar="TYPE", help="Only packages of this message type.")
@click.option("--event", help="Only this event, such as ContentHandover.")
@click.option("--state", help="Only deliveries that are in this state now.")
@why_option
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
    kind: str | None,
    event: str | None,
    state: str | None,
    why: str,
    part_rows: int,
    log: int | None,
    as_json: bool,
) -> None:
    """Write the steps of documents into FOLDER, with counts, digests and a signature.

    Run again after an interruption to go on. Who took it and why is recorded in the ledger.

    \b
    Examples:
      axis audit export h1 --format xlsx --office 000.00.00.H41 --why "decision 12/QĐ-TTr"
      axis audit export old-h41 --branch H41 --at 2025-06-30 --why "handover of H41"
    """
    from datetime import UTC

    from axis.audit.export import export_rows
    from axis.audit.rows import Choice
    from axis.commands.auditing import admitted, sealer_of, signer_of_exports

    if at_text is not None and branch is None:
        raise click.UsageError("--at says who belongs to a branch: name it with --branch")
    auditor, engine = admitted(session, why), session.auditing
    order = _order(
        engine,
        newest_log(engine, log),
        Choice(
            offices=frozenset(offices),
            branch=_branch(engine, branch, at_text) if branch is not None else None,
            begin=begin.date() if begin else None,
            end=end.date() if end else None,
            document=document,
            kind=kind,
            event=event,
            state=state,
        ),
        form,
        min(part_rows, 1_000_000),
    )
    signer = signer_of_exports(session.settings, order.log)
    with progress_bar(translate("export")) as progress:
        manifest = export_rows(
            engine,
            order,
            folder,
            signer,
            sealer=sealer_of(session.settings),
            auditor=auditor,
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
        tell(
            "{rows} rows in {files} files; key: {key}",
            rows=manifest.rows,
            files=len(manifest.files),
            key=signer.verifier,
        )


def _order(engine: sa.Engine, log: int, choice: Choice, form: str, part_rows: int) -> Order:
    from axis.audit.export import Order
    from axis.ledger.errors import CheckpointAbsentError
    from axis.store.checkpoints import last_checkpoint
    from axis.store.engine import transaction

    with transaction(engine) as connection:
        checkpoint = last_checkpoint(connection, log)
    if checkpoint is None:
        raise CheckpointAbsentError(log=log)
    return Order(
        log=log,
        size=checkpoint.size,
        root=checkpoint.root,
        choice=choice,
        format=form,
        part_rows=part_rows,
    )


def _branch(engine: sa.Engine, code: str, at_text: str | None) -> Branch:
    from axis.audit.branch import branch_of
    from axis.commands.office import instant_of
    from axis.store.directory import load_directory
    from axis.store.engine import transaction

    at = instant_of(at_text)
    with transaction(engine) as connection:
        return branch_of(load_directory(connection), code, at, as_of=at_text or "")
