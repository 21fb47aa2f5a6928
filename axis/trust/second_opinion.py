"""The second verifier: signxml, given the certificate that the first one used, must agree.

It is another reading of the same bytes: it parses them itself, follows the references itself and
canonicalizes with its own copies of the tree. It comes after the profile and the first
verification, so nothing that it would interpret too freely (transforms, key information, other
files) gets here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from axis.trust.algorithms import METHODS, Family
from axis.trust.certificates import read_der
from axis.trust.errors import VerifiersDisagreeError
from axis.trust.values import Shape, VerifiedSignature

_PARSER: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
)
_KNOWN: Final = frozenset(method for method in SignatureMethod if method.value in METHODS)
_DIGESTS: Final = frozenset(
    {DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}
)
_LOCATION: Final = (
    "./{http://www.mic.gov.vn/TBT/QCVN_102_2016}edXMLEnvelope"
    "/{http://www.mic.gov.vn/TBT/QCVN_102_2016}edXMLHeader/"
)


def ask_signxml(
    body: bytes, verified: VerifiedSignature, attachments: Mapping[str, bytes] | None = None
) -> None:
    """Return if signxml accepts the signature too, for the same certificate and references.

    Args:
        body: the exact bytes received.
        verified: what the first verification found.
        attachments: the decoded bytes by ContentId; asked for in the manifest shape.

    Raises:
        VerifiersDisagreeError: it refuses. Of Ed25519 it has no opinion.
    """
    if METHODS[verified.algorithm].family is Family.ED25519:
        return
    certificate = read_der(verified.certificate_der)
    given = attachments or {}

    def resolve(uri: str) -> bytes | None:
        return given.get(uri.removeprefix("cid:")) if uri.startswith("cid:") else None

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
