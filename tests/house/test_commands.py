"""Every command explains itself, with examples that work."""

from __future__ import annotations

import re
import subprocess
import sys

import click

from cli import COMMANDS, SUMMARIES, axis
from house.house import CHECKOUT, commands, examples, refuse_wrong_call

ALL = dict(commands())


def test_a_command_has_a_line_of_help_and_two_examples():
    for words, command in ALL.items():
        first_line = (command.help or "").strip().splitlines()[0]
        assert re.fullmatch(r"[A-ZÀ-Ỹ].*[.:]", first_line), (words, first_line)
        assert len(examples(command)) >= 2, words
        assert any(f"axis {words}" in line for line in examples(command)), words


def test_the_examples_name_commands_and_options_that_exist():
    for command in ALL.values():
        for line in examples(command):
            refuse_wrong_call(line)


def test_an_option_says_what_it_does():
    for words, command in ALL.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (words, parameter.name)


def test_every_word_has_a_summary():
    assert set(COMMANDS) == set(SUMMARIES)
    assert [line for line in SUMMARIES.values() if not re.fullmatch(r"[A-Z].*\.", line)] == []


def test_a_wrong_word_is_wrong_usage():
    done = subprocess.run(
        [sys.executable, "-m", "cli", "no-such-word"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2


def test_the_help_of_the_axis_loads_no_library_for_work():
    code = (
        "import sys, cli\n"
        "try: cli.axis.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.rpartition("LOADED ")[2].split())
    assert "click" in loaded
    heavy = {"sqlalchemy", "lxml", "alembic", "aio_pika", "cryptography", "signxml", "xmlschema"}
    assert loaded & (heavy | {"psycopg", "asyncio", "rich", "msgspec"}) == set()


def test_the_list_of_words_is_in_the_help():
    text = axis.get_help(click.Context(axis))
    assert [word for word in COMMANDS if f"  {word} " not in text] == []
