"""What becomes of the tags of a package, worked out once for all packages that have the same tags.

The packages of one sender mostly differ in their texts only. What the second reading has to find
out of the tags — their canonical form, where the signature stands, which texts are the signature's
parts — is kept for the sequence of tags as it is written, byte for byte. A sequence that was not
seen before is worked out tag by tag, which is five times as slow and gives the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from axis.trust.algorithms import DS
from axis.trust.lexical import LexicalError, Scope, Tag, root_scope
from axis.trust.profile import QCVN
from axis.trust.values import Shape

_DS: Final = DS.encode()
_QCVN: Final = QCVN.encode()
_SPECIAL: Final = frozenset(
    (
        b"Signature",
        b"SignedInfo",
        b"SignatureValue",
        b"X509Certificate",
        b"edXMLEnvelope",
        b"ContentId",
        b"ContentTransferEncoded",
    )
)
_PLANS: Final = 512  #: sequences that are remembered, at most
_PLAN_BYTES: Final = 32 * 1024  #: a longer sequence is worked out each time

Span = tuple[int, int]  #: first and last tag, both included


@dataclass(slots=True)
class Plan:
    """Where is what, in numbers of tags; the text of a number is the one after its tag."""

    tags: list[bytes] = field(default_factory=list)  #: canonical; of an empty one with its end
    envelopes: list[Span] = field(default_factory=list)  #: signed ones, in the manifest shape
    signatures: list[Span] = field(default_factory=list)
    signed_infos: list[Span] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    certificates: list[int] = field(default_factory=list)
    kept: list[tuple[bytes, int]] = field(default_factory=list)  #: ContentId and content, outside


def plan_of(tags: Sequence[bytes], shape: Shape) -> Plan:
    """Return the plan of a sequence of tags.

    Raises:
        LexicalError: the tags are no document.
    """
    key = (shape, b"<".join(tags))
    plan = _KNOWN.get(key)
    if plan is None:
        plan = _work_out(tags, shape)
        if len(key[1]) <= _PLAN_BYTES:
            if len(_KNOWN) >= _PLANS:
                _KNOWN.clear()
            _KNOWN[key] = plan
    return plan


_KNOWN: Final[dict[tuple[Shape, bytes], Plan]] = {}


def _work_out(tags: Sequence[bytes], shape: Shape) -> Plan:
    plan = Plan()
    scope = root_scope()
    #: of each open element: its tag, the scope around it, the spans that its end tag closes
    stack: list[tuple[Tag, Scope, list[Span] | None, int]] = []
    for number, text in enumerate(tags):
        if text[:1] == b"/":
            if not stack:
                raise LexicalError("an end without a start")
            tag, scope, spans, start = stack.pop()
            if text != tag.close and text.rstrip(b" \t\r\n") != tag.close:
                raise LexicalError("an end that is not of the start")
            plan.tags.append(tag.end)
            if spans is not None:
                spans.append((start, number))
            continue
        if not stack and number:
            raise LexicalError("not one element at the top")
        tag = scope.tag(text)
        spans = None
        if tag.local in _SPECIAL:
            spans = _special(plan, tag, number, len(stack), shape)
            if spans is plan.signed_infos or spans is plan.envelopes:
                tag = scope.apex().tag(text)
        if tag.is_empty:
            plan.tags.append(tag.start + tag.end)
            if spans is not None:
                spans.append((number, number))
        else:
            plan.tags.append(tag.start)
            stack.append((tag, scope, spans, number))
            scope = tag.inner
    if stack or not plan.tags:
        raise LexicalError("not one element at the top")
    return plan


def _special(plan: Plan, tag: Tag, number: int, depth: int, shape: Shape) -> list[Span] | None:
    """Note an element that means something; return where its span goes."""
    if tag.uri == _DS:
        match tag.local:
            case b"Signature":
                return plan.signatures
            case b"SignedInfo":
                return plan.signed_infos
            case b"SignatureValue":
                plan.values.append(number)
            case b"X509Certificate":
                plan.certificates.append(number)
    elif tag.uri == _QCVN and shape is Shape.MANIFEST:
        if tag.local == b"edXMLEnvelope" and depth == 1:
            return plan.envelopes
        if depth == 3 and tag.local in (b"ContentId", b"ContentTransferEncoded"):
            plan.kept.append((tag.local, number))
    return None
