"""Writes the container's signature: XAdES (EN 319 132-1) over every file, by SHA-256. Pure."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]

from axis.trust.sign import Signer

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
ASIC: Final = "http://uri.etsi.org/02918/v1.2.1#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNED_PROPERTIES: Final = "http://uri.etsi.org/01903#SignedProperties"

_D = ElementMaker(namespace=DS, nsmap={"ds": DS})
_X = ElementMaker(namespace=XADES, nsmap={"xades": XADES})
_A = ElementMaker(namespace=ASIC, nsmap={"asic": ASIC})


def sign_files(
    files: Mapping[str, bytes],
    media_types: Mapping[str, str],
    signer: Signer,
    at: datetime,
    stamp: Callable[[bytes], bytes | None] = lambda data: None,
) -> bytes:
    """Return ``META-INF/signatures0.xml`` over files.

    Args:
        files: by their names in the container.
        media_types: of each of them.
        signer: of the seal.
        at: the claimed time of signing.
        stamp: gives the time stamp token (DER) over bytes, or None where there is none.
    """
    properties = _properties(files, media_types, signer, at)
    qualifying = _X.QualifyingProperties(properties, Target="#signature")
    info = _D.SignedInfo(
        _D.CanonicalizationMethod(Algorithm=EXCLUSIVE),
        _D.SignatureMethod(Algorithm=signer.algorithm),
    )
    for place, (name, content) in enumerate(files.items()):
        info.append(
            _D.Reference(
                _D.DigestMethod(Algorithm=SHA256),
                _D.DigestValue(_digest(content)),
                Id=f"r{place}",
                URI=quote(name),
            )
        )
    signature = _D.Signature(
        info,
        _D.SignatureValue(Id="value"),
        _D.KeyInfo(_D.X509Data(_D.X509Certificate(b64encode(signer.certificate.der).decode()))),
        _D.Object(qualifying),
        Id="signature",
    )
    root = _A.XAdESSignatures(signature)
    # What is canonicalised must stand in the document that it will be verified in.
    info.append(
        _D.Reference(
            _D.Transforms(_D.Transform(Algorithm=EXCLUSIVE)),
            _D.DigestMethod(Algorithm=SHA256),
            _D.DigestValue(_digest(_canonical(properties))),
            URI="#properties",
            Type=SIGNED_PROPERTIES,
        )
    )
    value = signature[1]
    value.text = b64encode(signer.sign_bytes(_canonical(info))).decode()
    token = stamp(_canonical(value))
    if token is not None:
        qualifying.append(
            _X.UnsignedProperties(
                _X.UnsignedSignatureProperties(
                    _X.SignatureTimeStamp(
                        _D.CanonicalizationMethod(Algorithm=EXCLUSIVE),
                        _X.EncapsulatedTimeStamp(b64encode(token).decode()),
                    )
                )
            )
        )
    signatures: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return signatures


def _properties(
    files: Mapping[str, bytes], media_types: Mapping[str, str], signer: Signer, at: datetime
) -> etree._Element:
    formats = [
        _X.DataObjectFormat(_X.MimeType(media_types[name]), ObjectReference=f"#r{place}")
        for place, name in enumerate(files)
    ]
    properties: etree._Element = _X.SignedProperties(
        _X.SignedSignatureProperties(
            _X.SigningTime(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
            _X.SigningCertificateV2(
                _X.Cert(
                    _X.CertDigest(
                        _D.DigestMethod(Algorithm=SHA256),
                        _D.DigestValue(b64encode(signer.certificate.sha256).decode()),
                    )
                )
            ),
        ),
        _X.SignedDataObjectProperties(*formats),
        Id="properties",
    )
    return properties


def _canonical(element: etree._Element) -> bytes:
    content: bytes = etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    return content


def _digest(content: bytes) -> str:
    return b64encode(hashlib.sha256(content).digest()).decode()
