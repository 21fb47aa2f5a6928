"""Reads the frame around the payload of a message of another type: attachments and signature."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from axis.envelope.basics import Attachment, ManifestReference, SignatureKind
from axis.envelope.elements import child_of
from axis.envelope.reader import attachments_of, manifest_of, signature_of
from axis.envelope.skeleton import Skeleton


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around a payload says: what is attached, and whether it is signed."""

    manifest: tuple[ManifestReference, ...]
    attachments: tuple[Attachment, ...]
    signature: SignatureKind


def read_frame(tree: etree._Element, skeleton: Skeleton | None = None) -> Frame:
    """Return what stands around the payload of a message of another type.

    Raises:
        EnvelopeError: as :func:`read`.
    """
    envelope = child_of(tree, "edXMLEnvelope")
    return Frame(
        manifest=manifest_of(envelope),
        attachments=attachments_of(tree, skeleton),
        signature=signature_of(child_of(envelope, "edXMLHeader")),
    )
