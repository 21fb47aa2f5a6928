"""Sets the country up on servers of its own, tells the day, verifies the ledger, leaves nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adapters.demo.country import build_country
from adapters.demo.desk import Desk
from adapters.demo.doors import DOORS, DoorKind
from adapters.demo.evidence import show_story, verify_ledger
from adapters.demo.papers import Papers
from adapters.demo.story import Teller, tell
from axis.directory.values import ReceivesBy
from axis.errors import Lang
from axis.sandbox.ports import free_ports
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.sections import MetricSettings
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, processes_of
from axis.settings import AmqpSettings, GatewaySettings, HubSettings, Settings
from axis.store.engine import open_engine
from axis.trust.sign import Signer


def run_demo(
    home: Path,
    samples: Path | None,
    *,
    lang: Lang,
    echo: Callable[[str], None],
    door: str | None = None,
    broker_url: str | None = None,
) -> list[str]:
    """Run the demo in a fresh folder ``home`` and return what was not as it should be.

    With a ``door`` of :data:`adapters.demo.doors.DOORS`, every document goes through it. Without a
    ``broker_url``, which names an empty virtual host, it starts a RabbitMQ of its own.

    Raises:
        NoRabbitMQError: there is no RabbitMQ on this machine.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    teller = Teller(lang, echo)
    teller.head("Starting RabbitMQ", "Khởi động RabbitMQ")
    kind = DOORS[door] if door else None
    by_amqp = kind is not None and kind.by_amqp
    with ExitStack() as stack:
        management = ""
        if broker_url is None:
            broker = stack.enter_context(
                PrivateRabbitMQ(home / "rabbitmq", disposable=True, management=by_amqp)
            )
            broker_url, management = broker.url, broker.management_url if by_amqp else ""
        settings = Settings(
            home=str(home),
            amqp=AmqpSettings(url=broker_url),
            gateway=GatewaySettings(port=free_ports(1)[0]),
            metrics=MetricSettings(port=0),
            hub=HubSettings(management=management, refresh_s=0.5),
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
            teller.head(
                "6. The ledger, every row and hash up to the signed root",
                "6. Sổ cái, từng dòng và mã băm tới gốc đã ký",
            )
            verify_ledger(settings, engine, teller)
            for name in names:
                teller.head(f"axis trace {name}", f"axis trace {name}")
                show_story(engine, name, teller)
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
