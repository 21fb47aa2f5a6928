"""From bytes to values in one call: prescan, tree, gate, reader, rules."""

from __future__ import annotations

from typing import Protocol

import msgspec
from lxml import etree

from axis.envelope import rules, schema
from axis.envelope.errors import TypeUnknownError
from axis.envelope.limits import DEFAULT, Limits, Scan, prescan
from axis.envelope.reader import read
from axis.envelope.skeleton import Skeleton
from axis.envelope.tree import parse_tree
from axis.envelope.values import Envelope, Message
from axis.envelope.vocabulary import Kind


class Package(msgspec.Struct, frozen=True):
    """A package that says something; whether that can be trusted is for trust to say."""

    tree: etree._Element  #: of the package; where it was read lean, of its skeleton
    envelope: Envelope
    scan: Scan
    skeleton: Skeleton | None = None  #: where it was read lean, what the marks in the tree mean


class Types(Protocol):
    """Reads the messages of other types than edXML's own."""

    @property
    def digest(self) -> bytes:
        """What reading depends on: two that have the same digest read alike."""

    def read(
        self, tree: etree._Element, skeleton: Skeleton | None, scan: Scan, limits: Limits
    ) -> Message:
        """Hold a payload to the schema and the limits of its type, and return what it says.

        Raises:
            AxisError: nobody knows its type, or it does not fit it.
        """


class NoTypes:
    """Knows edXML and nothing else."""

    digest = b""

    def read(
        self, tree: etree._Element, skeleton: Skeleton | None, scan: Scan, limits: Limits
    ) -> Message:
        """Refuse every payload.

        Raises:
            TypeUnknownError: always.
        """
        payload = schema.payload_of(tree)
        got = f"{payload.get('type')}/{payload.get('version')}" if payload is not None else "–"
        raise TypeUnknownError(expected="–", got=got)


EDXML_ONLY: Types = NoTypes()


def parse(
    body: bytes,
    limits: Limits = DEFAULT,
    *,
    attachments_apart: bool | None = None,
    lean: bool = False,
    types: Types = EDXML_ONLY,
) -> Package:
    """Read a package through every check of this room.

    Args:
        body: the exact bytes.
        limits: what a package may cost.
        attachments_apart: whether attachments of the manifest may be absent; when not said, they
            may where the signature has the manifest shape.
        lean: build the tree without the texts of large attachments, which are decoded and hashed
            where they lie; what passes and what is refused is the same.
        types: reads what has a payload of another type in the place of the MessageHeader.

    Raises:
        AxisError: the first refusal, with its place.
    """
    # 1. Bound what the bytes can cost before anything is built from them.
    scan = prescan(body, limits)
    # 2. Build the tree.
    skeleton = Skeleton(body, scan.attachment_texts) if lean else None
    tree = parse_tree(body) if skeleton is None else parse_tree(skeleton.skeleton, whole=body)
    # 3. Hold it to the schema of its kind.
    kind = schema.validate(tree)
    # 4. Read it; attachments are decoded and hashed here, once.
    envelope: Envelope
    if kind is Kind.MESSAGE:
        envelope = types.read(tree, skeleton, scan, limits)
    else:
        envelope = read(tree, skeleton)
    # 5. Hold it to what a schema cannot say.
    apart = rules.is_manifest_signed(tree) if attachments_apart is None else attachments_apart
    rules.check(tree, envelope, limits, attachments_apart=apart)
    return Package(tree, envelope, scan, skeleton)
