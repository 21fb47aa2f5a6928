"""A gateway that cannot work says so, and to strangers nothing more."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa
from msgspec import structs

from axis.sandbox.rabbitmq import PrivateRabbitMQ
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import Installation
from tests.rest.gateway import gateway_of

__all__ = ["axis", "axis_on_postgresql"]


async def _until(client: httpx.AsyncClient, status: int, **headers: str) -> dict:
    async with asyncio.timeout(120):
        while True:
            answer = await client.get("/ready", headers=headers)
            if answer.status_code == status:
                return dict(answer.json())
            await asyncio.sleep(0.1)


async def test_a_gateway_is_ready_while_all_that_it_needs_answers(
    axis_on_postgresql: Installation, rabbitmq: PrivateRabbitMQ
) -> None:
    axis = axis_on_postgresql
    async with gateway_of(axis, proxies=("127.0.0.1",)) as gateway:
        client = gateway.of(None)
        assert (await client.get("/health")).json() == {"ok": True}
        assert await _until(client, 200) == {"ok": True}
        assert (await client.get("/ready/more")).status_code == 404
        assert (await client.post("/health")).status_code == 405

        # 1. The tables are gone (or the database is): not ready, but alive.
        with axis.engine.begin() as connection:
            connection.execute(sa.text("alter table alembic_version rename to gone"))
        found = await _until(client, 503, **{"x-forwarded-for": "203.0.113.9"})
        assert found == {"ok": False}  # a stranger is told no more
        assert (await client.get("/health")).status_code == 200
        with axis.engine.begin() as connection:
            connection.execute(sa.text("alter table gone rename to alembic_version"))
        await _until(client, 200)

        # 2. RabbitMQ is away.
        vhost = urlsplit(axis.settings.amqp.url).path[1:]
        rabbitmq.delete_vhost(vhost)
        assert await _until(client, 503) == {"ok": False}
        rabbitmq.add_vhost(vhost)
        await _until(client, 200)

    # 3. The disk is full; and whoever asks on this machine is told what it is.
    full = structs.replace(axis.settings.intake, free_bytes=1 << 60)
    axis.settings = structs.replace(axis.settings, intake=full)
    async with gateway_of(axis) as gateway:
        found = await _until(gateway.of(None), 503)
        assert found == {"ok": False, "in_the_way": {"disk": "disk"}}
