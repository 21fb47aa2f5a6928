"""Reads a signature once more from the bytes received, by our own tokens and canonical form.

It is the second opinion of the hot path. It shares with the first verification the certificate,
SHA-2 and the primitive, but neither the parser, nor the canonicalization, nor the way in which the
signature's parts are found. Both must come to the same canonical bytes, of SignedInfo and of what
it covers; then what was computed over them once holds for both. What both accept has one canonical
form, whoever reads it.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from typing import Final

from axis.envelope.base64 import decode_pieces
from axis.envelope.skeleton import Skeleton
from axis.errors import AxisError
from axis.trust.algorithms import DIGESTS, METHODS, is_signature
from axis.trust.certificates import read_der
from axis.trust.errors import VerifiersDisagreeError
from axis.trust.lexical import LexicalError, character_data, plain_text, tokens
from axis.trust.plan import Plan, Span, plan_of
from axis.trust.values import Shape, SignedForms, VerifiedSignature

_REFERENCE: Final = re.compile(
    rb'<(?:[\w.-]+:)?Reference(?: Id="[^"]*")? URI="([^"]*)">'
    rb"(?:\s*<((?:[\w.-]+:)?)Transforms(?: Id=\"[^\"]*\")?>.*?</\2Transforms>)?"
    rb'\s*<(?:[\w.-]+:)?DigestMethod Algorithm="([^"]*)">\s*</(?:[\w.-]+:)?DigestMethod>'
    rb"\s*<(?:[\w.-]+:)?DigestValue(?: Id=\"[^\"]*\")?>([^<]*)</",
    re.DOTALL,
)


def compare(skeleton: Skeleton, verified: VerifiedSignature, first: SignedForms) -> None:
    """Return if this reading comes to the same canonical bytes as the first verification.

    Args:
        skeleton: the exact bytes received, large texts of attachments apart.
        verified: what the first verification found.
        first: the canonical bytes that it found right.

    Raises:
        VerifiersDisagreeError: it does not, or the bytes cannot be read this way.
    """
    try:
        reason = _difference(_Reading(skeleton, verified.shape), verified, first)
    except (LexicalError, ValueError, KeyError, IndexError, AxisError) as error:
        reason = f"{type(error).__name__}: {str(error)[:120]}"
    if reason is not None:
        got = hashlib.sha256(skeleton.skeleton).hexdigest()
        raise VerifiersDisagreeError(reason=reason, got=got)


def read_again(body: bytes, verified: VerifiedSignature) -> None:
    """Return if the signature holds in this reading of the exact bytes, computed from the start.

    It takes nothing from the first verification but what it found; :func:`compare` is the same
    judgement for a fraction of the cost.

    Raises:
        VerifiersDisagreeError: it does not, or the bytes cannot be read this way.
    """
    try:
        reason = _refusal(_Reading(Skeleton(body, ()), verified.shape), verified)
    except (LexicalError, ValueError, KeyError, IndexError, AxisError) as error:
        reason = f"{type(error).__name__}: {str(error)[:120]}"
    if reason is not None:
        raise VerifiersDisagreeError(reason=reason, got=hashlib.sha256(body).hexdigest())


class _Reading:
    """The canonical bytes and the signature's parts, as the tokens have them."""

    def __init__(self, skeleton: Skeleton, shape: Shape) -> None:
        read = tokens(skeleton.skeleton)
        self.skeleton = skeleton
        self.plan: Plan = plan_of(read.tags, shape)
        self.texts = read.texts
        if read.texts[-1].strip(b" \t\r\n"):
            raise LexicalError("text after the root element")
        canonical = read.texts if read.is_plain else [character_data(each) for each in read.texts]
        # Tags and texts in turn: that of tag n stand at 2n and 2n + 1.
        self._pieces: list[bytes] = [b""] * (2 * len(canonical))
        self._pieces[0::2] = self.plan.tags
        self._pieces[1::2] = canonical
        self._pieces[-1] = b""  # outside the root element
        one_envelope = len(self.plan.envelopes) == (shape is Shape.MANIFEST)
        if len(self.plan.signatures) != 1 or len(self.plan.signed_infos) != 1 or not one_envelope:
            raise LexicalError(
                f"{len(self.plan.signatures)} signatures, {len(self.plan.signed_infos)} SignedInfo,"
                f" {len(self.plan.envelopes)} signed envelopes"
            )
        self.whole: Span = (
            self.plan.envelopes[0]
            if one_envelope and self.plan.envelopes
            else (
                0,
                len(canonical) - 1,
            )
        )

    def signed_info(self) -> bytes:
        """Return the canonical form of SignedInfo."""
        start, end = self.plan.signed_infos[0]
        return b"".join(self._pieces[2 * start : 2 * end + 1])

    def covered(self) -> bytes:
        """Return the canonical form of what the content's digest covers."""
        (first, last), (start, end) = self.whole, self.plan.signatures[0]
        if not first < start <= end < last:
            raise LexicalError("the signature stands outside of what it signs")
        return b"".join(
            self._pieces[2 * first : 2 * start] + self._pieces[2 * end + 1 : 2 * last + 1]
        )

    def value(self) -> bytes:
        """Return the signature's value."""
        (number,) = self.plan.values
        return _decoded(self.texts[number])

    def certificates(self) -> list[bytes]:
        """Return the certificates that it names."""
        return [_decoded(self.texts[number]) for number in self.plan.certificates]

    def contents(self) -> dict[str, str | int]:
        """Return the attachments by ContentId: Base64 text, or the number of one taken out."""
        first, last = self.whole
        contents: dict[str, str | int] = {}
        name = ""
        for local, number in self.plan.kept:
            if first <= number <= last:
                continue  # the manifest's, inside the envelope
            text = self.texts[number]
            if local == b"ContentId":
                name = plain_text(text).strip().removeprefix("cid:")
            elif name in contents:
                raise LexicalError("an attachment that came twice")
            else:
                mark = self.skeleton.number(text)
                contents[name] = plain_text(text) if mark is None else mark
        return contents


