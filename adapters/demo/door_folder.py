"""The demo through folders: an office agent for each system sends what is dropped, shows what came.

The papers of the demo are signed already; these agents have a key, and no need of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.demo import door_rest
from adapters.demo.country import SYSTEMS, DemoSystem
from adapters.folder.run import Agent
from adapters.folder.settings import AgentSettings
from adapters.folder.spool import Delivery, Job
from axis.errors import Fault, Refusal
from axis.notary.office import signer_of
from axis.settings import Settings
from axis.trust.keys import write_key
from axis.trust.pki import issue

#: States of a delivery in the spool that it stays in.
_ENDED: Final = frozenset({"done", "suspect", "refused", "gone"})
_PAUSE_S: Final = 0.05
_PATIENCE_S: Final = 45.0

prepare = door_rest.prepare


class FolderDoor:
    """Drops packages into the folders of agents, and reads what they lay down."""

    def __init__(self, agents: Mapping[str, Agent]) -> None:
        self._agents = agents
        self._given: set[str] = set()
        self._dropped = 0

    async def send(self, system_id: str, package: bytes) -> bool | Refusal:
        """Drop a package, let the agent work, and say in which folder it ended.

        What is no whole package is refused by the agent itself.
        """
        self._dropped += 1
        name = f"{self._dropped:03}"
        return await asyncio.to_thread(self._send, self._agents[system_id], name, package)

    async def receive(self, system_id: str, count: int) -> list[tuple[UUID, bytes]]:
        """Let the agent take so many deliveries, and read them from its folders."""
        return await asyncio.to_thread(self._receive, self._agents[system_id], count)

    def _send(self, agent: Agent, name: str, package: bytes) -> bool | Refusal:
        places = agent.places
        (places.outbox / f"{name}.edxml").write_bytes(package)
        with agent.sending() as sender:
            until = time.monotonic() + _PATIENCE_S
            while time.monotonic() < until:
                sender.round()
                if any(path.name.endswith(name) for path in places.sent.iterdir()):
                    return True
                if any(path.name.endswith(name) for path in places.rejected.iterdir()):
                    return _refused(agent, name)
                time.sleep(_PAUSE_S)
        raise TimeoutError(f"{name}.edxml is neither sent nor rejected")

    def _receive(self, agent: Agent, count: int) -> list[tuple[UUID, bytes]]:
        taken: list[tuple[UUID, bytes]] = []
        with agent.receiving() as receiver, agent.spool() as spool:
            until = time.monotonic() + _PATIENCE_S
            while len(taken) < count:
                if time.monotonic() > until:
                    raise TimeoutError(f"{len(taken)} of {count} came")
                receiver.round(wait_s=1.0)
                for delivery in spool.all(Delivery):
                    if delivery.id in self._given or delivery.state not in _ENDED:
                        continue
                    self._given.add(delivery.id)
                    if delivery.state != "done":
                        raise RuntimeError(f"{delivery.id}: {delivery.told}")
                    body = _package_of(agent, str(delivery.facts["sha256"]))
                    taken.append((UUID(delivery.id), body))
        return taken


def _refused(agent: Agent, name: str) -> bool | Refusal:
    """Return the agent's own refusal, or False where the axis refused."""
    with agent.spool() as spool:
        job = next(job for job in spool.all(Job) if job.name == name)
    if job.told is None or job.sha256 is not None:
        return False
    return Refusal(code=job.told.code, fault=Fault.INPUT)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[FolderDoor]:
    """Give each system's office an agent, once the gateway answers."""
    async with door_rest.opened(settings):
        agents = await asyncio.to_thread(_agents, settings)
        yield FolderDoor(agents)


def _agents(settings: Settings) -> dict[str, Agent]:
    return {system.system_id: _agent(settings, system) for system in SYSTEMS}


def _agent(settings: Settings, system: DemoSystem) -> Agent:
    """Lay down what an enrolment lays down."""
    home, authority = settings.path(f"agents/{system.system_id}"), settings.path("certs")
    (home / "keys").mkdir(parents=True)
    first, *others = system.offices
    key, certificate = issue(authority, name=system.name, code=first, now=datetime.now(UTC))
    write_key(home / "keys/office.key", key)
    (home / "keys/office.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    (home / "keys/token").write_text(door_rest.token_of(system.system_id), encoding="ascii")
    for name in ("anchors", "intermediates", "crls"):
        shutil.copytree(authority / name, home / "trust" / name)
    verifier = signer_of(settings, datetime.now(UTC).year).verifier
    (home / "trust/axis.vkey").write_text(f"{verifier}\n", encoding="utf-8")
    own = AgentSettings(
        url=f"http://{settings.gateway.host}:{settings.gateway.port}",
        office=first,
        former=tuple(others),
        arrived=False,
        settle_s=0,
        retry_first_s=0.1,
        retry_most_s=1.0,
    )
    said = {name: value for name, value in msgspec.to_builtins(own).items() if value is not None}
    (home / "agent.toml").write_bytes(msgspec.toml.encode(said))
    return Agent(home)


def _package_of(agent: Agent, sha256: str) -> bytes:
    """Return the exact package from where the agent laid it: beside its papers, or its letter."""
    for folder in (agent.places.inbox, agent.places.sent):
        for path in folder.rglob("*.edxml"):
            body = path.read_bytes()
            if hashlib.sha256(body).hexdigest() == sha256:
                return body
    raise FileNotFoundError(sha256)
