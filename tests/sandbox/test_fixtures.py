"""The servers that tests are given."""

from __future__ import annotations

import aio_pika
import sqlalchemy as sa

from axis.store.engine import check_durability
from axis.store.tables import METADATA


async def test_a_virtual_host_carries_a_confirmed_message_through_a_quorum_queue(amqp_url: str):
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        queue = await channel.declare_queue("q", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(b"body"), queue.name)
        message = await queue.get(timeout=10)
        assert message is not None
        assert message.body == b"body"
        await message.ack()


def test_every_table_is_there(engine: sa.Engine):
    assert set(sa.inspect(engine).get_table_names()) >= set(METADATA.tables)


def test_the_private_postgresql_forgets_no_commit(postgresql_engine: sa.Engine):
    check_durability(postgresql_engine)
    with postgresql_engine.connect() as connection:
        assert connection.scalar(sa.text("show data_checksums")) == "on"


def test_an_empty_database_is_empty(postgresql_url: str):
    engine = sa.create_engine(postgresql_url.replace("postgresql:", "postgresql+psycopg:"))
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
