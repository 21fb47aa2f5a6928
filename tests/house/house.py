"""What the house tests look at: the commands, the error codes, the settings, the words of pages."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

import adapters
import axis.sections
import axis.settings
from axis.errors import AxisError, catalogue
from cli import axis as axis_words

CHECKOUT = Path(__file__).parent.parent.parent


def committed(*patterns: str) -> list[Path]:
    """The files of the project, without what it ignores; those not yet committed belong to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [CHECKOUT / name for name in sorted(listed.split("\0")) if (CHECKOUT / name).is_file()]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its words after ``axis``."""

    def walk(group: click.Group, words: str) -> Iterator[tuple[str, click.Command]]:
        context = click.Context(group)
        for word in group.list_commands(context):
            command = group.get_command(context, word)
            assert command is not None
            if isinstance(command, click.Group):
                yield from walk(command, f"{words}{word} ")
            else:
                yield f"{words}{word}", command

    yield from walk(axis_words, "")


def examples(command: click.Command) -> list[str]:
    """The lines under ``Examples:`` in a command's help."""
    _, found, rest = inspect.cleandoc(command.help or "").partition("Examples:\n")
    return [line.strip() for line in rest.split("\n\n")[0].splitlines() if line.strip()] * bool(
        found
    )


def refuse_wrong_call(line: str) -> None:
    """Check that a line such as ``AXIS_HOME=x axis send FILE`` names a command and options of it.

    Raises:
        click.ClickException: there is no such command or option.
    """
    words = shlex.split(re.split(r" [|>] ", line, maxsplit=1)[0], comments=True)
    while re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    assert words.pop(0) == "axis", line
    words = axis_options(words)
    command: click.Command | None = axis_words
    while words and isinstance(command, click.Group):
        below = command.get_command(click.Context(command), words[0])
        if below is None:
            break
        command = below
        words.pop(0)
    if isinstance(command, click.Group):
        if words and words[0] not in {"--help", "--version", "…"}:
            raise click.UsageError(f"no such command: {line}")
        return
    if "--help" not in words:
        command.make_parser(click.Context(command)).parse_args(words)


def axis_options(words: list[str]) -> list[str]:
    """Return what follows the options of ``axis`` itself, such as ``--lang vi``."""
    while words and words[0] in {"--lang", "--config"}:
        words = words[2:]
    return words


def refusals() -> Mapping[str, type[AxisError]]:
    """Every refusal of the axis and of the doors, by code."""
    for module in pkgutil.iter_modules(adapters.__path__):
        name = f"adapters.{module.name}.errors"
        if module.ispkg and importlib.util.find_spec(name):
            importlib.import_module(name)
    return catalogue()


def settings() -> Iterator[tuple[str, str, str, str]]:
    """Every setting: section, key, default, meaning, read from the source with its comments."""
    sections: dict[str, str] = {}
    fields: dict[str, list[tuple[str, str, str]]] = {}
    for module in (axis.sections, axis.settings):
        source = inspect.getsource(module)
        lines = source.splitlines()
        for node in ast.parse(source).body:
            if not isinstance(node, ast.ClassDef):
                continue
            for field in node.body:
                if not isinstance(field, ast.AnnAssign) or field.value is None:
                    continue
                key = ast.unparse(field.target)
                if node.name == "Settings" and ast.unparse(field.annotation).endswith("Settings"):
                    sections[ast.unparse(field.annotation)] = key
                    continue
                _, _, meaning = lines[field.lineno - 1].partition("#:")
                value = ast.unparse(field.value).replace("'", '"')
                fields.setdefault(node.name, []).append((key, value, meaning.strip()))
    for key, value, meaning in fields["Settings"]:
        yield "", key, value, meaning
    for name, section in sections.items():
        for key, value, meaning in fields.get(name, []):
            yield section, key, value, meaning
