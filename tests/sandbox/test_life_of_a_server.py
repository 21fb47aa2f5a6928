"""A private server ends with the process that holds it, and keeps its data until then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from axis.sandbox import postgresql as postgresql_module
from axis.sandbox import rabbitmq as rabbitmq_module
from axis.sandbox.errors import (
    NoPostgreSQLError,
    NoRabbitMQError,
    ServerCommandError,
    ServerInUseError,
    ServerNotStartedError,
    ServerStoppedError,
)
from axis.sandbox.lease import is_kept, wait_until_gone
from axis.sandbox.postgresql import PrivatePostgreSQL, find_postgresql
from axis.sandbox.rabbitmq import PrivateRabbitMQ, find_rabbitmq

HOLDER = """
import sys, time
from pathlib import Path
from axis.sandbox.{module} import {name}

with {name}(Path(sys.argv[1])) as server:
    print("ready", flush=True)
    while True:  # a pause would miss a signal that comes just before it
        time.sleep(0.1)
"""


@pytest.fixture(scope="module", autouse=True)
def _servers_are_installed(pytestconfig: pytest.Config):
    try:
        find_rabbitmq()
        find_postgresql()
    except (NoRabbitMQError, NoPostgreSQLError) as error:
        if pytestconfig.getoption("--require-servers"):
            raise
        pytest.skip(str(error))


def _hold(folder: Path, kind: type) -> subprocess.Popen[bytes]:
    script = HOLDER.format(module=kind.__module__.rpartition(".")[2], name=kind.__name__)
    return subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE)


def _processes_of(folder: Path) -> list[str]:
    """The command lines of living processes that work in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if int(process.name) != os.getpid() and os.fsencode(folder) in environment + line:
            found.append(line.replace(b"\0", b" ").decode())
    return found


def _wait_for(condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        (PrivatePostgreSQL, signal.SIGINT),
        (PrivatePostgreSQL, signal.SIGTERM),
        (PrivatePostgreSQL, signal.SIGKILL),
        (PrivateRabbitMQ, signal.SIGKILL),
    ],
)
def test_a_server_ends_with_its_holder_however_that_ends(
    kind: type, how: signal.Signals, tmp_path: Path
):
    folder = tmp_path / "server"
    with _hold(folder, kind) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        holder.send_signal(how)
    wait_until_gone(folder)
    assert _processes_of(folder) == []


@pytest.mark.parametrize("kind", [PrivatePostgreSQL, PrivateRabbitMQ])
def test_a_server_ends_with_a_holder_that_dies_in_the_middle_of_the_start(
    kind: type, tmp_path: Path
):
    folder = tmp_path / "server"
    with _hold(folder, kind) as holder:
        _wait_for(lambda: is_kept(folder))
        holder.kill()
    wait_until_gone(folder)
    assert _processes_of(folder) == []


def test_nothing_is_left_behind_after_a_stop(tmp_path: Path):
    folder = tmp_path / "rabbitmq"
    with PrivateRabbitMQ(folder) as server:
        assert server.is_running
        assert _processes_of(folder)
    assert not server.is_running
    assert _processes_of(folder) == []


def test_a_disposable_server_takes_its_folder_with_it(tmp_path: Path):
    with PrivatePostgreSQL(tmp_path / "postgresql", disposable=True) as server:
        data = server.data
        assert data.exists()
    assert not data.exists()
    assert not server.folder.exists()


def test_a_committed_row_survives_a_power_cut(own_postgresql: PrivatePostgreSQL):
    with psycopg.connect(own_postgresql.url) as connection:
        connection.execute("create table kept as select 7816 as number")
    own_postgresql.kill()
    assert _processes_of(own_postgresql.data) == []
    own_postgresql.start()
    with psycopg.connect(own_postgresql.url) as connection:
        assert connection.execute("select number from kept").fetchone() == (7816,)


def test_a_virtual_host_survives_a_power_cut_and_a_restart(own_rabbitmq: PrivateRabbitMQ):
    own_rabbitmq.add_vhost("kept")
    own_rabbitmq.kill()
    own_rabbitmq.start()
    own_rabbitmq.restart()
    assert "kept" in own_rabbitmq.rabbitmqctl("--quiet", "list_vhosts").split()


def test_a_folder_has_one_server_and_a_second_holder_may_join_it(own_postgresql: PrivatePostgreSQL):
    second = PrivatePostgreSQL(own_postgresql.folder)
    with pytest.raises(ServerInUseError) as refused:
        second.start()
    assert refused.value.code == "sandbox.in-use"
    assert second.join()
    assert second.url == own_postgresql.url
    own_postgresql.leave()
    with psycopg.connect(second.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    second.stop()
    assert not PrivatePostgreSQL(second.folder).join()


def test_a_server_that_cannot_start_shows_its_own_log(tmp_path: Path):
    folder = tmp_path / "rabbitmq"
    (folder / "conf.d").mkdir(parents=True)
    (folder / "conf.d" / "wrong.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ServerNotStartedError) as refused:
        PrivateRabbitMQ(folder).start()
    assert refused.value.code == "sandbox.not-started"
    assert "no_such_setting" in str(refused.value.facts["log"])
    assert not is_kept(folder)
    assert _processes_of(folder) == []


def test_a_command_that_the_server_refuses_says_why(own_rabbitmq: PrivateRabbitMQ):
    with pytest.raises(ServerCommandError) as refused:
        own_rabbitmq.rabbitmqctl("delete_vhost", "nowhere")
    assert refused.value.code == "sandbox.command-failed"
    assert "nowhere" in str(refused.value.facts["reason"])


def test_a_server_that_does_not_run_is_asked_for_nothing(tmp_path: Path):
    with pytest.raises(ServerStoppedError) as refused:
        PrivateRabbitMQ(tmp_path).rabbitmqctl("status")
    assert refused.value.code == "sandbox.stopped"


def test_a_machine_without_servers_is_told_how_to_get_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rabbitmq_module, "_HOMES", ())
    monkeypatch.setattr(postgresql_module, "_BINARIES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoRabbitMQError) as no_rabbitmq:
        find_rabbitmq()
    with pytest.raises(NoPostgreSQLError) as no_postgresql:
        find_postgresql()
    assert no_rabbitmq.value.code == "sandbox.no-rabbitmq"
    assert no_postgresql.value.code == "sandbox.no-postgresql"
    for way in ("apt-get install", "brew install", "container"):
        assert way in no_rabbitmq.value.refusal.hint()
        assert way in no_postgresql.value.refusal.hint()
