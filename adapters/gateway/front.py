"""What stands before every door: finds it, refuses what none takes, and lets no bug out."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from adapters.gateway.errors import (
    CompressedError,
    HeadTooLongError,
    NoSuchPathError,
    TooManyError,
)
from adapters.gateway.identity import is_among, networks_of
from adapters.gateway.refusals import as_refusal, headers_of, language_of, problem, status_of
from axis.errors import AxisError, Fault, Refusal
from axis.metrics import count, observe
from axis.settings import GatewaySettings

log = logging.getLogger(__name__)

#: Sent with every answer.
ALWAYS: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_STRICT: Final = (b"strict-transport-security", b"max-age=31536000")
_TAKEN_AS_IT_IS: Final = (b"", b"identity")


class Front:
    """The ASGI application of a gateway."""

    def __init__(
        self,
        doors: Mapping[str, ASGIApp],
        settings: GatewaySettings,
        connections: Callable[[], int],
    ) -> None:
        """Keep the doors.

        Args:
            doors: applications by the path that they are mounted at, such as ``/v1``.
            settings: bounds, and which proxies are believed.
            connections: how many connections there are now.
        """
        self._doors = dict(doors)
        self._settings = settings
        self._connections = connections
        self._proxies = networks_of(settings.proxies)
        self._run = secrets.token_hex(4)  #: of this process; a number for each request follows
        self._numbers = itertools.count(1)
        self._app: ASGIApp = self._route
        if settings.proxies:
            self._app = ProxyHeadersMiddleware(self._route, trusted_hosts=list(settings.proxies))  # type: ignore[arg-type, assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request_id = f"{self._run}{next(self._numbers):08x}"
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        client = scope.get("client")
        state["from_proxy"] = bool(self._proxies) and is_among(
            client[0] if client else None, self._proxies
        )
        answer = _Answer(send, request_id, self._door_name(scope["path"]), state)
        try:
            self._admit(scope)
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if isinstance(error, AxisError) and error.fault is Fault.OUTAGE:
                # The caller is not told which host or file; the operator is.
                log.warning(
                    "told to come later",
                    extra={"request": request_id, "code": error.code, "facts": dict(error.facts)},
                )
            elif not isinstance(error, AxisError) or error.fault is Fault.AXIS:
                # The boundary: the operator gets the trace, the caller a number to name.
                log.exception("a request failed", extra={"request": request_id})
            if answer.started:
                raise  # the server ends the connection: half an answer must not look whole
            await refuse(scope, answer.send, as_refusal(error))

    def _door_name(self, path: str) -> str:
        """Return a name for figures: never what a caller makes up."""
        mount = "/" + path[1:].partition("/")[0]
        return mount[1:] if mount in self._doors else "none"

    def _admit(self, scope: Scope) -> None:
        settings = self._settings
        if self._connections() > settings.connections:
            raise TooManyError(retry_after_s=5)
        if scope["state"].get("head_size", 0) > settings.head_bytes:
            raise HeadTooLongError(limit=settings.head_bytes)
        for name, value in scope["headers"]:
            if name == b"content-encoding" and value.strip().lower() not in _TAKEN_AS_IT_IS:
                raise CompressedError(got=_shown(value))

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        mount = "/" + path[1:].partition("/")[0]
        door = self._doors.get(mount)
        if door is None:
            raise NoSuchPathError
        inner = dict(scope)
        inner["root_path"] = scope.get("root_path", "") + mount
        await door(inner, receive, send)


class _Answer:
    """An answer on its way: adds what every answer has."""

    def __init__(self, send: Send, request_id: str, door: str, state: Mapping[str, Any]) -> None:
        self._send = send
        self._state = state
        self._id = request_id.encode()
        self._door = door
        self._began = time.perf_counter()
        self.started = False

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.started = True
            count("axis_http_requests", door=self._door, status=f"{message['status'] // 100}xx")
            observe("axis_http_seconds", time.perf_counter() - self._began, door=self._door)
            headers = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            headers += [one for one in ALWAYS if one[0] not in names]
            headers.append((b"request-id", self._id))
            # What a door says with every answer of this operation, refusals too.
            fields: Mapping[str, str] = self._state.get("fields", {})
            headers += [(name.encode(), value.encode()) for name, value in fields.items()]
            message = {**message, "headers": headers}
        await self._send(message)


async def refuse(
    scope: Scope,
    send: Send,
    refusal: Refusal,
    *,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Answer with a problem (RFC 9457) in the caller's language."""
    accepted = next((v for n, v in scope["headers"] if n == b"accept-language"), b"")
    body = problem(
        refusal,
        language_of(accepted.decode("latin-1")),
        instance=f"urn:axis:request:{scope['state'].get('request_id', '')}",
        more=more,
    )
    headers = [(n.encode(), v.encode("latin-1", "replace")) for n, v in headers_of(refusal)]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status_of(refusal), "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _shown(value: bytes) -> str:
    return value.decode("latin-1")[:40]
