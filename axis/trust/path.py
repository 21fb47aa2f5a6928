"""Finds and validates a path from a certificate to a trust anchor (RFC 5280 §6.1).

A path is judged at an instant: of acceptance, or for evidence any earlier one. cryptography reads
the certificates and checks signatures; the algorithm is ours, because its verifier knows neither
revocation nor policies nor constraints on names of persons.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from axis.errors import AxisError, Fault
from axis.trust.certificates import Certificate, subject_of
from axis.trust.constraints import NameConstraintState
from axis.trust.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyUsageError,
    NoAnchorsError,
    NoPathError,
    WeakKeyError,
)
from axis.trust.links import ANY_POLICY, Link, is_signed_by, link_of
from axis.trust.material import Material
from axis.trust.names import NormalName
from axis.trust.policies import PolicyState, PolicyTreeTooLargeError
from axis.trust.revocation import Revocation

DEPTH: Final = 10  #: certificates in a path, without the anchor
ATTEMPTS: Final = 100  #: paths tried for one certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRules:
    """What a path must satisfy beyond RFC 5280's defaults (§6.1.1)."""

    policies: frozenset[str] = frozenset({ANY_POLICY})
    explicit_policy: bool = False
    any_policy_inhibited: bool = False
    mapping_inhibited: bool = False
    for_documents: bool = True  #: the certificate at the end signs documents


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidPath:
    """A path that is valid at every instant between ``since`` and ``until``, both included."""

    links: tuple[Link, ...]  #: from the anchor to the certificate
    since: datetime
    until: datetime
    sources: tuple[str, ...] = ()  #: SHA-256 of the CRLs and OCSP answers that were believed


@dataclass(slots=True)
class _Search:
    attempts: int = 0
    refusal: AxisError | None = None
    path: list[Link] = field(default_factory=list)

    def note(self, error: AxisError) -> None:
        """Keep the most useful refusal: what may be otherwise tomorrow, else the first."""
        if self.refusal is None or (
            error.fault is Fault.OUTAGE and self.refusal.fault is not Fault.OUTAGE
        ):
            self.refusal = error


