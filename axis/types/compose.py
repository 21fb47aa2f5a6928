"""Puts the frame around a payload: what a sender signs and sends. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from axis.envelope.tree import EDXML, MESSAGE

_DECLARATION: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something to attach."""

    content_id: str  #: without ``cid:``; the payload may name it
    name: str  #: for people
    content_type: str = "application/octet-stream"
    data: bytes | None = None  #: None: it travels apart, and the signature names its digest


def frame_around(payload: bytes, name: str, version: str, files: Sequence[File] = ()) -> bytes:
    """Return an unsigned package; nothing of the payload changes.

    Args:
        payload: the root element of the type's namespace as XML, with or without a declaration.
        name: the type.
        version: its version.
        files: what is attached, in its order.
    """
    listed = "".join(
        f"<Reference><ContentId>cid:{escape(file.content_id)}</ContentId>"
        f"<ContentType>{escape(file.content_type)}</ContentType>"
        f"<AttachmentName>{escape(file.name)}</AttachmentName></Reference>"
        for file in files
    )
    manifest = f'<edXMLManifest version="1.0">{listed}</edXMLManifest>' if files else ""
    inside = "".join(
        f"<Attachment><ContentId>{escape(file.content_id)}</ContentId>"
        f"<AttachmentName>{escape(file.name)}</AttachmentName>"
        f"<ContentType>{escape(file.content_type)}</ContentType><ContentTransferEncoded>"
        f"{base64.b64encode(file.data).decode()}</ContentTransferEncoded></Attachment>"
        for file in files
        if file.data is not None
    )
    attached = f"<AttachmentEncoded>{inside}</AttachmentEncoded>" if inside else ""
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns={quoteattr(EDXML)}>'
        f"<edXMLEnvelope><edXMLHeader/><edXMLBody>{manifest}"
        f"<m:Payload xmlns:m={quoteattr(MESSAGE)} type={quoteattr(name)}"
        f" version={quoteattr(version)}>"
    )
    tail = f"</m:Payload></edXMLBody></edXMLEnvelope>{attached}</edXML>\n"
    return head.encode() + _DECLARATION.sub(b"", payload).strip() + tail.encode()
