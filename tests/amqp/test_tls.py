"""Systems that prove themselves by a certificate (TLS, SASL EXTERNAL), with a real RabbitMQ."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import aio_pika
import aiormq
import pytest
import sqlalchemy as sa
from msgspec import structs

from adapters.amqp.management import Management
from adapters.amqp.names import url_of
from adapters.amqp.provision import Account, apply_steps, plan_account
from adapters.amqp.topology import declare_account
from axis.bus.connection import connected, open_channel
from axis.directory.systems import plan_set
from axis.directory.values import ReceivesBy
from axis.sandbox.errors import NoRabbitMQError
from axis.sandbox.rabbitmq import PrivateRabbitMQ, TlsFiles
from axis.settings import HubSettings
from axis.store.directory_changes import change_directory
from tests.amqp.authority import Authority
from tests.amqp.door import Door, System
from tests.relay.installation import build
from tests.relay.papers import G22, document, package

GONE = (aiormq.exceptions.AMQPError, ConnectionError, ssl.SSLError, OSError)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca", "Test authority")


@pytest.fixture
def broker(tmp_path: Path, authority: Authority) -> Iterator[PrivateRabbitMQ]:
    certificate, key = authority.issue("127.0.0.1", server=True)
    tls = TlsFiles(authority=authority.certificate, certificate=certificate, key=key)
    try:
        with PrivateRabbitMQ(
            tmp_path / "rabbitmq", disposable=True, management=True, tls=tls
        ) as server:
            yield server
    except NoRabbitMQError as error:
        pytest.skip(str(error))


@pytest.fixture
def door(tmp_path: Path, sqlite_engine: sa.Engine, broker: PrivateRabbitMQ) -> Iterator[Door]:
    now = datetime.now(UTC).replace(microsecond=0)
    axis = build(tmp_path, sqlite_engine, broker.url, now=now)
    axis.settings = structs.replace(axis.settings, hub=HubSettings(receipt_s=0.1, refresh_s=0.1))
    with Management(broker.management_url) as management:
        door = Door(axis=axis, management=management)
        for system_id in ("vpcp", "khac"):
            change_directory(
                axis.engine,
                lambda d, name=system_id: plan_set(d, name, receives_by=ReceivesBy.AMQP),
                kind="system",
                by="test",
                at=now,
            )
            account = Account(
                name=door.account(system_id), axis_user=management.user, external=True
            )
            apply_steps(management, plan_account(management, account))
            asyncio.run(_declare(door, account.name))
        yield door


async def test_a_certificate_opens_its_own_virtual_host_and_no_other(
    door: Door, broker: PrivateRabbitMQ, authority: Authority
):
    own, other = door.account("vpcp"), door.account("khac")
    files = authority.issue(own)
    connection = await aiormq.connect(url(broker, own, authority, files))
    await connection.close()
    for vhost in (other, "/"):
        with pytest.raises(GONE):
            await aiormq.connect(url(broker, vhost, authority, files))
    # Nobody is called so: the authority may certify more than the axis lets in.
    with pytest.raises(GONE):
        await aiormq.connect(url(broker, own, authority, authority.issue("system.nobody")))


async def test_who_has_no_certificate_of_the_authority_does_not_come_in(
    door: Door, broker: PrivateRabbitMQ, authority: Authority, tmp_path: Path
):
    own = door.account("vpcp")
    stranger = Authority(tmp_path / "stranger", "Test authority")
    with pytest.raises(GONE):
        await aiormq.connect(url(broker, own, authority, stranger.issue(own)))
    with pytest.raises(GONE):
        await aiormq.connect(url(broker, own, authority, None))
    for port, scheme in ((broker.tls_port, "amqps"),):
        for password in ("", "x"):
            plain = f"{scheme}://{own}:{password}@127.0.0.1:{port}/{quote(own)}"
            with pytest.raises(GONE):
                await aiormq.connect(f"{plain}?cafile={authority.certificate}")


async def test_a_package_goes_in_over_tls_in_the_name_of_the_certificate(
    door: Door, broker: PrivateRabbitMQ, authority: Authority
):
    own = door.account("vpcp")
    signed = door.axis.sign(G22, package(document()))
    context = ssl.create_default_context(cafile=str(authority.certificate))
    certificate, key = authority.issue(own)
    context.load_cert_chain(certificate, key)
    async with door.serving():
        connection = await aio_pika.connect(
            f"amqps://127.0.0.1:{broker.tls_port}/{quote(own)}?auth=EXTERNAL", ssl_context=context
        )
        async with connection:
            system = System(own, await connection.channel())
            await system.open()
            await system.submit(signed)
            event, _ = await system.event()
            assert event["type"] == "accepted"
            with pytest.raises(GONE):
                await system.submit(signed, user_id=door.account("khac"))


def url(
    broker: PrivateRabbitMQ, vhost: str, authority: Authority, files: tuple[Path, Path] | None
) -> str:
    where = f"amqps://127.0.0.1:{broker.tls_port}/{quote(vhost, safe='')}?auth=EXTERNAL"
    where += f"&cafile={authority.certificate}"
    return where + (f"&certfile={files[0]}&keyfile={files[1]}" if files else "")


async def _declare(door: Door, vhost: str) -> None:
    async with connected(url_of(door.axis.settings.amqp.url, vhost), name="test") as connection:
        await declare_account(await open_channel(connection, confirms=False))
