"""What trust has found out about a package."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Shape(StrEnum):
    """What the references of a signature cover."""

    WHOLE = "whole"  #: the whole document without the signature
    MANIFEST = "manifest"  #: the envelope by its Id, each attachment by the digest of its bytes


class Weakness(StrEnum):
    """Why a package that was let in proves less than a strictly signed one."""

    SHA1 = "legacy-sha1"
    UNSIGNED = "legacy-unsigned"


class SignedAttachment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An attachment that a manifest-shaped signature covers by the digest of its decoded bytes."""

    content_id: str  #: without ``cid:``
    digest_name: str  #: ``sha256``, ``sha384`` or ``sha512``
    digest: bytes
    inline: bool  #: it came inside the package and its bytes had this digest


class VerifiedSignature(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A signature that is mathematically right; whether its certificate counts is not said."""

    shape: Shape
    algorithm: str  #: the URI of the signature method
    certificate_der: bytes  #: the certificate that KeyInfo named; its key made the signature
    certificate_sha256: bytes  #: SHA-256 of the certificate (32 bytes)
    spki_sha256: bytes  #: SHA-256 of its SubjectPublicKeyInfo (32 bytes)
    weak: Weakness | None = None
    attachments: tuple[
        SignedAttachment, ...
    ] = ()  #: empty in the whole shape: it covers them itself

    @property
    def apart(self) -> tuple[SignedAttachment, ...]:
        """The signed attachments that travel apart; their bytes are still to be compared."""
        return tuple(each for each in self.attachments if not each.inline)


class SignedForms(msgspec.Struct, frozen=True, gc=False):
    """What the first verification computed and found right, for the second reading to compare.

    Large texts of attachments stand as the marks of their skeleton.
    """

    covered: bytes  #: the canonical form of what the content's digest covers
    signed_info: bytes  #: the canonical form of SignedInfo
    value: bytes  #: the signature's value
    digest: bytes  #: of what the content's digest covers, as it was signed and computed
    contents: Mapping[str, bytes]  #: SHA-256 of each attachment inside, by ContentId
