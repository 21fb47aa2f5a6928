"""The folder door, for the contract suite: agents, and what lies in their folders.

A folder has no calls: what others say with one, here a file or a step of the agent says. Where a
case cannot be put in those words, the method says what stands for it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from itertools import count
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

import msgspec
from msgspec import structs
from msgspec.structs import replace

from adapters.client import Client
from adapters.client import Delivery as Announced
from adapters.client.errors import ProblemError, UnreachableError
from adapters.client.flows import mailbox
from adapters.folder.receiving import Receiver
from adapters.folder.run import Agent
from adapters.folder.sending import Sender
from adapters.folder.spool import Delivery, Job, Spool
from axis.settings import LimitSettings
from tests.client.running import Running, prepare_keys
from tests.doors.door import Door, DoorError, Listed, Outcome, Sent
from tests.folder.office import open_office
from tests.relay.installation import Installation
from tests.rest.gateway import Gateway, gateway_of

P = ParamSpec("P")
R = TypeVar("R")

#: A job that could not be handed over for so long is one that the axis does not take now.
LATER_S = 2.0
TIMEOUT_S = 30.0
OFFICES = {"vpcp": "000.00.00.G22", "khac": "000.00.00.H14", "nghean": "000.00.00.H41"}


class FolderDoor(Door):
    """Drops files and lets agents work."""

    #: A folder names no delivery; what stands for it is what the agent itself would be answered.
    unknown = "delivery.unknown"
    oversize = "http.body-too-large"

    def __init__(self, gateway: Gateway, agents: Mapping[str, Agent]) -> None:
        self.axis = gateway.axis
        self._agents = agents
        self._turns = {system: threading.Lock() for system in agents}  # one agent, one folder
        self._numbers = count(1)
        # Not the loop's own threads: the relay needs those while agents wait for it.
        self._threads = ThreadPoolExecutor(16, thread_name_prefix="agents")

    async def _do(self, work: Callable[P, R], *args: P.args, **more: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *args, **more))

    def close(self) -> None:
        self._threads.shutdown()

    async def submit(self, package: bytes, *, system: str | None = None) -> Sent:
        """Drop a file, and say where the agent got with it."""
        return await self._do(self._submit, package, system or self.sender)

    async def submit_half(self, package: bytes) -> None:
        """Copy half of a file under the name that copying programs use; it is not taken."""
        await self._do(self._submit_half, package)

    async def mailbox(self, *, system: str | None = None) -> list[Listed]:
        """Let the agent ask what waits, and list what it has not confirmed."""
        return await self._do(self._mailbox, system or self.receiver)

    async def fetch(self, delivery: str, *, system: str | None = None) -> bytes:
        """Let the agent lay a delivery into ``inbox``, over a line that breaks before it confirms.

        Once it is there, what a clerk opens again is the file.
        """
        return await self._do(self._fetch, delivery, system or self.receiver)

    async def confirm(self, delivery: str, *, system: str | None = None) -> None:
        """Let the agent confirm, which it does by itself once the line is back.

        Nobody can tell it to do so twice, or too early. What stands for twice is an agent that was
        killed before it had written down that it did; for too early, that the axis refuses it.
        """
        await self._do(self._confirm, delivery, system or self.receiver)

    # --- in threads ---

    def _submit(self, package: bytes, system: str) -> Sent:
        agent, name = self._agents[system], f"{next(self._numbers):03}"
        with self._turns[system], _line(agent) as (spool, client):
            sender = Sender(agent.settings, agent.places, spool, client, lambda: agent.signer)
            part = agent.places.outbox / f"{name}.edxml.part"
            part.write_bytes(package)
            part.rename(part.with_suffix(""))
            later = time.monotonic() + LATER_S
            for number in _rounds():
                sender.round(clock=number * 100.0)
                job = next((one for one in spool.all(Job) if one.name == name), None)
                if job is None:
                    continue
                if job.package_id is not None:
                    return Sent(outcome=Outcome.ACCEPTED, package=job.package_id)
                if job.told is not None and job.state == "done":
                    (folder,) = agent.places.rejected.glob(f"* {name}")
                    told = (folder / "ly-do.txt").read_text(encoding="utf-8-sig")
                    assert job.told.code in told
                    return Sent(outcome=Outcome.REFUSED, code=job.told.code)
                if job.told is not None and time.monotonic() > later:
                    return Sent(outcome=Outcome.LATER, code=job.told.code)
        raise AssertionError("unreachable")

    def _submit_half(self, package: bytes) -> None:
        agent = self._agents[self.sender]
        with self._turns[self.sender], _line(agent) as (spool, client):
            sender = Sender(agent.settings, agent.places, spool, client, lambda: agent.signer)
            (agent.places.outbox / "half.edxml.part").write_bytes(package[: len(package) // 2])
            assert [sender.round(clock=number * 100.0) for number in range(3)] == [0, 0, 0]
            assert not list(agent.places.rejected.iterdir())

    def _mailbox(self, system: str) -> list[Listed]:
        agent = self._agents[system]
        with self._turns[system], _line(agent) as (spool, client):
            page = client.run(mailbox(None, wait_s=0, limit=100))
            waits = {str(one.delivery_id): one.address for one in page.items}
            # What the agent has confirmed does not wait, and what waits it has not confirmed.
            for one in spool.all(Delivery):
                assert (one.state in ("confirmed", "done")) == (one.id not in waits), one
            return [Listed(id=id_, address=address) for id_, address in waits.items()]

    def _fetch(self, delivery: str, system: str) -> bytes:
        agent = self._agents[system]
        with self._turns[system], _line(agent) as (spool, client):
            if spool.find(Delivery, delivery) is None:
                _demand_own(client, delivery)
                with_broken_line = _Broken(client)
                receiver = _receiver(agent, spool, with_broken_line)
                for _ in _rounds():
                    receiver.round()
                    found = spool.find(Delivery, delivery)
                    if found is not None and found.state == "shown":
                        break
            found = spool.find(Delivery, delivery)
            assert found is not None
            assert found.target is not None
            return (agent.places.inbox / found.target / "goi-tin.edxml").read_bytes()

    def _confirm(self, delivery: str, system: str) -> None:
        agent = self._agents[system]
        with self._turns[system], _line(agent) as (spool, client):
            found = spool.find(Delivery, delivery)
            if found is None:
                _asked(client, delivery)
                raise AssertionError("the axis lets be confirmed what was not fetched")
            spool.put(replace(found, state="shown"))
            receiver = _receiver(agent, spool, client)
            for _ in _rounds():
                receiver.round()
                found = spool.find(Delivery, delivery)
                if found is not None and found.state in ("confirmed", "done"):
                    return


class _Broken:
    """A client whose line breaks when it is to confirm."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def confirm(self, _delivery: object) -> None:
        raise UnreachableError(url="", reason="it broke")


