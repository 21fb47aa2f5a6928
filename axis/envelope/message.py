"""A message of another type than edXML's own, as a value."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Final

import msgspec

from axis.envelope.basics import (
    Attachment,
    DocumentId,
    ManifestReference,
    OrganId,
    Organization,
    SignatureKind,
)

_VIETNAM: Final = timedelta(hours=7)  # has no summer time


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="said", tag="message"):
    """A message of another type than edXML's own; the rules of its type say where each stands."""

    is_status: ClassVar[bool] = False
    is_change: ClassVar[bool] = False
    added: ClassVar[tuple[OrganId, ...]] = ()
    type: str  #: such as ``dossier``
    version: str  #: such as ``1``
    sender: Organization
    recipients: tuple[Organization, ...]  #: one at least, in the order written
    document_id: DocumentId
    content_sha256: bytes  #: of the canonical payload (32 bytes); no signature is part of it
    sign: str | None = None  #: the number that people call it by
    title: str | None = None  #: what it is about, in words
    priority: int = 0  #: 0 normal … 4 express at a set hour
    due_at: datetime | None = None  #: the instant by which it is to be answered
    step: str | None = None  #: what it does in its story, such as ``submission``
    answers: frozenset[str] = frozenset()  #: the ids of messages and documents that it answers
    stories: frozenset[tuple[str, str]] = frozenset()  #: type and key of what it belongs to
    order_key: str | None = None  #: what its revisions are of, such as a dossier's number
    revision: int | None = None
    facts: tuple[tuple[str, str], ...] = ()  #: what lists show of it, by the names of its type
    manifest: tuple[ManifestReference, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    signature: SignatureKind = SignatureKind.NONE

    @property
    def does(self) -> str:
        """What it does, as policies name it: the type."""
        return f"type={self.type}"

    @property
    def addresses(self) -> tuple[OrganId, ...]:
        """Whom it is for, each once, in the order written."""
        return tuple(dict.fromkeys(recipient.organ_id for recipient in self.recipients))

    @property
    def named(self) -> str:
        """What the records keep it under."""
        return self.document_id

    @property
    def due_on(self) -> date | None:
        """The day in Vietnam by which it is to be answered."""
        return None if self.due_at is None else (self.due_at + _VIETNAM).date()
