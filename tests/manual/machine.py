"""A machine on which the pages of the manual are followed: its paths, servers and units.

Blocks of a page run in ``sh`` as they stand, with three things put in the place of what the page
names: folders, ports and passwords. ``systemctl`` is obeyed by the test: it runs the ``ExecStart``
of the units in ``deploy/systemd``, in a process group of its own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from configparser import RawConfigParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from axis.sandbox.ports import free_ports
from axis.sandbox.postgresql import PrivatePostgreSQL, find_postgresql
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.store.migrate import head_revision

from .desk import write_program

CHECKOUT = Path(__file__).parents[2]
UNITS = CHECKOUT / "deploy" / "systemd"
MAIN = "/var/lib/postgresql/15/main"
PATIENCE_S = 120.0


def blocks(page: Path) -> list[str]:
    """Return the blocks of a page that are run: those marked ``sh``."""
    return re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def exec_start(unit: str) -> list[str]:
    """Return the words by which systemd starts a unit; an instance fills in ``%i``."""
    name, _, instance = unit.partition("@")
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / f"{name}{'@' if instance else ''}.service", encoding="utf-8")
    return shlex.split(parser["Service"]["ExecStart"].replace("%i", instance))


class Machine:
    """One installation, with a PostgreSQL of its own."""

    def __init__(
        self, root: Path, postgresql: PrivatePostgreSQL, rabbitmq: PrivateRabbitMQ, amqp_url: str
    ) -> None:
        self.root, self.postgresql = root, postgresql
        self.rabbitmq, self.amqp_url = rabbitmq, amqp_url
        self.desk = root / "desk"
        self.next = root / "next"  #: the version to come, where a page has one
        self.ports = dict(zip(("8040", "8049"), map(str, free_ports(2)), strict=True))
        self._units: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("desk", "etc", "lib", "backup", "bin"):
            (root / name).mkdir(mode=0o755)
        for name in ("wal", "base"):
            folder = root / "backup" / name
            folder.mkdir(mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres", "postgres")
        self._open_the_desk()

    def follow(self, block: str, *, instead: dict[str, str] | None = None) -> str:
        """Run a block and return what it printed; any line that fails, fails the test."""
        said = ""
        for lines in re.split(r"^(systemctl .*)\n", block, flags=re.MULTILINE):
            if lines.startswith("systemctl "):
                self._systemctl(*shlex.split(lines)[1:])
            elif lines.strip():
                said += self._shell(lines, instead or {})
        return said

    def wait_for(self, unit: str) -> int:
        """Return the exit code of a unit that ends by itself."""
        return self._units.pop(unit).wait(timeout=PATIENCE_S)

    def close(self) -> None:
        """End what still runs."""
        for unit in list(self._units):
            self._kill(unit)

    def _shell(self, text: str, instead: dict[str, str]) -> str:
        for before, after in instead.items():
            assert before in text, f"{before} is not in the block:\n{text}"
            text = text.replace(before, after)
        done = subprocess.run(
            ["sh", "-euc", self._here(text)],
            cwd=self.desk,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        logs = "\n".join(f"{path}: {path.read_text()[-1500:]}" for path in self.root.glob("*.log"))
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}\n{logs}"
        return done.stdout + done.stderr

    def _here(self, text: str) -> str:
        url = self.postgresql.database_url("axis")
        as_postgres = "setpriv --reuid=postgres --regid=postgres --clear-groups "
        for before, after in (
            (MAIN, str(self.postgresql.data)),
            ("postgresql://axis:MAT-KHAU@127.0.0.1:5432/axis", url),
            ("amqp://axis:MAT-KHAU@127.0.0.1:5672/axis", self.amqp_url),
            ("sudo -u postgres ", as_postgres if os.geteuid() == 0 else ""),
            ("/opt/axis/bin/axis ", f"{self.root}/bin/axis "),
            ("/opt/axis-next/bin/axis ", f"{self.root}/bin/axis-next "),
            ("/etc/axis", f"{self.root}/etc"),
            ("/var/lib/axis", f"{self.root}/lib"),
            ("/srv/backup", f"{self.root}/backup"),
            ("/srv/truc", f"{self.root}/truc"),
            *self.ports.items(),
        ):
            text = text.replace(before, after)
        return text

    def _environment(self) -> dict[str, str]:
        server = urlsplit(self.postgresql.url)
        return {
            "PATH": f"{self.root}/bin:{find_postgresql()}:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.desk),
            "LC_ALL": "C.UTF-8",
            "AXIS_CONFIG": f"{self.root}/etc/axis.toml",
            "PGHOST": server.hostname or "",
            "PGPORT": str(server.port),
            "PGUSER": server.username or "",
            "PGPASSWORD": server.password or "",
        }

    def _open_the_desk(self) -> None:
        address = self.root / "desk.socket"
        write_program(self.root / "bin" / "axis", address)
        with (self.root / "desk.log").open("wb") as log:
            self._units["desk"] = subprocess.Popen(
                [*self._ends_with_us(), sys.executable, "-m", "tests.manual.desk", str(address)],
                cwd=CHECKOUT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._until(address.exists, "desk")

    # ------------------------------------------------------------ units

    def install_next(self, revision: str) -> None:
        """Install a version that has one revision of the tables more than this one.

        Args:
            revision: the text of its file, which follows after ``{head}``.
        """
        self.next.mkdir()
        for name in ("adapters", "axis", "cli.py", "xsd"):
            (self.next / name).symlink_to(CHECKOUT / name)
        shutil.copytree(CHECKOUT / "migrations", self.next / "migrations")
        added = self.next / "migrations" / "versions" / "9999_next.py"
        added.write_text(revision.format(head=head_revision()), encoding="utf-8")
        program = self.root / "bin" / "axis-next"
        source, python = shlex.quote(str(self.next)), shlex.quote(sys.executable)
        program.write_text(f'#!/bin/sh\nPYTHONPATH={source} exec {python} -m cli "$@"\n')
        program.chmod(0o755)

    def _systemctl(self, verb: str, *words: str) -> None:
        units = [word for word in words if not word.startswith("-") and word != "KILL"]
        act: dict[str, Callable[[str], None]] = {
            "start": self._start,
            "stop": self._stop,
            "kill": self._kill,
        }
        for unit in units:
            act[verb](unit)

    def _start(self, unit: str) -> None:
        if unit == "postgresql":
            self.postgresql.start()
            self._follow_the_port()
            return
        words = [self._here(word) for word in exec_start(unit)]
        source = self.next if words[0].startswith("/opt/axis-next/") else CHECKOUT
        if words[0].startswith("/opt/axis"):
            words[:1] = [sys.executable, "-m", "cli"]
        elif unit == "axis-wal":
            words[0] = str(find_postgresql() / Path(words[0]).name)
        words = [*self._ends_with_us(as_postgres=unit == "axis-wal"), *words]
        with (self.root / f"{unit}.log").open("ab") as log:
            self._units[unit] = subprocess.Popen(
                words,
                cwd=self.root / "backup" / "wal" if unit == "axis-wal" else self.desk,
                env=self._environment() | {"PYTHONPATH": str(source)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if unit == "axis":
            self._until(self._is_ready, unit)

    def _ends_with_us(self, *, as_postgres: bool = False) -> list[str]:
        """Return words before a program that end it when the test was killed."""
        if shutil.which("setpriv") is None:
            return []
        account = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        change = account if as_postgres and os.geteuid() == 0 else []
        return ["setpriv", "--pdeathsig=TERM", *change]

    def _stop(self, unit: str) -> None:
        if unit == "postgresql":
            self.postgresql.stop()
        elif process := self._units.pop(unit, None):
            process.terminate()
            process.wait(timeout=PATIENCE_S)

    def _kill(self, unit: str) -> None:
        """End all processes of a unit as a fire would."""
        if unit == "postgresql":
            self.postgresql.kill()
        elif unit == "rabbitmq-server":  # the one of all tests lives on; ours loses everything
            self.rabbitmq.delete_vhost(urlsplit(self.amqp_url).path.lstrip("/"))
            self.amqp_url = self.rabbitmq.add_vhost(urlsplit(self.amqp_url).path.lstrip("/"))
        elif process := self._units.pop(unit, None):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self._here("http://127.0.0.1:8040/ready"), timeout=5) as it:
                return bool(it.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _until(self, condition: Callable[[], bool], unit: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if self._units[unit].poll() is not None or time.monotonic() > end:
                pytest.fail((self.root / f"{unit}.log").read_text())
            time.sleep(0.05)

    def _follow_the_port(self) -> None:
        """The private server comes back on another port, which a machine's own would not."""
        config = self.root / "etc" / "axis.toml"
        if config.exists():
            url = self.postgresql.database_url("axis")
            text = re.sub(r'"postgresql://[^"]*"', f'"{url}"', config.read_text("utf-8"))
            config.write_text(text, encoding="utf-8")
