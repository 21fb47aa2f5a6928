"""What the standards leave open, decided in the profile, through all that the relay runs."""

from __future__ import annotations

import itertools
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from axis.envelope.limits import Limits
from axis.errors import AxisError
from axis.examine.inspect import inspect
from axis.trust.pki import KeyKind, issue
from axis.trust.sign import sign
from axis.trust.values import Shape
from tests.trust.conftest import NOW
from tests.trust.forge import WHOLE, forge, manifest_form
from tests.trust.material import DS, Office, package

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def verdict(body: bytes) -> str:
    try:
        inspect(body, limits=Limits(), second_opinion=True).verified()
    except AxisError as error:
        return error.code
    return "passed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<?xml", b"\xef\xbb\xbf<?xml"),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n", b""),
        (b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" standalone="yes"?>'),
        (b"<?xml version='1.0' encoding='UTF-8'?>", b"<?xml version='1.0' encoding='utf-8' ?>\r\n"),
        (b">H49<", b"><![CDATA[H49]]><"),
        (b">H49<", b">&#72;4&#x39;<"),
        (b"</edXML:Subject>", b"</edXML:Subject >"),
        (b'version="1.0">', b"version = '1.0' >"),
        (b"</edXML>", b"</edXML>\n\n"),
    ],
)
def test_spellings_that_mean_the_same_pass(
    office: Office, shape: Shape, old: bytes, new: bytes
) -> None:
    body = sign(package(), office.signer, shape)
    assert old in body
    assert verdict(body.replace(old, new, 1)) == "passed"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"version='1.0'", b"version='1.1'", "envelope.xml-version"),
        (b"encoding='UTF-8'", b"encoding='ISO-8859-1'", "envelope.encoding"),
        (b"encoding='UTF-8'", b"encoding='UTF-7'", "envelope.encoding"),
    ],
)
def test_other_versions_and_encodings_do_not(
    office: Office, shape: Shape, old: bytes, new: bytes, expected: str
) -> None:
    assert verdict(sign(package(), office.signer, shape).replace(old, new, 1)) == expected


def test_line_ends_of_another_system_change_no_text(office: Office, shape: Shape) -> None:
    body = sign(package(), office.signer, shape)
    assert verdict(body.replace(b"\n", b"\r\n")) == "passed"


def test_both_signs_of_s_are_accepted(offices: dict[KeyKind, Office], shape: Shape) -> None:
    import base64

    body = sign(package(), offices[KeyKind.P256].signer, shape)
    match = re.search(rb"<ds:SignatureValue>([^<]+)<", body)
    assert match is not None
    value = base64.b64decode(match.group(1))
    s = P256_ORDER - int.from_bytes(value[32:], "big")
    other = base64.b64encode(value[:32] + s.to_bytes(32, "big"))
    assert verdict(body) == "passed"
    assert verdict(body.replace(match.group(1), other)) == "passed"


def test_ecdsa_values_in_der_are_refused(offices: dict[KeyKind, Office], shape: Shape) -> None:
    import base64

    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    body = sign(package(), offices[KeyKind.P256].signer, shape)
    match = re.search(rb"<ds:SignatureValue>([^<]+)<", body)
    assert match is not None
    value = base64.b64decode(match.group(1))
    r, s = (int.from_bytes(part, "big") for part in (value[:32], value[32:]))
    der = base64.b64encode(encode_dss_signature(r, s))
    assert verdict(body.replace(match.group(1), der)) == "signature.value-mismatch"


def test_references_of_the_manifest_shape_come_in_any_order(authority) -> None:
    key, certificate = issue(authority, name="Cơ quan", now=NOW)
    assert isinstance(key, rsa.RSAPrivateKey)
    files = {"a-1": b"one", "a-2": b"two"}
    form = manifest_form(files)
    parts = re.findall(r"<Reference .*?</Reference>", form.more_references)
    for order in itertools.permutations(parts):
        for first in range(3):
            shuffled = form.but(
                before_references="".join(order[:first]), more_references="".join(order[first:])
            )
            body = forge(package(files), shuffled, key, certificate.der)
            assert verdict(body) == "passed"


@pytest.mark.parametrize("prefix", ["ds", "sig"])
def test_a_prefix_declared_above_the_signature_passes(
    office: Office, shape: Shape, prefix: str
) -> None:
    declared = f'<edXML xmlns:{prefix}="{DS}" xmlns'.encode()
    unsigned = package().replace(b"<edXML xmlns", declared, 1)
    assert verdict(sign(unsigned, office.signer, shape)) == "passed"


def test_ids_inside_the_signature_pass_in_the_whole_shape(authority) -> None:
    key, certificate = issue(authority, name="Cơ quan", now=NOW)
    assert isinstance(key, rsa.RSAPrivateKey)
    form = WHOLE.but(
        signature_attributes=' Id="sig-1"',
        signed_info_attributes=' Id="info-1"',
        reference_attributes=' Id="ref-1"',
    )
    assert verdict(forge(package(), form, key, certificate.der)) == "passed"


def test_an_attribute_of_the_signature_s_namespace_above_it_is_refused_by_name(
    office: Office, shape: Shape
) -> None:
    unsigned = package().replace(
        b"<edXML:edXMLHeader>", f'<edXML:edXMLHeader xmlns:ds="{DS}" ds:x="y">'.encode(), 1
    )
    body = sign(unsigned, office.signer, shape)
    assert verdict(body).split(".")[0] in ("schema", "signature", "passed")


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_as_many_attachments_as_are_allowed_are_covered(office: Office, count: int) -> None:
    contents = {f"a-{number}": b"x" for number in range(count)}
    for shape in Shape:
        body = sign(package(contents), office.signer, shape)
        code = verdict(body)
        assert code == "passed" or code.startswith(("envelope.", "attachment.")), (shape, code)
