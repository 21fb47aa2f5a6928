"""Packages whose attachments travel apart: signed in the manifest shape, then taken out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from axis.envelope.values import ManifestReference
from axis.envelope.writer import encode
from axis.parts import StoredPart, store_part
from axis.settings import PartSettings
from axis.trust.sign import sign
from axis.trust.values import Shape
from tests.relay.installation import Installation
from tests.relay.papers import G22, document

_ENCODED = re.compile(rb"<(\w+:)?AttachmentEncoded.*AttachmentEncoded>", re.DOTALL)


def apart(
    axis: Installation,
    contents: Mapping[str, bytes],
    *,
    number: int = 1,
    keep: tuple[str, ...] = (),
    **more: object,
) -> bytes:
    """A package that signs these attachments by name and holds only those in ``keep``."""
    manifest = tuple(
        ManifestReference(content_id=str(place), attachment_name=name, content_type="text/plain")
        for place, name in enumerate(contents, 1)
    )
    envelope = replace(document(number, **more), manifest=manifest)
    by_id = {str(place): data for place, data in enumerate(contents.values(), 1)}
    whole = sign(encode(envelope, by_id), axis.signers[G22], Shape.MANIFEST)
    if not keep:
        return _ENCODED.sub(b"", whole)
    for content_id, name in zip(by_id, contents, strict=True):
        if name not in keep:
            one = rb"<(\w+:)?Attachment>\s*<(\w+:)?ContentId>(cid:)?" + content_id.encode()
            assert re.search(one, whole)
            whole = re.sub(one + rb".*?</(\w+:)?Attachment>", b"", whole, flags=re.DOTALL)
    return whole


async def pieces(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def bring(axis: Installation, *contents: bytes, system: str = "vpcp") -> list[StoredPart]:
    return [
        await store_part(
            pieces(content),
            system_id=system,
            engine=axis.engine,
            bodies=axis.bodies,
            settings=PartSettings(),
            now=datetime.now(UTC),
        )
        for content in contents
    ]
