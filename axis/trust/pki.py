"""A development certificate authority: a root, an issuing authority, offices and their CRLs.

For tests, demonstrations and trials only; the offices of the real axis bring certificates of the
authorities that the law names. What a folder holds::

    root.key issuing.key             private keys, mode 0600
    anchors/root.pem                 what to trust
    intermediates/issuing.pem
    crls/root.crl crls/issuing.crl   revocation lists, to be made anew before they run out
    offices/NAME.pem NAME.key        what ``issue`` made
    revoked.txt                      serial, time of revocation
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509.oid import NameOID

from axis.trust.algorithms import PublicKey
from axis.trust.certificates import Certificate, read_der, read_one
from axis.trust.errors import (
    AuthorityExistsError,
    CertificateUnreadableError,
    KeyUnreadableError,
)
from axis.trust.keys import PrivateKey, load_key, write_key

#: The policy of a development certificate, under the arc that RFC 5612 keeps for examples.
DEVELOPMENT_POLICY: Final = x509.ObjectIdentifier("1.3.6.1.4.1.32473.1.1")

_YEAR: Final = timedelta(days=365)


class KeyKind(StrEnum):
    """The kinds of keys that an office may have."""

    RSA2048 = "rsa-2048"
    RSA3072 = "rsa-3072"
    P256 = "p-256"
    P384 = "p-384"
    ED25519 = "ed25519"


def generate_key(kind: KeyKind) -> PrivateKey:
    """Return a new private key."""
    match kind:
        case KeyKind.RSA2048:
            return rsa.generate_private_key(65537, 2048)
        case KeyKind.RSA3072:
            return rsa.generate_private_key(65537, 3072)
        case KeyKind.P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyKind.P384:
            return ec.generate_private_key(ec.SECP384R1())
        case KeyKind.ED25519:
            return ed25519.Ed25519PrivateKey.generate()


def init_authority(folder: Path, *, now: datetime, name: str = "Axis development") -> None:
    """Make a root and an issuing authority with fresh CRLs in a folder.

    Raises:
        AuthorityExistsError: the folder holds an authority already.
    """
    if (folder / "root.key").exists():
        raise AuthorityExistsError(path=str(folder))
    for each in ("anchors", "intermediates", "crls", "offices"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    root_key, issuing_key = generate_key(KeyKind.P384), generate_key(KeyKind.P384)
    root_name, issuing_name = _name(f"{name} root"), _name(f"{name} issuing")
    root = _authority(root_name, root_name, root_key, root_key, now, years=20, length=1)
    issuing = _authority(issuing_name, root_name, issuing_key, root_key, now, years=10, length=0)
    write_key(folder / "root.key", root_key)
    write_key(folder / "issuing.key", issuing_key)
    _write(folder / "anchors/root.pem", root)
    _write(folder / "intermediates/issuing.pem", issuing)
    write_crls(folder, now=now)


def issue(
    folder: Path,
    *,
    name: str,
    now: datetime,
    kind: KeyKind = KeyKind.RSA2048,
    days: int = 730,
    code: str | None = None,
) -> tuple[PrivateKey, Certificate]:
    """Return a new key and its certificate for signing; nothing is written.

    Args:
        folder: the authority.
        name: the office's name, for people.
        now: the certificate is valid from five minutes before, so that clocks may differ.
        kind: of the key.
        days: of validity.
        code: the office's code, as ``organizationIdentifier``; decides nothing at the axis.

    Raises:
        CertificateUnreadableError, KeyUnreadableError: the folder holds no authority.
    """
    key = generate_key(kind)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key, certify(folder, spki, name=name, now=now, days=days, code=code)


def certify(
    folder: Path,
    spki: bytes,
    *,
    name: str,
    now: datetime,
    days: int = 730,
    code: str | None = None,
) -> Certificate:
    """Return a certificate for a public key (DER) whose private key stays with its owner.

    Raises:
        CertificateUnreadableError, KeyUnreadableError: the folder holds no authority, or this is
            no key.
    """
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnreadableError(path="request", reason="no public key") from error
    issuing_key = load_key(folder / "issuing.key")
    issuing = _read(folder / "intermediates/issuing.pem")
    until = now + timedelta(days=days)
    builder = (
        _builder(_name(name, code), issuing.subject, cast("PublicKey", key), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .add_extension(_issued_by(issuing), critical=False)
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(DEVELOPMENT_POLICY, None)]),
            critical=False,
        )
    )
    made = _sign(builder, issuing_key)
    return read_der(made.public_bytes(Encoding.DER))


def issue_into(
    folder: Path,
    *,
    name: str,
    now: datetime,
    kind: KeyKind = KeyKind.RSA2048,
    days: int = 730,
    code: str | None = None,
) -> tuple[Path, Path]:
    """Make a key and certificate under ``offices/`` and return their paths: certificate, key.

    Raises:
        CertificateUnreadableError: the folder holds no authority.
        KeyUnreadableError: the office has a key there already.
    """
    key, certificate = issue(folder, name=name, now=now, kind=kind, days=days, code=code)
    stem = "".join(c if c.isalnum() or c in ".-_" else "-" for c in code or name)
    target = folder / "offices" / f"{stem.lstrip('.')}.pem"
    write_key(target.with_suffix(".key"), key)
    _write(target, certificate.x509)
    return target, target.with_suffix(".key")


def revoke(folder: Path, certificate: Certificate, *, now: datetime) -> None:
    """Add a certificate of the issuing authority to its CRL and make the CRLs anew."""
    with (folder / "revoked.txt").open("a", encoding="utf-8") as file:
        file.write(f"{certificate.serial} {now.isoformat()}\n")
    write_crls(folder, now=now)


def write_crls(folder: Path, *, now: datetime, days: int = 30) -> None:
    """Make both CRLs anew, fresh for ``days``.

    Raises:
        CertificateUnreadableError, KeyUnreadableError: the folder holds no authority.
    """
    listed = folder / "revoked.txt"
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    revoked = [(int(s, 16), datetime.fromisoformat(at)) for s, at in map(str.split, lines)]
    for role, place in (("root", "anchors"), ("issuing", "intermediates")):
        authority = _read(folder / place / f"{role}.pem")
        key = load_key(folder / f"{role}.key")
        crl = make_crl(
            authority, key, revoked if role == "issuing" else (), now=now, fresh_for=timedelta(days)
        )
        target = folder / "crls" / f"{role}.crl"
        part = target.with_suffix(".part")
        part.write_bytes(crl.public_bytes(Encoding.DER))
        part.replace(target)


def make_crl(
    authority: x509.Certificate,
    key: PrivateKey,
    revoked: Sequence[tuple[int, datetime]],
    *,
    now: datetime,
    fresh_for: timedelta,
) -> x509.CertificateRevocationList:
    """Return a CRL with these serial numbers."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + fresh_for)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        .add_extension(_issued_by(authority), critical=False)
    )
    for serial, at in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        )
    return builder.sign(
        key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA384()
    )


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    issuer_key: PrivateKey,
    now: datetime,
    *,
    years: int,
    length: int,
) -> x509.Certificate:
    builder = (
        _builder(subject, issuer, key.public_key(), now, now + years * _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(DEVELOPMENT_POLICY, None)]),
            critical=False,
        )
    )
    return _sign(builder, issuer_key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return builder.sign(
        key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA384()
    )


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not sign,
        crl_sign=not sign,
        encipher_only=False,
        decipher_only=False,
    )


def _issued_by(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _name(name: str, code: str | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
    ]
    if code:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, code[:64]))
    return x509.Name(parts)


def _read(path: Path) -> x509.Certificate:
    try:
        return read_one(path.read_bytes(), source=str(path)).x509
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise CertificateUnreadableError(source=str(path), reason=reason) from error


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
