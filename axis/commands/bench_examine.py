"""``axis bench examine``: what examining one package costs."""

from __future__ import annotations

import click

from axis.commands.output import show_object


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
def examine(sizes: tuple[int, ...], shape: str, seconds: float, signxml: bool) -> None:
    """Measure examining against bare parse, C14N, SHA-256 and RSA of the same bytes.

    Prints one JSON object for each size: medians in milliseconds.

    \b
    Examples:
      axis bench examine
      axis bench examine --size 30000 --shape manifest --signxml
    """
    from axis.bench.examine import SIZES, run
    from axis.trust.values import Shape

    for row in run(sizes or SIZES, Shape(shape), seconds=seconds, signxml=signxml):
        show_object(row)
