"""``axis chaos``: break an axis on purpose and count what was lost."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.output import say, show_object
from axis.commands.session import Session


@click.command
@click.option(
    "--minutes", default=3.0, show_default=True, type=click.FloatRange(min=0.1), help="How long."
)
@click.option("--rate", default=3.0, show_default=True, help="Packages sent in a second.")
@click.option("--seed", type=int, help="Repeats a schedule; default: a new one.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for servers and records, emptied first; default: chaos under home.",
)
@click.pass_context
def soak(
    context: click.Context, minutes: float, rate: float, seed: int | None, home: Path | None
) -> None:
    """Send under load while every fault happens, then heal, and count lost and doubled.

    Starts its own servers. Exits 1 where anything was lost, doubled or wrong, and 3 where a kind of
    fault never really happened, so that the run proves nothing.

    \b
    Examples:
      axis chaos soak
      axis chaos soak --minutes 60 --seed 7
    """
    import secrets
    import shutil

    from axis.chaos.soak import soak as run

    session: Session = context.obj
    folder = (home or session.settings.path("chaos")).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        report = run(
            folder,
            minutes=minutes,
            rate=rate,
            seed=secrets.randbelow(1 << 32) if seed is None else seed,
            say=say,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show_object(report.to_json())
    context.exit({"PASS": 0, "FAIL": 1, "INVALID": 3}[report.verdict])
