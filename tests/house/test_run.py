"""The script that makes everything else: it is small enough to fail clearly on a bare machine."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from house.house import CHECKOUT

#: What any Unix has; the script needs no more before there is a Python.
TOOLS = ("cat", "cksum", "dirname", "env", "id", "ls", "mkdir", "sh", "tail", "tr")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout in a path with a space, on a machine that has only the basic tools."""
    checkout = tmp_path / "a checkout"
    checkout.mkdir()
    shutil.copy(CHECKOUT / "run", checkout)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    return checkout


def _run(checkout: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "run", *words],
        cwd="/",
        env={"PATH": path or str(checkout.parent / "bin")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_explains_itself(bare: Path):
    done = _run(bare, "help")
    assert done.returncode == 0
    for word in ("demo", "test", "serve", "stop", "clean"):
        assert f"./run {word}" in done.stdout
    assert _run(bare).stdout == done.stdout


def test_a_word_that_it_does_not_know_is_wrong_usage(bare: Path):
    assert _run(bare, "dmeo").returncode == 2


@pytest.mark.parametrize("word", ["demo", "test", "serve"])
def test_without_python_it_names_the_ways_to_get_it(bare: Path, word: str):
    if any(Path(place, "python3").exists() for place in ("/opt/homebrew/bin", "/usr/local/bin")):
        pytest.skip("this machine has a Python where the script looks beside the PATH")
    done = _run(bare, word)
    assert done.returncode == 3
    for way in ("apt-get install python3", "brew install python", "docker run", "PYTHON"):
        assert way in done.stderr


def test_every_dependency_is_pinned():
    """A new one: install it, then add what ``.venv/bin/python -m pip freeze`` says of it."""
    wanted = configparser.ConfigParser()
    wanted.read(CHECKOUT / "setup.cfg")
    lines = wanted["options"]["install_requires"] + wanted["options.extras_require"]["test"]
    names = {_name(line) for line in lines.split("\n") if line}
    pins = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [pin for pin in pins if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[^ @]+", pin)] == []
    assert sorted(names - {_name(pin) for pin in pins if not pin.startswith("#")}) == []


def _name(requirement: str) -> str:
    """The normal form of the name in a requirement, without extras (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_to_stop_what_does_not_run_is_no_failure(bare: Path):
    assert _run(bare, "stop").returncode == 0


def test_clean_leaves_what_it_did_not_make(bare: Path):
    (bare / "var" / "log").mkdir(parents=True)
    (bare / "axis" / "__pycache__").mkdir(parents=True)
    (bare / "axis" / "kept.py").touch()
    assert _run(bare, "clean", path="/usr/bin:/bin").returncode == 0
    assert sorted(path.name for path in bare.rglob("*")) == ["axis", "kept.py", "run"]
