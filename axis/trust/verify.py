"""Verifies the one signature of a package: our own exclusive C14N, SHA-2 and the certificate's key.

The steps, in this order; the first that fails refuses the package:

1. The signature has the exact form of the profile (:mod:`axis.trust.profile`).
2. The certificate that KeyInfo names can be read and its key is strong and of the method's kind.
3. The value is the key's signature over the canonical SignedInfo.
4. The content (the whole document, or the envelope) has the signed digest.
5. In the manifest shape: manifest, signed references and attachments match one to one, and every
   attachment that came inside has the signed digest.

What the caller must still do: judge the certificate (:mod:`axis.trust.judge`), compare the
attachments that travel apart, and read fields from this very tree only: in the whole shape from
anywhere in it, in the manifest shape from ``edXMLEnvelope``, and of an attachment nothing but its
content by the ContentId that the manifest lists.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sized
from typing import Final

from lxml import etree

from axis.envelope.base64 import decode_pieces
from axis.envelope.skeleton import Skeleton
from axis.errors import Place
from axis.trust.algorithms import digest, fits, is_signature
from axis.trust.canonical import canonical, without_signature
from axis.trust.certificates import Certificate, read_der
from axis.trust.errors import (
    AlgorithmError,
    AttachmentMismatchError,
    DigestMismatchError,
    UncoveredError,
    ValueMismatchError,
)
from axis.trust.forms import claim_of
from axis.trust.profile import (
    ENVELOPE,
    QCVN,
    Claim,
    ReferenceClaim,
    line_of,
)
from axis.trust.values import Shape, SignedAttachment, SignedForms, VerifiedSignature

_MANIFEST: Final = f"{{{QCVN}}}edXMLBody/{{{QCVN}}}edXMLManifest/{{{QCVN}}}Reference"
_ENCODED: Final = f"{{{QCVN}}}AttachmentEncoded"
_ATTACHMENT: Final = f"{{{QCVN}}}Attachment"
_CONTENT_ID: Final = f"{{{QCVN}}}ContentId"
_NAME: Final = f"{{{QCVN}}}AttachmentName"
_CONTENT: Final = f"{{{QCVN}}}ContentTransferEncoded"
_LEAVES: Final = frozenset(
    f"{{{QCVN}}}{name}"
    for name in (
        "ContentId",
        "AttachmentName",
        "Description",
        "ContentType",
        "ContentTransferEncoded",
    )
)


def verify(
    root: etree._Element,
    *,
    skeleton: Skeleton | None = None,
    apart: Mapping[str, Mapping[str, bytes]] | None = None,
) -> VerifiedSignature:
    """Return what the signature of a package proves; the tree is left as it is.

    Args:
        root: the ``edXML`` element of the whole document, or of its skeleton.
        skeleton: where ``root`` is a skeleton, what its marks stand for.
        apart: digests of attachments that came apart from the envelope, by ContentId without
            ``cid:`` and by digest name, so far as they are known already.

    Raises:
        AxisError: one of the ``signature.…`` codes, ``certificate.unreadable`` or
            ``certificate.weak-key``; all of them are faults of the package.
    """
    return verify_forms(root, skeleton=skeleton, apart=apart)[0]


def verify_forms(
    root: etree._Element,
    *,
    skeleton: Skeleton | None = None,
    apart: Mapping[str, Mapping[str, bytes]] | None = None,
) -> tuple[VerifiedSignature, SignedForms]:
    """Return likewise, and the canonical forms for :func:`axis.trust.second_reading.compare`."""
    claim = claim_of(root)
    certificate = read_der(claim.certificate_der)
    signed_info = canonical(claim.signed_info)
    _verify_value(claim, certificate, signed_info)
    content = root if claim.shape is Shape.WHOLE else claim.envelope
    covered = b"".join(without_signature(content, claim.signature))
    restored = [covered] if skeleton is None else skeleton.restore(covered)
    if claim.shape is Shape.MANIFEST:
        restored = [covered]  # the attachments are outside
    _compare(claim.content, digest(claim.content.digest_name, restored))
    attachments: tuple[SignedAttachment, ...] = ()
    contents: dict[str, bytes] = {}
    if claim.shape is Shape.MANIFEST:
        attachments = _verify_attachments(root, claim, apart or {}, skeleton, contents)
    verified = VerifiedSignature(
        shape=claim.shape,
        algorithm=claim.algorithm,
        certificate_der=certificate.der,
        certificate_sha256=certificate.sha256,
        spki_sha256=certificate.spki_sha256,
        attachments=attachments,
    )
    return verified, SignedForms(covered, signed_info, claim.value, claim.content.digest, contents)


def attachment_digests(
    root: etree._Element, apart: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Return the SHA-256 of a package's attachments by ContentId, in the manifest's order.

    Those that are not inside are taken from ``apart``.

    Raises:
        AttachmentMismatchError: manifest and attachments do not match one to one.
    """
    envelope = root.find(ENVELOPE)
    names = {} if envelope is None else _listed(envelope)
    digests: dict[str, bytes] = {}
    for each in [] if envelope is None else _inline(root, envelope):
        content_id = _content_id(each)
        if content_id not in names or content_id in digests:
            reason = "it came twice" if content_id in digests else "it is not listed"
            raise AttachmentMismatchError(content_id=content_id, reason=reason)
        digests[content_id] = _digest_of(each, content_id, "sha256", None)
    for content_id, value in (apart or {}).items():
        if content_id not in names or content_id in digests:
            reason = "it is inside too" if content_id in digests else "it is not listed"
            raise AttachmentMismatchError(content_id=content_id, reason=reason)
        digests[content_id] = value
    for content_id in names.keys() - digests.keys():
        raise AttachmentMismatchError(content_id=content_id, reason="it is listed and absent")
    return {content_id: digests[content_id] for content_id in names}