class PathJudge:
    """Judges certificates against one set of anchors, intermediates and CRLs, and remembers."""

    def __init__(self, material: Material, rules: PathRules | None = None) -> None:
        self.material = material
        self.rules = rules or PathRules()
        self._anchors = _readable(material.anchors)
        self._by_subject: dict[NormalName, list[Link]] = {}
        for link in _readable(material.intermediates):
            self._by_subject.setdefault(link.subject, []).append(link)
        self._revocation = Revocation(material, self)
        self._known: dict[bytes, ValidPath] = {}
        self._lock = threading.Lock()

    def judge(self, certificate: Certificate, at: datetime) -> ValidPath:
        """Return a valid path for a document signer; what was found before costs a look-up.

        Raises:
            NoAnchorsError, RevocationUnknownError: cannot tell now (fault OUTAGE).
            AxisError: one of the ``certificate.…`` codes with fault INPUT.
        """
        known = self._known.get(certificate.sha256)
        if known is not None and known.since <= at <= known.until:
            return known
        path = self.find(link_of(certificate.x509), at, self.rules)
        with self._lock:
            self._known[certificate.sha256] = path
        return path

    def find(
        self,
        link: Link,
        at: datetime,
        rules: PathRules,
        *,
        anchor: Link | None = None,
        busy: frozenset[bytes] = frozenset(),
    ) -> ValidPath:
        """Return a valid path from an anchor to a certificate, of all that are possible.

        Args:
            link: the certificate at the end.
            at: the instant to judge at.
            rules: what the path must satisfy.
            anchor: the only anchor to end in, if not any.
            busy: certificates whose revocation is being judged already.

        Raises:
            NoAnchorsError, RevocationUnknownError: cannot tell now (fault OUTAGE).
            AxisError: why no path is valid (fault INPUT).
        """
        anchors = self._anchors if anchor is None else [anchor]
        if not anchors:
            raise NoAnchorsError(source=self.material.source)
        search = _Search(path=[link])
        for root, links in self._paths(search, anchors):
            try:
                return self._validate(root, links, at, rules, busy)
            except AxisError as error:
                search.note(error)
        if search.refusal is not None:
            raise search.refusal
        reason = "no issuer of it is known"
        raise NoPathError(subject=link.name, reason=reason)

    def _paths(self, search: _Search, anchors: Sequence[Link]) -> Iterator[tuple[Link, list[Link]]]:
        """Yield complete paths, the anchor apart, whose names and signatures chain."""
        last = search.path[-1]
        search.attempts += 1
        if search.attempts > ATTEMPTS:
            return
        for anchor in anchors:
            if anchor.subject == last.issuer and is_signed_by(last.certificate, anchor.key):
                yield anchor, search.path[::-1]
        if len(search.path) >= DEPTH:
            return
        known = {each.fingerprint for each in search.path}
        candidates = [
            each for each in self._by_subject.get(last.issuer, ()) if each.fingerprint not in known
        ]
        # The one that the certificate itself names comes first; the others may still be right.
        candidates.sort(key=lambda each: each.key_id != last.authority_key_id)
        for candidate in candidates:
            if is_signed_by(last.certificate, candidate.key):
                search.path.append(candidate)
                yield from self._paths(search, anchors)
                search.path.pop()
            elif candidate.key is None:
                search.note(WeakKeyError(got=f"that of {candidate.name}"))

    def _validate(
        self,
        anchor: Link,
        links: list[Link],
        at: datetime,
        rules: PathRules,
        busy: frozenset[bytes],
    ) -> ValidPath:
        """Validate one path (§6.1.2 to §6.1.5), then ask for revocations from the top down."""
        count = len(links)
        policies = PolicyState(
            count,
            explicit=rules.explicit_policy,
            any_inhibited=rules.any_policy_inhibited,
            mapping_inhibited=rules.mapping_inhibited,
        )
        constraints = NameConstraintState()
        constraints.add(anchor.constraints)
        room = count if anchor.path_length is None else anchor.path_length
        check_validity(anchor.certificate, at)
        try:
            for depth, link in enumerate(links, 1):
                last = depth == count
                check_validity(link.certificate, at)
                if link.key is None:
                    raise WeakKeyError(got=f"that of {link.name}")
                if last or not link.is_self_issued:
                    refusal = constraints.refusal(link)
                    if refusal is not None:
                        raise NoPathError(subject=link.name, reason=refusal)
                if link.unprocessed:
                    reason = f"critical extension {link.unprocessed[0]} is not understood"
                    raise NoPathError(subject=link.name, reason=reason)
                if not policies.process(link, depth):
                    raise NoPathError(subject=link.name, reason="no certificate policy is valid")
                if not last:
                    room = _check_authority(link, room)
                    if not policies.prepare(link, depth):
                        raise NoPathError(subject=link.name, reason="anyPolicy is mapped")
                    constraints.add(link.constraints)
            if not policies.finish(links[-1], rules.policies):
                raise NoPathError(subject=links[-1].name, reason="no certificate policy is valid")
        except PolicyTreeTooLargeError as error:
            raise NoPathError(subject=links[-1].name, reason=str(error)) from error
        if rules.for_documents and not links[-1].may_sign_documents:
            raise KeyUsageError(subject=links[-1].name, reason=_usage(links[-1]))
        since = max(each.certificate.not_valid_before_utc for each in [anchor, *links])
        until = min(each.certificate.not_valid_after_utc for each in [anchor, *links])
        path = [anchor, *links]
        sources: list[str] = []
        for issuer, link in zip(path, links, strict=False):
            answer = self._revocation.check(link, issuer, anchor, at, busy)
            since, until = max(since, answer.since), min(until, answer.until)
            sources += answer.sources
        return ValidPath(
            links=(anchor, *links), since=since, until=until, sources=tuple(dict.fromkeys(sources))
        )


_JUDGES: Final[list[PathJudge]] = []


def judge_of(material: Material) -> PathJudge:
    """Return the judge of this very material, with all that it has found out already."""
    for judge in _JUDGES:
        if judge.material is material:
            return judge
    judge = PathJudge(material)
    _JUDGES.insert(0, judge)
    del _JUDGES[4:]
    return judge


def check_validity(certificate: x509.Certificate, at: datetime) -> None:
    """Return if an instant is within a certificate's validity; both ends belong to it.

    Raises:
        CertificateNotYetValidError, CertificateExpiredError: it is not.
    """
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < since:
        name = subject_of(certificate)
        raise CertificateNotYetValidError(subject=name, since=since.isoformat())
    # Validity is told in whole seconds: the last second belongs to it as a whole.
    if at >= until + timedelta(seconds=1):
        raise CertificateExpiredError(subject=subject_of(certificate), until=until.isoformat())


def _check_authority(link: Link, room: int) -> int:
    """Return how many authorities may still follow (§6.1.4 k–n)."""
    if not link.is_authority:
        raise NoPathError(subject=link.name, reason="its issuer is not an authority")
    if link.usage is not None and not link.usage.key_cert_sign:
        raise NoPathError(subject=link.name, reason="its issuer may not sign certificates")
    if not link.is_self_issued:
        if room <= 0:
            raise NoPathError(subject=link.name, reason="the path is longer than allowed")
        room -= 1
    return room if link.path_length is None else min(room, link.path_length)


def _usage(link: Link) -> str:
    if link.is_authority:
        return "it is an authority's"
    if link.extended_usage is not None and (link.usage is None or link.usage.digital_signature):
        return "its extended key usage names other purposes"
    return "its key usage has neither digitalSignature nor nonRepudiation"


def _readable(certificates: Sequence[x509.Certificate]) -> list[Link]:
    """Return the links that can be read; one that cannot leads nowhere and stops nobody else."""
    links = []
    for each in certificates:
        try:
            links.append(link_of(each))
        except NoPathError:
            continue
    return links
