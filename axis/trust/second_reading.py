"""Verifies a signature once more from the bytes received, by our own tokens and canonical form.

It is the second opinion of the hot path: it shares with the first verification the certificate,
SHA-2 and the primitive, but neither the parser, nor the canonicalization, nor the way in which the
signature's parts are found. What both accept has one canonical form, whoever reads it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Sequence
from typing import Final

from axis.envelope.base64 import decode_pieces
from axis.errors import AxisError
from axis.trust.algorithms import DIGESTS, DS, METHODS, is_signature
from axis.trust.certificates import read_der
from axis.trust.errors import VerifiersDisagreeError
from axis.trust.large_texts import Skeleton
from axis.trust.lexical import (
    LexicalError,
    Scope,
    Tag,
    character_data,
    plain_text,
    root_scope,
    tokens,
)
from axis.trust.profile import QCVN
from axis.trust.values import Shape, VerifiedSignature

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
_REFERENCE: Final = re.compile(
    rb'<(?:[\w.-]+:)?Reference(?: Id="[^"]*")? URI="([^"]*)">'
    rb"(?:\s*<((?:[\w.-]+:)?)Transforms(?: Id=\"[^\"]*\")?>.*?</\2Transforms>)?"
    rb'\s*<(?:[\w.-]+:)?DigestMethod Algorithm="([^"]*)">\s*</(?:[\w.-]+:)?DigestMethod>'
    rb"\s*<(?:[\w.-]+:)?DigestValue(?: Id=\"[^\"]*\")?>([^<]*)</",
    re.DOTALL,
)


def read_again(
    body: bytes, verified: VerifiedSignature, *, texts: Sequence[tuple[int, int]] = ()
) -> None:
    """Return if the signature holds in this reading of the exact bytes received too.

    Args:
        body: the exact bytes received.
        verified: what the first verification found.
        texts: where the prescan found the texts of attachments; they are hashed where they lie.

    Raises:
        VerifiersDisagreeError: it does not, or the bytes cannot be read this way.
    """
    try:
        reason = _Reading(Skeleton(body, texts), verified).refusal()
    except (LexicalError, ValueError, KeyError, IndexError, AxisError) as error:
        reason = f"{type(error).__name__}: {str(error)[:120]}"
    if reason is not None:
        raise VerifiersDisagreeError(reason=reason, got=hashlib.sha256(body).hexdigest())


class _Reading:
    """One pass over the tokens: what is covered is collected, the signature's parts are kept."""

    def __init__(self, skeleton: Skeleton, verified: VerifiedSignature) -> None:
        self._skeleton = skeleton
        self._verified = verified
        self._covered: list[bytes] = []
        self._signed_info: list[bytes] = []
        self._texts: dict[bytes, list[bytes]] = {name: [] for name in _SPECIAL}
        #: ContentId and content outside the envelope, with the number of marks before each
        self._kept: list[tuple[bytes, bytes, int]] = []
        self._marks = 0
        self._envelopes = 0
        self._signatures = 0
        self._run()

    def _run(self) -> None:
        manifest = self._verified.shape is Shape.MANIFEST
        read = tokens(self._skeleton.skeleton)
        is_plain, mark = read.is_plain, self._skeleton.mark
        roots = 0
        nothing: list[bytes] = []
        sink = nothing if manifest else self._covered
        scope = root_scope()
        stack: list[tuple[Tag, Scope, list[bytes]]] = []
        for text_of_tag, _, text in read.pieces:
            if text_of_tag[:1] == b"/":
                if not stack:
                    raise LexicalError("an end without a start")
                tag, scope, outer = stack.pop()
                if text_of_tag != tag.close and text_of_tag.rstrip(b" \t\r\n") != tag.close:
                    raise LexicalError("an end that is not of the start")
                sink.append(tag.end)
                sink = outer
            else:
                tag = scope.tag(text_of_tag)
                inner = sink
                if not stack:
                    roots += 1
                if tag.local in _SPECIAL:
                    tag, inner = self._special(tag, text_of_tag, text, scope, sink, len(stack))
                inner.append(tag.start)
                if tag.is_empty:
                    inner.append(tag.end)
                else:
                    stack.append((tag, scope, sink))
                    scope, sink = tag.inner, inner
            if text:
                if not stack and text.strip(b" \t\r\n"):
                    raise LexicalError("text after the root element")
                if text == mark:
                    self._marks += 1
                if stack:
                    sink.append(text if is_plain else character_data(text))
        if stack or roots != 1:
            raise LexicalError("not one element at the top")

    def _special(
        self,
        tag: Tag,
        text_of_tag: bytes,
        text: bytes,
        scope: Scope,
        sink: list[bytes],
        depth: int,
    ) -> tuple[Tag, list[bytes]]:
        """Return the tag, anew where canonicalization begins at it, and where its inside goes."""
        if tag.uri == _DS:
            if tag.local == b"Signature":
                self._signatures += 1
                return tag, []
            if tag.local == b"SignedInfo":
                return scope.apex().tag(text_of_tag), self._signed_info
            self._texts[tag.local].append(text)
        elif tag.uri == _QCVN and self._verified.shape is Shape.MANIFEST:
            if tag.local == b"edXMLEnvelope" and depth == 1:
                self._envelopes += 1
                return scope.apex().tag(text_of_tag), self._covered
            if sink is not self._covered and depth == 3:
                self._kept.append((tag.local, text, self._marks))
        return tag, sink

    def refusal(self) -> str | None:
        """Return why the signature does not hold in this reading, or None."""
        verified = self._verified
        if self._signatures != 1 or self._envelopes != (verified.shape is Shape.MANIFEST):
            return f"{self._signatures} signatures, {self._envelopes} signed envelopes"
        certificates = [b64decode(each) for each in self._texts[b"X509Certificate"]]
        if certificates != [verified.certificate_der]:
            return "another certificate"
        signed_info = b"".join(self._signed_info)
        values = self._texts[b"SignatureValue"]
        key = read_der(verified.certificate_der).key
        if len(values) != 1 or not is_signature(
            METHODS[verified.algorithm], key, b64decode(values[0]), signed_info
        ):
            return "the value does not fit SignedInfo"
        references = _REFERENCE.findall(signed_info)
        if len(references) != 1 + len(verified.attachments):
            return f"{len(references)} references"
        apart = {each.content_id for each in verified.apart}
        contents = self._contents()
        for uri, _, method, value in references:
            name = DIGESTS[method.decode()]
            if uri.startswith(b"cid:"):
                content_id = plain_text(uri[4:])
                if content_id not in contents and content_id in apart:
                    continue
                actual = _digest_of_attachment(contents[content_id], name)
            else:
                actual = self._digest_of_covered(name)
            if not hmac.compare_digest(actual, b64decode(value)):
                return f"another digest of {uri.decode(errors='replace')}"
        return None

    def _contents(self) -> dict[str, str]:
        """Return the Base64 texts of the attachments by ContentId."""
        contents: dict[str, str] = {}
        name = ""
        for local, text, mark in self._kept:
            if local == b"ContentId":
                name = plain_text(text).strip().removeprefix("cid:")
            elif name in contents:
                raise LexicalError("an attachment that came twice")
            elif len(self._skeleton) and text == self._skeleton.mark:
                contents[name] = str(self._skeleton.text(mark), "ascii")
            else:
                contents[name] = plain_text(text)
        return contents

    def _digest_of_covered(self, name: str) -> bytes:
        hasher = hashlib.new(name)
        for piece in self._skeleton.restore(b"".join(self._covered)):
            hasher.update(piece)
        return hasher.digest()


def _digest_of_attachment(text: str, name: str) -> bytes:
    hasher = hashlib.new(name)
    for piece in decode_pieces(text):
        hasher.update(piece)
    return hasher.digest()
