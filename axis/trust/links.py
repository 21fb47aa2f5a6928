"""One certificate as a link of a path: what the algorithm of RFC 5280 §6.1 asks of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from axis.trust.algorithms import PublicKey, is_strong
from axis.trust.certificates import subject_of
from axis.trust.errors import NoPathError
from axis.trust.names import NormalName, normal

ANY_POLICY: Final = "2.5.29.32.0"
_STRONG_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)

#: Critical extensions that the algorithm processes; any other one makes a path invalid.
_PROCESSED: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.FRESHEST_CRL,
    }
)

#: An extended key usage must name one of these, or be absent.
_FOR_DOCUMENTS: Final = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string,
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
        ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string,
        "1.3.6.1.5.5.7.3.36",  # document signing, RFC 9336
        "1.3.6.1.4.1.311.10.3.12",  # document signing, as Microsoft calls it
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Link:
    """A certificate with its extensions read."""

    certificate: x509.Certificate
    fingerprint: bytes  #: SHA-256 of the DER
    subject: NormalName
    issuer: NormalName
    key: PublicKey | None  #: None where it is weak or of a kind that is not allowed
    is_authority: bool
    path_length: int | None
    usage: x509.KeyUsage | None
    extended_usage: frozenset[str] | None
    policies: frozenset[str]
    mappings: tuple[tuple[str, str], ...]  #: issuer's policy, subject's policy
    require_explicit: int | None
    inhibit_mapping: int | None
    inhibit_any: int | None
    constraints: x509.NameConstraints | None
    alternative: tuple[x509.GeneralName, ...]
    key_id: bytes | None
    authority_key_id: bytes | None
    crl_points: tuple[x509.DistributionPoint, ...]
    unprocessed: tuple[str, ...]  #: critical extensions that are not understood

    @property
    def is_self_issued(self) -> bool:
        """Say whether issuer and subject are the same, as when an authority changes its key."""
        return self.subject == self.issuer

    @property
    def name(self) -> str:
        """The subject for people."""
        return subject_of(self.certificate)

    @property
    def may_sign_certificates(self) -> bool:
        """Say whether this is an authority whose key may sign certificates."""
        return self.is_authority and (self.usage is None or self.usage.key_cert_sign)

    @property
    def may_sign_crls(self) -> bool:
        """Say whether the key may sign revocation lists."""
        return self.usage is None or self.usage.crl_sign

    @property
    def may_sign_documents(self) -> bool:
        """Say whether this is an end certificate whose key may sign documents."""
        if self.is_authority:
            return False
        if self.usage and not (self.usage.digital_signature or self.usage.content_commitment):
            return False
        return self.extended_usage is None or bool(self.extended_usage & _FOR_DOCUMENTS)


@lru_cache(maxsize=8192)
def link_of(certificate: x509.Certificate) -> Link:
    """Return the link of a certificate.

    Raises:
        NoPathError: an extension, a name or a date of it cannot be read.
    """
    try:
        return _read(certificate)
    except (
        *(ValueError, TypeError, UnsupportedAlgorithm),
        *(x509.InvalidVersion, x509.DuplicateExtension),
    ) as error:
        reason = f"it cannot be read: {str(error).splitlines()[0] if str(error) else 'malformed'}"
        raise NoPathError(subject=subject_of(certificate), reason=reason) from error


def is_signed_by(
    signed: x509.Certificate | x509.CertificateRevocationList, key: PublicKey | None
) -> bool:
    """Say whether a certificate or CRL carries the key's signature, with SHA-256 or stronger."""
    try:
        if isinstance(signed, x509.Certificate):
            data = signed.tbs_certificate_bytes
        else:
            data = signed.tbs_certlist_bytes
        hash_of = signed.signature_hash_algorithm
        match key:
            case rsa.RSAPublicKey() if isinstance(hash_of, _STRONG_HASHES):
                scheme = _padding(signed)
                key.verify(signed.signature, data, scheme, hash_of)
            case ec.EllipticCurvePublicKey() if isinstance(hash_of, _STRONG_HASHES):
                key.verify(signed.signature, data, ec.ECDSA(hash_of))
            case ed25519.Ed25519PublicKey() if hash_of is None:
                key.verify(signed.signature, data)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _padding(
    signed: x509.Certificate | x509.CertificateRevocationList,
) -> padding.AsymmetricPadding:
    named = signed.signature_algorithm_parameters
    return named if isinstance(named, padding.PSS) else padding.PKCS1v15()


