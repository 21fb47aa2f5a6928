"""The servers, the country and the processes of a soak run, all its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa

from axis.access.tokens import mint
from axis.access.values import ALL_SCOPES, Term, Token
from axis.chaos.endpoint import Endpoint
from axis.chaos.proxy import Proxy
from axis.chaos.reform import COMMUNES, Reform
from axis.directory.importing import plan_import
from axis.directory.values import ReceivesBy
from axis.sandbox.ports import free_ports
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.sections import MetricSettings
from axis.serve.prepare import prepare
from axis.serve.supervise import Supervisor, processes_of
from axis.settings import (
    AmqpSettings,
    ClockSettings,
    CourierSettings,
    DatabaseSettings,
    GatewaySettings,
    RelaySettings,
    Settings,
)
from axis.store.access import add_token
from axis.store.directory import load_directory
from axis.store.directory_changes import change_directory
from axis.store.directory_systems import connect_system
from axis.store.engine import open_engine, transaction
from axis.store.trust import bind_certificate, register_certificate
from axis.store.webhooks import Webhook, set_webhook
from axis.trust.pki import KeyKind, init_authority, issue
from axis.trust.sign import Signer, signer_of

SENDER: Final = "H57.01"
SENDER_SYSTEM: Final = "soak-sender"
_WAYS: Final = (ReceivesBy.POLL, ReceivesBy.AMQP, ReceivesBy.WEBHOOK, ReceivesBy.AMQP)
#: Receiving systems: some look into their mailbox, some read their queues, one is pushed to.
SYSTEMS: Final = {
    f"soak-{number}": (f"G{number + 30:02d}.01", _WAYS[number % len(_WAYS)]) for number in range(6)
}


#: Each commune, and the system that serves it in the beginning.
SERVED: Final = {code: f"soak-{number % len(SYSTEMS)}" for number, code in enumerate(COMMUNES)}


@dataclass(slots=True, kw_only=True)
class Scene:
    """What the offices of a run see of it."""

    settings: Settings  #: of the records and the bus, as the offices reach them
    signer: Signer
    engine: sa.Engine
    gateways: tuple[str, ...]  #: URLs of the HTTP doors
    tokens: Mapping[str, str]  #: of the systems that come by HTTP
    reform: Reform
    endpoint: Endpoint  #: of the systems that are pushed to


@dataclass(slots=True, kw_only=True)
class World(Scene):
    """All that a soak run works on; the offices come through the proxies."""

    rabbitmq: PrivateRabbitMQ
    postgresql: PrivatePostgreSQL
    amqp: Proxy
    database: Proxy
    supervisor: Supervisor


@contextmanager
def world(home: Path) -> Iterator[World]:
    """Build the world, start its processes, and take it away again.

    Raises:
        NoRabbitMQError, NoPostgreSQLError: none is installed.
    """
    with (
        PrivateRabbitMQ(home / "rabbitmq") as rabbitmq,
        PrivatePostgreSQL(home / "postgresql") as postgresql,
        Proxy(lambda: _port(rabbitmq.url)) as amqp,
        Proxy(lambda: _port(postgresql.url)) as database,
    ):
        listening, pushed = free_ports(2)
        endpoint = Endpoint(home / "endpoint", pushed)
        settings = Settings(
            home=str(home),
            database=DatabaseSettings(url=_through(database, postgresql.create_database("soak"))),
            amqp=AmqpSettings(url=_through(amqp, rabbitmq.url), publish_timeout_s=5),
            relay=RelaySettings(workers=2, batch=50),
            gateway=GatewaySettings(port=listening, rate="1000000/minute"),
            metrics=MetricSettings(port=0),
            courier=CourierSettings(
                allow=("127.0.0.0/8",),
                ca=str(endpoint.certificate),
                lease_s=5,
                retry_first_s=1,
                retry_most_s=5,
            ),
            clock=ClockSettings(
                interval_s=1,
                untold_after_s=4,
                unanswered_after_s=20,
                retry_first_s=1,
                retry_most_s=5,
                tries=1000,
            ),
        )
        prepare(settings)
        engine = open_engine(settings.database_url, pool_size=10)
        signer, tokens = build_country(engine, settings.path("certs"), endpoint)
        # The hub would take the notices of these systems; here they read their queues themselves.
        targets = {name: run for name, run in processes_of(settings).items() if name != "hub"}
        supervisor = Supervisor(settings, targets)
        supervisor.start()
        try:
            yield World(
                settings=settings,
                rabbitmq=rabbitmq,
                postgresql=postgresql,
                amqp=amqp,
                database=database,
                supervisor=supervisor,
                signer=signer,
                engine=engine,
                gateways=(f"http://127.0.0.1:{settings.gateway.port}",),
                tokens=tokens,
                reform=Reform(SERVED),
                endpoint=endpoint,
            )
        finally:
            supervisor.stop()
            engine.dispose()


def _token(engine: sa.Engine, system_id: str) -> str:
    """Give a system what it proves itself with to the gateway."""
    minted, now = mint(), datetime.now(UTC)
    token = Token(
        id=minted.id,
        system_id=system_id,
        digest=minted.digest,
        scopes=ALL_SCOPES,
        term=Term(created_at=now, expires_at=None),
        note="soak",
        created_by="soak",
    )
    with transaction(engine) as connection:
        add_token(connection, token)
    return minted.text


def _port(url: str) -> int:
    return urlsplit(url).port or 0


def _through(proxy: Proxy, url: str) -> str:
    """Return a URL with the proxy's port in the place of its own."""
    parts = urlsplit(url)
    location = f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}"
    return urlunsplit(parts._replace(netloc=location))


