"""Starts the processes of an axis and starts again what dies; ends them all when it is told to.

A process that dies loses nothing: what it held comes again. One that dies at once each time is
waited for longer and longer, so that a broken setting does not burn the machine.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.process import BaseProcess

from axis.errors import AxisError
from axis.serve.begin import say_refusal
from axis.settings import Settings

log = logging.getLogger(__name__)

#: What a process does, by its name; importable functions.
Targets = Mapping[str, Callable[[Settings], None]]

WATCH_INTERVAL_S = 0.2
LOOK_INTERVAL_S = 10.0
RESTART_MOST_S = 30.0
STOP_TIMEOUT_S = 20.0
#: A process that lived this long was well; the next restart is quick again.
STEADY_S = 10.0
#: The exit code of a process that said why it does not work.
REFUSED = 3


@dataclass(slots=True)
class _Kept:
    target: Callable[[Settings], None]
    process: BaseProcess
    started: float
    pause_s: float = 0.1
    due: float | None = None  #: when it is started again; None while it runs


class Supervisor:
    """Keeps named processes running; ``targets`` are importable functions of the settings."""

    def __init__(
        self,
        settings: Settings,
        targets: Targets,
        *,
        before: Callable[[Settings, str], None] | None = None,
        on_demand: Callable[[Settings], Targets] | None = None,
    ) -> None:
        """Keep what is to run.

        Args:
            settings: what each process is given.
            targets: what each does, by name.
            before: what each does first, such as :func:`axis.serve.begin.begin`; it is importable.
            on_demand: asked now and then which processes are wanted beside these by now.
        """
        self._settings = settings
        self._before = before
        self._context = multiprocessing.get_context("spawn")
        self._targets = targets
        self._on_demand = on_demand
        self._kept: dict[str, _Kept] = {}

    def start(self) -> None:
        """Start all processes."""
        self._start(self._targets)

    def watch(self, stop: threading.Event) -> None:
        """Keep the processes running until ``stop`` is set, and start what is wanted meanwhile."""
        wanted: dict[str, Callable[[Settings], None]] = {}
        on_demand = self._on_demand or _nothing

        def look() -> None:
            while not stop.wait(LOOK_INTERVAL_S):
                wanted.update(on_demand(self._settings))

        # In a thread: who asks a database that is away waits for it, and the processes do not.
        threading.Thread(target=look, name="looks for work", daemon=True).start()
        while not stop.wait(WATCH_INTERVAL_S):
            self.mend()
            new = wanted.keys() - self._kept.keys()
            self._start({name: wanted[name] for name in sorted(new)})

    def mend(self) -> None:
        """Look once after every process."""
        now = time.monotonic()
        for name, kept in self._kept.items():
            if kept.due is None and not kept.process.is_alive():
                steady = now - kept.started > STEADY_S
                kept.pause_s = 0.1 if steady else min(kept.pause_s * 2, RESTART_MOST_S)
                kept.due = now + kept.pause_s
                log.error(
                    "a process died",
                    extra={"worker": name, "exit": kept.process.exitcode, "pause": kept.pause_s},
                )
            elif kept.due is not None and now >= kept.due:
                kept.process, kept.started = self._spawn(name, kept.target), now
                kept.due = None

    def _start(self, targets: Targets) -> None:
        for name, target in targets.items():
            self._kept[name] = _Kept(
                target=target, process=self._spawn(name, target), started=time.monotonic()
            )

    def stop(self) -> None:
        """End all processes: first asked, then killed."""
        for kept in self._kept.values():
            kept.process.terminate()
        until = time.monotonic() + STOP_TIMEOUT_S
        for kept in self._kept.values():
            kept.process.join(max(0.1, until - time.monotonic()))
            if kept.process.is_alive():
                kept.process.kill()
                kept.process.join()
        self._kept.clear()

    def process_ids(self) -> Mapping[str, int]:
        """Return the process ids of those that run."""
        return {
            name: kept.process.pid
            for name, kept in self._kept.items()
            if kept.process.pid and kept.process.is_alive()
        }

    def _spawn(self, name: str, target: Callable[[Settings], None]) -> BaseProcess:
        arguments = (target, self._settings, name, self._before)
        process = self._context.Process(target=_run_below, args=arguments, name=name)
        process.start()
        return process


def _nothing(_settings: Settings) -> Targets:
    """Want no process beside those that run from the start."""
    return {}


def _run_below(
    target: Callable[[Settings], None],
    settings: Settings,
    name: str,
    before: Callable[[Settings, str], None] | None,
) -> None:
    """Run a process that ends, as if it was told to, when its supervisor is no more.

    What it cannot work on is said on one line; a bug of ours alone shows its trace.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101  a supervisor started us

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="watches the supervisor", daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor hears it too, and tells us
    try:
        if before is not None:
            before(settings, name)
        target(settings)
    except AxisError as error:
        say_refusal(name, error.refusal)
        sys.exit(REFUSED)


def serve_notary(settings: Settings) -> None:
    """Run the notary in this process until SIGTERM or SIGINT."""
    from axis.notary.process import run
    from axis.store.engine import open_engine

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run(open_engine(settings.database_url), settings, stop)


def serve_gateway(settings: Settings) -> None:
    """Run the HTTP doors in this process until SIGTERM or SIGINT.

    The doors are adapters, which the axis knows by name only.
    """
    import_module("adapters.gateway.serve").run(settings)


def serve_hub(settings: Settings) -> None:
    """Run the AMQP door in this process until SIGTERM or SIGINT."""
    import_module("adapters.amqp.hub").work(settings)


def serve_peers(settings: Settings) -> None:
    """Keep the links to other axes in this process until SIGTERM or SIGINT."""
    import_module("adapters.peer.process").work(settings)


def serve_courier(settings: Settings) -> None:
    """Run the courier in this process until SIGTERM or SIGINT."""
    from axis.courier.process import work

    work(settings)


def serve_metrics(settings: Settings) -> None:
    """Show figures to Prometheus in this process until SIGTERM or SIGINT."""
    from axis.serve.metrics import work

    work(settings)


def processes_of(settings: Settings) -> dict[str, Callable[[Settings], None]]:
    """Return the processes of a whole axis, by name."""
    from axis.clock.process import work as serve_clock
    from axis.relay.run import work

    targets: dict[str, Callable[[Settings], None]] = {
        "notary": serve_notary,
        "clock": serve_clock,
        "gateway": serve_gateway,
        "hub": serve_hub,
    }
    if settings.metrics.port:
        targets["metrics"] = serve_metrics
    targets |= processes_on_demand(settings)
    for number in range(settings.relay.workers):
        targets[f"relay-{number}"] = work
    return targets


def processes_on_demand(settings: Settings) -> dict[str, Callable[[Settings], None]]:
    """Return the processes that only some records give work to, and that have it now, by name.

    Where the records cannot be reached there are none.
    """
    from axis.store.engine import open_engine, transaction
    from axis.store.peers import peers
    from axis.store.webhooks import list_webhooks

    engine = open_engine(settings.database_url)
    targets: dict[str, Callable[[Settings], None]] = {}
    try:
        with transaction(engine) as connection:
            if peers(connection):
                targets["peers"] = serve_peers
            if list_webhooks(connection):
                targets["courier"] = serve_courier
    except AxisError:
        return {}  # asked again
    finally:
        engine.dispose()
    return targets
