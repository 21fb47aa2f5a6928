"""Today's signatures: weak, only for a system that has leave, only until a date."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from axis.envelope.limits import Limits
from axis.errors import AxisError
from axis.examine.inspect import Inspection, inspect
from axis.trust.pki import issue
from axis.trust.registry import Registry, SignaturePolicy, SystemPolicy
from axis.trust.sign import sign
from axis.trust.values import Weakness
from tests.trust.conftest import NOW
from tests.trust.material import DS, Office, Q, package, tree

SHA1 = f"{DS}sha1"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
UNREGISTERED = "http://www.w3.org/TR/xml-exc-c14n#"
LEAVE = ("old-eoffice", "older-eoffice")


@pytest.fixture(scope="module")
def signing(authority) -> tuple[rsa.RSAPrivateKey, bytes]:
    key, certificate = issue(authority, name="Hệ thống cũ", now=NOW)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key, certificate.der


def registry(now: datetime) -> Registry:
    day = timedelta(days=1)
    policies = [
        SystemPolicy(
            system_id=LEAVE[0], policy=SignaturePolicy.LEGACY_SHA1, until=now + day, reason="cũ"
        ),
        SystemPolicy(
            system_id=LEAVE[1], policy=SignaturePolicy.LEGACY_UNSIGNED, until=now + day, reason="cũ"
        ),
    ]
    return Registry(1, [], policies)


def today(
    key: rsa.RSAPrivateKey,
    certificate: bytes,
    *,
    namespace: str = DS,
    c14n: str = INCLUSIVE,
    content: str | None = UNREGISTERED,
    body: bytes | None = None,
) -> bytes:
    """Return a package signed as the systems of today do, with SHA-1."""
    root = tree(body or package())
    header = root.find(f"{{{Q}}}edXMLEnvelope/{{{Q}}}edXMLHeader")
    assert header is not None

    def canonical(element: etree._Element, uri: str) -> bytes:
        alone = etree.fromstring(etree.tostring(element, with_tail=False))
        return etree.tostring(alone, method="c14n", exclusive=uri != INCLUSIVE, with_comments=False)

    digest = base64.b64encode(hashlib.sha1(canonical(root, content or INCLUSIVE)).digest())
    more = f'<Transform Algorithm="{content}"/>' if content else ""
    text = (
        f'<Signature xmlns="{namespace}"><SignedInfo><CanonicalizationMethod Algorithm="{c14n}"/>'
        f'<SignatureMethod Algorithm="{DS}rsa-sha1"/><Reference URI=""><Transforms>'
        f'<Transform Algorithm="{DS}enveloped-signature"/>{more}</Transforms>'
        f'<DigestMethod Algorithm="{SHA1}"/><DigestValue>{digest.decode()}</DigestValue>'
        "</Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data><X509SubjectName/>"
        f"<X509Certificate>{base64.b64encode(certificate).decode()}</X509Certificate>"
        "</X509Data></KeyInfo></Signature>"
    )
    signature = etree.fromstring(text)
    header.append(signature)
    value = key.sign(canonical(signature[0], c14n), padding.PKCS1v15(), hashes.SHA1())
    signature[1].text = base64.b64encode(value).decode()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def look(body: bytes) -> Inspection:
    return inspect(body, limits=Limits(), second_opinion=True)


def outcome(inspection: Inspection, system: str, at: datetime) -> str:
    try:
        accepted = registry(NOW).accept(
            inspection.signature, inspection.weak, system_id=system, at=at
        )
    except AxisError as error:
        return error.code
    return accepted.weak or "strict"


@pytest.mark.parametrize("namespace", [DS, Q])
@pytest.mark.parametrize("c14n", [INCLUSIVE, EXCLUSIVE, UNREGISTERED])
@pytest.mark.parametrize("content", [None, INCLUSIVE, EXCLUSIVE, UNREGISTERED])
def test_signatures_of_today_count_as_weak_for_a_system_that_has_leave(
    signing: tuple[rsa.RSAPrivateKey, bytes], namespace: str, c14n: str, content: str | None
) -> None:
    inspection = look(today(*signing, namespace=namespace, c14n=c14n, content=content))
    assert outcome(inspection, LEAVE[0], NOW) == Weakness.SHA1
    assert outcome(inspection, LEAVE[1], NOW) == Weakness.SHA1
    assert inspection.weak is not None
    assert inspection.weak.certificate_der == signing[1]


def test_a_strict_system_sends_no_sha1_whatever_others_may(
    signing: tuple[rsa.RSAPrivateKey, bytes],
) -> None:
    inspection = look(today(*signing))
    assert outcome(inspection, "another", NOW) == "signature.canonicalization"
    in_the_other_namespace = look(today(*signing, namespace=Q))
    assert outcome(in_the_other_namespace, "another", NOW) == "signature.missing"


def test_leave_ends_at_its_date(signing: tuple[rsa.RSAPrivateKey, bytes]) -> None:
    inspection = look(today(*signing))
    end = NOW + timedelta(days=1)
    assert outcome(inspection, LEAVE[0], end - timedelta(seconds=1)) == Weakness.SHA1
    assert outcome(inspection, LEAVE[0], end) == "signature.canonicalization"


@pytest.mark.parametrize(
    "signature",
    ["", "<Signature/>", "<edXML:Signature></edXML:Signature>", "<edXML:DigitalSignature/>"],
)
def test_an_unsigned_package_counts_only_with_leave_for_it(signature: str) -> None:
    inspection = look(package(signature=signature))
    assert outcome(inspection, LEAVE[1], NOW) == Weakness.UNSIGNED
    assert outcome(inspection, LEAVE[0], NOW) == "signature.missing"
    assert outcome(inspection, "another", NOW) == "signature.missing"


def test_taking_the_signature_away_opens_no_door_for_a_strict_system(office: Office, shape) -> None:
    root = tree(sign(package(), office.signer, shape))
    signature = next(root.iter(f"{{{DS}}}Signature"))
    parent = signature.getparent()
    assert parent is not None
    parent.remove(signature)
    inspection = look(etree.tostring(root))
    for system in ("another", LEAVE[0]):
        assert outcome(inspection, system, NOW) == "signature.missing"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">7816<", b">7817<"),
        (b"<SignatureValue>", b"<SignatureValue>AAAA"),
        (b"rsa-sha1", b"hmac-sha1"),
        (b"rsa-sha1", b"dsa-sha1"),
        (b'URI=""', b'URI="#x"'),
        (b'URI=""', b'URI="file:///etc/passwd"'),
        (b"enveloped-signature", b"base64"),
        (UNREGISTERED.encode(), b"http://www.w3.org/TR/1999/REC-xpath-19991116"),
        (b"</Transforms>", b'<Transform Algorithm="urn:x"/></Transforms>'),
        (b"#sha1", b"#md5"),
        (b"<X509SubjectName/>", b"<X509Certificate>AAAA</X509Certificate>"),
    ],
)
def test_a_broken_signature_of_today_counts_under_no_policy(
    signing: tuple[rsa.RSAPrivateKey, bytes], old: bytes, new: bytes
) -> None:
    body = today(*signing)
    assert old in body
    inspection = look(body.replace(old, new, 1))
    for system in ("another", *LEAVE):
        assert outcome(inspection, system, NOW).startswith("signature.")


def test_wrapping_a_signature_of_today_does_not_help(
    signing: tuple[rsa.RSAPrivateKey, bytes], office: Office
) -> None:
    body = today(*signing)
    double = body.replace(
        b"<edXML:MessageHeader>", b"<Signature>x</Signature><edXML:MessageHeader>"
    )
    assert outcome(look(double), LEAVE[1], NOW).startswith("signature.")


def test_a_strong_signature_is_never_counted_as_weak(office: Office, shape) -> None:
    inspection = look(sign(package(), office.signer, shape))
    assert inspection.weak is None
    assert outcome(inspection, LEAVE[1], NOW) == "strict"
