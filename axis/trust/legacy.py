"""The signatures that circulate today: RSA with SHA-1, often in the wrong namespace.

They count only where an administrator has let one system send them until a date, and then as weak:
SHA-1 no longer proves that a text was not replaced. What is read here is as narrow as such
signatures allow: one reference to the whole document, the enveloped transform and at most one
canonicalization, one certificate with a strong key. A package that claims such a signature and
fails here is refused under every policy.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from axis.trust.algorithms import DIGESTS, DS, ENVELOPED, EXCLUSIVE_C14N
from axis.trust.certificates import read_der
from axis.trust.errors import (
    AlgorithmError,
    CanonicalizationError,
    DigestMismatchError,
    KeyInfoError,
    MisplacedSignatureError,
    MoreThanOneSignatureError,
    SignatureFormError,
    SignedReferenceError,
    TransformsError,
    UnsignedError,
    ValueEncodingError,
    ValueMismatchError,
)
from axis.trust.profile import ENVELOPE, HEADER, QCVN, refuse_foreign_nodes
from axis.trust.values import Shape, VerifiedSignature, Weakness

RSA_SHA1: Final = f"{DS}rsa-sha1"
INCLUSIVE_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
UNREGISTERED_C14N: Final = "http://www.w3.org/TR/xml-exc-c14n#"  #: what today's SDKs write

#: Whether each canonicalization is exclusive.
_C14N: Final[Mapping[str, bool]] = {
    INCLUSIVE_C14N: False,
    EXCLUSIVE_C14N: True,
    UNREGISTERED_C14N: True,
}
_METHODS: Final[Mapping[str, hashes.HashAlgorithm]] = {
    RSA_SHA1: hashes.SHA1(),  # noqa: S303
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
}
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
_DIGESTS: Final[Mapping[str, str]] = {f"{DS}sha1": "sha1", **DIGESTS}


def verify_legacy(root: etree._Element) -> VerifiedSignature:
    """Return what a signature of today's systems proves; it is marked as weak.

    Inclusive C14N is quadratic in namespace declarations: call it only behind the prescan.

    Raises:
        UnsignedError: there is none, or only an empty placeholder.
        AxisError: another of the ``signature.…`` or ``certificate.…`` codes.
    """
    signature = _find(root)
    namespace = etree.QName(signature).namespace or ""

    def child(parent: etree._Element, name: str) -> etree._Element:
        found = parent.findall(f"{{{namespace}}}{name}")
        if len(found) != 1:
            raise SignatureFormError(expected=f"one {name}", got=str(len(found)))
        return found[0]

    info = child(signature, "SignedInfo")
    exclusive = _canonicalization(child(info, "CanonicalizationMethod"))
    method = child(info, "SignatureMethod").get("Algorithm", "")
    if method not in _METHODS:
        raise AlgorithmError(got=method, reason="not among those of today's packages")
    reference = child(info, "Reference")
    if reference.get("URI") != "":
        raise SignedReferenceError(reason=f"it is to {reference.get('URI')!r}")
    content_exclusive = _transforms(reference, namespace)
    digest_method = child(reference, "DigestMethod").get("Algorithm", "")
    if digest_method not in _DIGESTS:
        raise AlgorithmError(got=digest_method, reason="not among those of today's packages")
    certificates = signature.findall(
        f"{{{namespace}}}KeyInfo/{{{namespace}}}X509Data/{{{namespace}}}X509Certificate"
    )
    if len(certificates) != 1:
        raise KeyInfoError(reason=f"{len(certificates)} certificates")
    certificate = read_der(_bytes(certificates[0]))
    key = certificate.key
    if not isinstance(key, rsa.RSAPublicKey):
        raise AlgorithmError(got=method, reason="the certificate's key is of another kind")
    signed = _canonical(info, exclusive=exclusive)
    try:
        value = _bytes(child(signature, "SignatureValue"))
        key.verify(value, signed, padding.PKCS1v15(), _METHODS[method])
    except InvalidSignature as error:
        raise ValueMismatchError from error
    actual = hashlib.new(_DIGESTS[digest_method], usedforsecurity=False)
    for part in _without(root, signature, exclusive=content_exclusive):
        actual.update(part)
    if not hmac.compare_digest(actual.digest(), _bytes(child(reference, "DigestValue"))):
        raise DigestMismatchError(uri="")
    return VerifiedSignature(
        shape=Shape.WHOLE,
        algorithm=method,
        certificate_der=certificate.der,
        certificate_sha256=certificate.sha256,
        spki_sha256=certificate.spki_sha256,
        weak=Weakness.SHA1,
    )


def unsigned() -> VerifiedSignature:
    """Return what an unsigned package proves: nothing. It names no certificate."""
    return VerifiedSignature(
        shape=Shape.WHOLE,
        algorithm="",
        certificate_der=b"",
        certificate_sha256=b"",
        spki_sha256=b"",
        weak=Weakness.UNSIGNED,
    )


def _find(root: etree._Element) -> etree._Element:
    """Return the one signature in the one header, in either namespace; comments may not stand."""
    refuse_foreign_nodes(root)
    headers = root.findall(f"{ENVELOPE}/{HEADER}")
    if len(headers) != 1 or sum(1 for _ in root.iter(ENVELOPE, HEADER)) != 2:
        raise MisplacedSignatureError(reason="there is not one envelope with one header")
    found = [
        each
        for each in root.iter(f"{{{DS}}}Signature", f"{{{QCVN}}}Signature")
        if len(each) or each.text
    ]
    if not found:
        raise UnsignedError
    if len(found) > 1:
        raise MoreThanOneSignatureError(got=len(found) - 1)
    if found[0].getparent() is not headers[0]:
        raise MisplacedSignatureError(reason="it stands elsewhere")
    return found[0]


def _canonicalization(element: etree._Element) -> bool:
    uri = element.get("Algorithm", "")
    if uri not in _C14N or len(element):
        raise CanonicalizationError(got=uri)
    return _C14N[uri]


def _transforms(reference: etree._Element, namespace: str) -> bool:
    """Return whether the content is canonicalized exclusively; C14N 1.0 where nothing is said."""
    found = list(reference.iterfind(f"{{{namespace}}}Transforms/{{{namespace}}}Transform"))
    uris = [each.get("Algorithm", "") for each in found]
    plain = all(len(each) == 0 for each in found)
    if not plain or uris[:1] != [ENVELOPED] or len(uris) > 2 or (uris[1:] and uris[1] not in _C14N):
        raise TransformsError(expected="enveloped-signature and one C14N", got=" ".join(uris))
    return _C14N[uris[1]] if len(uris) == 2 else False


def _canonical(element: etree._Element, *, exclusive: bool) -> bytes:
    if not exclusive and element.getparent() is not None:
        # Inclusive C14N of a part writes the namespaces of its ancestors; so does serializing it.
        element = etree.fromstring(etree.tostring(element, with_tail=False), _PARSER)
    return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)


def _without(
    root: etree._Element, signature: etree._Element, *, exclusive: bool
) -> tuple[bytes, bytes]:
    """Cut the signature out of the canonical form; also of the inclusive one it is one piece."""
    name = f"{signature.prefix}:Signature" if signature.prefix else "Signature"
    alike = sum(each.prefix == signature.prefix for each in root.iter("{*}Signature"))
    if alike != 1:
        raise MoreThanOneSignatureError(got=alike - 1)
    whole = _canonical(root, exclusive=exclusive)
    starts = [whole.find(f"<{name}{end}".encode()) for end in (" ", ">")]
    start = min(at for at in starts if at >= 0)
    close = f"</{name}>".encode()
    end = whole.index(close, start) + len(close)
    return whole[:start], whole[end:]


def _bytes(element: etree._Element) -> bytes:
    try:
        return binascii.a2b_base64("".join((element.text or "").split()), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        name = etree.QName(element).localname
        raise ValueEncodingError(element=name) from error
