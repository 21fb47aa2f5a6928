"""Whether a certificate was revoked, by certificate revocation lists (RFC 5280 §6.3).

Complete, partitioned, indirect and delta CRLs. A CRL counts while ``nextUpdate`` has not passed at
the instant of judgement; without one that covers all reasons the answer is "cannot tell now",
never "valid" (fail closed). A CRL made after that instant counts too: what it says was revoked
only later was still good then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from axis.errors import AxisError
from axis.trust.errors import CertificateRevokedError, RevocationUnknownError
from axis.trust.links import Link, is_signed_by, link_of
from axis.trust.material import Material
from axis.trust.names import NormalName, normal, normal_relative
from axis.trust.ocsp import OcspAnswers

if TYPE_CHECKING:
    from axis.trust.path import PathJudge

_ALL: Final = frozenset(x509.ReasonFlags) - {
    x509.ReasonFlags.unspecified,
    x509.ReasonFlags.remove_from_crl,
}
_PROCESSED: Final = frozenset(
    {ExtensionOID.ISSUING_DISTRIBUTION_POINT, ExtensionOID.DELTA_CRL_INDICATOR}
)
_ENTRY_PROCESSED: Final = frozenset(
    {
        CRLEntryExtensionOID.CERTIFICATE_ISSUER,
        CRLEntryExtensionOID.CRL_REASON,
        CRLEntryExtensionOID.INVALIDITY_DATE,
    }
)
_DEPTH: Final = 4  #: authorities for CRLs whose own revocation is asked in turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A certificate was not revoked, at any instant between ``since`` and ``until``."""

    since: datetime
    until: datetime
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _List:
    """A CRL with its extensions read."""

    crl: x509.CertificateRevocationList
    sha256: str
    issuer: NormalName
    scope: x509.IssuingDistributionPoint | None
    base: int | None  #: of a delta: the number of the complete CRL that it extends
    number: int | None
    authority_key_id: bytes | None
    entries: dict[tuple[NormalName, int], x509.RevokedCertificate]
    this_update: datetime
    next_update: datetime


@dataclass(slots=True)
class _State:
    mask: frozenset[x509.ReasonFlags] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    sources: list[str] = field(default_factory=list)
    problem: str = "no list of its issuer is at hand"


