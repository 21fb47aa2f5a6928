"""An independent tool: what xmlsec1 signs we accept, and what we sign it accepts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from axis.envelope.limits import Limits
from axis.errors import AxisError
from axis.examine.inspect import inspect
from axis.trust.keys import write_key
from axis.trust.pki import KeyKind, issue
from axis.trust.sign import sign
from axis.trust.values import Shape
from tests.trust.conftest import NOW
from tests.trust.forge import BOTH, EXC, RSA_SHA256, SHA256
from tests.trust.material import DS, Office, package

ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


@pytest.fixture(scope="module")
def xmlsec1() -> str:
    found = shutil.which("xmlsec1")
    if found is None:
        pytest.skip("the command xmlsec1 is not installed (apt install xmlsec1)")
    return found


def verdict(body: bytes) -> str:
    try:
        inspect(body, limits=Limits(), second_opinion=True).verified()
    except AxisError as error:
        return error.code
    return "passed"


def template(method: str, uri: str, *, indent: str = "") -> str:
    return (
        f'<Signature xmlns="{DS}">{indent}<SignedInfo>{indent}'
        f'<CanonicalizationMethod Algorithm="{EXC}"/>'
        f'{indent}<SignatureMethod Algorithm="{method}"/>'
        f'{indent}<Reference URI="{uri}"><Transforms>{BOTH}</Transforms>{indent}'
        f'<DigestMethod Algorithm="{SHA256}"/><DigestValue/>{indent}</Reference></SignedInfo>'
        f"{indent}<SignatureValue/>{indent}<KeyInfo><X509Data><X509Certificate/></X509Data>"
        "</KeyInfo></Signature>"
    )


@pytest.mark.parametrize(
    ("kind", "method"), [(KeyKind.RSA2048, RSA_SHA256), (KeyKind.P256, ECDSA_SHA256)]
)
@pytest.mark.parametrize("indent", ["", "\n  "])
@pytest.mark.parametrize("manifest", [False, True])
def test_what_xmlsec1_signs_is_accepted(
    xmlsec1: str,
    authority: Path,
    tmp_path: Path,
    kind: KeyKind,
    method: str,
    indent: str,
    manifest: bool,
) -> None:
    key, certificate = issue(authority, name="xmlsec1", now=NOW, kind=kind)
    write_key(tmp_path / "office.key", key)
    (tmp_path / "office.pem").write_bytes(certificate.x509.public_bytes(Encoding.PEM))
    uri = "#envelope" if manifest else ""
    body = package({}, signature=template(method, uri, indent=indent))
    if manifest:
        body = body.replace(b"<edXML:edXMLEnvelope", b'<edXML:edXMLEnvelope Id="envelope"', 1)
    (tmp_path / "template.xml").write_bytes(body)
    signed = subprocess.run(
        [xmlsec1, "--sign", "--privkey-pem", f"{tmp_path}/office.key,{tmp_path}/office.pem",
         "--id-attr:Id", "edXMLEnvelope", str(tmp_path / "template.xml")],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    assert verdict(signed) == "passed"
    assert verdict(signed.replace(b">7816<", b">7817<")) == "signature.digest-mismatch"


@pytest.mark.parametrize("kind", [KeyKind.RSA2048, KeyKind.P256, KeyKind.P384])
def test_what_we_sign_xmlsec1_accepts(
    xmlsec1: str, offices: dict[KeyKind, Office], tmp_path: Path, kind: KeyKind
) -> None:
    office = offices[kind]
    (tmp_path / "office.pem").write_bytes(office.certificate.x509.public_bytes(Encoding.PEM))
    body = sign(package(), office.signer, Shape.WHOLE)
    for content, expected in ((body, 0), (body.replace(b">7816<", b">7817<"), 1)):
        (tmp_path / "signed.xml").write_bytes(content)
        done = subprocess.run(
            [xmlsec1, "--verify", "--pubkey-cert-pem", str(tmp_path / "office.pem"),
             str(tmp_path / "signed.xml")],
            check=False, capture_output=True,
        )  # fmt: skip
        assert (done.returncode != 0) == bool(expected)
