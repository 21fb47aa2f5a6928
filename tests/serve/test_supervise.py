"""A supervisor keeps its processes running, and takes them with it, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from axis.serve import supervise
from axis.serve.supervise import Supervisor
from axis.settings import Settings

ROOT = Path(__file__).parents[2]


def linger(settings: Settings) -> None:
    """Say who we are, then do nothing until told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Path(settings.home, f"{os.getpid()}.pid").touch()
    while True:
        time.sleep(1)


def until(condition: Callable[[], bool], timeout_s: float = 120) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.02)


def started(home: Path) -> set[int]:
    return {int(path.stem) for path in home.glob("*.pid")}


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_that_died_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor(Settings(home=str(tmp_path)), {"one": linger})
    supervisor.start()
    try:
        until(lambda: len(started(tmp_path)) == 1)
        (first,) = started(tmp_path)
        os.kill(first, signal.SIGKILL)

        def mended() -> bool:
            supervisor.mend()
            return len(started(tmp_path)) == 2

        until(mended)
        assert supervisor.process_ids()["one"] != first
    finally:
        supervisor.stop()
    assert not any(map(is_running, started(tmp_path)))


def wanted(settings: Settings) -> dict[str, Callable[[Settings], None]]:
    """Tell what has work, which nothing has while the folder has no file of that name."""
    return {"late": linger} if Path(settings.home, "work").exists() else {}


def test_a_process_that_gets_work_later_is_started_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "LOOK_INTERVAL_S", 0.05)
    supervisor = Supervisor(Settings(home=str(tmp_path)), {"one": linger}, on_demand=wanted)
    supervisor.start()
    stop = threading.Event()
    watching = threading.Thread(target=supervisor.watch, args=(stop,))
    watching.start()
    try:
        until(lambda: len(started(tmp_path)) == 1)
        assert set(supervisor.process_ids()) == {"one"}
        Path(tmp_path, "work").touch()
        until(lambda: len(started(tmp_path)) == 2)
        assert set(supervisor.process_ids()) == {"one", "late"}
        Path(tmp_path, "work").unlink()
        time.sleep(0.2)
        assert set(supervisor.process_ids()) == {"one", "late"}  # it ends with the others
    finally:
        stop.set()
        watching.join(60)
        supervisor.stop()
    assert not any(map(is_running, started(tmp_path)))


def test_processes_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import threading; from tests.serve.test_supervise import linger;"
        "from axis.serve.supervise import Supervisor; from axis.settings import Settings;"
        f"s = Supervisor(Settings(home={str(tmp_path)!r}), {{'one': linger, 'two': linger}});"
        "s.start(); s.watch(threading.Event())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    until(lambda: len(started(tmp_path)) == 2)
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(map(is_running, started(tmp_path))))