def build_country(
    engine: sa.Engine, authority: Path, endpoint: Endpoint
) -> tuple[Signer, Mapping[str, str]]:
    """Fill the records with the offices of a run; return its sender's signer and all tokens."""
    signer = _offices(engine, authority)
    with transaction(engine) as connection:
        for name, (_, way) in SYSTEMS.items():
            if way is ReceivesBy.WEBHOOK:
                now = datetime.now(UTC)
                hook = Webhook(system_id=name, url=endpoint.url, set_at=now, set_by="soak")
                set_webhook(connection, hook)
    return signer, {name: _token(engine, name) for name in (SENDER_SYSTEM, *SYSTEMS)}


def _offices(engine: sa.Engine, authority: Path) -> Signer:
    now = datetime.now(UTC).replace(microsecond=0)
    lines = ["code,name,level,parent_code", f"{SENDER},Soak sender,provincial,"]
    lines += [f"{code},Soak receiver,central," for code, _ in SYSTEMS.values()]
    lines += [f"{code},Soak commune,commune,{SENDER}" for code in COMMUNES]
    table = "\n".join(lines).encode()
    change_directory(
        engine,
        lambda directory: plan_import(directory, table, now, source="soak"),
        kind="import",
        by="soak",
        at=now,
    )
    systems = {SENDER_SYSTEM: (SENDER, ReceivesBy.POLL), **SYSTEMS}
    for system_id, (code, receives_by) in systems.items():
        communes = [one for one, name in SERVED.items() if name == system_id]
        codes = [code, *communes]
        connect_system(
            engine, system_id, codes, name=system_id, receives_by=receives_by, by="soak", at=now
        )
    init_authority(authority, now=now, name="Soak")
    key, certificate = issue(authority, name="Soak sender", now=now, kind=KeyKind.P256)
    with transaction(engine) as connection:
        office = load_directory(connection).find(SENDER, now)
        assert office is not None  # noqa: S101  it was imported above
        register_certificate(connection, certificate, at=now)
        bind_certificate(connection, certificate.sha256, office.office_id, valid_from=now)
    return signer_of(key, certificate)
