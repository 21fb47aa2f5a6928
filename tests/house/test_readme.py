"""The ten minutes of the README, done as they are written, against an axis that runs."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.house import CHECKOUT


@pytest.fixture
def checkout(tmp_path: Path, amqp_url: str) -> Iterator[Path]:
    """A folder where ``./run`` stands for this checkout's axis, which serves from var/axis."""
    home = tmp_path / "var" / "axis"
    script = tmp_path / "run"
    script.write_text(
        "#!/bin/sh\n"
        '[ "$1" = axis ] || exit 2\n'
        "shift\n"
        f"cd {shlex.quote(str(tmp_path))}\n"
        f"AXIS_HOME={shlex.quote(str(home))} AXIS_AMQP_URL={shlex.quote(amqp_url)}\n"
        f"export AXIS_HOME AXIS_AMQP_URL PYTHONPATH={shlex.quote(str(CHECKOUT))}\n"
        f'exec {shlex.quote(sys.executable)} -m cli "$@"\n'
    )
    script.chmod(0o755)
    with subprocess.Popen(
        [script, "axis", "serve"], stderr=subprocess.PIPE, text=True, env=_environment()
    ) as axis:
        assert axis.stderr is not None
        said = []
        for line in axis.stderr:
            said.append(line)
            if line.startswith("the axis serves"):
                break
        else:
            pytest.fail("".join(said))
        yield tmp_path
        axis.terminate()
        axis.stderr.read()


def test_the_ten_minutes_end_with_the_document_confirmed(checkout: Path):
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Ten minutes\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    steps = [block for block in blocks if "./run axis" in block]
    assert len(steps) == 4
    printed = ""
    for step in steps:
        waiting = _shell(checkout, "./run axis inbox vpcp --json") if "DELIVERY" in step else "{}"
        delivery = json.loads(waiting).get("delivery_id", "")
        printed += _shell(checkout, step.replace("DELIVERY", delivery).replace("./run stop\n", ""))
    signed, received = (checkout / "var" / f"{name}.edxml" for name in ("signed", "received"))
    assert received.read_bytes() == signed.read_bytes()
    told = re.findall(r"accepted by|on its way|taken by|receipt confirmed", printed)
    assert told == ["accepted by", "on its way", "taken by", "receipt confirmed"]


def _shell(folder: Path, text: str) -> str:
    done = subprocess.run(
        ["sh", "-euc", text],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
