"""The page for developers in other languages: its programs run as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.client.running import Running, write_key_of
from tests.conftest import CHECKOUT
from tests.relay.papers import H41, document, package

PAGE = CHECKOUT / "docs/integrate/signing.md"


def section(title: str, language: str) -> tuple[str, list[list[str]]]:
    """Return the program of a section and its commands, as words."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    (program,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return program, [shlex.split(line) for line in block.splitlines()]


def run(words: Sequence[str], world: Running, folder: Path, system: str) -> str:
    (folder / "token.txt").write_text(f"{world.tokens[system]}\n")
    own = [word.replace("https://truc.example.vn", world.url) for word in words]
    done = subprocess.run(own, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def journey(
    world: Running, folder: Path, sends: Sequence[Sequence[str]], receive: Sequence[str]
) -> None:
    """Send a package by each command, refuse a bad one, and receive them all."""
    write_key_of(world, folder)
    sent = set()
    for number, words in enumerate(sends, 7816):
        (folder / "unsigned.edxml").write_bytes(package(document(number)))
        said = run(words, world, folder, "vpcp")
        assert f'"sign":"{number}/VPCP-TTĐT"' in said.replace('": "', '":"')
        sent.add((folder / "signed.edxml").read_bytes())
    with world.client("nghean") as receiver:
        # What the axis accepted a receiver with a judgement of its own accepts too.
        assert {receiver.fetch(one).body for one in receiver.waiting().items} == sent
    assert run(receive, world, folder, "nghean").count("received") == len(sent)
    files = [one for one in folder.glob("*.edxml") if len(one.stem) == 36]
    assert {one.read_bytes() for one in files} == sent
    with world.client("vpcp") as sender:
        states = {one.state for each in sender.sent() for one in each.recipients}
    assert states == {"confirmed"}
    # A refusal is told with its code.
    (folder / "unsigned.edxml").write_bytes(
        package(document(1)).replace(f"OrganId>{H41}<".encode(), b"OrganId>000.99.99.X99<")
    )
    with pytest.raises(AssertionError, match=r"recipient\.unknown"):
        run(sends[0], world, folder, "vpcp")


def test_the_java_program_signs_sends_and_receives(world: Running, tmp_path: Path) -> None:
    if shutil.which("java") is None or shutil.which("javac") is None:
        pytest.skip("there is no JDK on this machine")
    program, (whole, manifest, receive) = section("Java", "java")
    (tmp_path / "Office.java").write_text(program, encoding="utf-8")
    journey(world, tmp_path, [whole, manifest], receive)


def test_the_javascript_program_signs_sends_and_receives(world: Running, tmp_path: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no Node.js on this machine")
    program, (install, send, receive) = section("JavaScript", "js")
    (tmp_path / "package.json").write_text("{}")
    got = subprocess.run(install, cwd=tmp_path, capture_output=True, text=True, check=False)
    if got.returncode:
        pytest.skip(f"the npm registry cannot be reached: {got.stderr.strip()[-200:]}")
    (tmp_path / "office.mjs").write_text(program, encoding="utf-8")
    journey(world, tmp_path, [send], receive)


def test_the_c_sharp_program_is_marked_as_not_run() -> None:
    section("C#", "csharp")
    assert "**is not run by the tests**" in PAGE.read_text(encoding="utf-8")
