"""A process waits for what is away, says so once, and refuses what is unsafe by its name."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from msgspec import structs

from axis.bodies.errors import BodyStoreUnsafeError
from axis.bus.connection import connected, open_channel
from axis.bus.errors import UnsafeQueueError
from axis.bus.topology import DELIVERY_EXCHANGE, INTAKE_ARGUMENTS, INTAKE_QUEUE, PARKED_QUEUE
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sections import BodiesSettings, LogSettings
from axis.serve.begin import begin, say_refusal
from axis.serve.logs import begin_logging
from axis.settings import AmqpSettings, DatabaseSettings, Settings, SettingsError
from axis.store.engine import open_engine, transaction
from axis.store.errors import SchemaOutdatedError, UnsafeDatabaseError
from axis.store.migrate import upgrade
from cli import axis

NOWHERE = AmqpSettings(url="amqp://guest:guest@127.0.0.1:1/")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


def settings_of(home: Path, url: str, amqp: AmqpSettings = NOWHERE) -> Settings:
    return Settings(home=str(home), database=DatabaseSettings(url=url), amqp=amqp)


def test_a_database_that_is_away_is_waited_for_and_said_so_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "axis.db"
    path.mkdir()  # SQLite cannot open it
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            path.rmdir()

    with pytest.raises(SchemaOutdatedError) as refused:
        begin(settings_of(tmp_path, f"sqlite:///{path}"), "relay", sleep=sleep)
    said = capsys.readouterr().err
    assert waited == sorted(set(waited))
    assert len(waited) == 3
    assert said.count("store.unavailable") == 1
    assert "Traceback" not in said
    assert refused.value.facts["got"] == "empty"


def test_a_store_of_bodies_that_is_reached_in_the_clear_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'axis.db'}"
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    bodies = BodiesSettings(url="s3://axis", endpoint="http://storage.example")
    with pytest.raises(BodyStoreUnsafeError):
        begin(structs.replace(settings_of(tmp_path, url), bodies=bodies), "relay")


def test_a_postgresql_that_may_forget_is_refused_and_the_setting_named(
    own_postgresql: PrivatePostgreSQL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = own_postgresql
    settings = settings_of(tmp_path, server.create_database("axis"))
    engine = open_engine(settings.database_url)
    upgrade(engine)
    begin(settings, "relay")

    def begin_until_refused() -> None:
        while True:  # a reload takes a moment; what ends the loop is the refusal
            begin(settings, "relay")

    def set_(statement: str) -> None:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(statement.encode())
            connection.execute("select pg_reload_conf()")

    for name, unsafe, safe in (
        ("fsync", "alter system set fsync = off", "alter system reset fsync"),
        (
            "full_page_writes",
            "alter system set full_page_writes = off",
            "alter system reset full_page_writes",
        ),
        (
            "synchronous_commit",
            "alter role axis set synchronous_commit = off",
            "alter role axis reset synchronous_commit",
        ),
    ):
        set_(unsafe)
        with pytest.raises(UnsafeDatabaseError) as found:
            begin_until_refused()
        assert found.value.code == "store.unsafe"
        assert found.value.facts["setting"] == name
        set_(safe)
    engine.dispose()
    say_refusal("relay", found.value.refusal)
    (line,) = capsys.readouterr().err.strip().splitlines()[-1:]
    assert "synchronous_commit = off" in line


async def test_a_queue_under_which_notices_could_be_lost_is_named(
    amqp_url: str, sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    import asyncio

    settings = settings_of(
        tmp_path, sqlite_engine.url.render_as_string(), AmqpSettings(url=amqp_url)
    )
    async with connected(amqp_url, name="test") as connection:
        for queue, arguments, setting in (
            (INTAKE_QUEUE, {**INTAKE_ARGUMENTS, "x-queue-type": "classic"}, None),
            (INTAKE_QUEUE, {**INTAKE_ARGUMENTS, "x-delivery-limit": 2}, "x-delivery-limit"),
            (
                INTAKE_QUEUE,
                {
                    **INTAKE_ARGUMENTS,
                    "x-overflow": "drop-head",
                    "x-dead-letter-strategy": "at-most-once",
                },
                None,
            ),
            (PARKED_QUEUE, {"x-queue-type": "classic"}, "x-queue-type"),
        ):
            channel = await open_channel(connection, confirms=False)
            try:
                await channel.queue_declare(queue, durable=True, arguments=arguments)
            except Exception:  # some versions refuse the mixture themselves
                continue
            with pytest.raises(UnsafeQueueError) as refused:
                await asyncio.to_thread(begin, settings, "relay")
            assert refused.value.code == "bus.unsafe"
            assert refused.value.facts["queue"] == queue
            assert refused.value.facts["setting"] == (setting or refused.value.facts["setting"])
            await channel.queue_delete(queue)
        channel = await open_channel(connection, confirms=False)
        await channel.exchange_delete(DELIVERY_EXCHANGE)
        await channel.exchange_declare(DELIVERY_EXCHANGE, exchange_type="direct", durable=False)
        with pytest.raises(UnsafeQueueError) as refused:
            await asyncio.to_thread(begin, settings, "relay")
        assert refused.value.facts["setting"] == "durable"
        await channel.exchange_delete(DELIVERY_EXCHANGE)
        await asyncio.to_thread(begin, settings, "relay")


@pytest.mark.parametrize("words", [["office", "list"], ["alert", "list"], ["inbox", "vpcp"]])
@pytest.mark.parametrize("which", ["sqlite", "postgresql"])
def test_a_database_without_tables_has_one_next_step(
    which: str, words: list[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = (
        request.getfixturevalue("postgresql_url")
        if which == "postgresql"
        else f"sqlite:///{tmp_path / 'new.db'}"
    )
    env = {"AXIS_HOME": str(tmp_path), "AXIS_DATABASE_URL": url}
    refused = CliRunner().invoke(axis, words, env=env).exception
    assert isinstance(refused, SchemaOutdatedError)
    assert refused.refusal.hint() == "run: axis db upgrade"


def test_a_table_that_is_missing_in_tables_of_this_version_is_our_own_mistake(
    engine: sa.Engine,
) -> None:
    with pytest.raises(sa.exc.DBAPIError), transaction(engine) as connection:
        connection.execute(sa.text("select * from no_such_table"))


def test_an_event_is_a_line_and_a_server_that_went_away_is_one_fact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = io.StringIO()
    monkeypatch.setattr(sys, "stderr", lines)
    begin_logging(LogSettings(format="json", level="info"), "relay-0")
    logging.getLogger("axis.relay").info("judged", extra={"package": "p-1", "facts": {"a": 1}})
    logging.getLogger("aiormq.connection").error("error when creating transport: %r", "again")
    try:
        raise ConnectionResetError("gone\nfor good")
    except ConnectionResetError:
        logging.getLogger("aiormq.connection").exception("the reader ended")
        logging.getLogger("axis.relay").exception("a mistake of ours")
    judged, reader, mistake = (json.loads(line) for line in lines.getvalue().splitlines())
    assert judged["package"] == "p-1"
    assert (judged["process"], judged["level"], judged["event"]) == ("relay-0", "info", "judged")
    assert reader["error"] == "ConnectionResetError: gone"
    assert "trace" not in reader
    assert "Traceback" in mistake["trace"]

    begin_logging(LogSettings(), "relay-0")
    lines.truncate(0)
    logging.getLogger("axis.relay").warning("waiting", extra={"code": "bus.unavailable"})
    assert lines.getvalue().strip("\0\n").endswith("relay-0: waiting code=bus.unavailable")
    with pytest.raises(SettingsError):
        begin_logging(LogSettings(format="xml"), "relay-0")
