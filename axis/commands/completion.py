"""``axis completion``: words and options completed by the shell."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete words and options: bash (4.4 or newer), zsh or fish.

    Add it to the file that the shell reads at its start, as below; then open a new shell.

    \b
    Examples:
      axis completion bash >> ~/.bashrc
      axis completion zsh >> ~/.zshrc
      axis completion fish > ~/.config/fish/completions/axis.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  the choice above names those that click has
    program = context.find_root()
    made = kind(program.command, {}, "axis", "_AXIS_COMPLETE")
    click.echo(kind.source_template % made.source_vars())
