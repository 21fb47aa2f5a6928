"""The processes of the axis on one machine, started again when they die, as systemd does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import axis
from axis.chaos.network import Machine

_LOOK_S: Final = 0.1
#: As ``RestartSec=`` of the units in ``deploy/systemd``.
RESTART_S: Final = 1.0
_STOP_S: Final = 30.0
_END_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
#: Where this version's code is.
SOURCE: Final = Path(axis.__file__).parent.parent


@dataclass(slots=True)
class _Unit:
    argv: tuple[str, ...]
    wanted: bool = False
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0
    starts: int = 0


class Units:
    """What runs on a machine; use as a context manager.

    Args:
        machine: where.
        home: its folder, with its ``axis.toml``.
        names: processes of the axis, by their commands.
        beside: other programs, by name.
    """

    def __init__(
        self,
        machine: Machine,
        home: Path,
        names: tuple[str, ...],
        beside: dict[str, tuple[str, ...]],
    ) -> None:
        self.machine = machine
        self.home = home
        self.names = names
        self.source = SOURCE
        self._units = {name: _Unit(("-m", "cli", name)) for name in names}
        self._units |= {name: _Unit(argv) for name, argv in beside.items()}
        self._over = threading.Event()
        # A process ends with the thread that started it: this one lives as long as the run.
        self._thread = threading.Thread(target=self._look, name=f"units of {machine.name}")
        self._thread.daemon = True
        self._thread.start()

    def close(self) -> None:
        """End all, at once."""
        self._over.set()
        self._thread.join()
        for unit in self._units.values():
            if unit.process is not None:
                unit.process.kill()
                unit.process.wait()

    def start(self, *names: str) -> None:
        """Want these; without names: all."""
        for name in names or tuple(self._units):
            unit = self._units[name]
            unit.due, unit.wanted = -1.0, True  # at once

    def kill(self, name: str, *, stay: bool = False) -> int:
        """Kill a process; return its id. It is started again unless it is to ``stay`` dead."""
        unit = self._units[name]
        unit.wanted = not stay
        process = unit.process
        if process is None:
            return 0
        process.kill()
        process.wait()
        return process.pid

    def kill_all(self) -> None:
        """Kill everything, as where the machine is gone; nothing is started again."""
        for name in self._units:
            self.kill(name, stay=True)

    def restart(self, name: str) -> bool:
        """Ask a process to end and start it anew; say whether it ended by itself."""
        unit = self._units[name]
        unit.wanted = False
        process = unit.process
        by_itself = True
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                by_itself = False
                process.kill()
                process.wait()
        self.start(name)
        return by_itself

    def process_id(self, name: str) -> int | None:
        """Return the id of a process that lives."""
        process = self._units[name].process
        return process.pid if process is not None and process.poll() is None else None

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            now = time.monotonic()
            for name, unit in self._units.items():
                is_over = unit.process is None or unit.process.poll() is not None
                if not (is_over and unit.wanted):
                    continue
                if unit.process is not None and unit.due == 0.0 and unit.starts:
                    unit.due = now + RESTART_S
                if now >= unit.due:
                    unit.process = self._spawn(name, unit)
                    unit.starts += 1
                    unit.due = 0.0

    def _spawn(self, name: str, unit: _Unit) -> subprocess.Popen[bytes]:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AXIS_")},
            "AXIS_CONFIG": str(self.home / "axis.toml"),
            "PYTHONPATH": str(self.source),
        }
        with (self.home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self.machine.run(*_END_WITH_US, sys.executable, *unit.argv),
                env=environment,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
