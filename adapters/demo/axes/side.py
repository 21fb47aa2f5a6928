"""One of the two axes: an installation with a home, records, broker, keys and ledger of its own."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import msgspec
import sqlalchemy as sa

from adapters.client import AsyncClient, Trust
from adapters.demo.country import DemoSystem, build_country
from adapters.demo.door_rest import until_there
from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.directory.values import ReceivesBy
from axis.notary.office import signer_of as notary_of
from axis.sandbox.ports import free_ports
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, processes_of
from axis.settings import (
    AmqpSettings,
    GatewaySettings,
    NotarySettings,
    PeerSettings,
    RelaySettings,
    Settings,
)
from axis.store.access import add_token
from axis.store.directory import load_directory
from axis.store.directory_systems import connect_system
from axis.store.engine import open_engine, transaction
from axis.store.peers import Peer, backlog, peers, put_peer
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.sign import Signer

START_S: Final = 120.0
#: A link counts as down after so long, so that the demo need not wait for it.
PATIENCE_S: Final = 2.0
RETRY_MOST_S: Final = 2.0
#: What a day of documents over a link needs, beside the relay's workers.
NEEDED: Final = ("notary", "gateway", "peers")


@dataclass(slots=True, kw_only=True)
class Side:
    """An axis, before, while and after it runs."""

    system_id: str  #: as the other axis knows it
    settings: Settings
    systems: Sequence[DemoSystem]  #: those joined to it
    engine: sa.Engine
    signers: Mapping[str, Signer]  #: of the offices at home here
    tokens: dict[str, str] = field(default_factory=dict)
    _supervisor: Supervisor | None = None

    @property
    def offices(self) -> tuple[str, ...]:
        """The offices that are at home here."""
        return tuple(code for system in self.systems for code in system.offices)

    @property
    def peer(self) -> Peer:
        """What it knows of the other axis."""
        with transaction(self.engine) as connection:
            (found,) = peers(connection)
        return found

    def is_at_rest(self) -> bool:
        """Say whether the link works, and nothing is on its way over it."""
        peer = self.peer
        with transaction(self.engine) as connection:
            left = backlog(connection, peer.system_id)
        return peer.failed_at is None and not left.waiting and not left.under_way

    def start(self) -> None:
        """Start its processes."""
        wanted = processes_of(self.settings)
        own = {
            name: target
            for name, target in wanted.items()
            if name in NEEDED or name.startswith("relay-")
        }
        self._supervisor = Supervisor(self.settings, own, before=be_quiet)
        self._supervisor.start()

    def stop(self) -> None:
        """End its processes and let the records go."""
        if self._supervisor is not None:
            self._supervisor.stop()
        self.engine.dispose()

    @property
    def url(self) -> str:
        """Where its HTTP door is."""
        return f"http://{self.settings.gateway.host}:{self.settings.gateway.port}"

    async def ready(self) -> None:
        """Wait until its HTTP door answers.

        Raises:
            TimeoutError: it does not.
        """
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            async with asyncio.timeout(START_S):
                await until_there(client)

    def client(self, system: DemoSystem) -> AbstractAsyncContextManager[AsyncClient]:
        """Return what a system joined to it speaks with; it verifies all that comes."""
        return AsyncClient(
            self.url,
            token=self.tokens[system.system_id],
            trust=Trust(anchors=self.settings.path("certs"), offices=system.offices),
            log_key=str(notary_of(self.settings, datetime.now(UTC).year).verifier),
            signer=self.signers[system.offices[0]],
        )

    def give_token(self, system_id: str) -> str:
        """Give a system a token for everything, as ``axis system token new`` does."""
        minted, now = mint(), datetime.now(UTC)
        token = Token(
            id=minted.id,
            system_id=system_id,
            digest=minted.digest,
            scopes=ALL_SCOPES,
            term=Term(created_at=now, expires_at=now + timedelta(days=1)),
            note="demo",
            created_by="demo",
        )
        with transaction(self.engine) as connection:
            add_token(connection, token)
        return minted.text


def be_quiet(_settings: Settings, _process: str) -> None:
    """Leave the telling to the story: links are meant to break in it."""
    logging.disable(logging.ERROR)


def build_side(
    home: Path,
    amqp_url: str,
    *,
    system_id: str,
    origin: str,
    name: str,
    systems: Sequence[DemoSystem],
    now: datetime,
) -> Side:
    """Make an installation with its own keys and authority, and join its systems to it."""
    home.mkdir(parents=True)
    settings = Settings(
        home=str(home),
        amqp=AmqpSettings(url=amqp_url),
        notary=NotarySettings(origin=origin),
        relay=RelaySettings(examiners=0),  # no process apart to read its own few packages
        gateway=GatewaySettings(port=free_ports(1)[0]),
        peer=PeerSettings(patience_s=PATIENCE_S, retry_most_s=RETRY_MOST_S),
    )
    prepare(settings)
    (home / "axis.toml").write_bytes(msgspec.toml.encode(settings))
    engine = open_engine(settings.database_url)
    signers = build_country(engine, settings.path("certs"), now=now, systems=systems, name=name)
    side = Side(
        system_id=system_id, settings=settings, systems=systems, engine=engine, signers=signers
    )
    for system in systems:
        side.tokens[system.system_id] = side.give_token(system.system_id)
    return side


def join(here: Side, there: Side, *, url: str, now: datetime) -> None:
    """Let ``here`` know ``there``: its offices, their certificates, and the way to it.

    These are the steps of docs/integrate/peer.md; the other axis does the same.
    """
    # 1. A system that stands for the other axis, for the offices at home there.
    connect_system(
        here.engine,
        there.system_id,
        there.offices,
        name=there.system_id,
        receives_by=ReceivesBy.PEER,
        by="demo",
        at=now,
    )
    # 2. Their certificates, and who issued them: this axis verifies everything for itself.
    for folder in ("anchors", "intermediates", "crls"):
        for file in there.settings.path(f"certs/{folder}").iterdir():
            target = here.settings.path(f"certs/{folder}") / f"{there.system_id}-{file.name}"
            shutil.copyfile(file, target)
    with transaction(here.engine) as connection:
        directory = load_directory(connection)
        for code, signer in there.signers.items():
            office = directory.find(code, now)
            assert office is not None  # noqa: S101  both know all offices
            digest = signer.certificate.sha256
            register_certificate(connection, signer.certificate, at=now)
            bind_certificate(connection, digest, office.office_id, valid_from=now)
    # 3. The token that the other axis gave us, and where it is.
    token = here.settings.path(f"{there.system_id}.token")
    token.touch(mode=0o600)
    token.write_text(f"{there.give_token(here.system_id)}\n", encoding="ascii")
    peer = Peer(
        system_id=there.system_id, url=url, token_file=str(token), ca_file=None, added_at=now
    )
    with transaction(here.engine) as connection:
        put_peer(connection, peer)
