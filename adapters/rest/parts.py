"""Attachments that travel apart: brought whole or resumed (tus 1.0), taken with deliveries."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from uuid import UUID

from adapters.gateway.errors import BodyTooLargeError, HeaderError
from adapters.rest.answer import Answer, as_body, as_json, digest_field, etag_of, is_known
from adapters.rest.call import Call, digest_of
from adapters.rest.errors import PartNotBroughtError, UploadVersionError
from adapters.rest.operation import BYTES, Content, Operation, Parameter
from adapters.rest.receiving import own_delivery
from adapters.rest.sending import BODY_ANSWERS
from adapters.rest.shapes import Shape
from axis.access.values import Scope
from axis.parts import (
    StoredPart,
    Upload,
    append_upload,
    cancel_upload,
    complete_upload,
    create_upload,
    show_upload,
    store_part,
)
from axis.parts.errors import PartUnknownError
from axis.store.engine import transaction
from axis.store.parts import PackagePart, PartRecord, parts_brought, parts_of_packages

TUS: Final = "1.0.0"
OFFSETS: Final = "application/offset+octet-stream"
_TUS_HEADERS: Final = {"tus-resumable": TUS}
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_ALSO: Final = ("sha384", "sha512")


class Part(Shape, frozen=True):
    """A part that is durable: packages of the system that brought it may name it."""

    sha256: str
    size_bytes: int


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


# --- bringing ---


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
        also=_also(call),
    )
    return _stored(stored, 201)


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


async def options(call: Call) -> Answer:
    """Answer what of the protocol is spoken."""
    return Answer(
        status=204,
        headers=_TUS_HEADERS
        | {
            "tus-version": TUS,
            "tus-extension": "creation,creation-defer-length,termination",
            "tus-max-size": str(call.installation.settings.parts.part_bytes),
        },
    )


async def create(call: Call) -> Answer:
    """Begin an upload."""
    _demand_tus(call)
    length = call.header("upload-length")
    if length is None and call.header("upload-defer-length") != "1":
        raise HeaderError(name="Upload-Length", reason="a number of bytes")
    upload = await call.installation.in_thread(
        create_upload,
        call.installation.engine,
        call.installation.bodies,
        system_id=call.caller.system_id,
        settings=call.installation.settings.parts,
        now=call.now,
        size_bytes=_number("Upload-Length", length) if length is not None else None,
        expected=_announced_digest(call),
    )
    where = call.url(f"/v1/uploads/{upload.id}")
    return Answer(status=201, headers=_TUS_HEADERS | {"location": where, "upload-offset": "0"})


async def show(call: Call) -> Answer:
    """Answer how far an upload is."""
    _demand_tus(call)
    upload = await call.installation.in_thread(
        show_upload,
        call.installation.engine,
        call.installation.bodies,
        system_id=call.caller.system_id,
        upload_id=call.identifier("upload_id"),
    )
    return Answer(headers=_upload_headers(upload))


async def append(call: Call) -> Answer:
    """Take more bytes; with the last of those announced, the upload becomes a part."""
    _demand_tus(call)
    call.demand_media(OFFSETS)
    installation, upload_id = call.installation, call.identifier("upload_id")
    offset = _number("Upload-Offset", call.header("upload-offset") or "")
    most = installation.settings.parts.part_bytes
    if call.length is not None and offset + call.length > most:
        raise BodyTooLargeError(limit=most)
    upload = await append_upload(
        call.pieces(limit=most, must_end=False),
        engine=installation.engine,
        bodies=installation.bodies,
        system_id=call.caller.system_id,
        upload_id=upload_id,
        offset=offset,
        settings=installation.settings.parts,
        now=call.now,
    )
    headers = _upload_headers(upload)
    if upload.size_bytes is not None and upload.offset == upload.size_bytes:
        stored = await _complete(call, upload_id, None)
        headers["repr-digest"] = digest_field(stored.digest)
    return Answer(status=204, headers=headers)


async def complete(call: Call) -> Answer:
    """Make an upload a part; again, after a lost answer, it is the same answer."""
    expected = call.text("sha256")
    digest = digest_of("sha256", expected) if expected is not None else None
    return _stored(await _complete(call, call.identifier("upload_id"), digest), 200)


async def cancel(call: Call) -> Answer:
    """Throw an upload away."""
    _demand_tus(call)
    await call.installation.in_thread(
        cancel_upload,
        call.installation.engine,
        call.installation.bodies,
        system_id=call.caller.system_id,
        upload_id=call.identifier("upload_id"),
    )
    return Answer(status=204, headers=dict(_TUS_HEADERS))


# --- taking ---


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


# --- the protocol ---


async def _complete(call: Call, upload_id: UUID, expected: bytes | None) -> StoredPart:
    return await call.installation.in_thread(
        complete_upload,
        call.installation.engine,
        call.installation.bodies,
        system_id=call.caller.system_id,
        upload_id=upload_id,
        now=call.now,
        expected=expected,
        also=_also(call),
    )


def _stored(stored: StoredPart, status: int) -> Answer:
    part = Part(sha256=stored.digest.hex(), size_bytes=stored.size_bytes)
    return as_json(part, status, {"repr-digest": digest_field(stored.digest)})


def _demand_tus(call: Call) -> None:
    got = call.header("tus-resumable")
    if got != TUS:
        raise UploadVersionError(got=(got or "nothing")[:20])


def _upload_headers(upload: Upload) -> dict[str, str]:
    headers = _TUS_HEADERS | {"upload-offset": str(upload.offset)}
    if upload.size_bytes is None:
        return headers | {"upload-defer-length": "1"}
    return headers | {"upload-length": str(upload.size_bytes)}


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise HeaderError(name=name, reason="a number of bytes")
    return int(text)


def _also(call: Call) -> list[str]:
    return [name for name in (call.text("also") or "").split(",") if name in _ALSO]


def _announced_digest(call: Call) -> bytes | None:
    """Read ``sha256`` of Upload-Metadata: the hex digits, in Base64 as tus demands."""
    for item in (call.header("upload-metadata") or "").split(","):
        name, _, value = item.strip().partition(" ")
        if name == "sha256":
            try:
                return digest_of("sha256", base64.b64decode(value, validate=True).decode("ascii"))
            except (binascii.Error, UnicodeError) as error:
                raise HeaderError(
                    name="Upload-Metadata", reason="sha256 is Base64 of hex digits"
                ) from error
    return None


_SHA: Final = {"sha256": "9f" * 32}
_UPLOAD: Final = {"upload_id": "0b9f5f6e-7a44-4b63-9a39-55b1f1d3b7c1"}
_PART: Final = {"delivery_id": "77b1f0de-52c1-5c39-8f0e-2a1f4d3c9b10", "content_id": "1"}
_VERSION: Final = Parameter(
    name="Tus-Resumable",
    meaning="Version of the protocol",
    required=True,
    schema={"type": "string", "const": TUS},
    example=TUS,
)
_ALSO_PARAMETER: Final = Parameter(
    name="also", meaning="`sha384` or `sha512`, where the envelope names the part by that digest"
)

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
        query=(_ALSO_PARAMETER,),
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
        method="OPTIONS",
        path="/uploads",
        name="showUploadProtocol",
        group="Large attachments",
        summary="Ask which parts of tus are spoken",
        handler=options,
        scope=Scope.SEND,
        answers={204: Content(meaning="In the headers", media=())},
    ),
    Operation(
        method="POST",
        path="/uploads",
        name="beginUpload",
        group="Large attachments",
        summary="Begin an upload that can be resumed (tus 1.0)",
        handler=create,
        scope=Scope.SEND,
        headers=(
            _VERSION,
            Parameter(name="Upload-Length", meaning="Bytes that will come", example="52428800"),
            Parameter(name="Upload-Defer-Length", meaning="`1`: not known yet"),
            Parameter(name="Upload-Metadata", meaning="`sha256` and Base64 of the hex digits"),
        ),
        answers={201: Content(meaning="Begun", media=(), headers={"Location": "where"})},
    ),
    Operation(
        method="GET",
        path="/uploads/{upload_id}",
        name="showUpload",
        group="Large attachments",
        summary="Ask how far an upload is",
        handler=show,
        scope=Scope.SEND,
        path_examples=_UPLOAD,
        headers=(_VERSION,),
        answers={200: Content(meaning="So far", media=(), headers={"Upload-Offset": "bytes kept"})},
    ),
    Operation(
        method="PATCH",
        path="/uploads/{upload_id}",
        name="appendUpload",
        group="Large attachments",
        summary="Send more bytes; what came before a break is kept",
        handler=append,
        scope=Scope.SEND,
        path_examples=_UPLOAD,
        query=(_ALSO_PARAMETER,),
        headers=(
            _VERSION,
            Parameter(
                name="Upload-Offset", meaning="Where these begin", required=True, example="0"
            ),
        ),
        body=Content(meaning="The bytes from there on", media=(OFFSETS,)),
        answers={204: Content(meaning="Kept", media=(), headers={"Upload-Offset": "bytes kept"})},
    ),
    Operation(
        method="DELETE",
        path="/uploads/{upload_id}",
        name="cancelUpload",
        group="Large attachments",
        summary="Throw an upload away",
        handler=cancel,
        scope=Scope.SEND,
        path_examples=_UPLOAD,
        headers=(_VERSION,),
        answers={204: Content(meaning="Gone", media=())},
    ),
    Operation(
        method="POST",
        path="/uploads/{upload_id}/complete",
        name="completeUpload",
        group="Large attachments",
        summary="Make an upload a part, where its length was not announced",
        handler=complete,
        scope=Scope.SEND,
        path_examples=_UPLOAD,
        query=(
            Parameter(name="sha256", meaning="SHA-256 that the bytes must have"),
            _ALSO_PARAMETER,
        ),
        answers={200: Content(meaning="The part", shape=Part)},
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
