"""A private RabbitMQ in a folder.

The server's own script is started, not the wrapper that Debian puts on the PATH (run as root it
switches to another account and forgets its environment), and nothing under ``/etc/rabbitmq`` is
read. With the management plugin a virtual host is made in milliseconds over HTTP, while
``rabbitmqctl`` starts an Erlang machine for every word; but the plugin takes 5 s to stop, so it is
on only where asked for.
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import ClassVar
from urllib.parse import quote

from axis.sandbox.errors import NoRabbitMQError, ServerCommandError, ServerNotStartedError
from axis.sandbox.lease import Lease, Program
from axis.sandbox.ports import free_ports
from axis.sandbox.server import PrivateServer

_HOMES = (
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*",
    "/opt/homebrew/opt/rabbitmq",
    "/usr/local/opt/rabbitmq",
    "/home/linuxbrew/.linuxbrew/opt/rabbitmq",
    "/opt/rabbitmq",
    "/opt/rabbitmq_server-*",
    "/usr/local/rabbitmq_server-*",
    "/usr/local/lib/rabbitmq_server-*",
)
_PATH = (
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    ":/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin"
)
_NODE = "axis@localhost"
_USER = "axis"

_CONFIGURATION = """\
listeners.tcp.default = 127.0.0.1:{amqp}
default_user = {user}
default_pass = {password}
disk_free_limit.absolute = 50MB
log.file.level = info
log.console = false
max_message_size = {max_message_size}
raft.wal_max_size_bytes = {wal_size}
"""
#: Notices have a few hundred bytes; packages that travel inside messages are small ones.
_MAX_MESSAGE_SIZE = 4 * 1024 * 1024
#: Quorum queues keep in memory what has been written since the log was last closed; 512 MiB is
#: RabbitMQ's own bound for it.
_WAL_SIZE = 64 * 1024 * 1024
_MANAGEMENT = """\
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
management_agent.disable_metrics_collector = true
"""
_TLS = """\
listeners.ssl.default = 127.0.0.1:{tls}
ssl_options.cacertfile = {authority}
ssl_options.certfile = {certificate}
ssl_options.keyfile = {key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
auth_mechanisms.1 = EXTERNAL
auth_mechanisms.2 = PLAIN
auth_mechanisms.3 = AMQPLAIN
ssl_cert_login_from = common_name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """What a TLS listener needs, as PEM files."""

    authority: Path  #: whose client certificates are believed
    certificate: Path  #: the server's
    key: Path


def find_rabbitmq() -> Path:
    """Return the folder of the server's own scripts.

    Raises:
        NoRabbitMQError: there is none in the usual places nor on the PATH.
    """
    for pattern in _HOMES:
        for home in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (home / "sbin" / "rabbitmq-server").exists():
                return home / "sbin"
    on_path = shutil.which("rabbitmq-server")
    if on_path:
        script = Path(on_path).resolve()
        if script.name == "rabbitmq-server" and (script.parent / "rabbitmq-env").exists():
            return script.parent
    raise NoRabbitMQError


class PrivateRabbitMQ(PrivateServer):
    """A RabbitMQ node of its own; see :class:`axis.sandbox.server.PrivateServer`."""

    name: ClassVar[str] = "RabbitMQ"

    def __init__(
        self,
        folder: Path,
        *,
        disposable: bool = False,
        management: bool = False,
        tls: TlsFiles | None = None,
    ) -> None:
        """Say what it is to have.

        Args:
            folder: where it lives.
            disposable: see :class:`axis.sandbox.server.PrivateServer`.
            management: the management API.
            tls: a TLS listener beside the plain one, on which a client certificate's common name
                may stand for a user (SASL EXTERNAL).
        """
        super().__init__(folder, disposable=disposable)
        self._has_management = management
        self._tls = tls

    @property
    def url(self) -> str:
        """The AMQP URL of the default virtual host."""
        return self._url("")

    @property
    def management_url(self) -> str:
        """The URL of the management API, with the name and password of the administrator."""
        return f"http://{_USER}:{self._state['password']}@127.0.0.1:{self._state['management']}"

    @property
    def tls_port(self) -> int:
        """The port of the TLS listener."""
        return int(self._state["tls"])

    @property
    def log(self) -> Path:
        """The node's log."""
        return self.folder / "log" / f"{_NODE}.log"

    def add_vhost(self, name: str) -> str:
        """Make a virtual host, empty and open to this server's user, and return its AMQP URL.

        Raises:
            ServerCommandError: the server refused it.
            ServerStoppedError: the server does not run.
        """
        if self._state["management"]:
            self._ask("PUT", f"/api/vhosts/{quote(name, safe='')}", {})
            everything = {"configure": ".*", "write": ".*", "read": ".*"}
            self._ask("PUT", f"/api/permissions/{quote(name, safe='')}/{_USER}", everything)
        else:
            self.rabbitmqctl("add_vhost", name)
            self.rabbitmqctl("set_permissions", "-p", name, _USER, ".*", ".*", ".*")
        return self._url(name)

    def delete_vhost(self, name: str) -> None:
        """Delete a virtual host with all that is in it.

        Raises:
            ServerCommandError: the server refused it.
            ServerStoppedError: the server does not run.
        """
        if self._state["management"]:
            self._ask("DELETE", f"/api/vhosts/{quote(name, safe='')}", None)
        else:
            self.rabbitmqctl("delete_vhost", name)

    def rabbitmqctl(self, *args: str) -> str:
        """Run the server's administration tool and return what it printed.

        Raises:
            ServerCommandError: it said no.
            ServerStoppedError: the server does not run.
        """
        self._demand_running()
        done = subprocess.run(
            [find_rabbitmq() / "rabbitmqctl", *args],
            env=self._environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reason = (done.stderr or done.stdout).strip()
            raise ServerCommandError(server=self.name, command=args[0], reason=reason)
        return done.stdout

    def _launch(self) -> Lease:
        scripts = find_rabbitmq()
        home = self.folder / "home"
        for folder in (home, self.folder / "log", self.folder / "data", self.folder / "conf.d"):
            folder.mkdir(exist_ok=True)
        amqp, management, dist, epmd, tls = free_ports(5)
        self._state = {
            "amqp": amqp,
            "management": management if self._has_management else None,
            "tls": tls if self._tls else None,
            "dist": dist,
            "epmd": epmd,
            "password": self._state.get("password") or secrets.token_urlsafe(18),
        }
        configuration = self.folder / "rabbitmq.conf"
        configuration.touch(mode=0o600)
        template = _CONFIGURATION + (_MANAGEMENT if self._has_management else "")
        values = {
            **self._state,
            "user": _USER,
            "max_message_size": _MAX_MESSAGE_SIZE,
            "wal_size": _WAL_SIZE,
        }
        if self._tls is not None:
            template += _TLS
            values |= {name: getattr(self._tls, name) for name in TlsFiles.__slots__}
        configuration.write_text(template.format(**values))
        (self.folder / "environment.conf").touch()
        plugins = ["rabbitmq_management"] if self._has_management else []
        plugins += ["rabbitmq_auth_mechanism_ssl"] if self._tls else []
        (self.folder / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
        environment = self._environment()
        # epmd in the foreground, so that the machine's own is not used and none is left behind
        programs = [[find_epmd(environment["PATH"])], [str(scripts / "rabbitmq-server")]]
        return Lease.start(
            self.folder,
            [
                Program(
                    argv=argv,
                    env=environment,
                    folder=str(home),
                    output=str(self.folder / "output.log"),
                )
                for argv in programs
            ],
            server=self.name,
            stop_signal=SIGTERM,
            disposable=self.disposable,
            remove=[str(self.folder)] if self.disposable else [],
        )

    def _is_ready(self) -> bool:
        """Ask for the protocol's first frame and, where it is on, for the management API."""
        try:
            with socket.create_connection(("127.0.0.1", self._state["amqp"]), timeout=5) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                if probe.recv(1) != b"\x01":
                    return False
            if self._has_management:
                self._ask("GET", "/api/whoami", None)
        except (OSError, http.client.HTTPException):
            return False
        except ServerCommandError as error:
            raise ServerNotStartedError(
                server=self.name, folder=str(self.folder), reason=str(error), log=self.log_tail()
            ) from error
        return True

    def _url(self, vhost: str) -> str:
        secret, port = self._state["password"], self._state["amqp"]
        return f"amqp://{_USER}:{secret}@127.0.0.1:{port}/{quote(vhost, safe='')}"

    def _ask(self, method: str, path: str, body: object) -> None:
        self._demand_running()
        secret = base64.b64encode(f"{_USER}:{self._state['password']}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self._state["management"], timeout=60)
        try:
            connection.request(
                method,
                path,
                None if body is None else json.dumps(body),
                {"Authorization": f"Basic {secret}", "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        if answer.status >= 400:
            raise ServerCommandError(
                server=self.name, command=f"{method} {path}", reason=f"{answer.status} {text}"
            )

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": _PATH,
            "HOME": f"{folder}/home",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "ERL_CRASH_DUMP_BYTES": "0",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._state["epmd"]),
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{folder}/conf.d",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/environment.conf",
            "RABBITMQ_DIST_PORT": str(self._state["dist"]),
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/data/generated",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_NODE_PORT": str(self._state["amqp"]),
            "RABBITMQ_PID_FILE": f"{folder}/rabbitmq.pid",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{folder}/data/plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
        }


def find_epmd(path: str) -> str:
    """Return Erlang's port mapper.

    Raises:
        NoRabbitMQError: there is none.
    """
    found = shutil.which("epmd", path=path)
    if found:
        return found
    for pattern in ("usr/lib/erlang/erts-*/bin/epmd", "usr/local/lib/erlang/erts-*/bin/epmd"):
        for candidate in sorted(Path("/").glob(pattern), reverse=True):
            return str(candidate)
    raise NoRabbitMQError