def _difference(reading: _Reading, verified: VerifiedSignature, first: SignedForms) -> str | None:
    """Return where this reading and the first verification differ, or None."""
    if reading.certificates() != [verified.certificate_der]:
        return "another certificate"
    if reading.value() != first.value:
        return "another value"
    if reading.signed_info() != first.signed_info:
        return "another canonical form of SignedInfo"
    if reading.covered() != first.covered:
        return "another canonical form of what is signed"
    references = _REFERENCE.findall(first.signed_info)
    if len(references) != 1 + len(verified.attachments):
        return f"{len(references)} references"
    digests = {plain_text(uri): _decoded(value) for uri, _, _, value in references}
    (content_uri,) = digests.keys() - {f"cid:{one.content_id}" for one in verified.attachments}
    if digests[content_uri] != first.digest:
        return "another digest of what is signed"
    if verified.shape is not Shape.MANIFEST:
        return None
    contents = reading.contents()
    if contents.keys() != first.contents.keys():
        return "other attachments"
    for each in verified.attachments:
        content = contents.get(each.content_id)
        if content is None:
            continue  # it travels apart
        if isinstance(content, int) and each.digest_name == "sha256":
            actual = reading.skeleton.content(content).sha256
        else:
            actual = _digest_of(reading, content, each.digest_name)
        if actual != each.digest or digests[f"cid:{each.content_id}"] != actual:
            return f"another digest of cid:{each.content_id}"
    return None


def _refusal(reading: _Reading, verified: VerifiedSignature) -> str | None:
    """Return why the signature does not hold in this reading, or None."""
    if reading.certificates() != [verified.certificate_der]:
        return "another certificate"
    signed_info = reading.signed_info()
    key = read_der(verified.certificate_der).key
    if not is_signature(METHODS[verified.algorithm], key, reading.value(), signed_info):
        return "the value does not fit SignedInfo"
    references = _REFERENCE.findall(signed_info)
    if len(references) != 1 + len(verified.attachments):
        return f"{len(references)} references"
    apart = {each.content_id for each in verified.apart}
    contents = reading.contents()
    for uri, _, method, value in references:
        name = DIGESTS[method.decode()]
        if uri.startswith(b"cid:"):
            content_id = plain_text(uri[4:])
            if content_id not in contents and content_id in apart:
                continue
            actual = _digest_of(reading, contents[content_id], name)
        else:
            actual = hashlib.new(name, reading.covered()).digest()
        if actual != _decoded(value):
            return f"another digest of {uri.decode(errors='replace')}"
    return None


def _decoded(text: bytes) -> bytes:
    """Return the bytes of a Base64 text; Java's XML Signature breaks its lines with ``&#13;``."""
    return b64decode(plain_text(text))


def _digest_of(reading: _Reading, content: str | int, name: str) -> bytes:
    hasher = hashlib.new(name)
    pieces = (
        decode_pieces(content) if isinstance(content, str) else reading.skeleton.decoded(content)
    )
    for piece in pieces:
        hasher.update(piece)
    return hasher.digest()
