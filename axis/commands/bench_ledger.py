"""``axis bench ledger``: measure the ledger on this machine."""

from __future__ import annotations

import click

from axis.commands.output import show_object
from axis.commands.session import Session


@click.command
@click.option("--entries", default=200_000, show_default=True, help="How many entries to append.")
@click.option("--workers", default=2, show_default=True, help="Appending processes.")
@click.option("--pg", help="Empty PostgreSQL database to use; default: a server of its own.")
@click.option(
    "--proof-log",
    default=1_000_000,
    show_default=True,
    help="Entries of the log that proofs are made from.",
)
@click.option("--processes", type=int, help="Verifying processes; default: one a processor.")
@click.pass_context
def ledger(
    context: click.Context,
    entries: int,
    workers: int,
    pg: str | None,
    proof_log: int,
    processes: int | None,
) -> None:
    """Measure appending, sequencing and signing, proofs from tiles, and whole verification.

    Prints one JSON object. Exits 1 if the log did not verify.

    \b
    Examples:
      axis bench ledger
      axis bench ledger --entries 1000000 --proof-log 10000000
    """
    import os
    import shutil
    from contextlib import ExitStack

    from axis.bench.ledger import LedgerBench, run
    from axis.bench.machine import describe_machine
    from axis.sandbox.postgresql import PrivatePostgreSQL

    session: Session = context.obj
    home = session.settings.path("bench")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bench = LedgerBench(
        entries=entries,
        workers=workers,
        proof_log=proof_log,
        processes=processes or os.cpu_count() or 1,
    )
    try:
        with ExitStack() as stack:
            if pg is None:
                server = PrivatePostgreSQL(home / "postgresql", disposable=True)
                pg = stack.enter_context(server).url
            figures = run(bench, pg, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    show_object(figures | {"machine": describe_machine()})
    if not figures["verify_good"]:
        context.exit(1)
