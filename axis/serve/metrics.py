"""``axis metrics``: one small HTTP server for each machine, which Prometheus reads."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from axis.serve.errors import MetricsAddressError
from axis.serve.figures import Figures
from axis.settings import Settings
from axis.store.engine import open_reader


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """Answer ``/metrics`` inside the block; yields the port.

    Raises:
        MetricsAddressError: it cannot listen there.
    """
    own = settings.metrics
    folder = settings.path(own.folder)
    folder.mkdir(parents=True, exist_ok=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    engine = open_reader(settings.database_url)
    if own.records:
        registry.register(Figures(settings, engine, lambda: datetime.now(UTC)))
    try:
        server, thread = start_http_server(own.port, own.host, registry=registry)
    except OSError as error:
        reason = error.strerror or str(error)
        raise MetricsAddressError(host=own.host, port=own.port, reason=reason) from error
    forget_dead(folder)  # now, because who cannot listen here is not the one who adds up
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        engine.dispose()


def work(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serving(settings):
        stop.wait()


def forget_dead(folder: Path) -> None:
    """Remove the counts of processes that are no more, when counting begins anew here.

    Prometheus takes the step down for a restart, which it is.
    """
    for path in folder.glob("*_*.db"):
        number = path.stem.rpartition("_")[2]
        if number.isdigit() and not _is_alive(int(number)):
            path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
