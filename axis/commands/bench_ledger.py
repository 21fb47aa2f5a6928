"""``axis bench ledger``: measure the ledger on this machine."""

from __future__ import annotations

import click

from axis.commands.benching import Output, bench_database, bench_home, finish, output_options


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
@output_options("ledger")
@click.pass_context
def ledger(
    context: click.Context,
    entries: int,
    workers: int,
    pg: str | None,
    proof_log: int,
    processes: int | None,
    output: Output,
) -> None:
    """Measure appending, sequencing and signing, proofs from tiles, and whole verification.

    Prints one JSON object, on a terminal a table. Exits 1 if the log did not verify.

    \b
    Examples:
      axis bench ledger
      axis bench ledger --entries 1000000 --proof-log 10000000
    """
    import os

    from axis.bench.ledger import LedgerBench, run
    from axis.bench.soundness import unsafe_settings

    bench = LedgerBench(
        entries=entries,
        workers=workers,
        proof_log=proof_log,
        processes=processes or os.cpu_count() or 1,
    )
    with bench_home(context.obj) as home, bench_database(home, pg) as url:
        unsafe = unsafe_settings(url)
        figures = {"wrong": unsafe} if unsafe else run(bench, url, home)
    finish(context, figures, output)
