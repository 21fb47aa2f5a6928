"""A whole small axis that runs in threads beside the test: gateway, relay and notary are real."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import structs

from adapters.client import Client, Trust
from adapters.gateway.serve import serving
from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.gateway import open_installation
from axis.ledger.keys import make_notary_key, write_key_file
from axis.notary.office import signer_of
from axis.notary.process import run as run_notary
from axis.store.access import add_token
from axis.store.directory import load_directory
from axis.store.engine import open_engine, transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.keys import write_key
from axis.trust.pki import issue
from tests.relay.installation import Installation
from tests.relay.papers import G22


@dataclass
class Running:
    """An axis at work; ``url`` is where it listens."""

    axis: Installation
    url: str
    tokens: dict[str, str]

    @property
    def log_key(self) -> str:
        return str(signer_of(self.axis.settings, datetime.now(UTC).year).verifier)

    @property
    def anchors(self) -> Path:
        return self.axis.settings.path("certs")

    def client(self, system: str, **words: object) -> Client:
        """A client of a system, believing the axis's authorities."""
        given: dict = {
            "token": self.tokens[system],
            "trust": Trust(anchors=self.anchors),
            "log_key": self.log_key,
            "patience_s": 20.0,
        }
        return Client(words.pop("url", None) or self.url, **(given | words))


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def prepare_keys(axis: Installation) -> None:
    settings = axis.settings
    make_notary_key(settings.path(settings.notary.key))
    write_key_file(settings.path(settings.access.key), b"a" * 32)


def add_tokens(axis: Installation, *systems: str) -> dict[str, str]:
    """Give each system a token for everything."""
    texts = {}
    now = datetime.now(UTC)
    with transaction(axis.engine) as connection:
        for system in systems:
            minted = mint()
            texts[system] = minted.text
            add_token(
                connection,
                Token(
                    id=minted.id,
                    system_id=system,
                    digest=minted.digest,
                    scopes=ALL_SCOPES,
                    term=Term(created_at=now, expires_at=now + timedelta(days=1)),
                    note="test",
                    created_by="test",
                ),
            )
    return texts


@contextmanager
def gateway(axis: Installation, port: int, *, relay: bool = True) -> Iterator[str]:
    """The gateway, with or without a relay, in a thread, until the block ends."""
    ready, stop = threading.Event(), threading.Event()
    failed: list[BaseException] = []
    own = structs.replace(axis.settings, gateway=structs.replace(axis.settings.gateway, port=port))

    async def serve() -> None:
        installation = open_installation(own)
        relay_stop = asyncio.Event()
        working = asyncio.create_task(_relay(axis, relay_stop) if relay else relay_stop.wait())
        try:
            async with serving(installation):
                ready.set()
                while not stop.is_set():
                    await asyncio.sleep(0.02)
        finally:
            relay_stop.set()
            await working
            installation.engine.dispose()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="gateway under test")
    thread.start()
    try:
        assert ready.wait(60)
        if failed:
            raise failed[0]
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        thread.join(60)
    if failed:
        raise failed[0]


async def _relay(axis: Installation, stop: asyncio.Event) -> None:
    await axis.make_worker().run(stop)


@contextmanager
def notary(axis: Installation) -> Iterator[None]:
    stop = threading.Event()
    engine = open_engine(axis.settings.database_url)
    thread = threading.Thread(
        target=run_notary, args=(engine, axis.settings, stop), name="notary under test"
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
        engine.dispose()


@contextmanager
def running(axis: Installation) -> Iterator[Running]:
    """The whole axis."""
    prepare_keys(axis)
    tokens = add_tokens(axis, "vpcp", "nghean", "khac")
    with notary(axis), gateway(axis, free_port()) as url:
        yield Running(axis=axis, url=url, tokens=tokens)


def write_key_of(world: Running, folder: Path) -> None:
    """A key on disk for the sending office, registered and bound."""
    now = datetime.now(UTC)
    key, certificate = issue(world.anchors, name="VPCP", code=G22, now=now)
    with transaction(world.axis.engine) as connection:
        office = load_directory(connection).find(G22, now)
        assert office is not None
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    write_key(folder / "office.key", key)
    (folder / "office.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
