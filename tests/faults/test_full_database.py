"""The disk of the database is full: nothing is accepted or lost, and it is got over by itself."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.consistency.check import check
from axis.errors import AxisError
from axis.sandbox.errors import NoPostgreSQLError
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.store.engine import open_engine, transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.migrate import upgrade
from axis.store.packages import package_by_id
from tests.relay.installation import Installation, build
from tests.relay.papers import G22, H14, H41, document, package

SIZES = {"sqlite": "6m", "postgresql": "160m"}


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A disk that a test can fill and empty."""

    folder: Path

    @property
    def filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def empty(self) -> None:
        self.filler.unlink()


@pytest.fixture(params=["sqlite", "postgresql"])
def disk(request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    """A disk of its own for the database alone; its size is the database's."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    folder = Path(tempfile.mkdtemp(prefix="axis-small-"))
    size = SIZES[request.param]
    words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("no disk can be mounted here")
    folder.chmod(0o755)
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@dataclass(frozen=True, slots=True)
class Database:
    """An engine, and the server behind it, if there is one."""

    engine: sa.Engine
    server: PrivatePostgreSQL | None

    def run_again(self) -> None:
        """Do what whoever watches over the server does if it gave up."""
        if self.server is not None and not self.server.is_running:
            self.server.start()


@pytest.fixture
def database(disk: SmallDisk, request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.node.callspec.params["disk"] == "sqlite":
        engine = open_engine(f"sqlite:///{disk.folder / 'axis.db'}")
        upgrade(engine)
        yield Database(engine, None)
        engine.dispose()
        return
    server = PrivatePostgreSQL(disk.folder / "server")
    try:
        server.start()
    except NoPostgreSQLError as error:
        pytest.skip(str(error))
    url = server.create_database("full").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = open_engine(url)
    upgrade(engine)
    yield Database(engine, server)
    engine.dispose()
    if not server.is_running:
        server.start()
    server.remove()


def is_full(engine: sa.Engine) -> bool:
    """Say whether the database takes nothing more, and says so as an outage."""
    try:
        with transaction(engine) as connection:
            connection.exec_driver_sql("create table probe (content text)")
            content = "x" * 3_000_000 if engine.dialect.name == "sqlite" else os.urandom(1 << 20)
            connection.execute(
                sa.text("insert into probe values (:content)"), {"content": str(content)}
            )
    except DatabaseUnavailableError:
        return True
    with transaction(engine) as connection:
        connection.exec_driver_sql("drop table probe")
    return False


def verdicts(axis: Installation, tickets: list) -> int:
    try:
        with transaction(axis.engine) as connection:
            found = [package_by_id(connection, ticket.package_id) for ticket in tickets]
    except AxisError:
        return 0
    return sum(one is not None and one.accepted for one in found)


@pytest.mark.timeout(240)
async def test_a_full_disk_of_the_database_loses_nothing_and_is_got_over_without_a_hand(
    tmp_path: Path,
    amqp_url: str,
    disk: SmallDisk,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    axis = build(tmp_path, database.engine, amqp_url, now=datetime.now(UTC).replace(microsecond=0))
    papers = [axis.sign(G22, package(document(number, to=(H14, H41)))) for number in range(60)]
    async with axis.running():
        before = await axis.submit_all(papers[:3], system="vpcp")
        for ticket in before:
            assert (await axis.verdict(ticket.package_id)).accepted
        disk.fill()
        # 1. The notices are taken; what cannot be recorded has no receipt and is not forgotten.
        during = await axis.submit_all(papers[3:], system="vpcp")
        async with asyncio.timeout(60):
            while "waiting for the database" not in caplog.text:
                await asyncio.sleep(0.1)
        assert is_full(axis.engine)
        assert verdicts(axis, during) < len(during)
        # 2. There is room again. Nobody tells the axis.
        disk.empty()
        await asyncio.to_thread(database.run_again)
        async with asyncio.timeout(120):
            while verdicts(axis, before + during) < len(papers):
                await asyncio.sleep(0.2)
    assert axis.count("delivery") == 2 * len(papers)
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []
