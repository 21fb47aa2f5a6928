"""Uploads of attachments that can be interrupted and resumed (tus 1.0)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from uuid import UUID

from adapters.gateway.errors import BodyTooLargeError, HeaderError
from adapters.rest.answer import Answer, as_json, digest_field
from adapters.rest.call import Call, digest_of
from adapters.rest.errors import UploadVersionError
from adapters.rest.operation import Content, Operation, Parameter
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
)

TUS: Final = "1.0.0"
OFFSETS: Final = "application/offset+octet-stream"
_TUS_HEADERS: Final = {"tus-resumable": TUS}
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_ALSO: Final = ("sha384", "sha512")


class Part(Shape, frozen=True):
    """A part that is durable: packages of the system that brought it may name it."""

    sha256: str
    size_bytes: int


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
    return stored_part(await _complete(call, call.identifier("upload_id"), digest), 200)


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


async def _complete(call: Call, upload_id: UUID, expected: bytes | None) -> StoredPart:
    return await call.installation.in_thread(
        complete_upload,
        call.installation.engine,
        call.installation.bodies,
        system_id=call.caller.system_id,
        upload_id=upload_id,
        now=call.now,
        expected=expected,
        also=also_of(call),
    )


def stored_part(stored: StoredPart, status: int) -> Answer:
    """Return a part that is durable."""
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


def also_of(call: Call) -> list[str]:
    """Return by which other digests the envelope will name a part."""
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


_UPLOAD: Final = {"upload_id": "0b9f5f6e-7a44-4b63-9a39-55b1f1d3b7c1"}
_VERSION: Final = Parameter(
    name="Tus-Resumable",
    meaning="Version of the protocol",
    required=True,
    schema={"type": "string", "const": TUS},
    example=TUS,
)
ALSO: Final = Parameter(
    name="also", meaning="`sha384` or `sha512`, where the envelope names the part by that digest"
)

OPERATIONS: Final = (
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
        query=(ALSO,),
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
            ALSO,
        ),
        answers={200: Content(meaning="The part", shape=Part)},
    ),
)
