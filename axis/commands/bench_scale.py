"""``axis bench scale``: how many machines a flow of documents takes."""

from __future__ import annotations

import click

from axis.commands.output import show_object, show_table


@click.command
@click.option(
    "--month",
    "per_month",
    default=2_800_000.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="Documents and statuses of a month; the default is the nation's.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@click.option("--markdown", "as_page", is_flag=True, help="Print the tables of docs/scale.md.")
def scale(per_month: float, as_json: bool, as_page: bool) -> None:
    """Reckon machines, disks and what breaks first, from what was measured; runs nothing.

    \b
    Examples:
      axis bench scale
      axis bench scale --month 280000000 --json
    """
    from axis.bench.scale import Load, limits, markdown, most_per_month, need

    if as_page:
        click.echo(markdown(), nl=False)
        return
    load = Load(per_month=per_month)
    first, most = most_per_month(load)
    wanted = need(load) | {"breaks_first": first, "breaks_at_per_month": round(most)}
    if as_json:
        show_object(wanted | {"used": limits(load)})
        return
    cores = wanted.pop("cores")
    wanted |= {f"cores_{kind.lower()}": value for kind, value in cores.items()}
    shown = ((name, v if isinstance(v, str) else _number(v)) for name, v in wanted.items())
    show_table(("what", "value"), shown)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
