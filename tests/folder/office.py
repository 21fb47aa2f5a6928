"""An office with an agent, against a real axis."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.folder.run import Agent
from adapters.folder.settings import AgentSettings
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.keys import write_key
from axis.trust.pki import KeyKind, issue
from tests.client.running import Running

FORM = """
recipients = ["000.00.00.H41"]
number = "7816"
notation = "VPCP-TTĐT"
subject = "V/v thử nghiệm"
signer = "Nguyễn Văn Mẫu"
"""


@dataclass
class Office:
    """A folder as an agent has it."""

    home: Path
    world: Running
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def agent(self) -> Agent:
        return Agent(self.home)

    def drop(self, name: str, content: bytes | str) -> Path:
        path = self.home / "outbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def send(self, *, until: Callable[[], bool], timeout_s: float = 30) -> None:
        """Let the agent send until it has come to that."""
        with self.agent.sending() as sender:
            self._until(lambda number: sender.round(clock=number * 100.0), until, timeout_s)

    def take(self, *, until: Callable[[], bool], timeout_s: float = 30) -> None:
        """Let the agent take until it has come to that."""
        with self.agent.receiving() as receiver:
            self._until(lambda _: receiver.round(wait_s=0), until, timeout_s)

    def _until(
        self, work: Callable[[int], object], until: Callable[[], bool], timeout_s: float
    ) -> None:
        end = time.monotonic() + timeout_s
        for number in itertools.count():
            work(number)
            if until():
                return
            assert time.monotonic() < end, "it does not come to that"
            threading.Event().wait(0.02)

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.home / folder).iterdir())

    def only(self, folder: str) -> Path:
        (found,) = (self.home / folder).iterdir()
        return found


def open_office(home: Path, world: Running, code: str, system: str, **more: object) -> Office:
    """Make an agent's folder as enrolment does, with a certificate that the axis knows."""
    (home / "keys").mkdir(parents=True)
    now = datetime.now(UTC)
    key, certificate = issue(world.anchors, name=code, code=code, now=now, kind=KeyKind.P256)
    with transaction(world.axis.engine) as connection:
        office = load_directory(connection).find(code, now)
        assert office is not None
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    write_key(home / "keys/office.key", key)
    (home / "keys/office.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    (home / "keys/token").write_text(world.tokens[system])
    for name in ("anchors", "intermediates", "crls"):
        shutil.copytree(world.anchors / name, home / "trust" / name)
    (home / "trust/axis.vkey").write_text(world.log_key)
    settings = AgentSettings(
        url=world.url, office=code, settle_s=0, retry_first_s=0.05, retry_most_s=0.2, **more
    )
    text = {key: value for key, value in msgspec.to_builtins(settings).items() if value is not None}
    (home / "agent.toml").write_bytes(msgspec.toml.encode(text))
    agent = Agent(home)
    agent.places.prepare()
    return Office(home=home, world=world)
