"""Two axes with their own servers' state, certificates and ledgers, joined by a link each way.

The national axis is home to G22, A80, H14, G17 and H17; the provincial one to H41 and its commune.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from msgspec import structs

from adapters.peer.process import Links
from axis.directory.systems import plan_add, plan_assign
from axis.directory.values import ReceivesBy
from axis.settings import PeerSettings
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.engine import transaction
from axis.store.peers import Peer, peers, put_peer
from axis.store.trust import bind_certificate, register_certificate
from tests.client.running import Running, add_tokens, free_port, gateway, notary, prepare_keys
from tests.relay.installation import SIGNING, SYSTEM_OF, SYSTEMS, Installation, build

NATION, PROVINCE = "truc-quoc-gia", "truc-tinh"
HOMES = {PROVINCE: ("nghean",), NATION: ("vpcp", "khac")}


@dataclass
class Axis:
    """One of the two."""

    name: str
    installation: Installation
    port: int
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> Running:
        return Running(axis=self.installation, url=self.url, tokens=self.tokens)

    @contextmanager
    def at_work(self) -> Iterator[Running]:
        """Its gateway, relay and notary."""
        with notary(self.installation), gateway(self.installation, self.port):
            yield self.running

    @property
    def peer(self) -> Peer:
        with transaction(self.installation.engine) as connection:
            (found,) = peers(connection)
        return found

    @property
    def links(self) -> Links:
        axis = self.installation
        return Links(axis.engine, axis.settings, axis.sealer)

    def link(self) -> int:
        """Do once what the link to the other axis has to do."""
        return asyncio.run(self.links.round(self.peer))

    def count(self, table: str, where: str = "1 = 1") -> int:
        return self.installation.count(table, where)


def make_axis(
    name: str, home: Path, engine: sa.Engine, amqp_url: str, *, now: datetime, origin: str
) -> Axis:
    home.mkdir()
    installation = build(home, engine, amqp_url, now=now)
    settings = installation.settings
    installation.settings = structs.replace(
        settings,
        notary=structs.replace(settings.notary, origin=origin),
        peer=PeerSettings(patience_s=2.0),
    )
    prepare_keys(installation)
    return Axis(
        name=name,
        installation=installation,
        port=free_port(),
        tokens=add_tokens(installation, "vpcp", "nghean", "khac"),
    )


def join(here: Axis, there: Axis, *, now: datetime) -> None:
    """Let ``here`` know ``there``: its offices, their certificates, and the link to it."""
    own, other = here.installation, there.installation
    _change(
        own,
        now,
        lambda d: plan_add(d, there.name, name="", receives_by=ReceivesBy.PEER, connected=True),
    )
    codes = [code for system in HOMES[there.name] for code in SYSTEMS[system][1]]
    _change(own, now, lambda d: plan_assign(d, there.name, codes, start=None, now=now))
    for folder in ("anchors", "intermediates", "crls"):
        for file in other.settings.path(f"certs/{folder}").glob("*"):
            target = own.settings.path(f"certs/{folder}") / f"{there.name}-{file.name}"
            target.write_bytes(file.read_bytes())
    for code in SIGNING:
        if SYSTEM_OF[code] in HOMES[there.name]:
            register(own, other, code, now=now)
    token = add_tokens(other, here.name)[here.name]
    path = own.settings.path(f"{there.name}.token")
    path.write_text(f"{token}\n")
    path.chmod(0o600)
    with transaction(own.engine) as connection:
        put_peer(
            connection,
            Peer(
                system_id=there.name,
                url=there.url,
                token_file=str(path),
                ca_file=None,
                added_at=now,
            ),
        )


def register(own: Installation, other: Installation, code: str, *, now: datetime) -> None:
    """Let an axis know the certificate of an office that is at home on the other."""
    certificate = other.signers[code].certificate
    with transaction(own.engine) as connection:
        office = load_directory(connection).find(code, now)
        assert office is not None
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)


def _change(axis: Installation, now: datetime, plan) -> None:
    change_directory(axis.engine, plan, kind="system", by="test", at=now)


def some_time_ago() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
