"""The language of a call: what stands in the code is English, catalogues of gettext say the rest.

A text is its own key. Help is looked up a paragraph at a time, so that a line that many commands
share is translated once. What click itself says goes through the same catalogue. A text that the
catalogue lacks is said in English; a test sees to it that there is none.
"""

from __future__ import annotations

import gettext
import inspect
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Final, Literal, TypeVar

import click

DOMAIN: Final = "axis"
LOCALE: Final = Path(__file__).parent / "locale"

_EXAMPLES: Final = "Examples:"
_C = TypeVar("_C", bound=click.Command)


def language_of_locale() -> Literal["vi", "en"]:
    """Return ``vi`` where ``AXIS_LANG`` or the locale says so, else ``en``."""
    for name in ("AXIS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"


def language_of_call(words: Sequence[str]) -> Literal["vi", "en"]:
    """Return the language that a call asks for, known before its words are understood."""
    for at, word in enumerate(words):
        given = words[at + 1] if word == "--lang" and at + 1 < len(words) else ""
        given = given or (word.removeprefix("--lang=") if word.startswith("--lang=") else "")
        if given in ("vi", "en"):
            return "vi" if given == "vi" else "en"
        if not word.startswith("-") and words[at - 1 : at] != ["--config"]:
            break  # what follows belongs to a command
    return language_of_locale()


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Say what is said inside in ``lang``, what click says included.

    gettext takes the language from ``LANGUAGE``; so do the processes that a command starts.
    """
    before, domain = os.environ.get("LANGUAGE"), gettext.textdomain()
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            os.environ.pop("LANGUAGE", None)
        else:
            os.environ["LANGUAGE"] = before


def translate(text: str) -> str:
    """Return a text in the language that is spoken."""
    return gettext.gettext(text) if text.strip() else text


def in_language(command: _C) -> _C:
    """Return a copy of a command that explains itself in the language that is spoken."""
    spoken = copy(command)
    spoken.help = command.help and translate_help(command.help)
    spoken.short_help = command.short_help and translate(command.short_help)
    spoken.params = [_parameter(one) for one in command.params]
    return spoken


def translate_help(text: str) -> str:
    """Return a command's help: its paragraphs; of the examples only the comments."""
    return "\n\n".join(_put(part) for part in paragraphs(text))


def texts_of(command: click.Command) -> Iterator[str]:
    """Yield every text by which a command explains itself, as the catalogue has them."""
    for part in paragraphs(command.help or ""):
        yield from _keys(part)
    for one in command.params:
        for text in (getattr(one, "help", None), getattr(one, "show_default", None)):
            if isinstance(text, str):
                yield _joined(text)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help text."""
    return re.split(r"\n{2,}", inspect.cleandoc(text))


def _keys(part: str) -> Iterator[str]:
    if not part.startswith("\b\n"):
        yield _joined(part)
    elif not part.startswith(f"\b\n{_EXAMPLES}"):
        yield part.removeprefix("\b\n")
    else:
        yield _EXAMPLES
        for line in part.splitlines():
            _, found, comment = line.partition("  # ")
            if found:
                yield comment


def _put(part: str) -> str:
    if not part.startswith("\b\n"):
        return translate(_joined(part))
    if not part.startswith(f"\b\n{_EXAMPLES}"):
        return "\b\n" + translate(part.removeprefix("\b\n"))
    lines = []
    for line in part.splitlines()[2:]:
        call, found, comment = line.partition("  # ")
        lines.append(call + found + translate(comment))
    return "\n".join(["\b", translate(_EXAMPLES), *lines])


def _parameter(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option):
        return parameter
    spoken = copy(parameter)
    spoken.help = parameter.help and translate(_joined(parameter.help))
    if isinstance(parameter.show_default, str):
        spoken.show_default = translate(parameter.show_default)
    return spoken


def _joined(text: str) -> str:
    return " ".join(text.split())
