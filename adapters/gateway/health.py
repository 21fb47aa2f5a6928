"""``/health``: this process lives. ``/ready``: it can take and serve documents now.

A load balancer asks ``/ready`` before it sends callers here; a supervisor asks ``/health`` before
it starts the process anew. Both say yes or no, and nothing more to callers of other machines.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import msgspec
import sqlalchemy as sa
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.gateway.errors import MethodError, NoSuchPathError
from adapters.gateway.identity import client_address
from adapters.gateway.limits import Limits
from axis.errors import AxisError
from axis.gateway import Installation
from axis.store.engine import reading

#: How long an answer stands for: who asks often asks nobody else.
_FRESH_S: Final = 1.0
#: A database that hangs for so long is not ready.
_DATABASE_S: Final = 3.0
#: Why the intake says "later" although this process is well: another one would say the same.
_NOT_OURS: Final = frozenset({"queue", "witnesses", "notary"})
_LOOPBACK: Final = ("127.", "::1", "::ffff:127.")


class _Readiness:
    """Looks at most once a second."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._turn = asyncio.Lock()
        self._looked_at = float("-inf")
        self._found: dict[str, str] = {}

    async def look(self) -> dict[str, str]:
        """Return what stands in the way, by what it is; nothing where it is ready."""
        async with self._turn:
            if time.monotonic() - self._looked_at >= _FRESH_S:
                self._found = await self._look()
                self._looked_at = time.monotonic()
            return self._found

    async def _look(self) -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            async with asyncio.timeout(_DATABASE_S):
                await self._installation.in_thread(self._ask_database)
        except TimeoutError:
            found["database"] = f"no answer within {_DATABASE_S:g} s"
        except AxisError as error:
            found["database"] = error.code
        try:
            await self._installation.in_thread(self._ask_bodies)
        except AxisError as error:
            found["bodies"] = error.code
        try:
            await self._installation.demand_room()
        except AxisError as error:
            reason = str(error.facts.get("reason") or error.code)
            if reason not in _NOT_OURS:
                found["disk" if reason == "disk" else "broker"] = reason
        return found

    def _ask_database(self) -> None:
        with reading(self._installation.engine) as connection:
            connection.execute(sa.text("select 1 from alembic_version"))

    def _ask_bodies(self) -> None:
        """Return where the store can be used.

        Raises:
            BodyStoreFullError: it cannot.
        """
        self._installation.bodies.look()


def make_health(_installation: Installation, _limits: Limits) -> ASGIApp:
    """Return the door that says whether this process lives."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        _demand(scope)
        await _answer(send, {})

    return app


def make_ready(installation: Installation, _limits: Limits) -> ASGIApp:
    """Return the door that says whether this process can work."""
    readiness = _Readiness(installation)

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        _demand(scope)
        found = await readiness.look()
        is_near = client_address(scope).startswith(_LOOPBACK) and not scope["state"]["from_proxy"]
        await _answer(send, found, shows=is_near)

    return app


def _demand(scope: Scope) -> None:
    if scope["path"].rstrip("/") not in ("/health", "/ready"):
        raise NoSuchPathError
    if scope["method"] not in ("GET", "HEAD"):
        raise MethodError(expected="GET", got=scope["method"])


async def _answer(send: Send, found: dict[str, str], *, shows: bool = False) -> None:
    body: dict[str, object] = {"ok": not found}
    if found and shows:
        body["in_the_way"] = found
    content = msgspec.json.encode(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    status = 503 if found else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
