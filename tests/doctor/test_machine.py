"""Settings, secrets, bodies, disks and clocks: each is broken for real and found."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from msgspec.structs import replace

from axis.doctor.checks import ALL
from axis.doctor.errors import NoAnswerError, SkippedError
from axis.doctor.examine import _Run, examine, worst
from axis.doctor.places import file_system_of
from axis.doctor.records import judge_server
from axis.doctor.values import Answer, Check, Findings, Patient, Verdict
from axis.errors import AxisError
from axis.settings import AmqpSettings, DatabaseSettings, Settings
from axis.store.checks import Server
from axis.store.engine import open_engine
from axis.trust.pki import init_authority
from cli import axis as command
from tests.doctor.conftest import answer_of, codes, now


def test_what_was_prepared_and_is_left_alone_has_no_fault_of_its_own(settings: Settings) -> None:
    answers = {one.check.name: one for one in examine(settings)}
    assert list(answers) == [check.name for check in ALL]
    for name in ("secrets", "database", "durability", "grants", "bodies", "disk", "clocks"):
        assert answers[name].verdict is Verdict.GOOD, answers[name].troubles
    # Nobody works here, and RabbitMQ was never used.
    assert {one.code for one in answers["clock"].troubles} == {"doctor.process-away"}
    assert {one.code for one in answers["queues"].troubles} == {"doctor.queue-absent"}


def test_settings_that_open_the_house_are_named(settings: Settings) -> None:
    own = settings
    assert codes(own, "settings") == []
    opened = replace(own, gateway=replace(own.gateway, host="0.0.0.0"))
    assert codes(opened, "settings") == ["doctor.gateway-open"]
    behind = replace(own, gateway=replace(opened.gateway, proxies=("10.0.0.1",)))
    assert codes(behind, "settings") == []
    guest = replace(own, amqp=AmqpSettings(url="amqp://guest:guest@127.0.0.1:5672/"))
    assert codes(guest, "settings") == ["doctor.guest-account"]
    init_authority(own.path("certs"), now=now(), name="Test")
    assert codes(own, "settings") == ["doctor.trial-authority"]


def test_a_secret_that_others_can_read_or_that_is_gone_is_named(settings: Settings) -> None:
    salt = settings.path(settings.notary.salt_key)
    salt.chmod(0o640)
    (trouble,) = answer_of(settings, "secrets").troubles
    assert (trouble.code, trouble.facts["path"]) == ("doctor.secret-open", str(salt))
    salt.unlink()
    assert codes(settings, "secrets") == ["doctor.secret-absent"]
    settings.path("axis.toml").write_text('[amqp]\nurl = "amqp://axis:secret@mq/"\n')
    settings.path("axis.toml").chmod(0o644)
    assert codes(settings, "secrets") == ["doctor.secret-absent", "doctor.secret-open"]


def test_a_body_store_that_is_not_there_or_lies_in_memory_is_found(settings: Settings) -> None:
    bodies = settings.path(settings.bodies.path)
    before = sorted(path for path in bodies.rglob("*") if path.is_file())
    assert answer_of(settings, "bodies").facts["sync_ms"] is not None
    assert sorted(path for path in bodies.rglob("*") if path.is_file()) == before
    elsewhere = replace(settings, bodies=replace(settings.bodies, path="nowhere"))
    assert codes(elsewhere, "bodies") == ["body.store-unavailable"]
    memory = Path("/dev/shm", f"axis-{os.getpid()}")
    if file_system_of(memory) != "tmpfs":
        pytest.skip("/dev/shm is no tmpfs here")
    memory.mkdir()
    try:
        lost = replace(settings, bodies=replace(settings.bodies, path=str(memory)))
        assert codes(lost, "bodies") == ["doctor.place"]
    finally:
        for path in sorted(memory.rglob("*"), reverse=True):
            path.rmdir()
        memory.rmdir()


def test_a_disk_that_is_full_or_will_be_is_found(
    settings: Settings, sqlite_engine: sa.Engine
) -> None:
    whole = replace(settings, intake=replace(settings.intake, free_bytes=1 << 60))
    assert codes(whole, "disk") == ["doctor.disk-full"]
    with sqlite_engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into package (id, system_id, digest, size_bytes, door, received_at,"
                " decided_at, accepted) values (:id, 'a', x'00', :size, 't', :at, :at, 1)"
            ),
            {"id": "0" * 32, "size": 1 << 50, "at": int(now().timestamp() * 1e6)},
        )
    assert codes(settings, "disk") == ["doctor.disk"]


def test_a_clock_that_differs_is_found(axis_on_postgresql, rabbitmq) -> None:
    own = axis_on_postgresql.settings
    own = replace(own, hub=replace(own.hub, management=rabbitmq.management_url))
    assert codes(own, "clocks") == []
    answer = answer_of(own, "clocks", now=lambda: now() + timedelta(seconds=30))
    assert {one.code for one in answer.troubles} == {"doctor.clock-differs"}
    assert {one.facts["other"] for one in answer.troubles} == {"the database", "RabbitMQ"}


def test_a_server_that_is_old_or_has_no_connection_left_is_told_of() -> None:
    found = Findings()
    judge_server(
        Server(
            version=130004,
            shown="13.4",
            user="axis",
            is_superuser=False,
            connections=96,
            most=97,
            checksums=True,
        ),
        found,
    )
    assert [one.code for one in found.troubles] == ["doctor.database-old", "doctor.connections"]


def test_grants_and_triggers_that_were_changed_are_found(axis_on_postgresql) -> None:
    axis = axis_on_postgresql
    made = [
        "do $$ begin create role axis_worker; exception when duplicate_object then null; end $$",
        "grant select, insert on ledger_inbox to axis_worker",
        "grant select on ledger_entry, ledger_checkpoint to axis_worker",
    ]
    with axis.engine.begin() as connection:
        for line in made:
            connection.exec_driver_sql(line)
    # The tests' own user is the superuser of its server; other roles may be there from elsewhere.
    answer = answer_of(axis.settings, "grants")
    assert not any(one.facts.get("role") == "axis_worker" for one in answer.troubles)
    assert "doctor.superuser" in {one.code for one in answer.troubles}
    with axis.engine.begin() as connection:
        connection.exec_driver_sql("grant update on ledger_entry to axis_worker")
        connection.exec_driver_sql("alter table ledger_entry disable trigger all")
    troubles = answer_of(axis.settings, "grants").troubles
    wrong = {(one.code, one.facts.get("right")) for one in troubles}
    assert ("doctor.grants", "UPDATE") in wrong
    assert ("doctor.trigger-absent", None) in wrong


def test_without_checksums_a_remark_is_made_and_nobody_must_act(
    settings: Settings, sqlite_engine: sa.Engine
) -> None:
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("drop trigger ledger_checkpoint_no_delete")
    assert codes(settings, "grants") == ["doctor.trigger-absent"]
    from axis.doctor.errors import ChecksumsOffError

    assert ChecksumsOffError.code == "doctor.checksums-off"
    assert ChecksumsOffError.verdict is Verdict.REMARK


def test_what_is_away_is_said_once_and_the_rest_is_not_looked_at(tmp_path: Path) -> None:
    away = Settings(
        home=str(tmp_path),
        database=DatabaseSettings(url="postgresql://axis@127.0.0.1:1/axis"),
        amqp=AmqpSettings(url="amqp://axis:x@127.0.0.1:1/"),
    )
    answers = {one.check.name: one for one in examine(away)}
    assert [one.code for one in answers["database"].troubles] == ["store.unavailable"]
    assert [one.code for one in answers["broker"].troubles] == ["bus.unavailable"]
    for name in ("queues", "notary", "disk"):
        assert [one.code for one in answers[name].troubles] == [SkippedError.code]
    assert worst(list(answers.values())) is Verdict.WRONG


def test_a_check_that_hangs_or_breaks_keeps_nobody_waiting(settings: Settings) -> None:
    import threading

    forever = threading.Event()
    patient = Patient(settings, open_engine(settings.database_url), now)

    def answer(look, until: float) -> Answer:
        words = {"en": "", "vi": "", "why_en": "", "why_vi": ""}
        return _Run(Check(name="x", look=look, **words), patient).answer(until)

    late = answer(lambda *_: forever.wait(), time.monotonic())
    broken = answer(lambda *_: 1 / 0, time.monotonic() + 30)
    forever.set()
    for one in (late, broken):
        assert one.verdict is Verdict.UNKNOWN
        assert [each.code for each in one.troubles] == [NoAnswerError.code]


def test_the_command_shows_what_why_and_what_next(settings: Settings) -> None:
    settings.path("axis.toml").write_bytes(msgspec.toml.encode(settings))
    settings.path("axis.toml").chmod(0o600)
    call = ["--config", str(settings.path("axis.toml"))]

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(command, [*call, *words], env={"LANG": "C"})
        if isinstance(result.exception, AxisError):
            raise result.exception
        return result.exit_code, result.stdout

    assert run("doctor", "--only", "bodies", "--only", "secrets")[0] == 0
    code, told = run("doctor", "--only", "clock", "--json")
    (check,) = json.loads(told)["checks"]
    assert code == 1
    assert check["found"][0]["code"] == "doctor.process-away"
    assert check["found"][0]["next"]
    assert check["why"]
    code, told = run("--lang", "vi", "doctor", "--only", "clock")
    assert code == 1
    assert "Cần làm" in told
    assert "Vì sao" in told
    assert {one.name for one in ALL} <= set(run("doctor", "--list")[1].split())
    with pytest.raises(AxisError) as refused:
        run("doctor", "--only", "nothing")
    assert refused.value.code == "doctor.no-such-check"
