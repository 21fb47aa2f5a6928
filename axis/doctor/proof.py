"""Checks of what proves: certificates, revocation lists, the ledger's notary and witnesses."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.ocsp import OCSPCertStatus

from axis.doctor.errors import (
    CertificateEndsError,
    CertificateUrgentError,
    ListAbsentError,
    ListEndedError,
    ListStaleError,
    NotaryBehindError,
    ProcessAwayError,
    SplitViewSeenError,
    WitnessLateError,
)
from axis.doctor.values import Findings, Patient
from axis.errors import AxisError
from axis.notary.attendance import demand_cosigned
from axis.notary.cosigning import parse_witness
from axis.notary.lock import is_held
from axis.store.checkpoints import cosigned_size, first_checkpoint_above
from axis.store.checks import unsigned
from axis.store.engine import transaction
from axis.store.ledger import latest_log
from axis.store.trust import list_certificates
from axis.trust.certificates import read_all
from axis.trust.material import Material, load_folders
from axis.trust.registry import CertificateState, RegisteredCertificate

_DAY: Final = timedelta(days=1)
#: So many are told of one by one; what is beyond is in ``axis cert expiring``.
_MOST: Final = 50


def certificates(patient: Patient, found: Findings) -> None:
    """No certificate ends without a successor: of offices, authorities, the gateway, the seal."""
    now, days = patient.now(), sorted(patient.settings.doctor.certificate_days)
    horizon = now + max(days, default=0) * _DAY
    with transaction(patient.engine) as connection:
        known = [one for one in list_certificates(connection) if _counts(one, now)]
    found.note(registered=len(known))
    lasting = {
        binding.office_id
        for one in known
        if one.not_after > horizon
        for binding in one.bindings
        if binding.valid_to is None or binding.valid_to > horizon
    }
    ends = [
        (one.subject, f"sha256:{one.sha256.hex()[:12]}", one.not_after)
        for one in known
        if any(b.holds(now) and b.office_id not in lasting for b in one.bindings)
    ]
    for subject, name, end in [*ends, *_of_files(patient)]:
        if end > horizon or len(found.troubles) >= _MOST:
            continue
        left = (end - now) // _DAY
        stage = min((one for one in days if left <= one), default=max(days))
        kind = CertificateUrgentError if stage == min(days) else CertificateEndsError
        mark = f"{name} {stage} d"
        found.add(kind(subject=subject, name=name, days=left, mark=mark))


def _counts(one: RegisteredCertificate, now: datetime) -> bool:
    bound = any(binding.holds(now) for binding in one.bindings)
    return bound and one.state(now) in (CertificateState.ACTIVE, CertificateState.EXPIRED)


def _of_files(patient: Patient) -> list[tuple[str, str, datetime]]:
    own = patient.settings
    found = [
        (one.subject.rfc4514_string(), _named(one), one.not_valid_after_utc)
        for one in (*_material(patient).anchors, *_material(patient).intermediates)
    ]
    for name, key in (
        (own.gateway.tls_certificate, "[gateway] tls_certificate"),
        (own.evidence.certificate, "[evidence] certificate"),
    ):
        path = own.path(name)
        if name and path.is_file():
            chain = read_all(path.read_bytes(), source=str(path))
            found += [
                (one.subject.rfc4514_string(), key, one.not_valid_after_utc) for one in chain[:1]
            ]
    return found


def _named(certificate: x509.Certificate) -> str:
    return f"sha256:{certificate.fingerprint(SHA256()).hex()[:12]}"


def _material(patient: Patient) -> Material:
    own = patient.settings.trust
    return load_folders(
        patient.settings.path(own.anchors),
        patient.settings.path(own.intermediates),
        patient.settings.path(own.crls),
    )


def lists(patient: Patient, found: Findings) -> None:
    """There is a fresh revocation list, or OCSP answer, for every authority that counts."""
    now = patient.now()
    soon = now + timedelta(hours=patient.settings.doctor.list_hours)
    material = _material(patient)
    newest: dict[str, datetime] = {}
    for crl in material.crls:
        if crl.next_update_utc is not None:
            issuer = crl.issuer.rfc4514_string()
            newest[issuer] = max(newest.get(issuer, crl.next_update_utc), crl.next_update_utc)
    answered = {
        one.single.serial_number
        for one in material.answers
        if one.single.certificate_status is not OCSPCertStatus.UNKNOWN
        and (one.single.next_update_utc or now) >= now
    }
    with transaction(patient.engine) as connection:
        known = [one for one in list_certificates(connection) if _counts(one, now)]
    asked: dict[str, set[int]] = defaultdict(set)
    for one in known:
        certificate = x509.load_der_x509_certificate(one.der)
        asked[certificate.issuer.rfc4514_string()].add(certificate.serial_number)
    found.note(lists=len(material.crls), answers=len(material.answers), issuers=len(asked))
    for issuer, serials in asked.items():
        if serials <= answered:
            continue  # the authority itself answers for each of them
        if issuer not in newest:
            found.add(ListAbsentError(issuer=issuer))
    for issuer, until in newest.items():
        if until > soon or (issuer in asked and asked[issuer] <= answered):
            continue
        kind = ListEndedError if until < now else ListStaleError
        shown = until.isoformat(timespec="minutes")
        found.add(kind(kind="CRL", issuer=issuer, until=shown))


def notary(patient: Patient, found: Findings) -> None:
    """The notary runs, and what happened is signed for soon."""
    with transaction(patient.engine) as connection:
        behind = unsigned(connection)
    found.note(
        unsigned=behind.entries,
        signed_at=behind.signed_at.isoformat(timespec="seconds") if behind.signed_at else None,
    )
    if not is_held(patient.engine, "notary"):
        found.add(ProcessAwayError(process="notary"))
    if behind.oldest is not None:
        waited = (patient.now() - behind.oldest).total_seconds()
        if waited > patient.settings.doctor.notary_s:
            found.add(NotaryBehindError(count=behind.entries, seconds=int(waited)))


def witnesses(patient: Patient, found: Findings) -> None:
    """Witnesses follow the ledger, and nobody holds proof of two stories."""
    own = patient.settings.notary
    for path in sorted(_evidence(Path(patient.settings.home))):
        found.add(SplitViewSeenError(path=str(path)))
    found.note(witnesses=len(own.witnesses), quorum=own.witness_quorum)
    with transaction(patient.engine) as connection:
        log = latest_log(connection)
    if log is None:
        return
    for text in own.witnesses:
        name = parse_witness(text).key.name
        with transaction(patient.engine) as connection:
            size = cosigned_size(connection, log, name) or 0
            oldest = first_checkpoint_above(connection, log, size)
        late = (patient.now() - oldest.signed_at).total_seconds() if oldest else 0
        found.note(**{name: size})
        if late > own.witness_within_s:
            found.add(WitnessLateError(witness=name, seconds=int(late)))
    try:
        demand_cosigned(patient.engine, patient.settings, log=log, now=patient.now())
    except AxisError as error:
        found.add(error)


def _evidence(home: Path) -> list[Path]:
    """Return what a monitor wrote down beside its memory, in ``home`` or a folder of it."""
    names = ("*.split.json", "*.rolled-back")
    return [path for name in names for below in ("", "*/") for path in home.glob(below + name)]
