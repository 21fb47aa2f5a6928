"""Serves the VXP API beside the agent's threads, with the server and the guards of the gateway."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from adapters.folder.beside import secret_of
from adapters.folder.vxp_spooled import Spooled
from adapters.gateway.limits import Limits
from adapters.gateway.serve import answering
from adapters.vxp.app import VxpApp
from adapters.vxp.operations import OPERATIONS
from axis.settings import GatewaySettings, Settings

if TYPE_CHECKING:
    from adapters.folder.run import Agent

#: Clients put everything into headers, a list of many recipients too.
HEAD_BYTES: Final = 256 * 1024
CONNECTIONS: Final = 64


@contextmanager
def serving(agent: Agent) -> Iterator[str]:
    """Answer the eOffice inside the block; yields the URL.

    Raises:
        AddressTakenError: something else listens there.
        AgentSettingsError: the secret cannot be read or made.
    """
    assert agent.listening is not None  # noqa: S101  else there is nothing to serve
    host, port = agent.listening
    secret_of(agent.settings, agent.places.home)
    own = GatewaySettings(
        host=host, port=port, head_bytes=HEAD_BYTES, connections=CONNECTIONS, submitting=8
    )
    ready = threading.Event()
    found: list[str] = []
    stops: list[Callable[[], object]] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        behind = Spooled(agent, Limits(own))
        app = VxpApp(behind)
        doors = {"/vxp": app, **{f"/{name}": app for name in OPERATIONS}}
        settings = Settings(home=str(agent.places.home), gateway=own)
        try:
            async with answering(settings, doors) as url:
                stop, loop = asyncio.Event(), asyncio.get_running_loop()
                stops.append(partial(loop.call_soon_threadsafe, stop.set))
                found.append(url)
                ready.set()
                await stop.wait()
        finally:
            behind.close()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # it is raised again where the block begins
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="answers the eOffice")
    thread.start()
    try:
        ready.wait()
        if failed:
            raise failed[0]
        yield found[0]
    finally:
        for stop in stops:
            stop()
        thread.join()
