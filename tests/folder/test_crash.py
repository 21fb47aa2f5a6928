"""An agent killed between any two steps sends once, shows once, and loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.folder.spool import Delivery, Job
from tests.conftest import CHECKOUT
from tests.folder.crashing import SENDING, TAKING
from tests.folder.office import FORM, Office
from tests.folder.test_journey import is_done, jobs


def kill_at(point: str, home: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.folder.crashing", point, str(home)],
        cwd=CHECKOUT,
        env=environment,
        timeout=90,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", SENDING)
def test_an_agent_killed_while_it_sends_sends_once(sender: Office, point: str) -> None:
    large = os.urandom(300_000)
    settings = sender.home / "agent.toml"
    settings.write_text(
        settings.read_text().replace("apart_bytes = 16777216", "apart_bytes = 1000")
    )
    sender.drop("công văn.pdf", large)
    sender.drop("công văn.toml", FORM)
    kill_at(point, sender.home)
    sender.send(until=lambda: bool(sender.names("sent")) and not sender.names("outbox"))
    with sender.world.client("vpcp") as client:
        (package,) = client.sent()
    assert package.state == "accepted"
    shown = sender.only("sent")
    assert (shown / "công văn.pdf").read_bytes() == large
    assert list(shown.glob("*.tlog-proof"))
    assert [job.state for job in jobs(sender)] == ["done"]
    sender.send(until=lambda: not any((sender.home / ".agent/making").iterdir()))


@pytest.mark.parametrize("point", TAKING)
def test_an_agent_killed_while_it_takes_shows_once(
    sender: Office, receiver: Office, point: str
) -> None:
    sender.drop("công văn.pdf", b"%PDF-1.7")
    sender.drop("công văn.toml", FORM)
    sender.send(until=lambda: bool(sender.names("sent")) and not sender.names("outbox"))
    kill_at(point, receiver.home)
    receiver.take(until=lambda: is_done(receiver))
    receiver.send(until=lambda: all(job.state == "done" for job in jobs(receiver)))
    came = receiver.only("inbox")
    assert (came / "công văn.pdf").read_bytes() == b"%PDF-1.7"
    assert list(came.glob("bien-nhan-*.tlog-proof"))
    with receiver.agent.spool() as spool:
        assert [one.state for one in spool.all(Delivery)] == ["done"]
        assert [job.name for job in spool.all(Job)] == ["01"]
    with sender.world.client("vpcp") as client:
        (package,) = client.sent()
        assert package.recipients[0].state == "confirmed"
        assert len(client.waiting().items) == 1  # one 01, not two
