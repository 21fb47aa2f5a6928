"""Signs a package in one of the two shapes of the profile.

The signer's own placeholder or old signature is taken out, comments are dropped (the axis refuses
them, and they are no part of what is signed); nothing else of the document changes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from axis.trust import algorithms as alg
from axis.trust.canonical import canonical, without_signature
from axis.trust.certificates import Certificate
from axis.trust.errors import KeyUnreadableError, NotSignableError
from axis.trust.keys import PrivateKey
from axis.trust.profile import ENVELOPE, HEADER, QCVN, ROOT, SIGNATURE
from axis.trust.values import Shape
from axis.trust.verify import attachment_digests

_PLACEHOLDERS: Final = (SIGNATURE, f"{{{QCVN}}}Signature", f"{{{QCVN}}}DigitalSignature")
_IDS: Final = etree.XPath("//@*[translate(local-name(), 'ID', 'id') = 'id']")
_PARSER: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key that has been loaded once, with the certificate that names it."""

    certificate: Certificate
    algorithm: str  #: the URI of the signature method
    sign_bytes: Callable[[bytes], bytes]  #: gives the value as XML Signature writes it


def signer_of(key: PrivateKey, certificate: Certificate, *, pss: bool = False) -> Signer:
    """Return a signer; the method follows from the key: SHA-256, for P-384 SHA-384.

    Raises:
        KeyUnreadableError: the key does not belong to the certificate.
    """
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    named = certificate.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if public != named:
        raise KeyUnreadableError(path="key", reason="it does not belong to the certificate")
    match key:
        case rsa.RSAPrivateKey() if pss:
            scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            return _signer(
                certificate,
                alg.RSA_PSS_SHA256,
                lambda data: key.sign(data, scheme, hashes.SHA256()),
            )
        case rsa.RSAPrivateKey():
            return _signer(
                certificate,
                alg.RSA_SHA256,
                lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()),
            )
        case ec.EllipticCurvePrivateKey():
            large = key.key_size > 256
            kind = hashes.SHA384() if large else hashes.SHA256()
            size = (key.key_size + 7) // 8
            return _signer(
                certificate,
                alg.ECDSA_SHA384 if large else alg.ECDSA_SHA256,
                lambda data: _fixed(key.sign(data, ec.ECDSA(kind)), size),
            )
        case ed25519.Ed25519PrivateKey():
            return _signer(certificate, alg.ED25519, key.sign)


def sign(
    unsigned: bytes,
    signer: Signer,
    shape: Shape = Shape.WHOLE,
    *,
    apart: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the package with the signer's signature as the last child of ``edXMLHeader``.

    Args:
        unsigned: the package.
        signer: who signs.
        shape: what the signature covers.
        apart: in the manifest shape, SHA-256 by ContentId of attachments that travel apart.

    Raises:
        NotSignableError: it is not well formed, has a document type or processing instructions,
            has not one envelope with one header, or its attachments do not match its manifest.
    """
    root = _parse(unsigned)
    envelope, header = _envelope_and_header(root)
    for each in [child for child in header if child.tag in _PLACEHOLDERS]:
        if each.tail and each.tail.strip():
            raise NotSignableError(reason="text stands between the elements of edXMLHeader")
        header.remove(each)
    if next(root.iter(f"{{{alg.DS}}}*"), None) is not None:
        raise NotSignableError(reason="a signature stands outside edXMLHeader")
    references: list[tuple[str, bytes | None]] = [("", None)]
    if shape is Shape.MANIFEST:
        references = [(f"#{_identify(root, envelope)}", None)]
        references += [
            (f"cid:{name}", each) for name, each in attachment_digests(root, apart).items()
        ]
    signature = _template(signer, references)
    header.append(signature)
    content = root if shape is Shape.WHOLE else envelope
    value = alg.digest("sha256", without_signature(content, signature))
    next(signature.iter(f"{{{alg.DS}}}DigestValue")).text = b64encode(value).decode()
    signed_bytes = canonical(next(signature.iter(f"{{{alg.DS}}}SignedInfo")))
    signed_value = signer.sign_bytes(signed_bytes)
    next(signature.iter(f"{{{alg.DS}}}SignatureValue")).text = b64encode(signed_value).decode()
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _signer(
    certificate: Certificate, algorithm: str, sign_bytes: Callable[[bytes], bytes]
) -> Signer:
    return Signer(certificate=certificate, algorithm=algorithm, sign_bytes=sign_bytes)


def _fixed(der: bytes, size: int) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _parse(unsigned: bytes) -> etree._Element:
    try:
        root = etree.fromstring(unsigned, parser=_PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotSignableError(reason=str(error)) from error
    document = root.getroottree()
    if document.docinfo.internalDTD is not None:
        raise NotSignableError(reason="it has a document type")
    # Comments are dropped; the text on either side of one becomes one text, as C14N has it.
    etree.strip_tags(document, etree.Comment)
    if next(root.iter(etree.ProcessingInstruction, etree.Entity), None) is not None:
        raise NotSignableError(reason="it has a processing instruction or an entity reference")
    if root.getprevious() is not None or root.getnext() is not None:
        raise NotSignableError(reason="something stands beside its root element")
    return root


def _envelope_and_header(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    found = list(root.iter(ENVELOPE, HEADER))
    headers = root.findall(f"{ENVELOPE}/{HEADER}")
    if root.tag != ROOT or len(headers) != 1 or len(found) != 2:
        raise NotSignableError(reason="it has not one edXML/edXMLEnvelope/edXMLHeader")
    return found[0], found[1]


def _identify(root: etree._Element, envelope: etree._Element) -> str:
    if envelope.get("Id") is None:
        envelope.set("Id", "envelope")
    ids: list[object] = _IDS(root)  # type: ignore[assignment]
    if len(ids) != 1:
        raise NotSignableError(reason="another element has an Id, which this shape does not allow")
    return str(ids[0])


def _template(signer: Signer, references: list[tuple[str, bytes | None]]) -> etree._Element:
    ds = etree.Element(SIGNATURE, nsmap={"ds": alg.DS})

    def add(
        parent: etree._Element, name: str, text: str | None = None, **attributes: str
    ) -> etree._Element:
        child = etree.SubElement(parent, f"{{{alg.DS}}}{name}", attributes)
        child.text = text
        return child

    signed_info = add(ds, "SignedInfo")
    add(signed_info, "CanonicalizationMethod", Algorithm=alg.EXCLUSIVE_C14N)
    add(signed_info, "SignatureMethod", Algorithm=signer.algorithm)
    for uri, value in references:
        reference = add(signed_info, "Reference", URI=uri)
        if not uri.startswith("cid:"):
            transforms = add(reference, "Transforms")
            add(transforms, "Transform", Algorithm=alg.ENVELOPED)
            add(transforms, "Transform", Algorithm=alg.EXCLUSIVE_C14N)
        add(reference, "DigestMethod", Algorithm=alg.SHA256)
        add(reference, "DigestValue", b64encode(value or b"").decode())
    add(ds, "SignatureValue")
    data = add(add(ds, "KeyInfo"), "X509Data")
    add(data, "X509Certificate", b64encode(signer.certificate.der).decode())
    return ds
