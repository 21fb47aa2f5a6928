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
import axis.settings
from axis.errors import AxisError, catalogue
from cli import COMMANDS

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

    def walk(table: Mapping[str, object], words: str) -> Iterator[tuple[str, click.Command]]:
        for word, target in table.items():
            if isinstance(target, str):
                module, _, attribute = target.partition(":")
                yield f"{words}{word}", getattr(importlib.import_module(module), attribute)
            elif isinstance(target, Mapping):
                yield from walk(target, f"{words}{word} ")

    yield from walk(COMMANDS, "")


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
    table: object = COMMANDS
    while words and isinstance(table, Mapping) and words[0] in table:
        table = table[words.pop(0)]
    if isinstance(table, Mapping):
        if words and words[0] not in {"--help", "--version", "…"}:
            raise click.UsageError(f"no such command: {line}")
        return
    module, _, attribute = str(table).partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
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
    source = inspect.getsource(axis.settings)
    lines = source.splitlines()
    sections: dict[str, str] = {}
    fields: dict[str, list[tuple[str, str, str]]] = {}
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
