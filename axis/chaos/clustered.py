"""The servers of a cluster, one of each on each machine: RabbitMQ, PostgreSQL, Swift.

Each stands in a folder, listens on its machine's address, and ends with the run, however that ends:
see ``axis/sandbox/keeper.py``.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import SIGINT, SIGTERM
from time import monotonic, sleep
from typing import Any, Final

from axis.chaos.errors import ClusterError
from axis.chaos.network import Machine
from axis.sandbox.lease import Lease, Program
from axis.sandbox.postgresql import find_postgresql
from axis.sandbox.rabbitmq import find_epmd, find_rabbitmq

START_S: Final = 120.0
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER: Final = "axis"

_RABBITMQ: Final = """\
listeners.tcp.default = {address}:5672
default_user = {user}
default_pass = {password}
disk_free_limit.absolute = 50MB
log.file.level = info
log.console = false
max_message_size = 4194304
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = classic_config
{nodes}
cluster_formation.target_cluster_size_hint = {count}
net_ticktime = 10
"""
_POSTGRESQL: Final = """\
listen_addresses = '{address}'
port = 5432
unix_socket_directories = ''
max_connections = 150
fsync = on
full_page_writes = on
synchronous_commit = on
wal_keep_size = '512MB'
dynamic_shared_memory_type = mmap
wal_log_hints = on
hot_standby = on
wal_receiver_status_interval = 1
wal_receiver_timeout = 5000
wal_sender_timeout = 5000
timezone = 'UTC'
log_timezone = 'UTC'
"""


def until(condition: Callable[[], bool], what: str, machine: Machine) -> None:
    """Wait until something is so.

    Raises:
        ClusterError: it is not, after two minutes.
    """
    end = monotonic() + START_S
    while not condition():
        if monotonic() > end:
            raise ClusterError(what=what, machine=machine.name, reason=f"not in {START_S:.0f} s")
        sleep(0.1)


class Node:
    """A server on a machine."""

    name = ""
    stop_signal = SIGTERM

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.folder = folder
        self._lease: Lease | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def is_running(self) -> bool:
        """Say whether its processes live."""
        return self._lease is not None and self._lease.is_kept()

    def start(self) -> None:
        """Start it on its data; it may not be ready yet."""
        self._lease = Lease.start(
            self.folder,
            self._programs(),
            server=f"{self.name} of {self.machine.name}",
            stop_signal=self.stop_signal,
            disposable=True,
        )

    def kill(self) -> None:
        """End all its processes with SIGKILL."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.kill()

    def stop(self) -> None:
        """End it as its manual says."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.stop()

    def _programs(self) -> list[Program]:
        raise NotImplementedError

    def _program(self, *argv: str, env: dict[str, str]) -> Program:
        return Program(
            argv=self.machine.run(*argv),
            env=env,
            folder=str(self.folder),
            output=str(self.folder / "output.log"),
        )

    def _run(self, *argv: str, env: dict[str, str]) -> str:
        done = subprocess.run(
            self.machine.run(*argv),
            env=env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S,
        )
        if done.returncode:
            reason = (done.stderr or done.stdout).strip()[-400:]
            raise ClusterError(what=argv[0], machine=self.machine.name, reason=reason)
        return done.stdout


class RabbitMQNode(Node):
    """A node of a RabbitMQ cluster that pauses where it is in the minority."""

    name = "RabbitMQ"

    def __init__(
        self, machine: Machine, folder: Path, peers: Sequence[Machine], cookie: str, password: str
    ) -> None:
        super().__init__(machine, folder)
        self._password = password
        for part in ("home", "log", "data", "conf.d"):
            (folder / part).mkdir(exist_ok=True)
        secret = folder / "home" / ".erlang.cookie"
        secret.write_text(cookie)
        secret.chmod(0o400)
        nodes = "\n".join(
            f"cluster_formation.classic_config.nodes.{number} = {_node(one)}"
            for number, one in enumerate(peers, 1)
        )
        (folder / "rabbitmq.conf").write_text(
            _RABBITMQ.format(
                address=machine.address,
                user=USER,
                password=password,
                nodes=nodes,
                count=len(peers),
            )
        )
        (folder / "environment.conf").touch()
        (folder / "enabled_plugins").write_text("[].\n")

    def is_ready(self) -> bool:
        """Say whether it speaks AMQP."""
        try:
            with socket.create_connection((self.machine.address, 5672), timeout=2) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return probe.recv(1) == b"\x01"
        except OSError:
            return False

    def running_nodes(self) -> int:
        """Return how many nodes of the cluster this one sees running."""
        return len(json.loads(self.ctl("--formatter", "json", "cluster_status"))["running_nodes"])

    def ctl(self, *words: str) -> str:
        """Run its administration tool."""
        return self._run(str(find_rabbitmq() / "rabbitmqctl"), *words, env=self._environment())

    def _programs(self) -> list[Program]:
        env = self._environment()
        return [
            self._program(find_epmd(_PATH), env=env),
            self._program(str(find_rabbitmq() / "rabbitmq-server"), env=env),
        ]

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            "PATH": _PATH,
            "HOME": f"{folder}/home",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{folder}/conf.d",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/environment.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/data/generated",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_NODENAME": _node(self.machine),
            "RABBITMQ_PID_FILE": f"{folder}/rabbitmq.pid",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/data/plugins",
            # One scheduler that does not spin: three machines share the processors of one.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            "RABBITMQ_USE_LONGNAME": "true",
        }


def _node(machine: Machine) -> str:
    return f"axis@{machine.address}"


class PostgreSQLNode(Node):
    """A PostgreSQL that is the primary, or a standby of another one."""

    name = "PostgreSQL"
    stop_signal = SIGINT  # its fast shutdown

    def __init__(self, machine: Machine, folder: Path, password: str) -> None:
        super().__init__(machine, folder)
        self.password = password
        self.data = folder / "data"
        self._account = pwd.getpwnam("postgres" if _has("postgres") else "nobody")
        os.chown(folder, self._account.pw_uid, self._account.pw_gid)

    def initialise(self) -> None:
        """Make a new primary's data."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        os.chown(secret, self._account.pw_uid, self._account.pw_gid)
        secret.chmod(0o600)
        self._as_postgres(
            "initdb",
            *("--pgdata", str(self.data), "--username", USER, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            "--data-checksums",
        )
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.77.0.0/24 scram-sha-256\n")
            rules.write("host replication all 10.77.0.0/24 scram-sha-256\n")
        self._configure()

    def follow(self, primary: PostgreSQLNode) -> None:
        """Take the data of a primary anew, to be its standby; for a node that does not run."""
        shutil.rmtree(self.data, ignore_errors=True)
        self._as_postgres(
            "pg_basebackup",
            *("--pgdata", str(self.data), "--write-recovery-conf", "--checkpoint", "fast"),
            *("--dbname", self._conninfo(primary)),
        )
        self._configure()

    def turn_to(self, primary: PostgreSQLNode) -> None:
        """Follow another primary from now on, with the data that are here."""
        self.execute(f"alter system set primary_conninfo = '{self._conninfo(primary)}'")
        self.execute("select pg_reload_conf()")

    def promote(self) -> None:
        """Become the primary; returns when it is."""
        self.execute("select pg_promote(true, 60)")

    def demand_copies(self, standbys: Sequence[PostgreSQLNode]) -> None:
        """Let a COMMIT be answered only when one of these has it, too; none: by itself."""
        names = ", ".join(one.machine.name for one in standbys)
        said = f"ANY 1 ({names})" if standbys else ""
        self.execute(f"alter system set synchronous_standby_names = '{said}'")
        self.execute("select pg_reload_conf()")

    def is_ready(self) -> bool:
        """Say whether it answers."""
        try:
            self.execute("select 1")
        except ClusterError:
            return False
        return True

    def streaming(self) -> set[str]:
        """Return the names of the standbys that have all that was written, but for what flies."""
        return {
            str(name)
            for (name,) in self.execute(
                "select application_name from pg_stat_replication where state = 'streaming'"
            )
        }

    def received(self) -> int:
        """Return up to which byte of the log this standby has it on its disk."""
        ((bytes_,),) = self.execute(
            "select pg_wal_lsn_diff(coalesce(pg_last_wal_receive_lsn(),"
            " pg_last_wal_replay_lsn()), '0/0')"
        )
        return int(bytes_)

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement and return what it gives.

        Raises:
            ClusterError: it does not answer, or says no.
        """
        import psycopg

        try:
            with psycopg.connect(
                host=self.machine.address,
                user=USER,
                password=self.password,
                dbname="postgres",
                autocommit=True,
                connect_timeout=3,
            ) as connection:
                cursor = connection.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise ClusterError(
                what="PostgreSQL", machine=self.machine.name, reason=str(error).strip()
            ) from error

    def _conninfo(self, primary: PostgreSQLNode) -> str:
        return (
            f"host={primary.machine.address} user={USER} password={self.password}"
            f" dbname=postgres application_name={self.machine.name} connect_timeout=3"
        )

    def _configure(self) -> None:
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(_POSTGRESQL.format(address=self.machine.address))

    def _as_postgres(self, program: str, *words: str) -> None:
        self._run(*self._whose(), str(find_postgresql() / program), *words, env=_ENVIRONMENT)

    def _whose(self) -> list[str]:
        own = self._account
        return [
            "setpriv",
            f"--reuid={own.pw_uid}",
            f"--regid={own.pw_gid}",
            "--clear-groups",
        ]

    def _programs(self) -> list[Program]:
        # What a killed postmaster has left; the keeper has seen to it that none lives.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        words = [*self._whose(), str(find_postgresql() / "postgres"), "-D", str(self.data)]
        return [self._program(*words, env=_ENVIRONMENT)]


_ENVIRONMENT: Final = {"PATH": _PATH, "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


def _has(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def new_secret() -> str:
    """Return a password for a run."""
    return secrets.token_hex(12)
