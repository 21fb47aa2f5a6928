"""Measures the relay: signed packages from the intake to confirmed delivery notices.

Counted from the first notice that a worker takes to the last acknowledgement; bodies and intake
notices are there beforehand. Every package is distinct, signed and fully examined, recorded on
PostgreSQL, and announced to one of fifty systems.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import sqlalchemy as sa

from axis.bench.errors import BenchUnusableError
from axis.bodies import DiskBodies
from axis.bus.connection import connected, open_channel
from axis.bus.notices import IntakeNotice, encode_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import (
    INTAKE_QUEUE,
    PARKED_QUEUE,
    UNROUTED_QUEUE,
    declare_system_queues,
    declare_topology,
    system_queue,
)
from axis.delivery.lanes import Lane
from axis.directory.importing import plan_import
from axis.directory.systems import plan_add, plan_assign
from axis.directory.values import ReceivesBy
from axis.envelope.dates import write_date
from axis.envelope.values import (
    Code,
    DocumentEnvelope,
    DocumentType,
    ManifestReference,
    OrganId,
    Organization,
    PromulgationInfo,
    SignerInfo,
    compose_document_id,
)
from axis.envelope.writer import encode
from axis.intake import package_id_of
from axis.relay.pipeline import Outcome
from axis.relay.run import open_worker
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.serve.prepare import prepare
from axis.settings import AmqpSettings, DatabaseSettings, RelaySettings, Settings, TrustSettings
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.engine import open_engine, transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.trust.pki import init_authority, issue
from axis.trust.sign import Signer, sign, signer_of

SYSTEMS: Final = 50
SENDER: Final = "H57.01"
SENDER_SYSTEM: Final = "bench-sender"
DAY: Final = date(2026, 11, 20)
#: A run that takes this long without a word from a worker is given up.
SILENCE_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayBench:
    """What to measure."""

    docs: int
    size_bytes: int  #: of the attachment, Base64
    workers: int
    amqp: str | None = None  #: None starts a server for this run
    pg: str | None = None
    second_opinion: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where a run works."""

    amqp: str
    pg: str


@contextmanager
def servers(bench: RelayBench, home: Path) -> Iterator[Servers]:
    """Use the servers that were named, or start private ones.

    Raises:
        NoRabbitMQError, NoPostgreSQLError: none is installed.
    """
    with ExitStack() as stack:
        amqp = bench.amqp
        if amqp is None:
            folder = home / "rabbitmq"
            amqp = stack.enter_context(PrivateRabbitMQ(folder, disposable=True)).url
        pg = bench.pg
        if pg is None:
            folder = home / "postgresql"
            pg = stack.enter_context(PrivatePostgreSQL(folder, disposable=True)).url
        yield Servers(amqp=amqp, pg=pg)


def run(bench: RelayBench, where: Servers, home: Path) -> dict[str, Any]:
    """Measure once and return the figures; ``lost`` and ``duplicated`` must be 0.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
    """
    asyncio.run(_demand_unused(where.amqp))
    with _own_database(where.pg) as database_url:
        settings = Settings(
            home=str(home),
            database=DatabaseSettings(url=database_url),
            amqp=AmqpSettings(url=where.amqp),
            relay=RelaySettings(workers=bench.workers),
            trust=TrustSettings(second_opinion=bench.second_opinion),
        )
        prepare(settings)
        engine = open_engine(settings.database_url)
        try:
            signer = _build_country(engine, settings.path("certs"))
            package_bytes = asyncio.run(_fill(settings, bench, signer))
            spans, usage = _work(settings, bench)
            figures = _figures(bench, spans, package_bytes)
            figures |= asyncio.run(_audit(settings, engine, bench))
            figures["cpu_ms_per_doc"] = round(usage * 1000 / bench.docs, 3)
            return figures
        finally:
            engine.dispose()
            asyncio.run(_clean(settings))


