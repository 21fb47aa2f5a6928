"""A plain XML Signature engine around our primitives: wider algorithms, keys from KeyInfo.

It has no profile and judges no key; it is how the vectors of others are driven through our
canonicalization and our signature primitive. It never leaves the tests.
"""

from __future__ import annotations

import base64
import copy
import hashlib

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from lxml import etree

from axis.trust.algorithms import ENVELOPED, METHODS, PublicKey, fits, is_signature
from tests.trust.material import DS

DS11 = "http://www.w3.org/2009/xmldsig11#"
EC = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    EC: (True, False),
    f"{EC}WithComments": (True, True),
}
DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmldsig-more#sha224": "sha224",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
CURVES = {
    "1.2.840.10045.3.1.7": ec.SECP256R1,
    "1.3.132.0.34": ec.SECP384R1,
    "1.3.132.0.35": ec.SECP521R1,
}


class UnsupportedError(Exception):
    """Something that this engine does not know, by name."""


def verify(data: bytes, given: PublicKey | None = None) -> bool:
    """Say whether the first signature of a document is right, key and references."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnsupportedError("not well-formed without its DTD") from error
    signature = next(root.iter(f"{{{DS}}}Signature"))
    info = signature.find(f"{{{DS}}}SignedInfo")
    assert info is not None
    uri = info.find(f"{{{DS}}}SignatureMethod").get("Algorithm")
    if uri not in METHODS:
        raise UnsupportedError(f"method {uri}")
    method = METHODS[uri]
    keys = [given] if given is not None else _keys(signature)
    keys = [key for key in keys if fits(method, key)]
    if not keys:
        raise UnsupportedError("no key of the method's kind in KeyInfo")
    value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue", ""))
    signed = _c14n(info, info.find(f"{{{DS}}}CanonicalizationMethod"))
    if not any(is_signature(method, key, value, signed) for key in keys):
        return False
    return all(_reference(root, signature, each) for each in info.iter(f"{{{DS}}}Reference"))


def _reference(root: etree._Element, signature: etree._Element, reference: etree._Element) -> bool:
    uri = reference.get("URI", "")
    if uri and not uri.startswith("#"):
        raise UnsupportedError(f"reference {uri}")
    if uri.startswith("#xpointer"):
        raise UnsupportedError("xpointer")
    target: etree._Element = root
    if uri:
        found = root.xpath("//*[@Id=$i or @ID=$i or @id=$i]", i=uri[1:])
        if len(found) != 1:
            raise UnsupportedError(f"{len(found)} elements of that Id")
        target = found[0]
    method: etree._Element | None = None
    for each in reference.iter(f"{{{DS}}}Transform"):
        name = each.get("Algorithm")
        if name == ENVELOPED:
            target = _without(root, target, signature)
        elif name in C14N:
            method = each
        else:
            raise UnsupportedError(f"transform {name}")
    name = reference.find(f"{{{DS}}}DigestMethod").get("Algorithm")
    if name not in DIGESTS:
        raise UnsupportedError(f"digest {name}")
    digest = hashlib.new(DIGESTS[name], _c14n(target, method)).digest()
    return digest == base64.b64decode(reference.findtext(f"{{{DS}}}DigestValue", ""))


def _without(
    root: etree._Element, target: etree._Element, signature: etree._Element
) -> etree._Element:
    path = root.getroottree().getpath(signature)
    within = root.getroottree().getpath(target)
    twin = copy.deepcopy(root)
    gone = twin.getroottree().xpath(path)[0]
    parent, before = gone.getparent(), gone.getprevious()
    if gone.tail:
        if before is not None:
            before.tail = (before.tail or "") + gone.tail
        else:
            parent.text = (parent.text or "") + gone.tail
    parent.remove(gone)
    return twin.getroottree().xpath(within)[0]


def _c14n(element: etree._Element, method: etree._Element | None) -> bytes:
    uri = C14N_DEFAULT if method is None else method.get("Algorithm")
    if uri not in C14N:
        raise UnsupportedError(f"canonicalization {uri}")
    exclusive, comments = C14N[uri]
    listed = None if method is None else method.find(f"{{{EC}}}InclusiveNamespaces")
    prefixes = listed.get("PrefixList", "").split() if listed is not None else None
    # Inclusive C14N takes the namespaces of the ancestors along: the document is kept around it.
    return etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=comments,
        inclusive_ns_prefixes=prefixes,
    )


C14N_DEFAULT = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def _keys(signature: etree._Element) -> list[PublicKey]:
    keys: list[object] = []
    try:
        for each in signature.iter(f"{{{DS}}}X509Certificate"):
            der = base64.b64decode(each.text or "")
            keys.append(x509.load_der_x509_certificate(der).public_key())
        keys += [
            load_der_public_key(base64.b64decode(each.text or ""))
            for each in signature.iter(f"{{{DS11}}}DEREncodedKeyValue")
        ]
        for each in signature.iter(f"{{{DS}}}RSAKeyValue"):
            n, e = (
                int.from_bytes(base64.b64decode(each.findtext(f"{{{DS}}}{name}", "")), "big")
                for name in ("Modulus", "Exponent")
            )
            keys.append(rsa.RSAPublicNumbers(e, n).public_key())
        for each in signature.iter(f"{{{DS11}}}ECKeyValue"):
            named = each.find(f"{{{DS11}}}NamedCurve")
            oid = "" if named is None else named.get("URI", "").rpartition(":")[2]
            if oid in CURVES:
                point = base64.b64decode(each.findtext(f"{{{DS11}}}PublicKey", ""))
                keys.append(ec.EllipticCurvePublicKey.from_encoded_point(CURVES[oid](), point))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnsupportedError(f"key: {error}") from error
    return keys  # type: ignore[return-value]
