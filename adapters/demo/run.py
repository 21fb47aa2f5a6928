"""Sets the country up on servers of its own, tells the day, verifies the ledger, leaves nothing."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

from adapters.demo.country import build_country
from adapters.demo.desk import Desk
from adapters.demo.doors import DOORS, DoorKind
from adapters.demo.papers import Papers
from adapters.demo.story import Teller, tell
from axis.directory.values import ReceivesBy
from axis.errors import Lang
from axis.notary.office import folder_of, signer_of
from axis.notary.verification import verify_log
from axis.sandbox.ports import free_ports
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, processes_of
from axis.settings import AmqpSettings, GatewaySettings, HubSettings, Settings
from axis.store.checkpoints import last_checkpoint
from axis.store.directory import load_directory
from axis.store.engine import open_engine, transaction
from axis.store.ledger import head_size, latest_log, waiting
from axis.trace.gather import gather
from axis.trace.timeline import tell as tell_story
from axis.trust.sign import Signer

LEDGER_TIMEOUT_S = 15.0


def run_demo(
    home: Path,
    samples: Path | None,
    *,
    lang: Lang,
    echo: Callable[[str], None],
    door: str | None = None,
) -> list[str]:
    """Run the demo in a fresh folder ``home`` and return what was not as it should be.

    With a ``door`` of :data:`adapters.demo.doors.DOORS`, every document goes through it.

    Raises:
        NoRabbitMQError: there is no RabbitMQ on this machine.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    teller = Teller(lang, echo)
    teller.head("Starting RabbitMQ", "Khởi động RabbitMQ")
    kind = DOORS[door] if door else None
    by_amqp = kind is not None and kind.by_amqp
    with PrivateRabbitMQ(home / "rabbitmq", disposable=True, management=by_amqp) as broker:
        settings = Settings(
            home=str(home),
            amqp=AmqpSettings(url=broker.url),
            gateway=GatewaySettings(port=free_ports(1)[0]),
            hub=HubSettings(management=broker.management_url if by_amqp else "", refresh_s=0.5),
        )
        prepare(settings)
        engine = open_engine(settings.database_url)
        teller.head(
            "A small country: the Government Office, a province, three communes",
            "Một đất nước nhỏ: Văn phòng Chính phủ, một tỉnh, ba xã",
        )
        signers = build_country(
            engine,
            settings.path("certs"),
            now=datetime.now(UTC).replace(microsecond=0),
            receives_by=ReceivesBy.AMQP if by_amqp else None,
        )
        if kind is not None:
            kind.prepare(settings)
            teller.note(f"cổng {door}" if lang == "vi" else f"the door is {door}")
        (home / "axis.toml").write_bytes(msgspec.toml.encode(settings))
        supervisor = Supervisor(settings, processes_of(settings))
        supervisor.start()
        try:
            papers = Papers(samples, now=datetime.now(UTC))
            source = papers.samples or "–"
            teller.note(f"gói tin mẫu: {source}" if lang == "vi" else f"sample packages: {source}")
            names = asyncio.run(_day(settings, signers, papers, teller, kind))
            _verify_ledger(settings, engine, teller)
            for name in names:
                _show(engine, name, teller)
        finally:
            supervisor.stop()
            engine.dispose()
    return teller.wrong


async def _day(
    settings: Settings,
    signers: Mapping[str, Signer],
    papers: Papers,
    teller: Teller,
    kind: DoorKind | None,
) -> list[str]:
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(kind.opened(settings)) if kind else None
        desk = await stack.enter_async_context(Desk(settings, signers, door))
        return await tell(desk, papers, teller)


def _verify_ledger(settings: Settings, engine: sa.Engine, teller: Teller) -> None:
    teller.head(
        "6. The ledger, every row and hash up to the signed root",
        "6. Sổ cái, từng dòng và mã băm tới gốc đã ký",
    )
    log, size = _until_signed(engine)
    if log is None:
        teller.check(False, "entries were signed for", "các mục đã được ký")
        return
    verdict = verify_log(
        settings.database_url,
        log=log,
        folder=folder_of(settings, log),
        key=signer_of(settings, log).verifier,
        processes=1,
    )
    teller.check(
        verdict.is_good and verdict.entries == size > 0,
        f"{size} entries, root {verdict.checkpoint.root.hex()[:12]}",
        f"{size} mục, gốc {verdict.checkpoint.root.hex()[:12]}",
    )


def _until_signed(engine: sa.Engine) -> tuple[int | None, int]:
    """Wait until every entry has its place and is signed for; return the log and its size."""
    until = time.monotonic() + LEDGER_TIMEOUT_S
    while True:
        with transaction(engine) as connection:
            left = waiting(connection)
            log = latest_log(connection)
            size = head_size(connection, log) or 0 if log is not None else 0
            signed = last_checkpoint(connection, log) if log is not None else None
        if not left and signed is not None and signed.size == size:
            return log, size
        if time.monotonic() > until:
            return None, size
        time.sleep(0.05)


def _show(engine: sa.Engine, name: str, teller: Teller) -> None:
    teller.head(f"axis trace {name}", f"axis trace {name}")
    now = datetime.now(UTC)
    with transaction(engine) as connection:
        directory = load_directory(connection)

    def name_of(code: str) -> str:
        office = directory.find(code, now)
        return office.name if office else code

    for chapter in tell_story(gather(engine, name), lang=teller.lang, name_of=name_of):
        teller.note(f"[{chapter.title}] {chapter.package.sign or ''}")
        for line in chapter.lines:
            index = "…" if line.index is None else line.index
            teller.note(f"  {line.at.astimezone():%H:%M:%S}  {line.text}  #{index}")
