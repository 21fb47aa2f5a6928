"""Signs anything: a signer that follows no profile, written apart from the code under test.

It makes valid signatures of forbidden forms, as a malicious office with a valid key would.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from tests.trust.material import DS, Q, tree

EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

BOTH = f'<Transform Algorithm="{ENVELOPED}"/><Transform Algorithm="{EXC}"/>'


@dataclass(frozen=True, kw_only=True)
class Form:
    """The parts of a signature as XML text; each may be replaced by something forbidden."""

    uri: str | None = ""
    transforms: str | None = BOTH
    canonicalization: str = f'<CanonicalizationMethod Algorithm="{EXC}"/>'
    method: str = f'<SignatureMethod Algorithm="{RSA_SHA256}"/>'
    digest_method: str = f'<DigestMethod Algorithm="{SHA256}"/>'
    digest: Callable[[bytes], bytes] = lambda data: hashlib.sha256(data).digest()
    more_references: str = ""
    before_references: str = ""
    reference_attributes: str = ""
    signed_info_attributes: str = ""
    signature_attributes: str = ""
    key_info: str = "<X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>"
    after_key_info: str = ""
    value: Callable[[bytes], str] = lambda value: base64.b64encode(value).decode()
    sign: Callable[[rsa.RSAPrivateKey, bytes], bytes] = lambda key, data: key.sign(
        data, padding.PKCS1v15(), hashes.SHA256()
    )

    def but(self, **changes: object) -> Form:
        """Return the form with parts replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]


WHOLE = Form()


def manifest_form(contents: dict[str, bytes]) -> Form:
    """Return the form of the manifest shape for these attachments."""
    more = "".join(
        f'<Reference URI="cid:{name}"><DigestMethod Algorithm="{SHA256}"/>'
        f"<DigestValue>{base64.b64encode(hashlib.sha256(data).digest()).decode()}</DigestValue>"
        "</Reference>"
        for name, data in contents.items()
    )
    return Form(uri="#envelope", more_references=more)


def forge(body: bytes, form: Form, key: rsa.RSAPrivateKey, certificate: bytes) -> bytes:
    """Return the package with a signature of that form, which its key has really made."""
    root = tree(body)
    envelope = root.find(f"{{{Q}}}edXMLEnvelope")
    header = root.find(f"{{{Q}}}edXMLEnvelope/{{{Q}}}edXMLHeader")
    assert envelope is not None
    assert header is not None
    if form.uri is not None and form.uri.startswith("#"):
        envelope.set("Id", "envelope")
    covered = envelope if form.uri is not None and form.uri.startswith("#") else root
    digest = base64.b64encode(form.digest(_exclusive(covered))).decode()
    uri = "" if form.uri is None else f' URI="{form.uri}"'
    transforms = "" if form.transforms is None else f"<Transforms>{form.transforms}</Transforms>"
    reference = (
        f"<Reference{uri}{form.reference_attributes}>{transforms}{form.digest_method}"
        f"<DigestValue>{digest}</DigestValue></Reference>"
    )
    signed_info = (
        f'<SignedInfo xmlns="{DS}"{form.signed_info_attributes}>{form.canonicalization}'
        f"{form.method}{form.before_references}{reference}{form.more_references}</SignedInfo>"
    )
    info = etree.fromstring(signed_info)
    value = form.value(form.sign(key, _exclusive(info)))
    key_info = form.key_info.replace("{certificate}", base64.b64encode(certificate).decode())
    signature = (
        f'<Signature xmlns="{DS}"{form.signature_attributes}>'
        + etree.tostring(info).decode().replace(f' xmlns="{DS}"', "", 1)
        + f"<SignatureValue>{value}</SignatureValue>"
        + (f"<KeyInfo>{key_info}</KeyInfo>" if form.key_info else "")
        + form.after_key_info
        + "</Signature>"
    )
    header.append(etree.fromstring(signature))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _exclusive(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
