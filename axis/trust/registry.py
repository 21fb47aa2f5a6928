"""Which certificate may speak for which office, when: an immutable snapshot of the records.

Rules R1 to R3 of authority: the binding goes by the SHA-256 of the certificate, never by a name in
it; a certificate is judged at the instant of acceptance; a later revocation changes no earlier
answer. The judgement of a path is kept for as long as nothing in it can change, so that a package
costs a look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from axis.errors import AxisError
from axis.trust.certificates import read_der
from axis.trust.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    CertificateRevokedError,
    CertificateUnregisteredError,
    NotForOfficeError,
)
from axis.trust.material import Material
from axis.trust.path import PathJudge, ValidPath, judge_of
from axis.trust.values import VerifiedSignature, Weakness


class SignaturePolicy(StrEnum):
    """How well a system's packages must be signed."""

    STRICT = "strict"
    LEGACY_SHA1 = "legacy-sha1"  #: RSA with SHA-1 is let in as weak
    LEGACY_UNSIGNED = "legacy-unsigned"  #: as before, and no signature at all


#: The weaknesses that each policy lets in.
_LETS_IN: Final[Mapping[SignaturePolicy, frozenset[Weakness | None]]] = {
    SignaturePolicy.STRICT: frozenset(),
    SignaturePolicy.LEGACY_SHA1: frozenset({Weakness.SHA1}),
    SignaturePolicy.LEGACY_UNSIGNED: frozenset({Weakness.SHA1, Weakness.UNSIGNED}),
}


class CertificateState(StrEnum):
    """What the registry says of a certificate at an instant."""

    UNREGISTERED = "unregistered"
    NOT_YET_VALID = "not-yet-valid"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A certificate speaks for an office from one instant until another."""

    office_id: str
    valid_from: datetime
    valid_to: datetime | None  #: not included; None while no end is known

    def holds(self, at: datetime) -> bool:
        """Say whether the certificate speaks for the office at that instant."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCertificate:
    """A certificate that the axis knows."""

    sha256: bytes
    spki_sha256: bytes
    der: bytes
    subject: str  #: for people
    issuer: str
    serial: str  #: hexadecimal
    not_before: datetime
    not_after: datetime
    registered_at: datetime
    revoked_at: datetime | None = None  #: at the axis, whatever the authority's list says
    revocation_reason: str | None = None
    bindings: tuple[Binding, ...] = ()

    def state(self, at: datetime) -> CertificateState:
        """Return what holds at that instant; the authority's revocation lists are not asked."""
        if at < self.registered_at:
            return CertificateState.UNREGISTERED
        if self.revoked_at is not None and self.revoked_at <= at:
            return CertificateState.REVOKED
        if at < self.not_before:
            return CertificateState.NOT_YET_VALID
        ended = at >= self.not_after + timedelta(seconds=1)
        return CertificateState.EXPIRED if ended else CertificateState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPolicy:
    """A system may send weakly signed packages until an instant."""

    system_id: str
    policy: SignaturePolicy
    until: datetime  #: not included; from then on the policy is strict again
    reason: str


