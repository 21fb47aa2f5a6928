"""``POST /enroll``: an office asks, asks again how it stands, and collects what it was given."""

from __future__ import annotations

from typing import Final

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.gateway.errors import (
    MethodError,
    ParameterError,
)
from adapters.gateway.identity import client_address
from adapters.gateway.limits import Limits
from adapters.gateway.reading import read_whole
from axis.enrollment.desk import Collected, ask
from axis.enrollment.request import fingerprint_of, read_request
from axis.errors import AxisError
from axis.gateway import Installation
from axis.structs import ready
from axis.trust.certificates import read_der

_MOST_BYTES: Final = 64 * 1024


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What an office sends."""

    code: str
    at: str
    proof: str
    algorithm: str
    request: str | None = None
    certificate: str | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an enrolment stands; certificate and token come once it is approved."""

    state: str
    fingerprint: str
    certificate: str = ""
    token: str = ""


def make_app(installation: Installation, limits: Limits) -> ASGIApp:
    """Return the door."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            raise MethodError(expected="POST", got=scope["method"])
        try:
            asking = _read(await _body_of(scope, receive, installation))
            standing = await installation.in_thread(_answer, installation, asking)
        except AxisError:
            limits.demand_anonymous(client_address(scope))  # who guesses codes is slowed down
            raise
        body = msgspec.json.encode(standing)
        status = 200 if standing.token else 202
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _answer(installation: Installation, asking: Asking) -> Standing:
    now = installation.now()
    found = ask(
        installation.engine,
        asking.code,
        lambda: read_request(
            code=asking.code,
            at=asking.at,
            proof=asking.proof,
            algorithm=asking.algorithm,
            request=asking.request,
            certificate=asking.certificate,
            now=now,
        ),
        now=now,
        token_days=installation.settings.access.token_days,
    )
    if isinstance(found, Collected):
        certificate = read_der(found.certificate_der)
        return Standing(
            state="approved",
            fingerprint="",
            certificate=certificate.x509.public_bytes(Encoding.PEM).decode(),
            token=found.token,
        )
    return Standing(state=found.state, fingerprint=fingerprint_of(found.spki or b""))


def _read(body: bytes) -> Asking:
    try:
        return msgspec.json.decode(body, type=ready(Asking))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ParameterError(name="body", reason=str(error)[:200]) from error


async def _body_of(scope: Scope, receive: Receive, installation: Installation) -> bytes:
    patience_s = installation.settings.gateway.body_s
    return await read_whole(scope, receive, limit=_MOST_BYTES, patience_s=patience_s)
