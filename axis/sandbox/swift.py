"""A private object store that speaks S3: OpenStack Swift in a folder, one node or several.

Swift is what clouds keep their objects in: it syncs before it answers, keeps conditions on puts,
and its nodes hold copies of each other's objects. Here each node has all four of its processes.
Nobody else's configuration is read, and the account is worth nothing elsewhere.
"""

from __future__ import annotations

import http.client
import json
import os
import pwd
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM
from typing import ClassVar, Final

from axis.sandbox.errors import NoSwiftError, ServerCommandError, ServerNotStartedError
from axis.sandbox.lease import Lease, Program
from axis.sandbox.ports import free_ports
from axis.sandbox.server import PrivateServer

_KINDS: Final = ("account", "container", "object")
#: Ports of nodes that have addresses of their own, as the manual of Swift names them.
_PORTS: Final = {"object": 6200, "container": 6201, "account": 6202, "proxy": 6208}
_USER: Final = ("axis", "bodies")

_RINGS = """\
import json, sys
from swift.common.ring.builder import RingBuilder
wanted = json.loads(sys.argv[1])
for kind, devices in wanted["rings"].items():
    builder = RingBuilder(4, min(3, len(devices)), 0)
    for device in devices:
        builder.add_dev(device | {"region": 1, "weight": 1.0, "device": "disk", "meta": "",
                                  "replication_ip": device["ip"],
                                  "replication_port": device["port"]})
    builder.rebalance(seed=1)
    builder.get_ring().save(f"{wanted['folder']}/{kind}.ring.gz")
"""
_SWIFT = """\
[swift-hash]
swift_hash_path_prefix = axis
swift_hash_path_suffix = axis
[storage-policy:0]
name = bodies
default = yes
"""
_COMMON = """\
[DEFAULT]
swift_dir = {folder}
devices = {folder}/srv
mount_check = false
bind_ip = {address}
bind_port = {port}
workers = 0
user = {user}
log_level = WARNING
log_address = {folder}/no-syslog
fallocate_reserve = 0
"""
_NODE = """\
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY = """\
[pipeline:main]
pipeline = catch_errors healthcheck listing_formats s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 1
node_timeout = 10
recheck_container_existence = 0
error_suppression_interval = 2
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{name} = {password} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""


def find_swift() -> Path:
    """Return the folder of Swift's programs.

    Raises:
        NoSwiftError: they are neither beside this Python nor on the PATH.
    """
    beside = Path(sys.executable).parent
    if (beside / "swift-proxy-server").exists():
        return beside
    on_path = shutil.which("swift-proxy-server")
    if on_path:
        return Path(on_path).parent
    raise NoSwiftError


class PrivateSwift(PrivateServer):
    """A Swift node of its own; see :class:`axis.sandbox.server.PrivateServer`.

    Args:
        folder: where it lives; ``disposable`` as there.
        address: where it listens; 127.0.0.1 with free ports, or another address of its own.
        nodes: the addresses of all nodes that hold copies of each other's objects.
        before: what its programs are started by, such as a network namespace.
    """

    name: ClassVar[str] = "Swift"

    def __init__(
        self,
        folder: Path,
        *,
        disposable: bool = False,
        address: str = "127.0.0.1",
        nodes: Sequence[str] = (),
        before: Sequence[str] = (),
    ) -> None:
        super().__init__(folder, disposable=disposable)
        self.address = address
        self._before = tuple(before)
        self._nodes = tuple(nodes) or (address,)

    @property
    def url(self) -> str:
        """The endpoint of S3."""
        return f"http://{self.address}:{self._state['ports']['proxy']}"

    @property
    def log(self) -> Path:
        """What its processes say."""
        return self.folder / "output.log"

    @property
    def access_key(self) -> str:
        """The name that requests are signed in."""
        return ":".join(_USER)

    @property
    def secret_key(self) -> str:
        """What they are signed with."""
        return "not-a-secret-of-anybody"

    def write_credentials(self, path: Path) -> None:
        """Write a credentials file of AWS's form."""
        path.touch(mode=0o600)
        path.write_text(
            f"[default]\naws_access_key_id = {self.access_key}\n"
            f"aws_secret_access_key = {self.secret_key}\n"
        )

    def create_bucket(self, name: str) -> None:
        """Make a bucket; one that is there is no news.

        Raises:
            ServerCommandError: the server refused it, or does not come up.
            ServerStoppedError: the server does not run.
        """
        import obstore
        from obstore.store import S3Store

        self._demand_running()
        store = S3Store(
            name,
            config={
                "endpoint": self.url,
                "access_key_id": self.access_key,
                "secret_access_key": self.secret_key,
                "region": "us-east-1",
            },
            client_options={"allow_http": True},
        )
        until = time.monotonic() + self.start_timeout_s
        while True:
            url = obstore.sign(store, "PUT", "", timedelta(minutes=1))
            try:
                asked = urllib.request.Request(url, method="PUT")  # noqa: S310  our own server
                with urllib.request.urlopen(asked, timeout=10):  # noqa: S310
                    return
            except urllib.error.HTTPError as error:
                reason = f"{error.code} {error.read().decode(errors='replace')[:200]}"
                if error.code == 409:
                    return
            except (OSError, http.client.HTTPException) as error:
                reason = str(error)
            if time.monotonic() > until:
                raise ServerCommandError(server=self.name, command="PUT bucket", reason=reason)
            time.sleep(0.1)

    def _launch(self) -> Lease:
        programs = find_swift()
        (self.folder / "srv" / "disk").mkdir(parents=True, exist_ok=True)
        if self.address == "127.0.0.1":
            ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        else:
            ports = dict(_PORTS)
        self._state = {"ports": ports}
        self._write_configuration(ports)
        return Lease.start(
            self.folder,
            [
                Program(
                    argv=[
                        *self._before,
                        sys.executable,
                        str(programs / f"swift-{kind}-server"),
                        str(self.folder / f"{kind}.conf"),
                        "-v",
                    ],
                    env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder)},
                    folder=str(self.folder),
                    output=str(self.log),
                )
                for kind in (*_KINDS, "proxy")
            ],
            server=self.name,
            stop_signal=SIGTERM,
            grace_s=5.0,
            disposable=self.disposable,
            remove=[str(self.folder)] if self.disposable else [],
        )

    def _write_configuration(self, ports: dict[str, int]) -> None:
        user = pwd.getpwuid(os.geteuid()).pw_name
        (self.folder / "swift.conf").write_text(_SWIFT)
        for kind, port in ports.items():
            own = _PROXY if kind == "proxy" else _NODE
            configuration = self.folder / f"{kind}.conf"
            configuration.touch(mode=0o600)
            configuration.write_text(
                (_COMMON + own).format(
                    folder=self.folder,
                    address=self.address,
                    port=port,
                    user=user,
                    kind=kind,
                    account=_USER[0],
                    name=_USER[1],
                    password=self.secret_key,
                )
            )
        rings = {
            kind: [
                {"id": number, "zone": number + 1, "ip": node, "port": ports[kind]}
                for number, node in enumerate(self._nodes)
            ]
            for kind in _KINDS
        }
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                _RINGS,
                json.dumps({"folder": str(self.folder), "rings": rings}),
            ],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerNotStartedError(
                server=self.name,
                folder=str(self.folder),
                reason="its rings cannot be made",
                log=done.stderr.strip(),
            )

    def is_answering(self) -> bool:
        """Say whether it answers now."""
        connection = http.client.HTTPConnection(
            self.address, self._state["ports"]["proxy"], timeout=5
        )
        try:
            connection.request("GET", "/healthcheck")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        return self.is_answering()
