"""From a disk that is full to a mail in a box and a signed notice: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from axis.alerts.send import check_settings
from axis.alerts.watch import Watch
from axis.clock.process import Clock
from axis.courier.keys import read_courier_key
from axis.courier.notice import key_id_of
from axis.doctor.examine import examine
from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.sections import AlertSettings
from axis.serve.prepare import prepare
from axis.settings import AmqpSettings, CourierSettings, DatabaseSettings, Settings
from axis.store.alarms import alarms
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.operations import check_results, messages, waiting_messages
from cli import axis as command
from tests.alerts.mailserver import PASSWORD, USER, Inbox, mail_server
from tests.courier import endpoint as endpoints
from tests.courier.endpoint import Endpoint, endpoint_at

OPERATOR, CHIEF = "truc@example.vn", "lanhdao@example.vn"


@dataclass
class House:
    """An installation whose only trouble is the one that the test makes."""

    settings: Settings
    engine: sa.Engine
    endpoint: Endpoint
    inbox: Inbox
    certificate: Path
    stack: ExitStack
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def watch(self, settings: Settings | None = None) -> Watch:
        return Watch(
            self.engine,
            settings or self.settings,
            clock=lambda: self.now,
            look=lambda own: examine(replace(own, doctor=PATIENT), ["disk"]),
        )

    def full(self) -> Settings:
        """The same, with a disk that has too little room."""
        return replace(self.settings, intake=replace(self.settings.intake, free_bytes=1 << 60))

    async def round(self, settings: Settings | None = None, **later: float) -> None:
        self.now += timedelta(**later)
        await self.watch(settings or self.full()).round()

    def serve_mail(self) -> None:
        self.stack.enter_context(mail_server(self.certificate, self.inbox))

    def waiting(self) -> int:
        with transaction(self.engine) as connection:
            return waiting_messages(connection)

    def call(self, *words: str) -> Result:
        config = Path(self.settings.home, "axis.toml")
        config.write_bytes(msgspec.toml.encode(self.settings))
        return CliRunner().invoke(command, ["--config", str(config), *words], env={"LANG": "C"})

    def kinds(self, address: str) -> list[str]:
        return [str(one["X-Axis-Kind"]) for one in self.inbox.of(address)]


PATIENT = Settings().doctor.__class__(answer_s=30.0)


@pytest.fixture
def house(tmp_path: Path, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """On SQLite, and on PostgreSQL; the mail server is not there yet."""
    password = tmp_path / "smtp.password"
    password.write_bytes(PASSWORD + b"\n")
    password.chmod(0o600)
    settings = Settings(
        home=str(tmp_path),
        database=DatabaseSettings(url=engine.url.render_as_string(hide_password=False)),
        amqp=AmqpSettings(url="amqp://axis:x@127.0.0.1:1/"),
        courier=CourierSettings(allow=("127.0.0.0/8",), ca="endpoint-ca.pem", timeout_s=5),
    )
    prepare(settings)
    key = read_courier_key(settings.path(settings.courier.key)).public_key()
    page = endpoints.verified_by_the_page

    def for_alerts(keys: dict[str, bytes]) -> Any:
        # A receiver does what the page for systems says, with the tag of alerts.
        verified = page(keys)
        text = endpoints.PAGE.read_text(encoding="utf-8")
        assert "axis-notice" in text
        names = dict(verified.__globals__)
        import re

        (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        exec(compile(code.replace("axis-notice", "axis-alert"), "webhook.md", "exec"), names)
        return names["verified"]

    monkeypatch.setattr(endpoints, "verified_by_the_page", for_alerts)
    with ExitStack() as stack:
        endpoint = stack.enter_context(endpoint_at(tmp_path))
        endpoint.keys = {
            key_id_of(key.public_bytes_raw()): key.public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            )
        }
        inbox = Inbox(port=_free_port())
        alerts = AlertSettings(
            mail_to=(OPERATOR,),
            escalate_to=(CHIEF,),
            webhooks=(endpoint.url,),
            name="thử",
            mail_from="axis@example.vn",
            smtp_host="127.0.0.1",
            smtp_port=inbox.port,
            smtp_user=USER.decode(),
            smtp_password="smtp.password",
            smtp_ca="endpoint-ca.pem",
            smtp_timeout_s=10,
        )
        yield House(
            settings=replace(settings, alerts=alerts),
            engine=engine,
            endpoint=endpoint,
            inbox=inbox,
            certificate=tmp_path / "endpoint.pem",
            stack=stack,
        )


def _free_port() -> int:
    from axis.sandbox.ports import free_ports

    (port,) = free_ports(1)
    return int(port)


async def test_a_full_disk_is_told_once_though_the_mail_server_was_away(house: House) -> None:
    # 1. It is seen at once and told when it has settled; the mail server is away, nothing is lost.
    await house.round()
    assert house.waiting() == 0
    await house.round(minutes=3)
    assert (house.waiting(), house.inbox.mails) == (1, [])
    assert [one["type"] for one in house.endpoint.notices] == ["alert.raised"]
    assert house.endpoint.refused == []
    (alarm,) = house.endpoint.notices[0]["alarms"]
    assert (alarm["code"], house.endpoint.notices[0]["installation"]) == ("doctor.disk-full", "thử")
    with transaction(house.engine) as connection:
        assert {one.name: one.verdict for one in check_results(connection)} == {"disk": "wrong"}
        (unsent,) = [one for one in messages(connection) if one.sent_at is None]
    assert unsent.tries == 1
    assert unsent.answer

    # 2. It comes back, refuses once, and then takes it: once.
    house.serve_mail()
    house.inbox.answers = ["451 later"]
    await house.round(minutes=2)
    assert house.inbox.mails == []
    await house.round(minutes=5)
    (mail,) = house.inbox.mails
    assert (mail["To"], mail["X-Axis-Kind"]) == (OPERATOR, "raised")
    assert "cảnh báo mới" in str(mail["Subject"])
    text = mail.get_content()
    assert "Cần làm" in text
    assert "axis alert ack doctor.disk-full" in text
    for _ in range(3):
        await house.round(minutes=1)
    assert len(house.inbox.mails) == 1
    assert len(house.endpoint.notices) == 1

    # 3. Nobody sees to it: the next one up is told. Then somebody does, and it is quiet.
    await house.round(hours=1)
    assert house.kinds(CHIEF) == ["escalated"]
    assert house.call("alert", "list").exit_code == 1
    seen = house.call("alert", "ack", alarm["code"], alarm["subject"], "--why", "đã xem")
    assert seen.exit_code == 0
    assert house.call("alert", "list").exit_code == 0
    await house.round(days=3)
    assert (house.kinds(OPERATOR), house.kinds(CHIEF)) == (["raised"], ["escalated"])

    # 4. There is room again: those who were told hear of that too.
    await house.round(house.settings, minutes=1)
    assert house.kinds(OPERATOR) == ["raised", "over"]
    assert house.waiting() == 0
    assert house.call("alert", "list").stderr == "nothing is wrong\n"


async def test_a_message_whose_sending_was_not_written_down_comes_under_the_same_id(
    house: House,
) -> None:
    house.serve_mail()
    await house.round()
    house.now += timedelta(minutes=3)

    class Dies(Watch):
        def _sent(self, message: Any, answer: str) -> None:
            if message.channel != "mail":
                super()._sent(message, answer)
                return
            raise DatabaseUnavailableError(reason="the power is cut")

    watch = Dies(house.engine, house.full(), clock=lambda: house.now, look=lambda _: [])
    with pytest.raises(DatabaseUnavailableError):
        await watch.round()
    assert len(house.inbox.mails) == 1
    await house.round(minutes=1)
    assert len(house.inbox.mails) == 1  # somebody may still be at it
    await house.round(minutes=6)
    first, second = house.inbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    await house.round(minutes=6)
    assert len(house.inbox.mails) == 2


async def test_a_silence_keeps_quiet_and_what_goes_on_is_told_afterwards(house: House) -> None:
    house.serve_mail()
    made = house.call("alert", "silence", "doctor.*", "--for", "2h", "--json")
    silence = json.loads(made.stdout)
    await house.round()
    await house.round(minutes=30)
    assert (house.inbox.mails, house.endpoint.notices) == ([], [])
    (shown,) = house.call("alert", "list", "--silences", "--json").stdout.splitlines()
    assert json.loads(shown)["code"] == "doctor.*"
    (row,) = [json.loads(one) for one in house.call("alert", "list", "--json").stdout.splitlines()]
    assert row["silenced"] is True
    house.now = datetime.now(UTC) + timedelta(hours=2, minutes=1)
    await house.round()
    assert house.kinds(OPERATOR) == ["raised"]
    assert house.call("alert", "silence", "--end", silence["id"]).exit_code == 0
    refused = house.call("alert", "silence", "--end", silence["id"]).exception
    assert isinstance(refused, AxisError)
    assert refused.code == "alert.silence-unknown"
    assert house.call("alert", "silence", "doctor.*").exit_code == 2


def test_the_test_message_says_who_was_reached(house: House) -> None:
    reached = house.call("alert", "test", "--json")
    assert reached.exit_code == 1  # the mail server is away
    rows = [json.loads(line) for line in reached.stdout.splitlines()]
    assert {(one["channel"], one["sent"]) for one in rows} == {("mail", False), ("webhook", True)}
    assert {one["code"] for one in rows} == {None, "alert.mail-unsent"}
    house.serve_mail()
    assert house.call("alert", "test").exit_code == 0
    assert house.kinds(OPERATOR) == house.kinds(CHIEF) == ["test"]
    told = house.call("alert", "list", "--messages", "--json").stdout.splitlines()
    assert {json.loads(line)["kind"] for line in told} == {"test"}
    house.settings = replace(house.settings, alerts=AlertSettings())
    nobody = house.call("alert", "test").exception
    assert isinstance(nobody, AxisError)
    assert nobody.code == "alert.nobody"
    unknown = house.call("alert", "ack", "doctor.disk", "nowhere").exception
    assert isinstance(unknown, AxisError)
    assert unknown.code == "alert.unknown"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"smtp_security": "ssl"}, "alert.settings"),
        ({"lang": "fr"}, "alert.settings"),
        ({"mail_to": ("a@b",), "smtp_host": ""}, "alert.settings"),
        ({"mail_to": ("a@b\r\nBcc: c@d",), "smtp_host": "mail"}, "alert.settings"),
        ({"webhooks": ("http://example.vn/",)}, "webhook.url"),
    ],
)
def test_settings_by_which_nobody_could_be_told_are_refused(
    changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(AxisError) as refused:
        check_settings(AlertSettings(**changes))
    assert refused.value.code == code


async def test_the_clock_runs_the_checks_beside_its_rounds(
    tmp_path: Path, sqlite_engine: sa.Engine
) -> None:
    settings = Settings(
        home=str(tmp_path),
        database=DatabaseSettings(url=sqlite_engine.url.render_as_string()),
        amqp=AmqpSettings(url="amqp://axis:x@127.0.0.1:1/"),
        doctor=PATIENT,
        alerts=AlertSettings(every_s=0.05),
    )
    prepare(settings)
    clock = Clock(sqlite_engine, settings, Sealer(b"k" * 32))
    stop = asyncio.Event()
    running = asyncio.create_task(clock.run(stop))
    try:
        async with asyncio.timeout(60):
            while not (found := _results(sqlite_engine)):
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await running
    assert found["clock"] == "good"  # it is the clock that looks
    assert found["notary"] == "wrong"
    with transaction(sqlite_engine) as connection:
        codes = {one.code for one in alarms(connection)}
    assert {"doctor.process-away", "bus.unavailable"} <= codes


def _results(engine: sa.Engine) -> dict[str, str]:
    with transaction(engine) as connection:
        return {one.name: one.verdict for one in check_results(connection)}
