"""An agent that is killed at a named point: ``python -m tests.folder.crashing POINT HOME``.

POINT names the step after which SIGKILL comes, the first time that it is reached. The agent sends
and takes in turns until then.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from adapters.client import Client
from adapters.folder import receiving, sending
from adapters.folder.run import Agent
from adapters.folder.spool import Delivery, Job, Spool

SENDING = ("kept", "spooled", "brought", "submitted", "accepted", "named", "laid", "cleared")
TAKING = ("known", "fetched", "fixed", "appeared", "shown", "confirmed", "written", "receipted")


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(owner: object, name: str) -> None:
    """Die when a function has done its work, before its caller knows."""
    real: Callable = getattr(owner, name)

    def dying(*words: object, **more: object) -> object:
        real(*words, **more)
        die()

    setattr(owner, name, dying)


def after_put(is_it: Callable[[object], bool]) -> None:
    """Die when such a value is in the spool."""
    real = Spool.put

    def put(self: Spool, value: object, **more: object) -> None:
        real(self, value, **more)
        if is_it(value):
            if self._connection.in_transaction:
                self._connection.execute("commit")
            die()

    Spool.put = put


def crash_at(point: str) -> None:
    """Change the agent so that it dies at the point."""
    job = lambda state: lambda one: isinstance(one, Job) and one.state == state  # noqa: E731
    came = lambda state: lambda one: isinstance(one, Delivery) and one.state == state  # noqa: E731
    match point:
        case "kept":
            after(sending, "make_job")
        case "spooled":
            after_put(job("ready"))
        case "brought":
            after(Client, "bring")
        case "submitted":
            after(Client, "submit")
        case "accepted":
            after_put(job("accepted"))
        case "named":
            after_put(lambda one: isinstance(one, Job) and one.target is not None)
        case "laid":
            after(sending, "lay")
        case "cleared":
            after(sending.Sender, "_clear")
        case "known":
            after_put(came("known"))
        case "fetched":
            after(receiving.Receiver, "_fetch")
        case "fixed":
            after_put(came("kept"))
        case "appeared":
            after(receiving, "lay")
        case "shown":
            after_put(came("shown"))
        case "confirmed":
            after(Client, "confirm")
        case "written":
            after_put(came("confirmed"))
        case "receipted":
            after(receiving, "report_job")


def work(home: Path) -> None:
    agent = Agent(home)
    end = time.monotonic() + 60
    with agent.sending() as sender, agent.receiving() as receiver:
        number = 0
        while time.monotonic() < end:
            sender.round(clock=number * 100.0)
            receiver.round(wait_s=0)
            number += 1
            time.sleep(0.02)


if __name__ == "__main__":
    crash_at(sys.argv[1])
    work(Path(sys.argv[2]))
