"""Groups of words that import a command only when it is called, and say what stands near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from axis.commands.answerable import answerable
from axis.commands.asking import asking
from axis.commands.language import in_language, language_of_call, speaking, translate
from axis.people.duties import DUTIES

#: A command as ``module:attribute``, or the words under a word.
Table = str | Mapping[str, str | Mapping[str, str]]

_MOST = 5  #: commands that are named beside a wrong word


class Words(click.Group):
    """A group that knows its words from a table."""

    def __init__(
        self,
        name: str,
        table: Mapping[str, Table],
        *,
        summaries: Mapping[str, str],
        path: str = "",
        **rest: Any,
    ) -> None:
        super().__init__(name, **rest)
        self._table = table
        self._summaries = summaries
        self._path = path

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> Any:
        """Run in the language that the words ask for, wrong usage included."""
        import sys

        with speaking(language_of_call(sys.argv[1:] if args is None else args)):
            return super().main(args, *rest, **named)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, which answers to somebody and explains itself in their language."""
        target = self._table.get(cmd_name)
        if target is None:
            return None
        words = f"{self._path}{cmd_name}"
        if not isinstance(target, str):
            return Words(
                cmd_name,
                target,
                summaries=self._summaries,
                path=f"{words} ",
                help=self._summaries[words],
                no_args_is_help=True,
            )
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        role = DUTIES.get(words)
        if role is not None:
            command = answerable(command, words, role)
        return in_language(asking(command, words))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; where there is none, name those that may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            near = ", ".join(f"{ctx.command_path} {words}" for words in self._near(args[0]))
            told = translate("No such command {name!r}.").format(name=error.command_name)
            hint = translate("Near it: {commands}.").format(commands=near) if near else ""
            raise click.UsageError(f"{told} {hint}".strip(), ctx) from None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the language that is spoken."""
        click.Group.format_help(in_language(self), ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the line for a list of words."""
        return click.Group.get_short_help_str(in_language(self), limit)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the words; at the top, from the table of summaries, without an import."""
        if ctx.parent is not None:
            super().format_commands(ctx, formatter)
            return
        with formatter.section(translate("Commands")):
            formatter.write_dl([(word, self._summary(word)) for word in self._table])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a word; at the top without an import."""
        if self._path or (not incomplete[:1].isalpha() and incomplete):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(word, help=self._summary(word))
            for word in self._table
            if word.startswith(incomplete)
        ]

    def _summary(self, word: str) -> str:
        return translate(self._summaries[f"{self._path}{word}"])

    def _near(self, word: str) -> list[str]:
        """Return the commands here and below that have a word like this one."""
        if alike := get_close_matches(word, self._table, n=_MOST):
            return alike
        below = _paths(self._table)
        also = get_close_matches(word, {one for path in below for one in path.split()}, n=1)
        return [path for path in below if set(path.split()) & {word, *also}][:_MOST]


def _paths(table: Mapping[str, Table], above: str = "") -> list[str]:
    """Return the words of every command."""
    found = []
    for word, target in table.items():
        if isinstance(target, str):
            found.append(f"{above}{word}")
        else:
            found += _paths(target, f"{above}{word} ")
    return found
