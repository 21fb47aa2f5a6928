"""``axis bench examine``: what examining one package costs."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.benching import Output, finish, output_options


@click.command
@click.option("--size", "sizes", type=int, multiple=True, help="Bytes of a package; may repeat.")
@click.option(
    "--shape",
    type=click.Choice(["whole", "manifest"]),
    default="whole",
    help="The shape of their signatures.",
)
@click.option("--seconds", default=3.0, show_default=True, help="How long for each size.")
@click.option("--signxml", is_flag=True, help="Measure that library too.")
@click.option("--types", default=0, help="Carry so many message types beside, in three versions.")
@output_options("examine")
@click.pass_context
def examine(
    context: click.Context,
    sizes: tuple[int, ...],
    shape: str,
    seconds: float,
    signxml: bool,
    types: int,
    output: Output,
) -> None:
    """Measure examining against bare parse, C14N, SHA-256 and RSA of the same bytes.

    Medians in milliseconds for each size. Prints one JSON object, on a terminal a table.

    \b
    Examples:
      axis bench examine --html examine.html
      axis bench examine --size 30000 --shape manifest --signxml
      axis bench examine --size 4000 --types 50
    """
    from axis.bench.examine import SIZES, run
    from axis.trust.values import Shape

    rows = run(sizes or SIZES, Shape(shape), seconds=seconds, signxml=signxml, types=types)
    finish(context, {"sizes": list(rows), "wrong": []}, output)


@click.command
@click.option("--megabytes", default=2048, show_default=True, help="MiB of the attachment.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="On which disk; three times the size must be free. Default: that of temporary files.",
)
@output_options("parts")
@click.pass_context
def parts(context: click.Context, megabytes: int, folder: Path | None, output: Output) -> None:
    """Measure time and memory of an attachment that travels apart: brought, resumed, given out.

    The peak of memory is what the kernel counted above the idle process. Prints one JSON object,
    on a terminal a table.

    \b
    Examples:
      axis bench parts
      axis bench parts --megabytes 256 --folder /srv/axis
    """
    from axis.bench.parts import run

    finish(context, {**run(megabytes, folder), "wrong": []}, output)
