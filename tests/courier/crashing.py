"""A courier that is killed at a named point: ``python -m tests.courier.crashing POINT``.

POINT names the step after which SIGKILL comes, the first time that it is reached. The settings are
those of ``$AXIS_CONFIG``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from axis.courier import process
from axis.courier.listen import Listener
from axis.courier.reach import Reach
from axis.settings import load_settings

POINTS = ("noted", "acknowledged", "claimed", "pushed", "recorded")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(point: str) -> None:
    """Change the courier so that it dies at the point."""

    def after(owner: type, name: str) -> None:
        real: Callable = getattr(owner, name)

        def dying(self, *words, **more):
            found = real(self, *words, **more)
            if name != "_claim" or found:
                die()
            return found

        setattr(owner, name, dying)

    def after_awaiting(owner: type, name: str) -> None:
        real: Callable = getattr(owner, name)

        async def dying(self, *words, **more):
            await real(self, *words, **more)
            die()

        setattr(owner, name, dying)

    match point:
        case "noted":
            process.note_missed = lambda *_, **__: 0  # so that the queue's word is what counts
            after(Listener, "write_down")
        case "acknowledged":
            process.note_missed = lambda *_, **__: 0
            after_awaiting(Listener, "acknowledge")
        case "claimed":
            after(process.Courier, "_claim")
        case "pushed":
            after_awaiting(Reach, "push")
        case "recorded":
            after(process.Courier, "_told")


if __name__ == "__main__":
    crash_at(sys.argv[1])
    process.work(load_settings())