class Registry:
    """The certificates, their bindings and the systems' policies at one version."""

    __slots__ = ("_bindings", "_certificates", "_judge", "_policies", "material", "version")

    def __init__(
        self,
        version: int,
        certificates: Iterable[RegisteredCertificate],
        policies: Iterable[SystemPolicy] = (),
        material: Material | None = None,
    ) -> None:
        self.version: Final = version
        self.material: Final = material or Material()
        self._certificates: Final[Mapping[bytes, RegisteredCertificate]] = {
            each.sha256: each for each in certificates
        }
        # One certificate of a province's system may speak for every commune in it.
        self._bindings: Final[dict[tuple[bytes, str], list[Binding]]] = {}
        for known in self._certificates.values():
            for binding in known.bindings:
                self._bindings.setdefault((known.sha256, binding.office_id), []).append(binding)
        self._policies: Final[Mapping[str, SystemPolicy]] = {
            each.system_id: each for each in policies
        }
        self._judge: Final[PathJudge] = judge_of(self.material)

    def certificate(self, certificate_sha256: bytes) -> RegisteredCertificate | None:
        """Return a certificate, if it is registered."""
        return self._certificates.get(certificate_sha256)

    def certificates(self) -> Iterable[RegisteredCertificate]:
        """Return all certificates."""
        return self._certificates.values()

    def binding(self, certificate_sha256: bytes) -> tuple[Binding, ...] | None:
        """Return the offices that a certificate speaks for, past and future ones too."""
        known = self._certificates.get(certificate_sha256)
        return None if known is None else known.bindings

    def status(self, certificate_sha256: bytes, at: datetime) -> CertificateState:
        """Return what the registry says of a certificate at that instant."""
        known = self._certificates.get(certificate_sha256)
        return CertificateState.UNREGISTERED if known is None else known.state(at)

    def policy(self, system_id: str, at: datetime) -> SignaturePolicy:
        """Return how well the system's packages must be signed at that instant."""
        known = self._policies.get(system_id)
        return known.policy if known and at < known.until else SignaturePolicy.STRICT

    def accept(
        self,
        signature: VerifiedSignature | AxisError,
        weak: VerifiedSignature | None,
        *,
        system_id: str,
        at: datetime,
    ) -> VerifiedSignature:
        """Return the signature that counts for a system's package at that instant.

        Args:
            signature: what the strict profile found, or why it refuses.
            weak: what the package proves by the rules of today's systems, if anything.
            system_id: the calling system, which may have leave to sign weakly until a date.
            at: the instant of acceptance.

        Raises:
            AxisError: why the strict profile refuses, where the system's policy does not let
                the weak one count.
        """
        if isinstance(signature, VerifiedSignature):
            return signature
        if weak is not None and weak.weak in _LETS_IN[self.policy(system_id, at)]:
            return weak
        raise signature

    def admit(self, certificate_sha256: bytes, *, office_id: str, at: datetime) -> ValidPath:
        """Return the path by which the certificate may speak for the office at that instant.

        Its ``sources`` are the digests of the lists and answers that were believed (rule R3).

        Raises:
            CertificateUnregisteredError: the registry did not know it at that instant.
            CertificateRevokedError, CertificateExpiredError, CertificateNotYetValidError: it is
                not in force.
            NotForOfficeError: it is not bound to the office at that instant.
            NoPathError, KeyUsageError: no valid path leads to a trust anchor.
            RevocationUnknownError, NoAnchorsError: the axis cannot tell now (fault OUTAGE).
        """
        known = self._certificates.get(certificate_sha256)
        state = CertificateState.UNREGISTERED if known is None else known.state(at)
        if known is None or state is CertificateState.UNREGISTERED:
            raise CertificateUnregisteredError(sha256=certificate_sha256.hex())
        if state is not CertificateState.ACTIVE:
            raise _not_in_force(known, state)
        bindings = self._bindings.get((certificate_sha256, office_id), ())
        if not any(binding.holds(at) for binding in bindings):
            raise NotForOfficeError(sha256=certificate_sha256.hex(), office=office_id)
        return self._judge.judge(read_der(known.der), at)


def _not_in_force(known: RegisteredCertificate, state: CertificateState) -> AxisError:
    match state:
        case CertificateState.REVOKED:
            at = known.revoked_at.isoformat() if known.revoked_at else "–"
            reason = known.revocation_reason or "at the axis"
            return CertificateRevokedError(subject=known.subject, at=at, reason=reason)
        case CertificateState.EXPIRED:
            return CertificateExpiredError(subject=known.subject, until=known.not_after.isoformat())
        case _:
            return CertificateNotYetValidError(
                subject=known.subject, since=known.not_before.isoformat()
            )
