"""The mailbox as clients poll it: what is not confirmed comes again with every poll."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from adapters.rest.answer import Answer
from adapters.vxp.answers import DONE, JSON, Rows, accepted, listed, told
from adapters.vxp.behind import Came, Word
from adapters.vxp.codes import OK
from adapters.vxp.errors import ParameterError
from adapters.vxp.kinds import word_of
from adapters.vxp.listing import chosen
from adapters.vxp.request import Request
from adapters.vxp.sending import RECEIVED

#: Base64 of whole groups of three bytes can be written one after the other.
_THREE: Final = 3


async def received(request: Request) -> Answer:
    """Answer with what waits and was not confirmed: urgent first, then oldest."""
    kind = request.kind()
    since, until = request.span()
    passed, wanted = request.page()
    return await listed(_waiting(request, kind, since, until, passed, wanted))


async def get(request: Request) -> Answer:
    """Answer with the bytes of a delivery as Base64 in JSON, in constant memory."""
    size, answer = await _give(request)
    length = len(_head()) + 4 * ((size + 2) // _THREE) + len(_TAIL)
    return Answer(body=_encoded(answer.body), headers=dict(JSON), length=length)


async def download(request: Request) -> Answer:
    """Answer with the exact bytes of a delivery."""
    _, answer = await _give(request)
    return answer


async def update(request: Request) -> Answer:
    """Record what a client says of a delivery: ``done`` confirms, ``fail`` refuses."""
    delivery_id = await request.find(request.behind.deliveries_between)
    try:
        word = Word(request.signed.demand("status").lower())
    except ValueError as error:
        # Statuses of the clerks (01 … 16) are packages of their own, signed by their office.
        raise ParameterError(name="status", reason="done, fail or processing") from error
    await request.behind.say(request.system_id, delivery_id, word)
    return accepted()


def counting(kind: str) -> Callable[[Request], Awaitable[Answer]]:
    """Return the operation that counts what waits of one kind."""

    async def count(request: Request) -> Answer:
        return accepted(count=await request.behind.count(request.system_id, kind))

    return count


async def _give(request: Request) -> tuple[int, Answer]:
    delivery_id = await request.find(request.behind.deliveries_between)
    return await request.behind.give(request.system_id, delivery_id, request.scope)


async def _waiting(
    request: Request,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    passed: int,
    wanted: int | None,
) -> Rows:
    def fits(one: Came) -> bool:
        return (
            one.kind == kind
            and (since is None or one.routed_at >= since)
            and (until is None or one.routed_at < until)
        )

    async for page in chosen(request.behind.waiting(request.system_id), fits, passed, wanted):
        yield [_row(request, one) for one in page]


def _row(request: Request, one: Came) -> dict[str, Any]:
    word, text = RECEIVED[one.state]
    return {
        "docId": request.write_id(one.delivery_id),
        "id": request.write_id(one.delivery_id),
        "serviceType": "eDoc",
        "messageType": word_of(one.kind),
        "created_time": told(one.routed_at),
        "updated_time": told(one.fetched_at or one.routed_at),
        "from": one.sender,
        "to": one.address,
        "status": word,
        "status_desc": f"{text}; {one.note}" if one.note else text,
    }


_TAIL: Final = b'"}'


def _head() -> bytes:
    said = {"status": "OK", "ErrorCode": OK, "ErrorDesc": DONE}
    return (json.dumps(said)[:-1] + ', "data": "').encode()


async def _encoded(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield _head()
    if isinstance(body, bytes):
        yield base64.b64encode(body)
    else:
        left = b""
        async for piece in body:
            data = left + piece
            cut = len(data) - len(data) % _THREE
            yield base64.b64encode(data[:cut])
            left = data[cut:]
        yield base64.b64encode(left)
    yield _TAIL