def _verify_value(claim: Claim, certificate: Certificate, signed_info: bytes) -> None:
    if not fits(claim.method, certificate.key):
        raise AlgorithmError(got=claim.algorithm, reason="the certificate's key is of another kind")
    if not is_signature(claim.method, certificate.key, claim.value, signed_info):
        raise ValueMismatchError


def _compare(reference: ReferenceClaim, actual: bytes) -> None:
    if not hmac.compare_digest(reference.digest, actual):
        raise DigestMismatchError(
            uri=reference.uri, expected=reference.digest.hex(), got=actual.hex()
        )


def _verify_attachments(
    root: etree._Element,
    claim: Claim,
    apart: Mapping[str, Mapping[str, bytes]],
    skeleton: Skeleton | None,
    contents: dict[str, bytes],
) -> tuple[SignedAttachment, ...]:
    """Match manifest, references and attachments one to one, and compare every digest."""
    names = _listed(claim.envelope)
    signed = {each.uri.removeprefix("cid:"): each for each in claim.attachments}
    for content_id in names.keys() ^ signed.keys():
        reason = "it is listed and not signed" if content_id in names else "it is not listed"
        raise AttachmentMismatchError(content_id=content_id, reason=reason)
    inline: set[str] = set()
    for attachment in _inline(root, claim.envelope):
        content_id = _content_id(attachment)
        if content_id not in signed or content_id in inline:
            reason = "it came twice" if content_id in inline else "it is neither listed nor signed"
            raise AttachmentMismatchError(content_id=content_id, reason=reason)
        shown = attachment.findtext(_NAME)
        if shown is not None and shown != names[content_id]:
            raise AttachmentMismatchError(
                content_id=content_id, reason="its name differs from the signed one"
            )
        inline.add(content_id)
        reference = signed[content_id]
        actual = _digest_of(attachment, content_id, reference.digest_name, skeleton)
        _compare(reference, actual)
        contents[content_id] = actual
    for content_id, digests in apart.items():
        if content_id in signed and content_id not in inline:
            reference = signed[content_id]
            _compare(reference, digests.get(reference.digest_name, b""))
    return tuple(
        SignedAttachment(
            content_id=content_id,
            digest_name=each.digest_name,
            digest=each.digest,
            inline=content_id in inline or content_id in apart,
        )
        for content_id, each in signed.items()
    )


def _inline(root: etree._Element, envelope: etree._Element) -> list[etree._Element]:
    """Return the attachments inside; beside the envelope and them nothing may stand."""
    found: list[etree._Element] = []
    _refuse_uncovered(root, root.attrib)
    for part in root:
        if part is envelope:
            continue
        if part.tag != _ENCODED or part is not root.find(_ENCODED):
            raise UncoveredError(element=str(part.tag), place=Place(line=line_of(part)))
        _refuse_uncovered(part, part.attrib)
        for each in part:
            _refuse_uncovered(each, each.attrib)
            if each.tag != _ATTACHMENT:
                raise UncoveredError(element=str(each.tag), place=Place(line=line_of(each)))
            for leaf in each:
                if len(leaf) or leaf.tag not in _LEAVES:
                    raise UncoveredError(element=str(leaf.tag), place=Place(line=line_of(leaf)))
            found.append(each)
    return found


def _refuse_uncovered(element: etree._Element, attributes: Sized) -> None:
    texts = [element.text, *(child.tail for child in element)]
    if attributes or any(text and text.strip() for text in texts):
        name = etree.QName(element).localname
        raise UncoveredError(
            element=f"text or an attribute of {name}", place=Place(line=line_of(element))
        )


def _listed(envelope: etree._Element) -> dict[str, str | None]:
    """Return the names in the manifest by ContentId."""
    names: dict[str, str | None] = {}
    for each in envelope.iterfind(_MANIFEST):
        content_id = _content_id(each)
        if content_id in names:
            raise AttachmentMismatchError(content_id=content_id, reason="it is listed twice")
        names[content_id] = each.findtext(_NAME)
    return names


def _content_id(element: etree._Element) -> str:
    found = element.findall(_CONTENT_ID)
    text = (found[0].text or "").strip() if len(found) == 1 and not len(found[0]) else ""
    if not text:
        raise AttachmentMismatchError(content_id="–", reason="it has not one ContentId")
    return text.removeprefix("cid:")


def _digest_of(
    attachment: etree._Element, content_id: str, digest_name: str, skeleton: Skeleton | None
) -> bytes:
    """Return a digest of the decoded bytes of an inline attachment."""
    found = attachment.findall(_CONTENT)
    if len(found) != 1 or len(found[0]):
        raise AttachmentMismatchError(content_id=content_id, reason="it has not one content")
    text = found[0].text or ""
    number = None if skeleton is None else skeleton.number(text)
    if skeleton is None or number is None:
        return digest(digest_name, decode_pieces(text))
    if digest_name == "sha256":
        return skeleton.content(number).sha256
    return digest(digest_name, skeleton.decoded(number))
