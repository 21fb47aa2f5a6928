"""A small axis for tests: real servers, real certificates, one worker that the test starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import DiskBodies
from axis.bus.connection import connected, open_channel
from axis.bus.errors import PublishUnconfirmedError
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_topology
from axis.directory.importing import plan_import
from axis.directory.snapshot import Directory
from axis.directory.systems import plan_add, plan_assign
from axis.directory.values import ReceivesBy
from axis.envelope.limits import Limits
from axis.intake import Ticket, submit
from axis.ledger.entry import Sealer
from axis.relay.batches import Outcome
from axis.relay.examiners import Examiners
from axis.relay.reference import ReferenceSource
from axis.relay.worker import Worker
from axis.settings import AmqpSettings, DatabaseSettings, RelaySettings, Settings
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, package_by_id
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.material import TrustFolder
from axis.trust.pki import KeyKind, init_authority, issue
from axis.trust.sign import Signer, sign, signer_of

OFFICES = """\
code,name,level,parent_code
000.00.00.G22,Văn phòng Chính phủ,central,
000.00.00.G17,Bộ Xây dựng,central,
000.00.00.A80,Cơ quan thử nghiệm,central,
000.00.00.H41,UBND tỉnh Nghệ An,provincial,
000.00.00.H14,UBND tỉnh Cao Bằng,provincial,
28.22.H17,UBND xã Hòa Sơn,commune,
000.09.09.H41,UBND xã chưa kết nối,commune,000.00.00.H41
"""
SYSTEMS = {
    "vpcp": (ReceivesBy.POLL, ["000.00.00.G22", "000.00.00.A80"]),
    "nghean": (ReceivesBy.AMQP, ["000.00.00.H41"]),
    "khac": (ReceivesBy.POLL, ["000.00.00.H14", "000.00.00.G17", "28.22.H17"]),
}
SIGNING = ("000.00.00.G22", "000.00.00.A80", "000.00.00.H41", "000.00.00.H14")
SYSTEM_OF = {code: system for system, (_, codes) in SYSTEMS.items() for code in codes}


@dataclass
class Installation:
    """One axis; ``worker()`` runs its relay inside the test."""

    settings: Settings
    engine: sa.Engine
    bodies: DiskBodies
    sealer: Sealer
    signers: dict[str, Signer]
    outcomes: list[Outcome] = field(default_factory=list)
    examiners: Examiners | None = None  #: None examines inside the test

    def sign(self, code: str, package: bytes) -> bytes:
        return sign(package, self.signers[code])

    def make_worker(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Worker:
        trust = self.settings.trust
        return Worker(
            settings=self.settings,
            engine=self.engine,
            bodies=self.bodies,
            reference=ReferenceSource(
                self.engine,
                limits=Limits(package_bytes=self.settings.limits.package_bytes),
                trust=TrustFolder(
                    self.settings.path(trust.anchors),
                    self.settings.path(trust.intermediates),
                    self.settings.path(trust.crls),
                ),
                grace=timedelta(days=self.settings.directory.grace_days),
            ),
            examiners=self.examiners
            or Examiners(
                processes=0,
                limits=Limits(package_bytes=self.settings.limits.package_bytes),
                second_opinion=True,
            ),
            sealer=self.sealer,
            clock=clock,
            told=self.outcomes.append,
        )

    @asynccontextmanager
    async def running(self, worker: Worker | None = None) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task((worker or self.make_worker()).run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def submit(self, package: bytes, *, system: str, max_bytes: int = 1 << 26) -> Ticket:
        tickets = await self.submit_all([package], system=system, max_bytes=max_bytes)
        return tickets[0]

    async def submit_all(
        self, packages: Iterable[bytes], *, system: str, max_bytes: int = 1 << 26
    ) -> list[Ticket]:
        async with connected(self.settings.amqp.url, name="test door") as connection:
            channel = await open_channel(connection, confirms=True)
            await declare_topology(channel)
            publisher = Publisher(channel, window=50, timeout_s=20)
            return [
                await self._submit(package, system, publisher, max_bytes) for package in packages
            ]

    async def _submit(
        self, package: bytes, system: str, publisher: Publisher, max_bytes: int
    ) -> Ticket:
        """Send until RabbitMQ takes it, as every sender does: a busy broker may say no at first."""
        async with asyncio.timeout(60):
            while True:
                try:
                    return await submit(
                        _pieces(package),
                        system_id=system,
                        door="test",
                        now=datetime.now(UTC),
                        bodies=self.bodies,
                        publisher=publisher,
                        max_bytes=max_bytes,
                    )
                except PublishUnconfirmedError:
                    await asyncio.sleep(0.2)

    async def verdict(self, package_id: UUID, *, timeout_s: float = 30) -> PackageRecord:
        async with asyncio.timeout(timeout_s):
            while True:
                with transaction(self.engine) as connection:
                    package = package_by_id(connection, package_id)
                if package is not None:
                    return package
                await asyncio.sleep(0.02)

    def count(self, table: str, where: str = "1 = 1") -> int:
        with transaction(self.engine) as connection:
            return int(connection.scalar(sa.text(f"select count(*) from {table} where {where}")))


def build(
    home: Path, engine: sa.Engine, amqp_url: str, *, now: datetime, batch: int = 50
) -> Installation:
    """Build the installation on a database that has its tables."""
    settings = Settings(
        home=str(home),
        database=DatabaseSettings(url=engine.url.render_as_string(hide_password=False)),
        amqp=AmqpSettings(url=amqp_url, publish_timeout_s=10),
        relay=RelaySettings(batch=batch),
    )
    _change(
        engine, now, lambda d: plan_import(d, OFFICES.encode(), now, source="test"), kind="import"
    )
    for system_id, (receives_by, codes) in SYSTEMS.items():
        _add_system(engine, now, system_id, receives_by, codes)
    authority = settings.path("certs")
    init_authority(authority, now=now, name="Test")
    with transaction(engine) as connection:
        directory = load_directory(connection)
    signers = {
        code: certify(engine, authority, code, now=now, directory=directory) for code in SIGNING
    }
    key = b"k" * 32
    (home / "salt.key").write_bytes(key)
    (home / "salt.key").chmod(0o600)
    return Installation(
        settings=settings,
        engine=engine,
        bodies=DiskBodies(settings.path(settings.bodies.path)),
        sealer=Sealer(key),
        signers=signers,
    )


def certify(
    engine: sa.Engine,
    authority: Path,
    code: str,
    *,
    now: datetime,
    register: bool = True,
    directory: Directory | None = None,
) -> Signer:
    """Issue a certificate for an office, register and bind it."""
    key, certificate = issue(authority, name=code, code=code, now=now, kind=KeyKind.P256)
    if register:
        with transaction(engine) as connection:
            office = (directory or load_directory(connection)).find(code, now)
            assert office is not None
            register_certificate(connection, certificate, at=now)
            bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    return signer_of(key, certificate)


def _add_system(
    engine: sa.Engine,
    now: datetime,
    system_id: str,
    receives_by: ReceivesBy,
    codes: Sequence[str],
) -> None:
    _change(
        engine,
        now,
        lambda d: plan_add(d, system_id, name=system_id, receives_by=receives_by, connected=True),
        kind="system",
    )
    _change(
        engine, now, lambda d: plan_assign(d, system_id, codes, start=None, now=now), kind="system"
    )


def _change(engine: sa.Engine, now: datetime, plan: Callable, *, kind: str) -> None:
    change_directory(engine, plan, kind=kind, by="test", at=now)


async def _pieces(package: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(package), 65536):
        yield package[start : start + 65536]
