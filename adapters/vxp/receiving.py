"""The mailbox as clients poll it: what is not confirmed comes again with every poll."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.rest.answer import Answer, as_body
from adapters.rest.operation import EDXML
from adapters.vxp.answers import DONE, JSON, Rows, accepted, listed, told
from adapters.vxp.codes import OK
from adapters.vxp.errors import ParameterError
from adapters.vxp.request import Request
from adapters.vxp.sending import RECEIVED
from axis.delivery.lanes import Lane
from axis.delivery.states import Event as Step
from axis.store.deliveries import Held, Waiting, mailbox_after
from axis.store.engine import transaction
from axis.store.offers import count_waiting, deliveries_between

PAGE: Final = 500

#: Base64 of whole groups of three bytes can be written one after the other.
_THREE: Final = 3
FAILED: Final = "updateStatus fail"


async def received(request: Request) -> Answer:
    """Answer with what waits and was not confirmed: urgent first, then oldest."""
    kind = request.kind()
    since, until = request.span()
    passed, wanted = request.page()
    return await listed(_waiting(request, kind, since, until, passed, wanted))


async def get(request: Request) -> Answer:
    """Answer with the bytes of a delivery as Base64 in JSON, in constant memory."""
    held, answer = await _give(request)
    length = len(_head()) + 4 * ((held.size_bytes + 2) // _THREE) + len(_TAIL)
    return Answer(body=_encoded(answer.body), headers=dict(JSON), length=length)


async def download(request: Request) -> Answer:
    """Answer with the exact bytes of a delivery."""
    _, answer = await _give(request)
    return answer


async def update(request: Request) -> Answer:
    """Record what a client says of a delivery: ``done`` confirms, ``fail`` refuses."""
    delivery_id = await request.find(deliveries_between)
    word = request.signed.demand("status").lower()
    installation = request.call.installation
    if word == "done":
        await installation.step(request.system_id, delivery_id, Step.CONFIRM)
    elif word == "fail":
        await installation.step(request.system_id, delivery_id, Step.REFUSE, why=FAILED)
    elif word != "processing":
        # Statuses of the clerks (01 … 16) are packages of their own, signed by their office.
        raise ParameterError(name="status", reason="done, fail or processing")
    return accepted()


def counting(kind: str) -> Any:
    """Return the operation that counts what waits of one kind."""

    async def count(request: Request) -> Answer:
        def look() -> int:
            with transaction(request.call.installation.engine) as connection:
                return count_waiting(connection, request.system_id).get(kind, 0)

        return accepted(count=await request.call.installation.in_thread(look))

    return count


async def _give(request: Request) -> tuple[Held, Answer]:
    """Return the bytes of a delivery, after it is recorded that they were given out."""
    delivery_id = await request.find(deliveries_between)
    call, system_id = request.call, request.system_id
    # 1. Whether they are given out at all.
    held = await call.installation.look(system_id, delivery_id)
    # 2. The bytes, compared with their digest, before anything says that they were given out.
    name = f'attachment; filename="{delivery_id}.edxml"'
    answer = await as_body(
        call,
        held.digest,
        held.size_bytes,
        media_type=EDXML,
        headers={"content-disposition": name},
    )
    # 3. The record. If the answer is lost after this, the client fetches again.
    await call.installation.step(system_id, delivery_id, Step.FETCH)
    return held, answer


async def _waiting(
    request: Request,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    passed: int,
    wanted: int | None,
) -> Rows:
    after: dict[Lane, tuple[datetime, UUID]] = {}
    while wanted is None or wanted > 0:
        page = await request.call.installation.in_thread(_page, request, after)
        for one in page:
            after[one.delivery.lane] = (one.delivery.routed_at, one.delivery.id)
        fits = [
            one
            for one in page
            if one.kind == kind
            if since is None or one.delivery.routed_at >= since
            if until is None or one.delivery.routed_at < until
        ]
        skipped = min(passed, len(fits))
        passed -= skipped
        fits = fits[skipped:]
        if wanted is not None:
            fits = fits[:wanted]
            wanted -= len(fits)
        yield [_row(request, one) for one in fits]
        if len(page) < PAGE:
            return


def _page(request: Request, after: dict[Lane, tuple[datetime, UUID]]) -> list[Waiting]:
    with transaction(request.call.installation.engine) as connection:
        return mailbox_after(connection, request.system_id, after, limit=PAGE)


def _row(request: Request, one: Waiting) -> dict[str, str]:
    delivery = one.delivery
    word, text = RECEIVED[delivery.state]
    return {
        "docId": request.write_id(delivery.id),
        "id": request.write_id(delivery.id),
        "serviceType": "eDoc",
        "messageType": "status" if one.kind == "status" else "edoc",
        "created_time": told(delivery.routed_at),
        "updated_time": told(delivery.fetched_at or delivery.routed_at),
        "from": one.sender,
        "to": delivery.address,
        "status": word,
        "status_desc": text,
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
