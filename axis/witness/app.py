"""The witness's HTTP door: ``POST /add-checkpoint``, and ``GET /`` for people."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from axis.errors import AxisError
from axis.ledger.note import VerifierKey
from axis.witness.errors import OldSizeError, SameSizeContradictionError, WitnessError
from axis.witness.judge import MAX_REQUEST_BYTES
from axis.witness.witness import Witness


def make_app(witness: Witness, key: VerifierKey) -> Starlette:
    """Return the ASGI application of a witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_REQUEST_BYTES:
                return PlainTextResponse("too long\n", 413)
        try:
            line = await run_in_threadpool(witness.add_checkpoint, body)
        except (OldSizeError, SameSizeContradictionError) as error:
            size = error.facts.get("expected", error.facts.get("size"))
            return Response(f"{size}\n", error.status, media_type="text/x.tlog.size")
        except WitnessError as error:
            return PlainTextResponse(f"{error.refusal.text()}\n", error.status)
        except AxisError as error:
            return PlainTextResponse(f"{error.refusal.text()}\n", 503)
        return PlainTextResponse(line)

    async def about(request: Request) -> Response:
        return PlainTextResponse(f"{key}\n")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/", about, methods=["GET"]),
        ]
    )
