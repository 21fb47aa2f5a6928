"""Signatures that are valid and forbidden: one thing of the profile is otherwise, each refused.

Every one of them is really signed with the office's key, so nothing but the profile stops it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from axis.errors import AxisError, Fault
from axis.trust.pki import issue
from axis.trust.values import Shape
from axis.trust.verify import verify
from tests.trust.conftest import NOW
from tests.trust.forge import BOTH, ENVELOPED, EXC, WHOLE, Form, forge, manifest_form
from tests.trust.material import CONTENT, DS, package, tree
from tests.work import least_cpu_s

FILES = {"a-1": CONTENT, "a-2": b"%PDF-1.7 \x00\xff"}
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
MORE7 = "http://www.w3.org/2007/05/xmldsig-more#"


@pytest.fixture(scope="module")
def signing(authority) -> tuple[rsa.RSAPrivateKey, bytes]:
    key, certificate = issue(authority, name="Cơ quan xấu", now=NOW)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key, certificate.der


def form_of(shape: Shape) -> Form:
    return WHOLE if shape is Shape.WHOLE else manifest_form(FILES)


def code_of(body: bytes) -> str:
    codes = []

    def read() -> None:
        try:
            verify(tree(body))
        except AxisError as error:
            assert error.fault is Fault.INPUT  # noqa: PT017
            codes.append(error.code)
        else:
            codes.append("passed")

    assert least_cpu_s(read, enough_s=1) < 1
    return codes[0]


def method(uri: str, inner: str = "") -> str:
    return f'<SignatureMethod Algorithm="{uri}">{inner}</SignatureMethod>'


def transforms(*uris: str) -> str:
    return "".join(f'<Transform Algorithm="{uri}"/>' for uri in uris)


def data(inner: str) -> str:
    return f"<X509Data>{inner}</X509Data>"


CERTIFICATE = "<X509Certificate>{certificate}</X509Certificate>"
PREFIXES = f'<InclusiveNamespaces xmlns="{EXC}" PrefixList="edXML"/>'
XPATH = (
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<XPath>not(ancestor-or-self::*[local-name()='To'])</XPath></Transform>"
)
XSLT = (
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:template match="/">constant</xsl:template></xsl:stylesheet></Transform>'
)
RSA_VALUE = "<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"

FORBIDDEN: list[tuple[str, dict[str, object], str]] = [
    # --- transforms: nothing but the two, in their order ----------------------------------------
    ("no transforms", {"transforms": None}, "signature.transforms"),
    ("empty transforms", {"transforms": ""}, "signature.transforms"),
    ("enveloped alone", {"transforms": transforms(ENVELOPED)}, "signature.transforms"),
    ("c14n alone", {"transforms": transforms(EXC)}, "signature.transforms"),
    ("wrong order", {"transforms": transforms(EXC, ENVELOPED)}, "signature.transforms"),
    ("twice", {"transforms": BOTH + transforms(EXC)}, "signature.transforms"),
    ("xpath", {"transforms": BOTH + XPATH}, "signature.transforms"),
    ("xpath first", {"transforms": XPATH + BOTH}, "signature.transforms"),
    ("xslt", {"transforms": XSLT}, "signature.transforms"),
    ("xslt first", {"transforms": XSLT + BOTH}, "signature.transforms"),
    (
        "xpath filter 2",
        {"transforms": BOTH + transforms("http://www.w3.org/2002/06/xmldsig-filter2")},
        "signature.transforms",
    ),
    ("base64", {"transforms": transforms(f"{DS}base64")}, "signature.transforms"),
    (
        "decryption",
        {"transforms": BOTH + transforms("http://www.w3.org/2002/07/decrypt#XML")},
        "signature.transforms",
    ),
    (
        "inclusive c14n",
        {"transforms": transforms(ENVELOPED, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")},
        "signature.transforms",
    ),
    (
        "c14n with comments",
        {"transforms": transforms(ENVELOPED, EXC + "WithComments")},
        "signature.transforms",
    ),
    (
        "the unregistered uri of today",
        {"transforms": transforms(ENVELOPED, "http://www.w3.org/TR/xml-exc-c14n#")},
        "signature.transforms",
    ),
    (
        "prefix list",
        {
            "transforms": transforms(ENVELOPED)
            + f'<Transform Algorithm="{EXC}">{PREFIXES}</Transform>'
        },
        "signature.transforms",
    ),
    (
        "an element that is no transform",
        {"transforms": f'<Transfrom Algorithm="{EXC}"/>'},
        "signature.transforms",
    ),
    ("an attribute", {"transforms": BOTH.replace("/>", ' x="y"/>', 1)}, "signature.transforms"),
    # --- canonicalization of SignedInfo -----------------------------------------------------------
    *[
        (
            f"signed info by {uri}",
            {"canonicalization": f'<CanonicalizationMethod Algorithm="{uri}"/>'},
            "signature.canonicalization",
        )
        for uri in (
            "",
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            "http://www.w3.org/2006/12/xml-c14n11",
            "http://www.w3.org/2010/xml-c14n2",
            "http://www.w3.org/TR/xml-exc-c14n#",
            EXC + "WithComments",
            EXC.upper(),
            f" {EXC}",
        )
    ],
    (
        "signed info with a prefix list",
        {
            "canonicalization": f'<CanonicalizationMethod Algorithm="{EXC}">{PREFIXES}'
            "</CanonicalizationMethod>"
        },
        "signature.canonicalization",
    ),
    (
        "signed info without an algorithm",
        {"canonicalization": "<CanonicalizationMethod/>"},
        "signature.canonicalization",
    ),
    # --- algorithms -------------------------------------------------------------------------------
    *[
        (f"method {uri}", {"method": method(uri)}, "signature.algorithm")
        for uri in (
            "",
            f"{DS}rsa-sha1",
            f"{DS}dsa-sha1",
            f"{DS}hmac-sha1",
            f"{MORE}hmac-sha256",
            f"{MORE}hmac-sha512",
            f"{MORE}rsa-md5",
            f"{MORE}rsa-ripemd160",
            f"{MORE}rsa-sha224",
            f"{MORE}ecdsa-sha1",
            f"{MORE}ecdsa-sha224",
            f"{MORE}ecdsa-sha256",  # allowed, but not for an RSA key
            f"{MORE7}rsa-pss",
            f"{MORE7}sha1-rsa-MGF1",
            f"{MORE7}sha3-256-rsa-MGF1",
            "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
            "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448",
            "http://www.w3.org/2009/xmldsig11#dsa-sha256",
            f"{MORE}RSA-SHA256",
        )
    ],
    (
        "truncated hmac",
        {"method": method(f"{DS}hmac-sha1", "<HMACOutputLength>40</HMACOutputLength>")},
        "signature.algorithm",
    ),
    (
        "a parameter of an allowed method",
        {"method": method(f"{MORE}rsa-sha256", "<HMACOutputLength>8</HMACOutputLength>")},
        "signature.algorithm",
    ),
    *[
        (
            f"digest {uri}",
            {"digest_method": f'<DigestMethod Algorithm="{uri}"/>'},
            "signature.algorithm",
        )
        for uri in (
            "",
            f"{DS}sha1",
            f"{MORE}md5",
            f"{MORE}sha224",
            "http://www.w3.org/2001/04/xmlenc#ripemd160",
            "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
            "http://www.w3.org/2001/04/xmlenc#SHA256",
        )
    ],
    # --- key information: one certificate, nothing else -------------------------------------------
    *[
        (f"key info {name}", {"key_info": inner}, "signature.key-info")
        for name, inner in (
            ("key value alone", f"<KeyValue>{RSA_VALUE}</KeyValue>"),
            ("key value beside", data(CERTIFICATE) + f"<KeyValue>{RSA_VALUE}</KeyValue>"),
            ("key value before", f"<KeyValue>{RSA_VALUE}</KeyValue>" + data(CERTIFICATE)),
            ("key name", "<KeyName>G22</KeyName>" + data(CERTIFICATE)),
            ("retrieval method", '<RetrievalMethod URI="#x"/>' + data(CERTIFICATE)),
            ("a file", '<RetrievalMethod URI="file:///etc/passwd"/>'),
            ("two data", data(CERTIFICATE) * 2),
            ("two certificates", data(CERTIFICATE * 2)),
            ("no certificate", data("<X509SubjectName>CN=G22</X509SubjectName>")),
            ("a chain", data(CERTIFICATE + "<X509CRL>AA==</X509CRL>")),
            ("key identifier", data(CERTIFICATE + "<X509SKI>AA==</X509SKI>")),
            ("digest", data(CERTIFICATE + "<X509Digest>AA==</X509Digest>")),
            ("pgp", "<PGPData/>" + data(CERTIFICATE)),
            ("foreign", '<Token xmlns="urn:x"/>' + data(CERTIFICATE)),
            ("foreign inside", data(CERTIFICATE + '<x xmlns="urn:x"/>')),
            ("text", "G22" + data(CERTIFICATE)),
            ("nothing", " "),
            ("an attribute", data(CERTIFICATE).replace("<X509Data", '<X509Data x="y"')),
            (
                "a serial with more",
                data(CERTIFICATE + "<X509IssuerSerial><KeyName/></X509IssuerSerial>"),
            ),
        )
    ],
    ("no key info", {"key_info": ""}, "signature.form"),
    # --- the signature itself ---------------------------------------------------------------------
    ("an object", {"after_key_info": "<Object><x xmlns='urn:x'/></Object>"}, "signature.form"),
    ("a manifest", {"after_key_info": "<Object><Manifest/></Object>"}, "signature.form"),
    (
        "signature properties",
        {"after_key_info": "<Object><SignatureProperties/></Object>"},
        "signature.form",
    ),
    ("an attribute", {"signature_attributes": ' x="y"'}, "signature.form"),
    ("xml:base", {"signature_attributes": ' xml:base="http://x/"'}, "signature.form"),
    ("text between", {"signed_info_attributes": ' x="y"'}, "signature.form"),
    # --- references -------------------------------------------------------------------------------
    ("type", {"reference_attributes": ' Type="urn:x"'}, "signature.reference"),
    (
        "a second whole reference",
        {"before_references": f'<Reference URI=""><Transforms>{BOTH}</Transforms>'
         '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>'
         + base64.b64encode(bytes(32)).decode() + "</DigestValue></Reference>"},
        "signature.reference",
    ),
    *[
        (f"reference to {uri!r}", {"uri": uri}, "signature.reference")
        for uri in (
            None,
            "file:///etc/passwd",
            "/etc/passwd",
            "http://127.0.0.1:9/",
            "#xpointer(/)",
            "#xpointer(id('envelope'))",
            "#nothing",
            "#",
            "document.xml",
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [pytest.param(changes, code, id=name) for name, changes, code in FORBIDDEN],
)
def test_a_valid_signature_of_a_forbidden_form_is_refused(
    signing: tuple[rsa.RSAPrivateKey, bytes],
    shape: Shape,
    changes: dict[str, object],
    expected: str,
) -> None:
    body = forge(package(FILES), form_of(shape).but(**changes), *signing)
    assert code_of(body) == expected


def test_the_forger_makes_signatures_that_pass(
    signing: tuple[rsa.RSAPrivateKey, bytes], shape: Shape
) -> None:
    """The negative control: without a forbidden change the same signer is believed."""
    assert code_of(forge(package(FILES), form_of(shape), *signing)) == "passed"


@pytest.mark.parametrize(
    "key_info",
    [
        data("<X509SubjectName>CN=G22</X509SubjectName>" + CERTIFICATE),
        data(CERTIFICATE + "<X509SubjectName/>"),
        data(
            "<X509IssuerSerial><X509IssuerName>CN=x</X509IssuerName>"
            "<X509SerialNumber>1</X509SerialNumber></X509IssuerSerial>" + CERTIFICATE
        ),
        "\n  " + data(f"\n {CERTIFICATE}\n") + "\n",
    ],
)
def test_a_subject_name_and_an_issuer_serial_are_accepted_and_ignored(
    signing: tuple[rsa.RSAPrivateKey, bytes], shape: Shape, key_info: str
) -> None:
    assert code_of(forge(package(FILES), form_of(shape).but(key_info=key_info), *signing)) == (
        "passed"
    )


@pytest.mark.parametrize("name", ["sha384", "sha512"])
def test_stronger_digests_are_accepted(
    signing: tuple[rsa.RSAPrivateKey, bytes], shape: Shape, name: str
) -> None:
    uri = {"sha384": f"{MORE}sha384", "sha512": "http://www.w3.org/2001/04/xmlenc#sha512"}[name]
    form = form_of(shape).but(
        digest_method=f'<DigestMethod Algorithm="{uri}"/>',
        digest=lambda data: hashlib.new(name, data).digest(),
    )
    assert code_of(forge(package(FILES), form, *signing)) == "passed"


def test_a_key_of_the_attacker_beside_a_certificate_of_another_is_refused(
    signing: tuple[rsa.RSAPrivateKey, bytes], office, shape: Shape
) -> None:
    body = forge(package(FILES), form_of(shape), signing[0], office.certificate.der)
    assert code_of(body) == "signature.value-mismatch"


@pytest.mark.parametrize("shown", ["pem", "der", "spki"])
def test_an_hmac_keyed_with_what_is_public_is_refused(
    signing: tuple[rsa.RSAPrivateKey, bytes], shape: Shape, shown: str
) -> None:
    public = signing[0].public_key()
    secret = {
        "pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": signing[1],
        "spki": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    }[shown]
    form = form_of(shape).but(
        method=method(f"{MORE}hmac-sha256"),
        sign=lambda _key, data: hmac.digest(secret, data, "sha256"),
    )
    assert code_of(forge(package(FILES), form, *signing)) == "signature.algorithm"


def test_a_pss_salt_of_another_length_is_refused(
    signing: tuple[rsa.RSAPrivateKey, bytes], shape: Shape
) -> None:
    for salt, expected in ((32, "passed"), (20, "signature.value-mismatch")):
        form = form_of(shape).but(
            method=method(f"{MORE7}sha256-rsa-MGF1"),
            sign=lambda key, data, salt=salt: key.sign(
                data, padding.PSS(padding.MGF1(hashes.SHA256()), salt), hashes.SHA256()
            ),
        )
        assert code_of(forge(package(FILES), form, *signing)) == expected


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b64, "passed"),
        (lambda value: " \n" + b64(value)[:76] + "\r\n\t" + b64(value)[76:], "passed"),
        (lambda _: "", "signature.encoding"),
        (lambda _: " ", "signature.encoding"),
        (lambda value: b64(value) + "*", "signature.encoding"),
        (lambda value: b64(value).rstrip("="), "signature.encoding"),
        (lambda value: b64(value) + "====", "signature.encoding"),
        (lambda value: b64(value)[:-2] + "\u00a0" + b64(value)[-2:], "signature.encoding"),
        (lambda value: b64(value)[:-3] + "x==", "signature.encoding"),  # left-over bits
        (lambda value: b64(value * 40), "signature.encoding"),
        (lambda value: b64(value[:-1]), "signature.value-mismatch"),
        (lambda value: b64(b"\x00" + value), "signature.value-mismatch"),
        (lambda value: b64(bytes(len(value))), "signature.value-mismatch"),
        (lambda value: b64(value)[:10] + "<x xmlns=''/>" + b64(value)[10:], "signature.encoding"),
    ],
)
def test_a_value_is_strict_base64_of_the_key_s_length(
    signing: tuple[rsa.RSAPrivateKey, bytes], shape: Shape, value, expected: str
) -> None:
    assert code_of(forge(package(FILES), form_of(shape).but(value=value), *signing)) == expected


def test_no_signature_at_all(shape: Shape) -> None:
    assert code_of(package(FILES)) == "signature.missing"


@pytest.mark.parametrize("name", ["Signature", "signature", "DigitalSignature"])
def test_a_signature_of_another_namespace_is_none(name: str) -> None:
    body = package(FILES, signature=f"<edXML:{name}><edXML:SignedInfo/></edXML:{name}>")
    assert code_of(body) == "signature.missing"


def test_a_piece_of_a_signature_is_no_signature() -> None:
    body = package(FILES, signature=f'<SignedInfo xmlns="{DS}"/>')
    assert code_of(body) == "signature.more-than-one"
