"""The mailbox: what waits, its bytes, and the system's word that it keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.gateway.errors import ParameterError
from adapters.rest.answer import Answer, as_body, as_json, etag_of, is_known
from adapters.rest.call import Call
from adapters.rest.cursor import decode_seen, encode_seen
from adapters.rest.operation import EDXML, Content, Operation, Parameter, integer
from adapters.rest.sending import fault_of
from adapters.rest.sending_table import BODY_ANSWERS
from adapters.rest.shapes import (
    Confirming,
    Delivery,
    Mailbox,
    Refusing,
    Stepped,
    SteppedList,
    delivery_of,
    item_of,
)
from axis.access.values import Scope
from axis.bodies.errors import BodyMissingError
from axis.delivery.errors import DeliveryUnknownError
from axis.delivery.lanes import Lane
from axis.delivery.states import Event as Step
from axis.directory.errors import OfficeUnknownError
from axis.errors import AxisError
from axis.gateway.installation import Body
from axis.store.deliveries import Held, Waiting, deliveries_with_bodies, mailbox_after
from axis.store.engine import reading

#: Deliveries that one call confirms.
CONFIRMED_AT_ONCE: Final = 500
_WHY_MOST: Final = 500

Places = Mapping[Lane, tuple[datetime, UUID]]


async def mailbox(call: Call) -> Answer:
    """Answer with what waits; where nothing does, as soon as something comes."""
    installation = call.installation
    own = installation.settings.gateway
    limit = call.integer("limit", 100, least=1, most=500)
    wait_s = call.wait_s(own.poll_s)
    office = call.text("office")
    office_id = await installation.in_thread(_office_id, call, office) if office else None
    since, seen = _begin(call, timedelta(seconds=own.again_s))
    clock = asyncio.get_running_loop().time
    until = clock() + wait_s
    found = await _list(call, seen, office_id, limit)
    while not found and clock() < until:
        if not await _arrival_or_end(call, until - clock()):
            break
        found = await _list(call, seen, office_id, limit)
    shown = found[:limit]
    installation.remember(call.caller.system_id, shown)
    for waiting in shown:
        delivery = waiting.delivery
        seen[delivery.lane] = (delivery.routed_at, delivery.id)
    return as_json(
        Mailbox(
            items=[item_of(waiting) for waiting in shown],
            cursor=encode_seen(since, seen),
            more=len(found) > limit,
        )
    )


async def show(call: Call) -> Answer:
    """Answer how far a delivery is."""
    held = await own_delivery(call)
    return as_json(delivery_of(held.delivery, held.digest, held.size_bytes))


async def body(call: Call) -> Answer:
    """Give out the exact bytes of a delivery, and record that they were."""
    delivery_id = call.identifier("delivery_id")
    system_id = call.caller.system_id
    # 1. Which bytes they are. Whether they are given out, the step below says; where it is not
    #    taken (HEAD, or the caller has them), the look does.
    known = call.installation.remembered(system_id, delivery_id)
    if known is None or call.scope["method"] == "HEAD" or call.header("if-none-match"):
        held = await call.installation.look(system_id, delivery_id)
        known = Body(held.delivery.package_id, held.digest, held.size_bytes)
    headers = {
        "axis-delivery-id": str(delivery_id),
        "axis-package-id": str(known.package_id),
        "content-disposition": f'attachment; filename="{delivery_id}.edxml"',
    }
    if is_known(call, etag_of(known.digest)):
        return Answer(status=304, headers=headers | {"etag": etag_of(known.digest)})
    # 2. The bytes, compared with their digest, before anything says that they were given out.
    try:
        answer = await as_body(
            call, known.digest, known.size_bytes, media_type=EDXML, headers=headers
        )
    except BodyMissingError:
        await call.installation.look(system_id, delivery_id)  # purged, where it is refused
        raise
    # 3. The record. If the answer is lost after this, the system fetches again.
    if call.scope["method"] != "HEAD" and answer.status in (200, 206):
        await call.installation.step(system_id, delivery_id, Step.FETCH)
    return answer


async def confirm(call: Call) -> Answer:
    """Record that a system keeps a delivery."""
    delivery = await call.installation.step(
        call.caller.system_id, call.identifier("delivery_id"), Step.CONFIRM
    )
    return as_json(
        Stepped(
            delivery_id=delivery.id,
            state=delivery.state.value,
            confirmed_at=delivery.confirmed_at,
        )
    )


async def confirm_many(call: Call) -> Answer:
    """Record that a system keeps deliveries; what stands in the way of one is its answer."""
    asked = await call.json(Confirming)
    if not 1 <= len(asked.delivery_ids) <= CONFIRMED_AT_ONCE:
        raise ParameterError(name="delivery_ids", reason=f"1 to {CONFIRMED_AT_ONCE} of them")
    items = await asyncio.gather(*(_confirm_one(call, one) for one in asked.delivery_ids))
    return as_json(SteppedList(items=list(items)))


async def refuse(call: Call) -> Answer:
    """Record that a system cannot take a delivery."""
    asked = await call.json(Refusing)
    why = asked.why.strip()
    if not 1 <= len(why) <= _WHY_MOST or "\x00" in why:
        raise ParameterError(name="why", reason=f"1 to {_WHY_MOST} characters")
    delivery = await call.installation.step(
        call.caller.system_id, call.identifier("delivery_id"), Step.REFUSE, why=why
    )
    return as_json(Stepped(delivery_id=delivery.id, state=delivery.state.value))


async def own_delivery(call: Call) -> Held:
    """Return the delivery of the path, whatever its state, where it is the caller's.

    Raises:
        DeliveryUnknownError: it is not, whoever else's it is.
    """
    delivery_id = call.identifier("delivery_id")

    def read() -> Held | None:
        with reading(call.installation.engine) as connection:
            return deliveries_with_bodies(connection, [delivery_id]).get(delivery_id)

    held = await call.installation.in_thread(read)
    system_id = call.caller.system_id
    if held is None or held.delivery.system_id != system_id:
        raise DeliveryUnknownError(delivery_id=str(delivery_id), system_id=system_id)
    return held


async def _confirm_one(call: Call, delivery_id: UUID) -> Stepped:
    try:
        delivery = await call.installation.step(call.caller.system_id, delivery_id, Step.CONFIRM)
    except AxisError as error:
        return Stepped(delivery_id=delivery_id, refusal=fault_of(error.refusal, call.lang))
    return Stepped(
        delivery_id=delivery.id, state=delivery.state.value, confirmed_at=delivery.confirmed_at
    )


def _begin(call: Call, again: timedelta) -> tuple[datetime, dict[Lane, tuple[datetime, UUID]]]:
    """Return since when the mailbox is read and how far; an old reading begins anew.

    Then what is still not confirmed is offered again, and so is what was recorded late.
    """
    cursor = call.text("cursor", most=1000)
    if cursor is not None:
        since, seen = decode_seen(cursor)
        if since <= call.now < since + again:
            return since, seen
    return call.now, {}


async def _list(call: Call, seen: Places, office_id: str | None, limit: int) -> list[Waiting]:
    installation, system_id = call.installation, call.caller.system_id
    if not seen and office_id is None:
        return await installation.waiting(system_id, limit=limit + 1)

    def read() -> list[Waiting]:
        with reading(installation.engine) as connection:
            return mailbox_after(connection, system_id, seen, office_id=office_id, limit=limit + 1)

    return await installation.in_thread(read)


async def _arrival_or_end(call: Call, timeout_s: float) -> bool:
    """Wait for something to arrive; False where the time is over or the caller has gone."""
    arrival = asyncio.ensure_future(
        call.installation.arrivals.wait(call.caller.system_id, timeout_s=timeout_s)
    )
    gone = asyncio.ensure_future(_gone(call))
    try:
        await asyncio.wait((arrival, gone), return_when=asyncio.FIRST_COMPLETED)
        return arrival.done() and arrival.result()
    finally:
        arrival.cancel()
        gone.cancel()


async def _gone(call: Call) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass


def _office_id(call: Call, code: str) -> str:
    now = call.now
    office = call.installation.offices.current().directory.find(code, now)
    if office is None:
        raise OfficeUnknownError(code=code, at=f"{now:%Y-%m-%d}")
    return office.office_id


_ID: Final = {"delivery_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b10"}

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/mailbox",
        name="listMailbox",
        group="Receiving",
        summary="List what waits for the system: urgent first, then oldest",
        description=(
            "A delivery stays until it is confirmed. With `wait`, an empty answer is held back "
            "until something comes. With the `cursor` of the answer before, only what came since "
            "is listed; after some minutes a cursor starts over."
        ),
        handler=mailbox,
        scope=Scope.RECEIVE,
        query=(
            integer("limit", "Deliveries in an answer", least=1, most=500, default=100),
            integer("wait", "Seconds to wait where nothing is there", most=3600, default=0),
            Parameter(name="cursor", meaning="`cursor` of the answer before"),
            Parameter(name="office", meaning="Only what is for the office with this code"),
        ),
        answers={200: Content(meaning="What waits", shape=Mailbox)},
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery_id}",
        name="showDelivery",
        group="Receiving",
        summary="Show one delivery",
        handler=show,
        scope=Scope.RECEIVE,
        path_examples=_ID,
        answers={200: Content(meaning="The delivery", shape=Delivery)},
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery_id}/body",
        name="fetchBody",
        group="Receiving",
        summary="Take the exact bytes that the sender signed",
        handler=body,
        scope=Scope.RECEIVE,
        path_examples=_ID,
        headers=(
            Parameter(name="Range", meaning="One range, such as `bytes=1000000-`"),
            Parameter(name="If-None-Match", meaning="The ETag of bytes that are there already"),
        ),
        answers=BODY_ANSWERS,
    ),
    Operation(
        method="POST",
        path="/deliveries/{delivery_id}/confirm",
        name="confirmDelivery",
        group="Receiving",
        summary="Confirm that the system keeps what it fetched; again is no news",
        handler=confirm,
        scope=Scope.RECEIVE,
        path_examples=_ID,
        answers={200: Content(meaning="Confirmed", shape=Stepped)},
    ),
    Operation(
        method="POST",
        path="/deliveries/{delivery_id}/refuse",
        name="refuseDelivery",
        group="Receiving",
        summary="Say that the system cannot take a delivery",
        description="What a clerk refuses is told with status 02 instead, a package of its own.",
        handler=refuse,
        scope=Scope.RECEIVE,
        path_examples=_ID,
        body=Content(meaning="Why", shape=Refusing, example={"why": "không mở được tệp"}),
        answers={200: Content(meaning="Refused", shape=Stepped)},
    ),
    Operation(
        method="POST",
        path="/deliveries/confirm",
        name="confirmDeliveries",
        group="Receiving",
        summary="Confirm many deliveries at once, each with its own answer",
        handler=confirm_many,
        scope=Scope.RECEIVE,
        body=Content(
            meaning="Which",
            shape=Confirming,
            example={"delivery_ids": [_ID["delivery_id"]]},
        ),
        answers={200: Content(meaning="The deliveries, in the order asked", shape=SteppedList)},
    ),
)
