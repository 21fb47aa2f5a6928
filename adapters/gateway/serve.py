"""Runs the doors: makes them, listens, and ends without cutting off who is being answered."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from adapters.gateway.doors import DOORS
from adapters.gateway.errors import AddressTakenError, TransportKeysError
from adapters.gateway.front import Front
from adapters.gateway.guard import guarded
from adapters.gateway.limits import Limits
from axis.gateway import Installation, open_installation
from axis.settings import GatewaySettings, Settings

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
#: How long one thread may keep the others from the interpreter; threads here wait for the disk and
#: the database in many short calls, and Python's 5 ms would be added to each of them.
SWITCH_S: Final = 0.0005
#: Callers that are being answered when the process is told to end have this long (s).
GRACE_S: Final = 10


def run(settings: Settings) -> None:
    """Run the doors in this process until SIGTERM or SIGINT.

    Raises:
        AddressTakenError: something else listens there.
        TransportKeysError: the TLS settings cannot be used.
    """
    sys.setswitchinterval(SWITCH_S)
    installation = open_installation(settings)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with serving(installation) as url:
            sys.stderr.write(f"the gateway listens on {url}\n")
            sys.stderr.flush()
            await stop.wait()

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(until_told())
    finally:
        installation.engine.dispose()


@asynccontextmanager
async def serving(installation: Installation) -> AsyncIterator[str]:
    """Serve the doors inside the block; yields the URL that they listen on.

    Raises:
        AddressTakenError: something else listens there.
        TransportKeysError: the TLS settings cannot be used.
    """
    settings = installation.settings
    limits = Limits(settings.gateway)
    made = {name: _door(name, installation, limits) for name in sorted(set(DOORS.values()))}
    doors = {path: made[name] for path, name in DOORS.items()}
    async with (
        installation.running(),
        answering(settings, doors, ending=installation.arrivals.close) as url,
    ):
        yield url


@asynccontextmanager
async def answering(
    settings: Settings, doors: Mapping[str, ASGIApp], *, ending: Callable[[], None] | None = None
) -> AsyncIterator[str]:
    """Answer callers inside the block; yields the URL that is listened on.

    Args:
        settings: of the gateway, and where its TLS files are.
        doors: applications by the path that they are mounted at.
        ending: ends what callers wait for, so that they are answered.

    Raises:
        AddressTakenError, TransportKeysError: see :func:`serving`.
    """
    own = settings.gateway
    front = Front(doors, own, lambda: len(server.server_state.connections))
    server = _Server(_config(settings, front))
    listening = _listen(own)
    host, port = listening.getsockname()[:2]
    scheme = "https" if own.tls_certificate else "http"
    shown = f"[{host}]" if ":" in host else host
    serving_ = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started and not serving_.done():  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.01)
        yield f"{scheme}://{shown}:{port}"
    finally:
        server.should_exit = True
        if ending is not None:
            ending()
        await serving_
        listening.close()


def _listen(settings: GatewaySettings) -> socket.socket:
    """Return the socket that callers come to; uvicorn's own way leaks it where it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise AddressTakenError(host=settings.host, port=settings.port, reason=reason) from error
    return listening


class _Server(uvicorn.Server):
    """A server whose process listens to signals itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to :func:`run`."""
        yield


def _config(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    own = settings.gateway
    has_tls = bool(own.tls_certificate)
    config = uvicorn.Config(
        app,
        host=own.host,
        port=own.port,
        http=guarded(own),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # front.py believes those that the settings name, and nobody else
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=int(own.idle_s),
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=str(settings.path(own.tls_certificate)) if has_tls else None,
        ssl_keyfile=str(settings.path(own.tls_key)) if has_tls else None,
        ssl_ca_certs=str(settings.path(own.client_ca)) if own.client_ca else None,
        ssl_cert_reqs=ssl.CERT_OPTIONAL if own.client_ca else ssl.CERT_NONE,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError, ValueError) as error:
        raise TransportKeysError(reason=str(error)) from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def _door(name: str, installation: Installation, limits: Limits) -> ASGIApp:
    module, _, attribute = name.partition(":")
    make = getattr(import_module(module), attribute)
    app: ASGIApp = make(installation, limits)
    return app


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None  # Windows has no uvloop
    return uvloop.Loop
