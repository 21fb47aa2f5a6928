"""The page for offices, run from its first command to its last against a real axis."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from adapters.folder.settings import AgentSettings, VxpSettings
from axis.errors import AxisError
from tests.client.running import Running
from tests.conftest import CHECKOUT
from tests.folder.beside import working
from tests.folder.office import Office
from tests.folder.test_enrol import UNSERVED, call, config, listed
from tests.folder.test_journey import is_done, jobs
from tests.relay.papers import G22, document, package

__all__ = ["config"]

PAGE = (CHECKOUT / "docs/integrate/agent.md").read_text(encoding="utf-8")
POLL = (CHECKOUT / "docs/integrate/vxp.md").read_text(encoding="utf-8")


def blocks(kind: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def test_the_page_from_enrolment_to_an_eoffice(
    world: Running, config: Path, tmp_path: Path
) -> None:
    home, bundle = tmp_path / "truc", tmp_path / "bundle.toml"
    commands = iter(line for block in blocks("sh") for line in block.splitlines())
    office = Office(home=home, world=world)
    known = {
        "https://truc.example.vn": world.url,
        "/srv/truc": str(home),
        "H41.12.toml": str(bundle),
        "--certificate H41.12.pem": f"--authority {world.anchors}",
        "H41.12": UNSERVED,
        " --wait": "",
    }

    def run(line: str, beginning: str) -> str:
        assert line.startswith(beginning), line
        for shown, real in known.items():
            line = line.replace(shown, real)
        words = shlex.split(line)[1:]
        done = call(config if words[0] != "agent" else None, *words)
        if isinstance(done.exception, AxisError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    # Enrolling.
    run(next(commands), "axis enrollment new")
    enroll = next(commands)
    with pytest.raises(AxisError) as waits:
        run(enroll, "axis agent enroll")
    assert waits.value.code == "agent.waits"
    (asked,) = listed(config)
    known |= {"4f1c9a20b7d3": asked["id"], "9c41-e2aa-07b1-55d0-f3c2": asked["fingerprint"]}
    assert asked["id"] in run(next(commands), "axis enrollment list")
    run(next(commands), "axis enrollment approve")
    run(enroll, "axis agent enroll")
    for each in (world.anchors / "crls").iterdir():  # which the axis serves elsewhere
        (home / "trust/crls" / each.name).write_bytes(each.read_bytes())
    assert "wrong" not in run(next(commands), "axis agent doctor")
    assert next(commands) == "axis agent run --folder /srv/truc"

    # Sending.
    settings = home / "agent.toml"
    settings.write_text(settings.read_text() + "settle_s = 0\npoll_s = 0.2\nlook_s = 0.05\n")
    form, vxp = blocks("toml")
    office.drop("công văn.toml", form.replace('["H41", "H41.12"]', f'["{G22}"]'))
    office.drop("công văn.pdf", b"%PDF")
    office.send(until=lambda: bool(office.names("sent")) and not office.names("outbox"))

    # Reporting.
    with world.client("vpcp") as client:
        client.submit(world.axis.sign(G22, package(document(7816, to=(UNSERVED,)))))
    office.take(until=lambda: is_done(office))
    run(next(commands), "axis agent status")
    assert "status 03" in run(next(commands), "axis agent list")
    office.send(until=lambda: all(job.state == "done" for job in jobs(office)))
    assert [job.told for job in jobs(office)] == [None] * 3

    # An eOffice beside it.
    settings.write_text(settings.read_text() + vxp)
    shown = run(next(commands), "axis agent vxp")
    assert "http://127.0.0.1:8041" in shown
    assert next(commands, None) is None
    second = world.axis.sign(G22, package(document(9, to=(UNSERVED,))))
    with world.client("vpcp") as client:
        client.submit(second)
    (poll,) = re.findall(r"<!-- run: poll\.py -->\n```python\n(.*?)```", POLL, re.DOTALL)
    (tmp_path / "poll.py").write_text(poll, encoding="utf-8")
    (tmp_path / "one.edxml").write_bytes(package(document(3, sender=UNSERVED, to=(G22,))))
    said = dict(line.split(maxsplit=1) for line in shown.splitlines())
    with working(office) as client:
        office_says = {
            "VXP_ENDPOINT": client.url,
            "VXP_SYSTEM": said["systemid"],
            "VXP_SECRET": said["secret"],
        }
        end = time.monotonic() + 60
        while not (came := [one for one in tmp_path.glob("*.edxml") if one.stem != "one"]):
            said_there = subprocess.run(
                [sys.executable, "poll.py", "one.edxml"],
                cwd=tmp_path,
                env=os.environ | office_says,
                capture_output=True,
                check=True,
            )
            assert b"'status': 'OK'" in said_there.stdout
            assert time.monotonic() < end
            threading.Event().wait(0.1)
    assert came[0].read_bytes() == second
    office.send(until=lambda: all(job.state == "done" for job in jobs(office)))
    assert len(office.names("sent")) == 2


def test_the_page_names_every_setting() -> None:
    for kind in (AgentSettings, VxpSettings):
        names = [one.name for one in msgspec.structs.fields(kind)]
        unnamed = {"verdict_s", "vxp"}
        assert [one for one in names if f"`{one}`" not in PAGE and one not in unnamed] == []
