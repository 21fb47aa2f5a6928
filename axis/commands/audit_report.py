"""``axis audit report``: a period, counted for people to read."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from axis.commands.auditing import why_option
from axis.commands.logs import log_option, newest_log
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.store.audit_figures import Figures


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
@why_option
@log_option
@click.pass_obj
def report(
    session: Session,
    file: Path,
    begin: datetime,
    end: datetime,
    form: str,
    why: str,
    log: int | None,
) -> None:
    """Write a readable report of a period: counts, refusals, deadlines, weak signatures.

    Who took it and why is recorded in the ledger, with the digest of the file.

    \b
    Examples:
      axis audit report july.html --from 2026-07-01 --until 2026-07-31 --why "monthly"
      axis audit report day.pdf --format pdf --from 2026-07-01 --until 2026-07-01 --why "12/QĐ"
    """
    import hashlib
    from datetime import UTC

    from axis.audit.access import record
    from axis.audit.report import write_report
    from axis.audit.report_pdf import write_pdf
    from axis.commands.auditing import admitted, sealer_of
    from axis.store.engine import transaction

    auditor, sealer = admitted(session, why), sealer_of(session.settings)
    engine = session.auditing
    now, first, last = datetime.now(UTC), begin.date(), end.date()
    counted, facts = _counted(engine, newest_log(engine, log), first, last, now)
    if form == "pdf":
        content = write_pdf(counted, begin=first, end=last, ledger=facts, made_at=now)
    else:
        content = write_report(counted, begin=first, end=last, ledger=facts).encode()
    # Recorded before it is handed out: nobody has a report that the ledger does not know of.
    digest = hashlib.sha256(content).digest()
    with transaction(engine) as connection:
        record(connection, sealer, auditor, digest=digest, facts={"form": form}, now=now)
    file.write_bytes(content)
    click.echo(str(file))


def _counted(
    engine: sa.Engine, log: int, first: date, last: date, now: datetime
) -> tuple[Figures, dict[str, str | int | None]]:
    """Return the figures of a period, and how far its log is proved, under Vietnamese names."""
    from datetime import timedelta

    from axis.store.audit_figures import figures, midnight
    from axis.store.checkpoints import last_checkpoint, last_cosigned, last_timestamp
    from axis.store.engine import transaction

    with transaction(engine) as connection:
        end = midnight(last + timedelta(days=1))
        counted = figures(connection, midnight(first), end, now)
        signed = last_checkpoint(connection, log)
        cosigned = last_cosigned(connection, log, at_least=1)
        stamped = last_timestamp(connection, log, only_tokens=True)
    return counted, {
        "Năm": log,
        "Số mục đã ký": signed.size if signed else 0,
        "Mã băm gốc": signed.root.hex() if signed else None,
        "Số mục được chứng kiến": cosigned.size if cosigned else 0,
        "Số mục có dấu thời gian": stamped.size if stamped else 0,
    }