def _receiver(agent: Agent, spool: Spool, client: object) -> Receiver:
    return Receiver(agent.settings, agent.places, spool, client, lambda: agent.signer)


def _demand_own(client: Client, delivery: str) -> None:
    """What the agent is answered about a delivery that it was never told of."""
    page = client.run(mailbox(None, wait_s=0, limit=100))
    if all(str(one.delivery_id) != delivery for one in page.items):
        facts = {"delivery_id": delivery, "package_id": str(uuid4()), "address": "-"}
        unknown = msgspec.convert(facts | {"sha256": "-", "size_bytes": 0}, Announced, strict=False)
        with _as_door():
            client.fetch(unknown)


def _asked(client: Client, delivery: str) -> None:
    with _as_door():
        client.confirm(UUID(delivery))


@contextmanager
def _as_door() -> Iterator[None]:
    try:
        yield
    except ProblemError as error:
        raise DoorError(error.code) from error


@contextmanager
def _line(agent: Agent) -> Iterator[tuple[Spool, Client]]:
    with agent.spool() as spool, agent.client(spool, patience_s=0.5) as client:
        yield spool, client


def _rounds() -> Iterator[int]:
    end = time.monotonic() + TIMEOUT_S
    for number in count():
        yield number
        assert time.monotonic() < end, "it does not come to that"
        threading.Event().wait(0.02)


@asynccontextmanager
async def open_folder(axis: Installation, *, package_bytes: int) -> AsyncIterator[Door]:
    """Give each system's office an agent; ``package_bytes`` is the limit of the axis."""
    axis.settings = structs.replace(
        axis.settings, limits=LimitSettings(package_bytes=package_bytes)
    )
    prepare_keys(axis)
    async with gateway_of(axis) as gateway:
        world = Running(axis=axis, url=gateway.url, tokens=gateway.tokens)
        homes = axis.settings.path("agents")
        agents = {
            system: open_office(homes / system, world, code, system, arrived=False).agent
            for system, code in OFFICES.items()
        }
        door = FolderDoor(gateway, agents)
        try:
            yield door
        finally:
            door.close()