class Revocation:
    """Answers from the CRLs of one :class:`~axis.trust.material.Material`."""

    def __init__(self, material: Material, paths: PathJudge) -> None:
        self._paths = paths
        self._lists: dict[NormalName, list[_List]] = {}
        for crl in material.crls:
            read = _read(crl)
            if read is not None:
                self._lists.setdefault(read.issuer, []).append(read)
        self._answers = OcspAnswers(material.answers)
        self._signers: dict[NormalName, list[Link]] = {}
        for certificate in (*material.intermediates, *material.anchors):
            try:
                link = link_of(certificate)
            except AxisError:
                continue
            self._signers.setdefault(link.subject, []).append(link)

    def check(
        self, link: Link, issuer: Link, anchor: Link, at: datetime, busy: frozenset[bytes]
    ) -> Answer:
        """Return if a certificate was not revoked at that instant.

        Raises:
            CertificateRevokedError: it was.
            RevocationUnknownError: neither an OCSP answer nor a CRL at hand can tell.
        """
        good = self._answers.check(link, issuer, at)
        state = _State()
        if link.fingerprint not in busy and len(busy) < _DEPTH:
            for point in (*link.crl_points, None):
                if state.mask == _ALL:
                    break
                self._consult(state, link, point, issuer, anchor, at, busy | {link.fingerprint})
        if good is not None:  # no list at hand says otherwise
            return Answer(since=good.since, until=good.until, sources=(good.source,))
        if state.mask != _ALL or state.since is None or state.until is None:
            raise RevocationUnknownError(subject=link.name, reason=state.problem)
        return Answer(since=state.since, until=state.until, sources=tuple(state.sources))

    def _consult(
        self,
        state: _State,
        link: Link,
        point: x509.DistributionPoint | None,
        issuer: Link,
        anchor: Link,
        at: datetime,
        busy: frozenset[bytes],
    ) -> None:
        """Use every complete CRL of one distribution point; None is the issuer's own (§6.3.3)."""
        for each in self._candidates(link, point):
            if each.base is not None:
                continue
            if at > each.next_update:
                state.problem = f"the list of {each.next_update.isoformat()} is out of date"
                continue
            reasons = _covered(each, link, point)
            if reasons is None or reasons <= state.mask:
                continue
            if not self._is_authentic(each, link, issuer, anchor, at, busy):
                state.problem = "the list at hand is not signed by an authority for it"
                continue
            newest = self._delta(each, link, issuer, anchor, at, busy)
            _refuse_revoked(link, each, newest, at)
            state.mask |= reasons
            used = [each] if newest is None else [each, newest]
            for one in used:
                state.sources.append(one.sha256)
                # A list says nothing of the time before it that an earlier one could not tell.
                since = min(one.this_update, at)
                state.since = since if state.since is None else max(state.since, since)
                until = one.next_update if one.this_update <= at else at
                state.until = until if state.until is None else min(state.until, until)

    def _candidates(self, link: Link, point: x509.DistributionPoint | None) -> Iterator[_List]:
        issuers = {link.issuer}
        if point is not None and point.crl_issuer:
            issuers = {
                normal(name.value)
                for name in point.crl_issuer
                if isinstance(name, x509.DirectoryName)
            }
        for issuer in issuers:
            yield from self._lists.get(issuer, ())

    def _delta(
        self,
        base: _List,
        link: Link,
        issuer: Link,
        anchor: Link,
        at: datetime,
        busy: frozenset[bytes],
    ) -> _List | None:
        """Return the newest delta that extends a complete CRL (§6.3.3 c)."""
        found = [
            each
            for each in self._lists.get(base.issuer, ())
            if each.base is not None
            and each.number is not None
            and base.number is not None
            and each.base <= base.number < each.number
            and each.scope == base.scope
            and each.authority_key_id == base.authority_key_id
            and at <= each.next_update
            and self._is_authentic(each, link, issuer, anchor, at, busy)
        ]
        return max(found, key=lambda each: each.number or 0, default=None)

    def _is_authentic(
        self,
        each: _List,
        link: Link,
        issuer: Link,
        anchor: Link,
        at: datetime,
        busy: frozenset[bytes],
    ) -> bool:
        """Say whether an authority of the same anchor signed a CRL (§6.3.3 f–g)."""
        from axis.trust.path import PathRules

        if (
            issuer.subject == each.issuer
            and issuer.may_sign_crls
            and is_signed_by(each.crl, issuer.key)
        ):
            return True
        for signer in self._signers.get(each.issuer, ()):
            if not signer.may_sign_crls or not is_signed_by(each.crl, signer.key):
                continue
            if signer.fingerprint == anchor.fingerprint:
                return True
            if signer.fingerprint in busy:
                continue
            try:
                rules = PathRules(for_documents=False)
                self._paths.find(signer, at, rules, anchor=anchor, busy=busy)
            except AxisError:
                continue
            return True
        return False


def _refuse_revoked(link: Link, base: _List, delta: _List | None, at: datetime) -> None:
    key = (link.issuer, link.certificate.serial_number)
    entry = base.entries.get(key)
    if delta is not None and key in delta.entries:
        entry = delta.entries[key]
        if _reason(entry) is x509.ReasonFlags.remove_from_crl:
            return
    if entry is None:
        return
    later = base.this_update > at and entry.revocation_date_utc > at
    if not later:
        raise CertificateRevokedError(
            subject=link.name,
            at=entry.revocation_date_utc.isoformat(),
            reason=_reason(entry).value,
        )


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return x509.ReasonFlags.unspecified


def _covered(
    each: _List, link: Link, point: x509.DistributionPoint | None
) -> frozenset[x509.ReasonFlags] | None:
    """Return the reasons for which a CRL can tell of a certificate; None: it is not for it."""
    scope = each.scope
    indirect = scope is not None and scope.indirect_crl
    if point is not None and point.crl_issuer:
        if not indirect:
            return None
    elif each.issuer != link.issuer:
        return None
    point_reasons = frozenset(point.reasons) if point is not None and point.reasons else _ALL
    if scope is None:
        return point_reasons & _ALL
    if scope.only_contains_attribute_certs:
        return None
    if scope.only_contains_user_certs and link.is_authority:
        return None
    if scope.only_contains_ca_certs and not link.is_authority:
        return None
    if not _is_same_point(scope, each, link, point):
        return None
    some = frozenset(scope.only_some_reasons) if scope.only_some_reasons else _ALL
    return point_reasons & some & _ALL


