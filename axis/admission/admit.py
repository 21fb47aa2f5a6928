"""The rules of authority over one package, and the way to each addressee.

R1: the calling system, the signing certificate and ``From`` must name the same office. R3: judged
at the instant of acceptance. R5: nothing outside the signature changes where a package goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from axis.admission.errors import SenderNotOfSystemError, SenderUnknownError
from axis.admission.policy import OPEN, Policy, enforce, type_of
from axis.delivery.lanes import Lane, lane_of
from axis.directory.errors import RecipientUnknownError
from axis.directory.grace import signatories
from axis.directory.groups import NO_GROUPS, Groups, expand
from axis.directory.snapshot import Directory
from axis.directory.values import Held
from axis.envelope.errors import AttachmentMissingError
from axis.envelope.values import DocumentEnvelope, Envelope, OrganId, ReceiverType
from axis.examine.inspect import Inspection
from axis.trust.errors import NotForOfficeError
from axis.trust.registry import Registry
from axis.trust.values import VerifiedSignature, Weakness

NO_SYSTEM = "no-system"  #: the office is known, but no system takes its documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to one addressee."""

    address: OrganId  #: as the sender wrote it
    office_id: str  #: the office that is served
    served: str | None  #: its code, where it is not the office written
    system_id: str | None  #: None while no system takes its documents
    held_reason: str | None
    group: str | None = None  #: the group in whose name it was addressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A package that may pass."""

    envelope: Envelope
    sender_office: str
    lane: Lane
    routes: tuple[Route, ...]
    certificate: bytes | None  #: SHA-256 of the signer's certificate; None where unsigned
    weak: str | None
    lists: tuple[str, ...]  #: SHA-256 of the CRLs and OCSP answers that were believed, hex
    target_office: str | None  #: of a status: the office behind ResponseFor/OrganId
    added: tuple[Route, ...] = ()  #: of an update: the ways to the receivers that it adds


def admit(
    inspection: Inspection,
    *,
    system_id: str,
    directory: Directory,
    registry: Registry,
    now: datetime,
    policy: Policy = OPEN,
    grace: timedelta = timedelta(0),
    groups: Groups = NO_GROUPS,
) -> Admission:
    """Decide whether an inspected package may pass, and where it goes.

    Raises:
        AxisError: signature, certificate, sender or an addressee is not in order, by its code.
    """
    envelope = inspection.envelope
    # 1. Who says it: the signature, before anything that it says is believed.
    signature = registry.accept(inspection.signature, inspection.weak, system_id=system_id, at=now)
    #    A signed attachment that is not here cannot be delivered: no door takes it apart as yet.
    for attachment in signature.apart:
        raise AttachmentMissingError(expected=f"cid:{attachment.content_id}", got="–")
    # 2. In whose name: system, certificate and From must mean the same office.
    #    An office that was merged away signs under its old code for as long as the grace lasts.
    sender_office, lists = _sender(
        envelope.sender.organ_id,
        signature,
        system_id=system_id,
        directory=directory,
        registry=registry,
        grace=grace,
        now=now,
    )
    # 3. To whom.
    routes = _routes(_addresses(envelope), directory=directory, groups=groups, now=now)
    # 4. Whether the policy lets this office say such a thing to each of them.
    if policy.rules:
        for route in routes:
            enforce(
                policy,
                sender_office,
                route.office_id,
                type_of(envelope),
                directory=directory,
                at=now,
            )
    document = envelope if isinstance(envelope, DocumentEnvelope) else None
    return Admission(
        envelope=envelope,
        sender_office=sender_office,
        lists=lists,
        lane=lane_of(document.priority) if document else Lane.EXPRESS,
        routes=routes,
        certificate=signature.certificate_sha256 or None,
        weak=signature.weak,
        target_office=None if document else routes[0].office_id,
        added=tuple(
            _route(receiver.organ_id, directory=directory, now=now)
            for receiver in (document.business.receivers if document else ())
            if receiver.receiver_type is ReceiverType.ADDED
        ),
    )


def _sender(
    code: OrganId,
    signature: VerifiedSignature,
    *,
    system_id: str,
    directory: Directory,
    registry: Registry,
    grace: timedelta,
    now: datetime,
) -> tuple[str, tuple[str, ...]]:
    """Return the office that signs, and the revocation lists that were believed of it (R3)."""
    found = signatories(directory, code, now, grace)
    if not found:
        raise SenderUnknownError(sender=code)
    acting = [one for one in found if directory.may_act(system_id, one.office_id, now)]
    if not acting:
        raise SenderNotOfSystemError(system_id=system_id, sender=code)
    if signature.weak is Weakness.UNSIGNED:  # an unsigned package names no certificate
        return acting[0].office_id, ()
    refusal: NotForOfficeError | None = None
    for one in acting:
        try:
            path = registry.admit(signature.certificate_sha256, office_id=one.office_id, at=now)
        except NotForOfficeError as error:
            refusal = refusal or error
            continue
        return one.office_id, path.sources
    assert refusal is not None  # noqa: S101  nobody passed, and there is somebody
    raise refusal


def _addresses(envelope: Envelope) -> tuple[OrganId, ...]:
    if isinstance(envelope, DocumentEnvelope):
        return tuple(dict.fromkeys(recipient.organ_id for recipient in envelope.recipients))
    return (envelope.response_for.organ_id or OrganId(""),)


def _routes(
    addresses: Iterable[OrganId], *, directory: Directory, groups: Groups, now: datetime
) -> tuple[Route, ...]:
    """Return one way for each address; a group is expanded as it is at this instant.

    An office that is addressed both by name and through a group is served once, by its name.
    """
    named = tuple(addresses)
    routes: dict[str, Route] = {}
    for address in named:
        if directory.holders(address) or not groups.has(address):
            routes[address] = _route(address, directory=directory, now=now)
            continue
        for office in expand(directory, groups, address, now):
            if office.code not in routes and office.code not in named:
                route = _route(OrganId(office.code), directory=directory, now=now)
                routes[office.code] = replace(route, group=address)
    if not routes:
        raise RecipientUnknownError(code=", ".join(named))
    return tuple(routes.values())


def _route(address: OrganId, *, directory: Directory, now: datetime) -> Route:
    resolution = directory.resolve(address, now)
    if isinstance(resolution, Held):
        return Route(
            address=address,
            office_id=resolution.office_id,
            served=None,
            system_id=None,
            held_reason=resolution.reason.value,
        )
    system = directory.system_of(resolution.office_id, now)
    if system is not None and not system.connected:
        system = None
    redirected = resolution.office_id != resolution.written_office_id
    return Route(
        address=address,
        office_id=resolution.office_id,
        served=resolution.code if redirected else None,
        system_id=system.system_id if system else None,
        held_reason=None if system else NO_SYSTEM,
    )
