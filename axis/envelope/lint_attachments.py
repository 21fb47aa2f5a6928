"""What may trouble the receivers of attachments: names, declared types, ZIP wrapping."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from axis.envelope.elements import Q, text_of
from axis.envelope.package import Package
from axis.envelope.reader import attachment_bytes, normal_content_id
from axis.envelope.remarks import INVISIBLE, Remark, remark
from axis.envelope.values import DocumentEnvelope

#: Formats that are ZIP files themselves.
_ZIP_NAMES: Final = (".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".jar", ".epub")
_PDF: Final = (b"%PDF", "application/pdf")


def look_at_attachments(body: bytes, package: Package) -> Iterator[Remark]:
    """Yield what is remarkable about the attachments of a document package."""
    envelope = package.envelope
    if isinstance(envelope, DocumentEnvelope):
        yield from _manifest(package, envelope)
        yield from _inside(package, envelope)


def _manifest(package: Package, envelope: DocumentEnvelope) -> Iterator[Remark]:
    inside = {attachment.content_id for attachment in envelope.attachments}
    elements = package.tree.iterfind(f".//{Q}edXMLManifest/{Q}Reference")
    for reference, element in zip(envelope.manifest, elements, strict=True):
        name = reference.attachment_name
        if reference.content_id not in inside:
            yield remark("lint.attachment-apart", element, got=reference.content_id)
        if name is None:
            yield remark("lint.name-unlisted", element, got=reference.content_id)
            continue
        if "/" in name or "\\" in name:
            yield remark("lint.name-slash", element, got=name)
        if INVISIBLE.search(name):
            yield remark("lint.name-invisible", element, got=name)
        if not unicodedata.is_normalized("NFC", name):
            yield remark("lint.name-not-nfc", element, got=name)


def _inside(package: Package, envelope: DocumentEnvelope) -> Iterator[Remark]:
    written = {
        normal_content_id(text): text
        for element in package.tree.iterfind(f".//{Q}edXMLManifest/{Q}Reference/{Q}ContentId")
        if (text := text_of(element))
    }
    names = {reference.content_id: reference.attachment_name for reference in envelope.manifest}
    elements = package.tree.iterfind(f"{Q}AttachmentEncoded/{Q}Attachment")
    for attachment, element in zip(envelope.attachments, elements, strict=True):
        content_id = attachment.content_id
        name = attachment.attachment_name or names.get(content_id) or content_id
        encoded = element.find(Q + "ContentTransferEncoded")
        if any(space in ((encoded.text or "") if encoded is not None else "") for space in " \t\n"):
            yield remark("lint.base64-line-breaks", encoded)
        if attachment.size_bytes == 0:
            yield remark("lint.attachment-empty", element, got=name)
        if attachment.is_zip and not name.lower().endswith(_ZIP_NAMES):
            yield remark("lint.attachment-zipped", element, got=name)
        if text_of(element.find(Q + "ContentId")) != written.get(content_id):
            yield remark("lint.content-id-mixed", element, got=content_id)
        head = next(attachment_bytes(package.tree, content_id), b"")[:4]
        found = "application/zip" if attachment.is_zip else _PDF[1] if head == _PDF[0] else None
        declared = attachment.content_type
        if declared is not None and _contradict(declared, found):
            yield remark("lint.content-type", element, got=declared, expected=found or "–")


def _contradict(declared: str, found: str | None) -> bool:
    """Whether a declared type and the first bytes cannot both be right."""
    sure = {"application/zip", _PDF[1]}
    return declared != found and (declared in sure or found == _PDF[1])
