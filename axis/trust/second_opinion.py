"""The second verifier: signxml, given the certificate that the first one used, must agree.

It is another reading of the same bytes: it parses them itself, follows the references itself and
canonicalizes with its own copies of the tree. It comes after the profile and the first
verification, so nothing that it would interpret too freely (transforms, key information, other
files) gets here.
"""

from __future__ import annotations

import binascii
import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from axis.trust.algorithms import METHODS, Family
from axis.trust.certificates import read_der
from axis.trust.errors import VerifiersDisagreeError
from axis.trust.profile import ENVELOPE, HEADER, QCVN
from axis.trust.values import Shape, VerifiedSignature

_PARSER: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
)
_KNOWN: Final = frozenset(method for method in SignatureMethod if method.value in METHODS)
_DIGESTS: Final = frozenset(
    {DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}
)
_LOCATION: Final = f"./{ENVELOPE}/{HEADER}/"


def ask_signxml(body: bytes, verified: VerifiedSignature) -> None:
    """Return if signxml accepts the signature too, for the same certificate and references.

    Args:
        body: the exact bytes received.
        verified: what the first verification found.

    Raises:
        VerifiersDisagreeError: it refuses. Of Ed25519, and of a package whose attachments travel
            apart, it has no opinion: it wants the bytes of everything in memory.
    """
    if METHODS[verified.algorithm].family is Family.ED25519:
        return
    certificate = read_der(verified.certificate_der)
    attachments: dict[str, bytes] = {}
    if verified.attachments:
        try:
            attachments = _attachments(body)
        except (ValueError, etree.LxmlError) as error:
            raise VerifiersDisagreeError(
                reason=str(error)[:120], got=hashlib.sha256(body).hexdigest()
            ) from error
        if any(f"cid:{one.content_id}" not in attachments for one in verified.attachments):
            return

    def resolve(uri: str) -> bytes | None:
        return attachments.get(uri)

    count = 1 if verified.shape is Shape.WHOLE else 1 + len(verified.attachments)
    configuration = SignatureConfiguration(
        location=_LOCATION,
        expect_references=count,
        signature_methods=_KNOWN,
        digest_algorithms=_DIGESTS,
        # When the certificate was valid is judged elsewhere, at the time of acceptance.
        verification_time=certificate.not_before,
    )
    try:
        results = XMLVerifier().verify(
            body,
            x509_cert=certificate.x509,
            parser=_PARSER,
            uri_resolver=resolve,
            id_attribute="Id",
            expect_config=configuration,
        )
    except (
        SignXMLException,
        InvalidSignature,
        UnsupportedAlgorithm,
        etree.LxmlError,
        ValueError,  # also what Base64 and an unknown algorithm raise there
        TypeError,
        KeyError,
        NotImplementedError,
        AssertionError,
    ) as error:
        reason = f"{type(error).__name__}: {str(error)[:120]}"
        raise VerifiersDisagreeError(reason=reason, got=hashlib.sha256(body).hexdigest()) from error
    if (len(results) if isinstance(results, list) else 1) != count:
        raise VerifiersDisagreeError(reason="another number of references", got=count)


def _attachments(body: bytes) -> dict[str, bytes]:
    """Return the decoded attachments of a package by ``cid:`` URI, read anew from its bytes."""
    found: dict[str, bytes] = {}
    for each in etree.fromstring(body, parser=_PARSER).iterfind(f"{{{QCVN}}}AttachmentEncoded/*"):
        content_id = each.findtext(f"{{{QCVN}}}ContentId", "").strip().removeprefix("cid:")
        text = each.findtext(f"{{{QCVN}}}ContentTransferEncoded", "")
        found[f"cid:{content_id}"] = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    return found
