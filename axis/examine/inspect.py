"""Reads one package of unknown origin, in the order that costs an attacker most and us least.

Nothing here asks who may send what: that is admission's, over the result.
"""

from __future__ import annotations

from dataclasses import dataclass

from axis.envelope.limits import Limits, prescan
from axis.envelope.reader import read
from axis.envelope.rules import check
from axis.envelope.schema import validate
from axis.envelope.tree import parse_tree
from axis.envelope.values import Envelope
from axis.errors import AxisError
from axis.trust.second_opinion import ask_signxml
from axis.trust.values import Shape, VerifiedSignature
from axis.trust.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A package that could be read; its signature holds, or ``signature`` says why not."""

    envelope: Envelope
    signature: VerifiedSignature | AxisError

    def verified(self) -> VerifiedSignature:
        """Return the signature.

        Raises:
            AxisError: why there is none that holds.
        """
        if isinstance(self.signature, AxisError):
            raise self.signature
        return self.signature


def inspect(body: bytes, *, limits: Limits, second_opinion: bool) -> Inspection:
    """Inspect the exact bytes of one package.

    Raises:
        AxisError: what is wrong with the envelope (fault INPUT), with its place.
    """
    # 1. Counters over the raw bytes: nothing after this can be made to work without bound.
    prescan(body, limits)
    # 2. The tree, and its shape.
    tree = parse_tree(body)
    validate(tree)
    # 3. The signature over the tree that the fields are read from.
    signature: VerifiedSignature | AxisError
    try:
        signature = verify(tree)
        if second_opinion:
            ask_signxml(body, signature)
    except AxisError as error:
        signature = error
    # 4. The fields, and the rules that a schema cannot say.
    envelope = read(tree)
    apart = isinstance(signature, VerifiedSignature) and signature.shape is Shape.MANIFEST
    check(envelope, attachments_apart=apart)
    return Inspection(envelope=envelope, signature=signature)
