"""Forms of rows, long output, questions before what cannot be taken back, completion."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from house.house import CHECKOUT

from axis.commands.asking import asking
from axis.commands.output import paged, rows_option, show_rows
from cli import axis

ROWS: list[dict[str, Any]] = [
    {
        "sign": '7816 "khẩn"',
        "digest": b"\x01" * 32,
        "at": datetime(2026, 3, 2, tzinfo=UTC),
    },
    {"sign": "12, 13", "digest": None, "at": None},
]


@click.command
@click.argument("count", type=int, default=len(ROWS))
@rows_option
def listing(count: int, as_json: bool) -> None:
    show_rows(ROWS[:count], as_json=as_json, columns=("sign", "digest"))


def test_rows_as_csv_have_all_columns_with_values_as_in_json():
    printed = CliRunner().invoke(listing, ["--csv"]).stdout
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert rows[0] == {
        "sign": '7816 "khẩn"',
        "digest": "01" * 32,
        "at": "2026-03-02T00:00:00Z",
    }
    assert rows[1] == {"sign": "12, 13", "digest": "", "at": ""}
    as_json = [
        json.loads(line) for line in CliRunner().invoke(listing, ["--json"]).stdout.splitlines()
    ]
    assert [row["sign"] for row in as_json] == [row["sign"] for row in rows]


def test_no_rows_are_a_header_in_csv_and_nothing_in_json():
    assert CliRunner().invoke(listing, ["0", "--csv"]).stdout == "sign,digest\n"
    assert CliRunner().invoke(listing, ["0", "--json"]).stdout == ""


def test_a_filter_that_fits_nothing_says_so_and_how_to_widen_it():
    @click.command
    @click.option("--system")
    @click.option("--limit", type=int)
    @rows_option
    def filtered(system: str | None, limit: int | None, as_json: bool) -> None:
        show_rows([], as_json=as_json, columns=("sign",))

    runner = CliRunner()
    narrow = runner.invoke(filtered, ["--system", "vpcp", "--limit", "3"])
    assert narrow.stdout == ""
    assert narrow.stderr.startswith("nothing fits --system;")
    assert runner.invoke(filtered, []).stderr == "there is nothing to list\n"
    assert runner.invoke(filtered, ["--json", "--system", "vpcp"]).output == ""


def test_a_table_is_what_is_printed_without_an_option():
    runner = CliRunner()
    assert runner.invoke(listing, []).stdout == runner.invoke(listing, ["--table"]).stdout


@pytest.mark.parametrize("both", [["--json", "--csv"], ["--csv", "--table"], ["--table", "--json"]])
def test_two_forms_at_once_are_wrong_usage(both: list[str]):
    done = CliRunner().invoke(listing, both)
    assert done.exit_code == 2
    assert done.stdout == ""


def test_what_cannot_be_taken_back_is_refused_where_nobody_can_be_asked():
    done: list[str] = []

    @click.command
    @click.argument("account")
    def remove(account: str) -> None:
        done.append(account)

    command = asking(remove, "admin remove")
    refused = CliRunner().invoke(command, ["lan"], input="y\n")
    assert refused.exit_code == 2
    assert "lan loses all roles" in refused.output
    assert done == []
    assert CliRunner().invoke(command, ["lan", "--yes"]).exit_code == 0
    assert done == ["lan"]
    assert asking(remove, "admin list") is remove


ASKS = """
import click
from axis.commands.asking import asking
@click.command
@click.argument("account")
def remove(account): click.echo("removed " + account)
asking(remove, "admin remove")()
"""


@pytest.mark.parametrize(
    ("answer", "code", "says"), [("y\n", 0, "removed lan"), ("\n", 1, "Abort")]
)
def test_a_person_is_told_and_asked(answer: str, code: int, says: str):
    printed, exit_code = _on_a_terminal([sys.executable, "-c", ASKS, "lan"], answer=answer)
    assert "lan loses all roles and can change nothing from now on." in printed
    assert "[y/N]" in printed
    assert says in printed
    assert exit_code == code


PAGES = """
import click
from axis.commands.output import paged, pager_option
@click.command
@click.argument("lines", type=int)
@pager_option
def tell(lines):
    with paged() as out:
        for n in range(lines): click.echo(f"line {n}", file=out)
tell()
"""


def test_long_output_goes_through_the_pager_of_a_terminal_only(tmp_path: Path):
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\necho "PAGED"\ncat\n', encoding="utf-8")
    pager.chmod(0o755)
    call = [sys.executable, "-c", PAGES]
    with_pager = os.environ | {"PAGER": str(pager), "LINES": "24", "COLUMNS": "80"}
    assert "PAGED" in _on_a_terminal([*call, "200"], env=with_pager)[0]
    assert "PAGED" not in _on_a_terminal([*call, "5"], env=with_pager)[0]
    assert "PAGED" not in _on_a_terminal([*call, "200", "--no-pager"], env=with_pager)[0]
    piped = subprocess.run(
        [*call, "200"], env=with_pager, cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert piped.stdout.splitlines() == [f"line {n}" for n in range(200)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_what_completes(shell: str):
    done = CliRunner().invoke(axis, ["completion", shell])
    assert done.exit_code == 0
    assert f"_AXIS_COMPLETE={shell}_complete" in done.stdout
    if shutil.which(shell):
        checked = subprocess.run(
            [shell, "-n"], input=done.stdout, text=True, capture_output=True, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("axis rec", {"receipt", "reconcile"}),
        ("axis office mer", {"merge"}),
        ("axis send --ti", {"--timeout"}),
    ],
)
def test_words_and_options_are_completed(words: str, completed: set[str]):
    parts = words.split()
    done = CliRunner().invoke(
        axis,
        [],
        prog_name="axis",
        env={
            "_AXIS_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(parts) - 1),
        },
    )
    offered = {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert completed <= offered


def _on_a_terminal(
    call: list[str], *, answer: str = "", env: dict[str, str] | None = None
) -> tuple[str, int]:
    """Run a program on a terminal of its own; return all that it shows, and its exit code."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        call, stdin=its, stdout=its, stderr=its, env=env, cwd=CHECKOUT, close_fds=True
    )
    os.close(its)
    if answer:
        os.write(ours, answer.encode())
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:
        pass  # how a terminal says that nobody holds its other end any more
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.wait(60)


def test_outside_a_command_output_is_not_paged(capsys: pytest.CaptureFixture[str]):
    with paged() as out:
        out.write("text\n")
    assert capsys.readouterr().out == "text\n"
