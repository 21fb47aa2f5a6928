"""A private PostgreSQL in a folder, as durable as the real one: checksums, fsync, passwords.

PostgreSQL refuses to run as root; root runs it as the account ``postgres`` (else ``nobody``). Where
that account cannot enter the folder, the data stand in a temporary folder that is removed again.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from signal import SIGINT
from typing import Any, ClassVar

from axis.sandbox.errors import NoPostgreSQLError, ServerCommandError, ServerNotStartedError
from axis.sandbox.lease import Lease, Program
from axis.sandbox.ports import free_ports
from axis.sandbox.server import PrivateServer

_BINARIES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Library/PostgreSQL/*/bin",
    "/usr/local/pgsql/bin",
)
_USER = "axis"

_CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
"""


def find_postgresql() -> Path:
    """Return the folder of the newest server's programs.

    Raises:
        NoPostgreSQLError: there is none in the usual places nor on the PATH.
    """
    found: list[Path] = []
    for pattern in _BINARIES:
        found += Path("/").glob(f"{pattern.lstrip('/')}/initdb")
    if found:
        return max(found, key=_version).parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgreSQLError


class PrivatePostgreSQL(PrivateServer):
    """A PostgreSQL cluster of its own; see :class:`axis.sandbox.server.PrivateServer`."""

    name: ClassVar[str] = "PostgreSQL"

    @property
    def url(self) -> str:
        """The URL of the database ``postgres``, as the cluster's superuser."""
        return self.database_url("postgres")

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "output.log"

    @property
    def data(self) -> Path:
        """The data directory."""
        return Path(self._state["data"])

    def database_url(self, name: str) -> str:
        """Return the URL of a database of this cluster."""
        secret, port = self._state["password"], self._state["port"]
        return f"postgresql://{_USER}:{secret}@127.0.0.1:{port}/{name}"

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create a database, empty or as a copy of ``template``, and return its URL.

        Raises:
            ServerCommandError: the server refused it.
            ServerStoppedError: the server does not run.
        """
        copied = f' template "{template}"' if template else ""
        self._execute(f'create database "{name}"{copied}')
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is connected to it.

        Raises:
            ServerCommandError: the server refused it.
            ServerStoppedError: the server does not run.
        """
        self._execute(f'drop database if exists "{name}" with (force)')

    def remove(self) -> None:
        """End the server at once and remove the folder with all data, also those elsewhere."""
        self._state = self._state or self._read_state()
        super().remove()
        if self._state and self._is_elsewhere():
            shutil.rmtree(self.data.parent, ignore_errors=True)

    def _launch(self) -> Lease:
        programs = find_postgresql()
        account = _account()
        if not (self._state.get("data") and Path(self._state["data"], "PG_VERSION").exists()):
            self._initialise(programs, account)
        (port,) = free_ports(1)
        self._state["port"] = port
        with (self.data / "axis.conf").open("w") as configuration:
            configuration.write(_CONFIGURATION.format(port=port))
        return Lease.start(
            self.folder,
            [
                Program(
                    argv=[str(programs / "postgres"), "-D", str(self.data)],
                    env=_environment(self.data),
                    folder=str(self.data),
                    output=str(self.log),
                    **account,
                )
            ],
            server=self.name,
            stop_signal=SIGINT,  # PostgreSQL's fast shutdown
            disposable=self.disposable,
            remove=[str(self.folder), str(self.data.parent)] if self.disposable else [],
        )

    def _initialise(self, programs: Path, account: dict[str, Any]) -> None:
        data = self._place_data(account)
        shutil.rmtree(data, ignore_errors=True)  # what an interrupted start has left
        data.mkdir(mode=0o700)
        if account:
            os.chown(data, account["user"], account["group"])
        password = secrets.token_urlsafe(18)
        secret = data.parent / "password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        if account:
            os.chown(secret, account["user"], account["group"])
        arguments = [
            str(programs / "initdb"),
            *("--pgdata", str(data), "--username", _USER, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            "--data-checksums",
        ]
        done = _run(arguments, data, account)
        secret.unlink()
        if done.returncode:
            shutil.rmtree(data, ignore_errors=True)
            raise ServerNotStartedError(
                server=self.name,
                folder=str(self.folder),
                reason="initdb failed",
                log=(done.stdout + done.stderr).strip(),
            )
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write("include 'axis.conf'\n")
        self._state = {"data": str(data), "password": password}
        self._write_state()

    def _place_data(self, account: dict[str, Any]) -> Path:
        """Return where the data go: in the folder, unless the server's account cannot enter it."""
        probe = ["/bin/sh", "-c", 'cd "$1" && test -x "$2"', "sh", str(self.folder)]
        probe.append(str(find_postgresql() / "postgres"))
        if not account or _run(probe, self.folder, account, folder="/").returncode == 0:
            return self.folder / "data"
        elsewhere = Path(tempfile.mkdtemp(prefix="axis-postgresql-"))
        elsewhere.chmod(0o711)
        return elsewhere / "data"

    def _is_elsewhere(self) -> bool:
        return self.data.parent != self.folder

    def _is_ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        import psycopg

        self._demand_running()
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(statement.encode())
        except psycopg.Error as error:
            raise ServerCommandError(
                server=self.name, command=statement, reason=str(error).strip()
            ) from error


def _account() -> dict[str, Any]:
    """Return whom root runs the server as; nothing for everybody else."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    return {}


def _run(
    arguments: Sequence[str], data: Path, account: dict[str, Any], folder: str | None = None
) -> subprocess.CompletedProcess[str]:
    rights: dict[str, Any] = {**account, "extra_groups": []} if account else {}
    return subprocess.run(
        arguments,
        env=_environment(data),
        cwd=folder or data,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **rights,
    )


def _environment(data: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(data),
        "LANG": "C",
        "LC_ALL": "C",
        "TZ": "UTC",
    }


def _version(program: Path) -> tuple[int, ...]:
    """Return the version in the folder's name, so that 17 comes after 9.6."""
    name = program.parent.parent.name
    return tuple(
        int(part) for part in name.replace("@", "-").split("-")[-1].split(".") if part.isdigit()
    )
