"""Takes the attachments out of a package that is to be signed, so that they travel apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from axis.envelope.elements import Q
from axis.envelope.package import parse
from axis.envelope.reader import attachment_bytes
from axis.envelope.values import Attachment, DocumentEnvelope, ManifestReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An attachment that a package names."""

    reference: ManifestReference
    attachment: Attachment | None  #: None where it is not inside

    @property
    def content_id(self) -> str:
        """Its id, without ``cid:``."""
        return self.reference.content_id

    @property
    def name(self) -> str | None:
        """What people call it."""
        return self.reference.attachment_name or (
            self.attachment.attachment_name if self.attachment else None
        )


class Unsigned:
    """A package before it is signed, with its attachments inside or beside it."""

    def __init__(self, body: bytes) -> None:
        """Read a package.

        Raises:
            EnvelopeError: it is none.
        """
        package = parse(body, attachments_apart=True)
        self._tree = package.tree
        envelope = package.envelope
        listed = envelope if isinstance(envelope, DocumentEnvelope) else None
        inside = {one.content_id: one for one in listed.attachments} if listed else {}
        self.attachments: tuple[Listed, ...] = tuple(
            Listed(reference=one, attachment=inside.get(one.content_id))
            for one in (listed.manifest if listed else ())
        )

    def content(self, content_id: str) -> Iterator[bytes]:
        """Yield the bytes of an attachment that is inside, in pieces.

        Raises:
            AttachmentMissingError: it is not inside.
        """
        return attachment_bytes(self._tree, content_id)

    def without_attachments(self) -> bytes:
        """Return the package without what it holds."""
        for encoded in list(self._tree.iterchildren(Q + "AttachmentEncoded")):
            before = encoded.getprevious()
            if before is not None:
                before.tail = encoded.tail
            self._tree.remove(encoded)
        return etree.tostring(self._tree.getroottree(), xml_declaration=True, encoding="UTF-8")
