"""Certificates with one thing wrong each, made with cryptography alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from axis.trust.keys import PrivateKey


class Made(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey


def name(text: str) -> x509.Name:
    """Return a name with one common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(*names: str) -> x509.KeyUsage:
    """Return a key usage with these purposes."""
    every = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{each: each in names for each in every})


def make(
    subject: str,
    *,
    now: datetime,
    issuer: Made | None = None,
    ca: bool = False,
    path_length: int | None = None,
    key: PrivateKey | None = None,
    since: timedelta = timedelta(days=-1),
    until: timedelta = timedelta(days=365),
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    key_usage: x509.KeyUsage | None = None,
    basic: bool = True,
    digest: hashes.HashAlgorithm | None = None,
) -> Made:
    """Return a certificate; without an issuer it is self-signed."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    signing = issuer.key if issuer else own
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(issuer.certificate.subject if issuer else name(subject))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
    )
    if basic:
        builder = builder.add_extension(
            x509.BasicConstraints(ca=ca, path_length=path_length), critical=True
        )
    standard = usage("key_cert_sign", "crl_sign") if ca else usage("digital_signature")
    builder = builder.add_extension(key_usage or standard, critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Made(builder.sign(signing, digest or hashes.SHA256()), own)


def crl(
    authority: Made,
    *,
    now: datetime,
    revoked: Sequence[x509.Certificate] = (),
    at: datetime | None = None,
    since: timedelta = timedelta(hours=-1),
    until: timedelta = timedelta(days=7),
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    signed_by: Made | None = None,
) -> x509.CertificateRevocationList:
    """Return a CRL of an authority."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now + since)
        .next_update(now + until)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for each in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(each.serial_number)
            .revocation_date(at or now - timedelta(minutes=30))
            .build()
        )
    return builder.sign((signed_by or authority).key, hashes.SHA256())