def _figures(
    bench: RelayBench, spans: list[tuple[float, float, int]], package_bytes: int
) -> dict[str, Any]:
    seconds = max(span[1] for span in spans) - min(span[0] for span in spans)
    return {
        "docs_per_s": round(bench.docs / seconds, 1),
        "seconds": round(seconds, 2),
        "docs": bench.docs,
        "document_bytes": package_bytes,
        "workers": bench.workers,
        "second_opinion": bench.second_opinion,
        "done": sum(span[2] for span in spans),
    }


async def _demand_unused(url: str) -> None:
    """Refuse servers whose intake holds work: its queues would be emptied and deleted."""
    async with connected(url, name="axis bench, looks") as connection:
        channel = await open_channel(connection, confirms=False)
        await declare_topology(channel)
        for queue in (INTAKE_QUEUE, PARKED_QUEUE, UNROUTED_QUEUE):
            held = await channel.queue_declare(queue, passive=True)
            if held.message_count or held.consumer_count:
                raise BenchUnusableError(queue=queue, count=held.message_count)


async def _fill(settings: Settings, bench: RelayBench, signer: Signer) -> int:
    """Store the bodies and publish their intake notices; return the size of one package."""
    bodies = DiskBodies(settings.path(settings.bodies.path))
    async with connected(settings.amqp.url, name="axis bench, fills") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        await declare_system_queues(channel, [f"bench-{n}" for n in range(SYSTEMS)])
        publisher = Publisher(channel, window=400, timeout_s=60)
        size = 0
        for start in range(0, bench.docs, 500):
            notices = []
            for number in range(start, min(start + 500, bench.docs)):
                package = sign(_package(number, bench.size_bytes), signer)
                size = len(package)
                stored = bodies.put(package)
                notice = IntakeNotice(
                    package_id=package_id_of(SENDER_SYSTEM, stored.digest),
                    system_id=SENDER_SYSTEM,
                    digest=stored.digest.hex(),
                    size_bytes=size,
                    door="bench",
                    received_at=datetime.now(UTC),
                )
                notices.append(("", INTAKE_QUEUE, encode_notice(notice)))
            failures = [one for one in await publisher.publish_all(notices) if one is not None]
            if failures:
                raise failures[0]
        return size


