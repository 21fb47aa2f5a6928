"""Certificates are read from PEM, DER, P7B and P12, and nothing else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    pkcs7,
    pkcs12,
)

from axis.errors import AxisError
from axis.trust.certificates import read_all, read_der, read_one
from axis.trust.pki import issue
from tests.trust.conftest import NOW


@pytest.fixture(scope="module")
def files(authority) -> dict[str, bytes]:
    key, certificate = issue(authority, name="Cơ quan", now=NOW)
    own = certificate.x509
    (chain,) = read_all(
        (authority / "intermediates" / "issuing.pem").read_bytes(), source="issuing"
    )
    both = [chain, own]
    return {
        "sha256": certificate.sha256,
        "pem": own.public_bytes(Encoding.PEM),
        "pem with chain": b"".join(each.public_bytes(Encoding.PEM) for each in both),
        "der": own.public_bytes(Encoding.DER),
        "p7b": pkcs7.serialize_certificates(both, Encoding.DER),
        "p7b in pem": pkcs7.serialize_certificates(both, Encoding.PEM),
        "p12": pkcs12.serialize_key_and_certificates(
            b"office", key, own, [chain], BestAvailableEncryption(b"secret")
        ),
        "p12 without password": pkcs12.serialize_key_and_certificates(
            b"office", key, own, [chain], NoEncryption()
        ),
    }


@pytest.mark.parametrize(
    "kind", ["pem", "pem with chain", "der", "p7b", "p7b in pem", "p12 without password"]
)
def test_the_owner_s_certificate_is_found_in_each_kind_of_file(
    files: dict[str, bytes], kind: str
) -> None:
    assert read_one(files[kind], source=kind).sha256 == files["sha256"]


def test_a_p12_needs_its_password(files: dict[str, bytes]) -> None:
    assert read_one(files["p12"], source="p12", password=b"secret").sha256 == files["sha256"]
    for password in (None, b"wrong"):
        with pytest.raises(AxisError) as caught:
            read_one(files["p12"], source="p12", password=password)
        assert caught.value.code == "certificate.unreadable"


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", bytes(64),
     b"-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----", b"0\x82\x01\x00" + bytes(256)],
)  # fmt: skip
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(AxisError) as caught:
        read_all(data, source="test")
    assert caught.value.code == "certificate.unreadable"


def test_two_offices_in_one_file_are_refused(files: dict[str, bytes], authority) -> None:
    other = issue(authority, name="Khác", now=NOW)[1]
    with pytest.raises(AxisError) as caught:
        read_one(files["pem"] + other.x509.public_bytes(Encoding.PEM), source="both")
    assert caught.value.code == "certificate.unreadable"


def test_a_certificate_of_a_signature_is_bounded(files: dict[str, bytes]) -> None:
    assert read_der(files["der"]) is read_der(files["der"])
    for data in (files["der"] + bytes(20_000), files["der"][:-1], files["der"] + b"\x00"):
        with pytest.raises(AxisError) as caught:
            read_der(data)
        assert caught.value.code == "certificate.unreadable"
