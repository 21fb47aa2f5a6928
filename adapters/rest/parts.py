"""Attachments that travel apart: brought whole, and taken with deliveries."""

from __future__ import annotations

from typing import Final

from adapters.rest.answer import Answer, as_body, as_json, etag_of, is_known
from adapters.rest.call import Call
from adapters.rest.errors import PartNotBroughtError
from adapters.rest.operation import BYTES, Content, Operation
from adapters.rest.receiving import own_delivery
from adapters.rest.sending_table import BODY_ANSWERS
from adapters.rest.shapes import Shape
from adapters.rest.uploads import ALSO, Part, also_of, stored_part
from axis.access.values import Scope
from axis.parts import (
    store_part,
)
from axis.parts.errors import PartUnknownError
from axis.store.engine import transaction
from axis.store.parts import PackagePart, PartRecord, parts_brought, parts_of_packages


class DeliveredPart(Shape, frozen=True):
    """An attachment of a delivery that came apart from the envelope."""

    content_id: str
    name: str | None  #: as the envelope signs it; for people, never a path
    content_type: str | None  #: as declared; do not rely on it
    sha256: str
    size_bytes: int
    href: str


class DeliveredParts(Shape, frozen=True):
    """The attachments of a delivery that came apart, in the order of the manifest."""

    items: list[DeliveredPart]


async def put(call: Call) -> Answer:
    """Take a whole part."""
    installation = call.installation
    digest = call.digest("sha256")
    call.demand_media(BYTES)
    stored = await store_part(
        call.pieces(limit=installation.settings.parts.part_bytes),
        system_id=call.caller.system_id,
        engine=installation.engine,
        bodies=installation.bodies,
        settings=installation.settings.parts,
        now=call.now,
        expected=digest,
        also=also_of(call),
    )
    return stored_part(stored, 201)


async def show_part(call: Call) -> Answer:
    """Answer whether the system has brought a part."""
    digest = call.digest("sha256")

    def read() -> PartRecord | None:
        with transaction(call.installation.engine) as connection:
            found = parts_brought(connection, call.caller.system_id, [("sha256", digest)])
        return found.get(("sha256", digest))

    part = await call.installation.in_thread(read)
    if part is None:
        raise PartNotBroughtError(sha256=digest.hex())
    return as_json(Part(sha256=digest.hex(), size_bytes=part.size_bytes))


async def delivered(call: Call) -> Answer:
    """Answer with the parts of a delivery."""
    delivery_id = call.identifier("delivery_id")
    parts = await _parts_of(call)
    here = call.url(f"/v1/deliveries/{delivery_id}/parts")
    return as_json(
        DeliveredParts(
            items=[
                DeliveredPart(
                    content_id=part.content_id,
                    name=part.name,
                    content_type=part.content_type,
                    sha256=part.digest.hex(),
                    size_bytes=part.size_bytes,
                    href=f"{here}/{part.content_id}",
                )
                for part in parts
            ]
        )
    )


async def take(call: Call) -> Answer:
    """Give out one part of a delivery; it says nothing about the delivery itself."""
    delivery_id, content_id = call.identifier("delivery_id"), call.word("content_id")
    # As with the body: what was recalled, refused or purged is not given out.
    await call.installation.look(call.caller.system_id, delivery_id)
    for part in await _parts_of(call):
        if part.content_id == content_id:
            if is_known(call, etag_of(part.digest)):
                return Answer(status=304, headers={"etag": etag_of(part.digest)})
            return await as_body(call, part.digest, part.size_bytes, media_type=BYTES)
    raise PartUnknownError(delivery_id=str(delivery_id), content_id=content_id)


async def _parts_of(call: Call) -> list[PackagePart]:
    package_id = (await own_delivery(call)).delivery.package_id

    def read() -> list[PackagePart]:
        with transaction(call.installation.engine) as connection:
            return parts_of_packages(connection, [package_id]).get(package_id, [])

    return await call.installation.in_thread(read)


_SHA: Final = {"sha256": "9f" * 32}
_PART: Final = {"delivery_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b10", "content_id": "1"}

OPERATIONS: Final = (
    Operation(
        method="PUT",
        path="/parts/{sha256}",
        name="bringPart",
        group="Large attachments",
        summary="Bring a whole attachment, which packages of this system may then name",
        handler=put,
        scope=Scope.SEND,
        path_examples=_SHA,
        query=(ALSO,),
        body=Content(meaning="The attachment's bytes", media=(BYTES,)),
        answers={201: Content(meaning="Kept", shape=Part)},
    ),
    Operation(
        method="GET",
        path="/parts/{sha256}",
        name="showPart",
        group="Large attachments",
        summary="Ask whether this system has brought a part",
        handler=show_part,
        scope=Scope.SEND,
        path_examples=_SHA,
        answers={200: Content(meaning="It has", shape=Part)},
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery_id}/parts",
        name="listParts",
        group="Receiving",
        summary="List the attachments of a delivery that came apart",
        handler=delivered,
        scope=Scope.RECEIVE,
        path_examples=_PART,
        answers={200: Content(meaning="The parts", shape=DeliveredParts)},
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery_id}/parts/{content_id:path}",
        name="fetchPart",
        group="Receiving",
        summary="Take one attachment of a delivery that came apart",
        handler=take,
        scope=Scope.RECEIVE,
        path_examples=_PART,
        answers=BODY_ANSWERS,
    ),
)
