"""From bytes to values in one call: prescan, tree, gate, reader, rules."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from axis.envelope import rules, schema
from axis.envelope.limits import DEFAULT, Limits, Scan, prescan
from axis.envelope.reader import read
from axis.envelope.skeleton import Skeleton
from axis.envelope.tree import parse_tree
from axis.envelope.values import Envelope


@dataclass(frozen=True, slots=True)
class Package:
    """A package that says something; whether that can be trusted is for trust to say."""

    tree: etree._Element  #: of the package; where it was read lean, of its skeleton
    envelope: Envelope
    scan: Scan
    skeleton: Skeleton | None = None  #: where it was read lean, what the marks in the tree mean


def parse(
    body: bytes,
    limits: Limits = DEFAULT,
    *,
    attachments_apart: bool | None = None,
    lean: bool = False,
) -> Package:
    """Read a package through every check of this room.

    Args:
        body: the exact bytes.
        limits: what a package may cost.
        attachments_apart: whether attachments of the manifest may be absent; when not said, they
            may where the signature has the manifest shape.
        lean: build the tree without the texts of large attachments, which are decoded and hashed
            where they lie; what passes and what is refused is the same.

    Raises:
        EnvelopeError: the first refusal, with its place.
    """
    # 1. Bound what the bytes can cost before anything is built from them.
    scan = prescan(body, limits)
    # 2. Build the tree.
    skeleton = Skeleton(body, scan.attachment_texts) if lean else None
    tree = parse_tree(body) if skeleton is None else parse_tree(skeleton.skeleton, whole=body)
    # 3. Hold it to the schema of its kind.
    schema.validate(tree)
    # 4. Read it; attachments are decoded and hashed here, once.
    envelope = read(tree, skeleton)
    # 5. Hold it to what a schema cannot say.
    apart = rules.is_manifest_signed(tree) if attachments_apart is None else attachments_apart
    rules.check(tree, envelope, limits, attachments_apart=apart)
    return Package(tree, envelope, scan, skeleton)
