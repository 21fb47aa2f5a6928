"""An agent at work with the VXP API on localhost, and the eOffice beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.folder.beside import secret_of, system_of
from adapters.folder.run import Agent
from adapters.folder.settings import VxpSettings
from tests.client.running import free_port
from tests.conftest import CHECKOUT
from tests.folder.office import Office
from tests.vxp.client import JavaClient

#: What tests set: the axis is asked anew for every list.
SETTINGS = VxpSettings(ask_s=0)


@contextmanager
def working(office: Office) -> Iterator[JavaClient]:
    """Let the agent work in threads; yields the eOffice's client."""
    port = free_port()
    agent = Agent(office.home, listen=f"127.0.0.1:{port}")
    stop, failed = threading.Event(), []

    def run() -> None:
        try:
            agent.run(stop)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="agent under test")
    thread.start()
    try:
        _reach(port, lambda: not failed)
        yield client_of(office, port)
    finally:
        stop.set()
        thread.join(60)
    assert not failed, failed


@contextmanager
def process(office: Office, port: int) -> Iterator[Callable[[], None]]:
    """The agent as a process of its own; yields what kills it as a power cut does."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AXIS_")}
    command = [sys.executable, "-m", "cli", "agent", "run", "--folder", str(office.home)]
    running = subprocess.Popen(
        [*command, "--vxp", f"127.0.0.1:{port}"],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kill() -> None:
        running.send_signal(signal.SIGKILL)
        running.wait(120)

    try:
        _reach(port, lambda: running.poll() is None)
        yield kill
    finally:
        kill()


def client_of(office: Office, port: int) -> JavaClient:
    settings = office.agent.settings
    return JavaClient(
        f"http://127.0.0.1:{port}", system_of(settings), secret_of(settings, office.home)
    )


async def until(ask: Callable[[], Awaitable[Any]], is_it: Callable[[Any], bool]) -> Any:
    """Ask until the answer is the one that is waited for, and return it."""
    async with asyncio.timeout(60):
        while not is_it(answer := await ask()):
            await asyncio.sleep(0.1)
    return answer


def _reach(port: int, is_alive: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert is_alive(), "the agent does not start"
            assert time.monotonic() < end, "the agent does not listen"
            threading.Event().wait(0.05)
        else:
            return