def _read(certificate: x509.Certificate) -> Link:
    extensions = certificate.extensions
    by_type = {type(each.value): each.value for each in extensions}
    unknown = {
        each.value.oid.dotted_string: each.value.value
        for each in extensions
        if isinstance(each.value, x509.UnrecognizedExtension)
    }
    basic = cast("x509.BasicConstraints | None", by_type.get(x509.BasicConstraints))
    extended = cast("x509.ExtendedKeyUsage | None", by_type.get(x509.ExtendedKeyUsage))
    policies = cast("x509.CertificatePolicies | None", by_type.get(x509.CertificatePolicies))
    constraints = cast("x509.PolicyConstraints | None", by_type.get(x509.PolicyConstraints))
    inhibit = cast("x509.InhibitAnyPolicy | None", by_type.get(x509.InhibitAnyPolicy))
    alternative = cast(
        "x509.SubjectAlternativeName | None", by_type.get(x509.SubjectAlternativeName)
    )
    key_id = cast("x509.SubjectKeyIdentifier | None", by_type.get(x509.SubjectKeyIdentifier))
    issued_by = cast("x509.AuthorityKeyIdentifier | None", by_type.get(x509.AuthorityKeyIdentifier))
    points = cast("x509.CRLDistributionPoints | None", by_type.get(x509.CRLDistributionPoints))
    mapped = unknown.get(ExtensionOID.POLICY_MAPPINGS.dotted_string)
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Link(
        certificate=certificate,
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest(),
        subject=normal(certificate.subject),
        issuer=normal(certificate.issuer),
        key=_key(certificate),
        is_authority=certificate.version is x509.Version.v3 and basic is not None and basic.ca,
        path_length=basic.path_length if basic else None,
        usage=cast("x509.KeyUsage | None", by_type.get(x509.KeyUsage)),
        extended_usage=frozenset(e.dotted_string for e in extended) if extended else None,
        policies=frozenset(p.policy_identifier.dotted_string for p in policies or ()),
        mappings=_mappings(mapped) if mapped is not None else (),
        require_explicit=constraints.require_explicit_policy if constraints else None,
        inhibit_mapping=constraints.inhibit_policy_mapping if constraints else None,
        inhibit_any=inhibit.skip_certs if inhibit else None,
        constraints=cast("x509.NameConstraints | None", by_type.get(x509.NameConstraints)),
        alternative=tuple(alternative or ()),
        key_id=key_id.digest if key_id else None,
        authority_key_id=issued_by.key_identifier if issued_by else None,
        crl_points=tuple(points or ()),
        unprocessed=tuple(
            each.oid.dotted_string
            for each in extensions
            if each.critical and each.oid not in _PROCESSED
        ),
    )


def _key(certificate: x509.Certificate) -> PublicKey | None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return cast("PublicKey", key) if is_strong(key) else None


def _mappings(der: bytes) -> tuple[tuple[str, str], ...]:
    """Read PolicyMappings: SEQUENCE OF SEQUENCE { OID, OID } (RFC 5280 §4.2.1.5)."""
    pairs = []
    for pair in _sequence(der):
        first, second = (_oid(each) for each in _items(pair))
        pairs.append((first, second))
    if not pairs:
        raise ValueError("no policy mappings")
    return tuple(pairs)


def _sequence(der: bytes) -> list[bytes]:
    items = _items(der)
    if len(items) != 1 or items[0][:1] != b"\x30":
        raise ValueError("not one sequence")
    return [_content(each) for each in _items(_content(items[0]))]


def _items(data: bytes) -> list[bytes]:
    items = []
    while data:
        size, start = _length(data)
        if start + size > len(data):
            raise ValueError("truncated")
        items.append(data[: start + size])
        data = data[start + size :]
    return items


def _content(item: bytes) -> bytes:
    return item[_length(item)[1] :]


def _length(data: bytes) -> tuple[int, int]:
    if len(data) < 2:
        raise ValueError("truncated")
    if data[1] < 0x80:
        return data[1], 2
    count = data[1] & 0x7F
    if not 1 <= count <= 2 or len(data) < 2 + count:
        raise ValueError("length")
    return int.from_bytes(data[2 : 2 + count], "big"), 2 + count


def _oid(item: bytes) -> str:
    if item[:1] != b"\x06":
        raise ValueError("not an object identifier")
    numbers: list[int] = []
    value = 0
    for byte in _content(item):
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        raise ValueError("empty object identifier")
    top = min(numbers[0] // 40, 2)
    return ".".join(map(str, [top, numbers[0] - 40 * top, *numbers[1:]]))
