"""The attachments of a package that was verified, under names that are safe in one folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree

from adapters.folder.errors import AttachmentTooLargeError
from adapters.folder.names import safe_name
from axis.envelope.base64 import decode_pieces
from axis.envelope.tree import EDXML, parse_tree
from axis.envelope.values import DocumentEnvelope, Message

#: Files that are ZIP archives by nature; all others that look like one were wrapped by a sender.
_ZIPS: Final = frozenset(
    {"zip", "docx", "xlsx", "pptx", "docm", "xlsm", "odt", "ods", "odp", "jar", "apk", "asice"}
)
UNPACKED_BYTES: Final = 256 * 1024 * 1024


def unpack(
    body: bytes,
    envelope: DocumentEnvelope | Message,
    parts: Mapping[str, Path],
    *,
    taken: Collection[str] = (),
) -> dict[str, bytes | Path]:
    """Return the attachments by safe name, in the order of the manifest.

    Args:
        body: the package.
        envelope: what was read of it.
        parts: files of attachments that came apart, by ContentId.
        taken: names that are in the folder already.
    """
    inside = dict(_inside(body))
    found: dict[str, bytes | Path] = {}
    names = {one.content_id: one.attachment_name for one in envelope.manifest}
    names |= {each: None for each in inside if each not in names}
    for number, (content_id, name) in enumerate(names.items(), 1):
        safe = safe_name(name, otherwise=f"tep-{number}", taken=[*taken, *found])
        if content_id in parts:
            found[safe] = parts[content_id]
        elif content_id in inside:
            found[safe] = _unwrapped(safe, inside[content_id])
    return found


def _inside(body: bytes) -> Iterator[tuple[str, bytes]]:
    for each in parse_tree(body).iter(f"{{{EDXML}}}Attachment"):
        content_id = (_text(each, "ContentId") or "").strip().removeprefix("cid:")
        yield content_id, b"".join(decode_pieces(_text(each, "ContentTransferEncoded") or ""))


def _text(element: etree._Element, name: str) -> str | None:
    return element.findtext(f"{{{EDXML}}}{name}")


def _unwrapped(name: str, data: bytes) -> bytes:
    """Return the one file in an archive that a sender's system wrapped it in, or what came."""
    if not data.startswith(b"PK\x03\x04") or name.rpartition(".")[2].lower() in _ZIPS:
        return data
    try:
        return _only_member(name, data)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return data
    except AttachmentTooLargeError:
        return data


def _only_member(name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1:
            return data
        with archive.open(members[0]) as file:
            # The size that the archive names is its own word; what comes out is counted.
            found = file.read(UNPACKED_BYTES + 1)
    if len(found) > UNPACKED_BYTES:
        raise AttachmentTooLargeError(name=name, limit=UNPACKED_BYTES)
    return found