def _is_same_point(
    scope: x509.IssuingDistributionPoint,
    each: _List,
    link: Link,
    point: x509.DistributionPoint | None,
) -> bool:
    """Say whether the CRL's distribution point is the certificate's (§6.3.3 b 2 i)."""
    scoped = _point_names(scope.full_name, scope.relative_name, each.issuer)
    if not scoped:
        return True
    if point is None:
        # Without a distribution point the issuer's name stands for it.
        return (
            x509.DirectoryName in {kind for kind, _ in scoped}
            and (
                x509.DirectoryName,
                link.issuer,
            )
            in scoped
        )
    base = link.issuer
    if point.crl_issuer:
        base = next(
            (normal(n.value) for n in point.crl_issuer if isinstance(n, x509.DirectoryName)), base
        )
    named = _point_names(point.full_name, point.relative_name, base)
    if not named and point.crl_issuer:
        named = _point_names(point.crl_issuer, None, base)
    return bool(scoped & named)


def _point_names(
    full: list[x509.GeneralName] | None,
    relative: x509.RelativeDistinguishedName | None,
    base: NormalName,
) -> set[tuple[type, object]]:
    if relative is not None:
        return {(x509.DirectoryName, (*base, normal_relative(relative)))}
    return {
        (type(name), normal(name.value) if isinstance(name, x509.DirectoryName) else name.value)
        for name in full or ()
    }


def _read(crl: x509.CertificateRevocationList) -> _List | None:
    return _read_der(crl.public_bytes(Encoding.DER))


@lru_cache(maxsize=512)
def _read_der(der: bytes) -> _List | None:
    """Return a CRL with its extensions; None where something critical in it is not understood.

    A list of an authority has many entries, and the same list is asked through many snapshots.
    """
    crl = x509.load_der_x509_crl(der)
    try:
        extensions = {each.oid: each for each in crl.extensions}
        if any(e.critical and oid not in _PROCESSED for oid, e in extensions.items()):
            return None
        next_update = crl.next_update_utc
        if next_update is None:
            return None
        values = {type(each.value): each.value for each in extensions.values()}
        scope = values.get(x509.IssuingDistributionPoint)
        base = values.get(x509.DeltaCRLIndicator)
        number = values.get(x509.CRLNumber)
        issued_by = values.get(x509.AuthorityKeyIdentifier)
        issuer = normal(crl.issuer)
        indirect = isinstance(scope, x509.IssuingDistributionPoint) and scope.indirect_crl
        entries = _entries(crl, issuer, indirect=indirect)
        if entries is None:
            return None
        return _List(
            crl=crl,
            sha256=hashlib.sha256(der).hexdigest(),
            issuer=issuer,
            scope=scope if isinstance(scope, x509.IssuingDistributionPoint) else None,
            base=base.crl_number if isinstance(base, x509.DeltaCRLIndicator) else None,
            number=number.crl_number if isinstance(number, x509.CRLNumber) else None,
            authority_key_id=issued_by.key_identifier
            if isinstance(issued_by, x509.AuthorityKeyIdentifier)
            else None,
            entries=entries,
            this_update=crl.last_update_utc,
            next_update=next_update,
        )
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return None


def _entries(
    crl: x509.CertificateRevocationList, issuer: NormalName, *, indirect: bool
) -> dict[tuple[NormalName, int], x509.RevokedCertificate] | None:
    """Return the entries by issuer and serial; None: an entry has an unknown critical extension."""
    entries: dict[tuple[NormalName, int], x509.RevokedCertificate] = {}
    current = issuer
    for entry in crl:
        for extension in entry.extensions:
            if extension.critical and extension.oid not in _ENTRY_PROCESSED:
                return None
            if isinstance(extension.value, x509.CertificateIssuer):
                if not indirect:
                    return None
                names = extension.value.get_values_for_type(x509.DirectoryName)
                if names:
                    current = normal(names[0])
        entries[(current, entry.serial_number)] = entry
    return entries
