"""What packages of all types share: names, parties, attachments, the place of a signature."""

from __future__ import annotations

from enum import Enum
from typing import Final, NewType

import msgspec

OrganId = NewType("OrganId", str)  #: an opaque key of the directory, compared as written
DocumentId = NewType("DocumentId", str)  #: what the sender calls the document
SystemId = NewType("SystemId", str)  #: an eOffice installation

#: The two types of edXML, as records and rules name them, and the type that documents can answer.
DOCUMENT: Final = "document"
STATUS: Final = "status"
TASK: Final = "task"
EDXML_VERSION: Final = "1.0"


class SignatureKind(Enum):
    """Which Signature element a package carries; only trust says whether it holds."""

    NONE = "none"
    PLACEHOLDER = "placeholder"  #: ``Signature`` or ``DigitalSignature`` in the edXML namespace
    XMLDSIG = "xmldsig"  #: ``ds:Signature``


class Organization(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who sends or receives (From, To)."""

    organ_id: OrganId
    organization_in_charge: str | None = None
    organ_name: str | None = None
    organ_add: str | None = None
    email: str | None = None
    telephone: str | None = None
    fax: str | None = None
    website: str | None = None


class ManifestReference(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An attachment as the envelope names it."""

    content_id: str  #: without ``cid:``
    attachment_name: str | None = None  #: for people; never a path
    content_type: str | None = None  #: as declared; unreliable
    description: str | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An attachment that travels inside the package; the bytes are yielded by the reader."""

    content_id: str  #: without ``cid:``
    sha256: bytes  #: of the decoded bytes (32 bytes)
    size_bytes: int  #: decoded
    is_zip: bool = False  #: starts with ``PK\\x03\\x04``: the Java SDK wraps each file so
    attachment_name: str | None = None
    content_type: str | None = None
    description: str | None = None