def _package(number: int, size_bytes: int) -> bytes:
    code = Code(number=str(number), notation="BENCH")
    envelope = DocumentEnvelope(
        sender=Organization(organ_id=OrganId(SENDER), organ_name="Bench sender"),
        recipients=(Organization(organ_id=OrganId(_code(number % SYSTEMS))),),
        document_id=compose_document_id(SENDER, DAY, code),
        code=code,
        promulgation_info=PromulgationInfo(place="Huế", promulgation_date=write_date(DAY)),
        document_type=DocumentType(type=1, type_name="Công văn"),
        subject=f"Bench {number}",
        signer_info=SignerInfo(full_name="Nguyễn Văn Mẫu"),
        manifest=(
            ManifestReference(
                content_id="1", attachment_name="bench.bin", content_type="application/pdf"
            ),
        ),
    )
    return encode(envelope, {"1": os.urandom(max(1, size_bytes * 3 // 4))})


def _code(number: int) -> str:
    return f"G{number + 30:02d}.01"


def _build_country(engine: sa.Engine, authority: Path) -> Signer:
    now = datetime.now(UTC).replace(microsecond=0)
    lines = ["code,name,level,parent_code", f"{SENDER},Bench sender,provincial,"]
    lines += [f"{_code(n)},Bench receiver {n},central," for n in range(SYSTEMS)]
    table = "\n".join(lines).encode()
    change_directory(
        engine,
        lambda directory: plan_import(directory, table, now, source="bench"),
        kind="import",
        by="bench",
        at=now,
    )
    systems = {SENDER_SYSTEM: (SENDER, ReceivesBy.POLL)} | {
        f"bench-{n}": (_code(n), ReceivesBy.AMQP) for n in range(SYSTEMS)
    }
    for system_id, (code, receives_by) in systems.items():
        _add_system(engine, system_id, code, receives_by, now)
    init_authority(authority, now=now, name="Bench")
    key, certificate = issue(authority, name="Bench sender", now=now)
    with transaction(engine) as connection:
        office = load_directory(connection).find(SENDER, now)
        assert office is not None  # noqa: S101  it was imported above
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    return signer_of(key, certificate)


def _add_system(
    engine: sa.Engine, system_id: str, code: str, receives_by: ReceivesBy, now: datetime
) -> None:
    change_directory(
        engine,
        lambda directory: plan_add(
            directory, system_id, name=system_id, receives_by=receives_by, connected=True
        ),
        kind="system",
        by="bench",
        at=now,
    )
    change_directory(
        engine,
        lambda directory: plan_assign(directory, system_id, [code], start=None, now=now),
        kind="system",
        by="bench",
        at=now,
    )


def _work(settings: Settings, bench: RelayBench) -> tuple[list[tuple[float, float, int]], float]:
    """Run the workers until all is done; return each one's (first, last, count) and CPU seconds."""
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[int, float, float, int, float]] = context.Queue()
    processes = [
        context.Process(target=_worker, args=(settings, results, number))
        for number in range(bench.workers)
    ]
    for process in processes:
        process.start()
    spans: dict[int, tuple[float, float, int]] = {}
    usage: dict[int, float] = {}
    try:
        while sum(span[2] for span in spans.values()) < bench.docs:
            number, began, ended, count, cpu = results.get(timeout=SILENCE_S)
            first, _, before = spans.get(number, (began, ended, 0))
            spans[number] = (min(first, began), ended, before + count)
            usage[number] = cpu
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
    return list(spans.values()), sum(usage.values())


def _worker(
    settings: Settings, results: Queue[tuple[int, float, float, int, float]], number: int
) -> None:
    import uvloop

    def told(outcome: Outcome) -> None:
        count = outcome.accepted + outcome.refused
        results.put((number, outcome.began, outcome.ended, count, time.process_time() - idle))

    worker = open_worker(settings, told=told)
    idle = time.process_time()

    async def until_told() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await worker.run(stop)

    with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        runner.run(until_told())


async def _audit(settings: Settings, engine: sa.Engine, bench: RelayBench) -> dict[str, Any]:
    """Count what is recorded and what the receivers' queues hold."""
    with transaction(engine) as connection:
        accepted = connection.scalar(sa.text("select count(*) from package where accepted"))
        refused = connection.scalar(sa.text("select count(*) from package where not accepted"))
        deliveries = connection.scalar(sa.text("select count(*) from delivery"))
        entries = connection.scalar(sa.text("select count(*) from ledger_inbox"))
    notices = 0
    async with connected(settings.amqp.url, name="axis bench, audits") as connection_:
        channel = await open_channel(connection_, confirms=False)
        for number in range(SYSTEMS):
            for lane in Lane:
                queue = system_queue(f"bench-{number}", lane)
                answer = await channel.queue_declare(queue, passive=True)
                notices += answer.message_count or 0
    return {
        "refused": refused,
        "lost": bench.docs - min(accepted or 0, deliveries or 0, notices),
        "duplicated": max(deliveries or 0, notices) - bench.docs,
        "ledger_entries": entries,
    }


async def _clean(settings: Settings) -> None:
    async with connected(settings.amqp.url, name="axis bench, cleans") as connection:
        channel = await open_channel(connection, confirms=False)
        queues = [system_queue(f"bench-{n}", lane) for n in range(SYSTEMS) for lane in Lane]
        for queue in (INTAKE_QUEUE, PARKED_QUEUE, UNROUTED_QUEUE, *queues):
            await channel.queue_delete(queue)


@contextmanager
def _own_database(url: str) -> Iterator[str]:
    """Make a database for this run beside the one that ``url`` names, and drop it afterwards."""
    import psycopg

    name = f"axis_bench_{uuid4().hex[:8]}"
    plain = re.sub(r"^postgresql\+\w+", "postgresql", url)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'create database "{name}"'.encode())
    parts = urlsplit(plain)
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())
