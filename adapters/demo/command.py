"""``axis demo``: see the axis at work in under a minute."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.session import Session

#: The programs that ``--types`` runs; an installed package has none.
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
#: Where the test data stand beside a checkout.
SHARED = Path("..", "shared", "data", "edxml")


@click.command
@click.option(
    "--packages",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the client's sample packages; default: the shared test data beside the "
    "checkout where there are any, else the demo's own.",
)
@click.option(
    "--door",
    type=click.Choice(["amqp", "folder", "rest", "vxp"]),
    help="Carry every document through this door; default: past all doors.",
)
@click.option(
    "--two-axes",
    is_flag=True,
    help="A national and a provincial axis, with a line between them that breaks.",
)
@click.option(
    "--types",
    is_flag=True,
    help="Three example systems: dossiers, a report and a task; needs the checkout.",
)
@click.option("--keep", is_flag=True, help="Keep the demo's folder to look into afterwards.")
@click.pass_context
def demo(
    context: click.Context,
    packages: Path | None,
    door: str | None,
    two_axes: bool,
    types: bool,
    keep: bool,
) -> None:
    """Carry real documents through a small country and check every step.

    Exits 0 only if all was as it should be.

    \b
    Examples:
      axis demo
      axis --lang vi demo --packages samples/
      axis demo --door vxp
      axis demo --two-axes
      axis demo --types
    """
    import shutil
    import time

    from adapters.demo.axes.run import run_two_axes
    from adapters.demo.run import run_demo
    from adapters.demo.types.run import run_types

    if (two_axes or types) and door:
        raise click.UsageError(
            "--two-axes and --types go through the HTTP door only; leave --door away"
        )
    if types and not EXAMPLES.is_dir():
        raise click.UsageError(f"--types runs the programs of {EXAMPLES}, which is not there")
    if two_axes and types:
        raise click.UsageError("give either --two-axes or --types")
    session: Session = context.obj
    home = session.settings.path("demo")
    if packages is None and SHARED.is_dir():
        packages = SHARED
    began = time.monotonic()
    try:
        if types:
            wrong = run_types(home, lang=session.lang, echo=click.echo)
        elif two_axes:
            wrong = run_two_axes(home, packages, lang=session.lang, echo=click.echo)
        else:
            wrong = run_demo(home, packages, lang=session.lang, echo=click.echo, door=door)
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
    seconds = time.monotonic() - began
    vietnamese = session.lang == "vi"
    if wrong:
        click.echo(
            f"\nkhông đúng: {'; '.join(wrong)}" if vietnamese else f"\nwrong: {'; '.join(wrong)}"
        )
        context.exit(1)
    click.echo(
        f"\nmọi bước đều đúng ({seconds:.0f} giây)"
        if vietnamese
        else f"\nall was as it should be ({seconds:.0f} s)"
    )
