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


@click.command
@click.option("--rate", default=1.5, show_default=True, help="Packages sent in a second.")
@click.option("--seed", type=int, help="Repeats the papers; default: new ones.")
@click.option("--only", multiple=True, metavar="MISHAP", help="Only this one; may be repeated.")
@click.option(
    "--without",
    "without_s",
    default=10.0,
    show_default=True,
    help="Seconds that the cluster works without what is gone, before it is mended.",
)
@click.option("--list", "as_list", is_flag=True, help="Name the mishaps and end.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one object.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for servers and records, emptied first; default: cluster under home.",
)
@click.option("--keep", is_flag=True, help="Leave the folder with its logs.")
@click.pass_context
def cluster(
    context: click.Context,
    rate: float,
    seed: int | None,
    only: tuple[str, ...],
    without_s: float,
    as_list: bool,
    as_json: bool,
    home: Path | None,
    keep: bool,
) -> None:
    """Kill, cut off, restart and upgrade the nodes of three machines under load, and count.

    Starts a RabbitMQ cluster, PostgreSQL with two standbys, an object store of three nodes and two
    of each process of the axis, in networks of their own. Needs root, Linux and about 3 GB of
    memory; takes some ten minutes. Exits 1 where anything was lost, doubled or wrong, and 3 where
    it cannot be run here or a mishap did not happen.

    \b
    Examples:
      axis chaos cluster
      axis chaos cluster --only 'machine lost' --json
    """
    import secrets
    import shutil

    from axis.chaos.drill import drill
    from axis.chaos.mishaps import MISHAPS

    if as_list:
        for name in MISHAPS:
            click.echo(name)
        return
    for name in only:
        if name not in MISHAPS:
            raise click.BadParameter(f"'{name}'", param_hint="--only")
    session: Session = context.obj
    folder = (home or session.settings.path("cluster")).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        report = drill(
            folder,
            rate=rate,
            seed=secrets.randbelow(1 << 32) if seed is None else seed,
            mishaps=only or tuple(MISHAPS),
            without_s=without_s,
            say=say,
        )
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    facts = report.to_json()
    if as_json:
        show_object(facts)
    else:
        show_object({key: value for key, value in facts.items() if key != "mishaps"})
    context.exit({"PASS": 0, "FAIL": 1, "INVALID": 3}[report.verdict])
