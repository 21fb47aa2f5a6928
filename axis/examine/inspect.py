"""Reads one package of unknown origin: envelope first, then the signature.

Nothing here asks who may send what: that is admission's, over the result.
"""

from __future__ import annotations

import msgspec

from axis.envelope.limits import Limits
from axis.envelope.package import EDXML_ONLY, Package, Types, parse
from axis.envelope.tree import parse_tree
from axis.envelope.values import Envelope, Message
from axis.errors import AxisError
from axis.trust.errors import UnsignedError
from axis.trust.legacy import unsigned, verify_legacy
from axis.trust.second_reading import compare
from axis.trust.values import VerifiedSignature
from axis.trust.verify import verify_forms


class Inspection(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A package that could be read; its signature holds, or ``signature`` says why not."""

    envelope: Envelope
    signature: VerifiedSignature | AxisError
    weak: VerifiedSignature | None = None  #: what it proves by legacy rules, where not by strict

    def verified(self) -> VerifiedSignature:
        """Return the signature.

        Raises:
            AxisError: why there is none that holds.
        """
        if isinstance(self.signature, AxisError):
            raise self.signature
        return self.signature


def inspect(
    body: bytes, *, limits: Limits, second_opinion: bool, types: Types = EDXML_ONLY
) -> Inspection:
    """Inspect the exact bytes of one package; ``types`` reads what is not edXML's own.

    Raises:
        AxisError: what is wrong with the envelope (fault INPUT), with its place.
    """
    # 1. Envelope: counters over the raw bytes, tree, schema, fields, rules. What the sender can fix
    #    is named before anyone asks who the sender is.
    package = parse(body, limits, lean=True, types=types)
    # 2. The signature, over the tree that the fields were read from.
    signature: VerifiedSignature | AxisError
    try:
        signature, forms = verify_forms(package.tree, skeleton=package.skeleton)
        if second_opinion and package.skeleton is not None:
            compare(package.skeleton, signature, forms)
    except AxisError as error:
        signature = error
    # 3. What it would prove by the rules of today's systems; admission knows whether that counts.
    #    Other types than edXML's own are new: nobody has a weak signature to bring along.
    weak = None
    if isinstance(signature, AxisError) and not isinstance(package.envelope, Message):
        weak = _weak(body, package)
    return Inspection(envelope=package.envelope, signature=signature, weak=weak)


def _weak(body: bytes, package: Package) -> VerifiedSignature | None:
    try:
        # Those rules canonicalize in other ways, so they get the whole tree.
        return verify_legacy(parse_tree(body) if package.skeleton else package.tree)
    except UnsignedError:
        return unsigned()
    except AxisError:
        return None
