"""The rules of authority over one package, and the way to each addressee.

R1: the calling system, the signing certificate and ``From`` must name the same office. R3: judged
at the instant of acceptance. R5: nothing outside the signature changes where a package goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from axis.admission.errors import (
    NobodyHereError,
    SenderNotOfSystemError,
    SenderUnknownError,
)
from axis.admission.policy import OPEN, Policy, enforce
from axis.admission.types import hold_to_type
from axis.delivery.lanes import Lane, lane_of
from axis.directory.errors import RecipientUnknownError
from axis.directory.grace import signatories
from axis.directory.groups import NO_GROUPS, Groups, expand
from axis.directory.snapshot import Directory
from axis.directory.values import Held, ReceivesBy
from axis.envelope.errors import AttachmentMissingError
from axis.envelope.values import Envelope, OrganId, StatusEnvelope
from axis.examine.inspect import Inspection
from axis.trust.errors import NotForOfficeError
from axis.trust.registry import Registry
from axis.trust.values import VerifiedSignature, Weakness
from axis.types.book import Book

NO_BOOK: Final = Book()  #: edXML and nothing else
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
class Brought:
    """An attachment that the calling system brought apart from its envelopes."""

    sha256: bytes  #: of the exact bytes (32 bytes)
    size_bytes: int


#: Attachments that a system brought, by the name and value of a digest of theirs.
Parts = Mapping[tuple[str, bytes], Brought]
NO_PARTS: Final[Parts] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An attachment of the package that came apart."""

    content_id: str  #: without ``cid:``
    position: int  #: in the manifest, from 0
    name: str | None  #: as the envelope signs it; for people, never a path
    content_type: str | None
    sha256: bytes
    size_bytes: int


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
    parts: tuple[Part, ...] = ()  #: attachments that came apart
    added: tuple[Route, ...] = ()  #: of an update: the ways to the receivers that it adds
    from_peer: bool = False  #: another axis brought it


def admit(
    inspection: Inspection,
    *,
    system_id: str,
    directory: Directory,
    registry: Registry,
    now: datetime,
    types: Book = NO_BOOK,
    policy: Policy = OPEN,
    grace: timedelta = timedelta(0),
    groups: Groups = NO_GROUPS,
    parts: Parts = NO_PARTS,
) -> Admission:
    """Decide whether an inspected package may pass, and where it goes.

    ``parts`` are attachments that this very system brought apart. The digest under which one is
    found was taken of its bytes when they came, so finding it is comparing it.

    Raises:
        AxisError: signature, certificate, sender or an addressee is not in order, by its code.
    """
    envelope = inspection.envelope
    # 1. Who says it: the signature, before anything that it says is believed.
    signature = registry.accept(inspection.signature, inspection.weak, system_id=system_id, at=now)
    # 2. All of what was signed is here, inside the package or brought apart before it.
    came_apart = _parts(envelope, signature, parts)
    # 3. In whose name: system, certificate and From must mean the same office.
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
    # 4. To whom.
    routes = _routes(envelope.addresses, directory=directory, groups=groups, now=now)
    from_peer = _is_peer(system_id, directory)
    if from_peer:
        routes = _served_here(routes, directory=directory, system_id=system_id)
    # 5. Whether the type is sent by such an office, and taken by each of them.
    hold_to_type(
        types,
        envelope,
        sender_office,
        [(route.address, route.office_id, route.system_id) for route in routes],
        directory=directory,
        at=now,
    )
    # 6. Whether the policy lets this office say such a thing to each of them.
    if policy.rules:
        for route in routes:
            enforce(
                policy,
                sender_office,
                route.office_id,
                envelope.does,
                directory=directory,
                at=now,
            )
    added = tuple(_route(one, directory=directory, now=now) for one in envelope.added)
    return Admission(
        envelope=envelope,
        from_peer=from_peer,
        sender_office=sender_office,
        lists=lists,
        parts=came_apart,
        lane=_lane(envelope),
        routes=routes,
        certificate=signature.certificate_sha256 or None,
        weak=signature.weak,
        target_office=routes[0].office_id if envelope.is_status else None,
        added=tuple(route for route in added if not from_peer or _is_here(route, directory)),
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


def _parts(envelope: Envelope, signature: VerifiedSignature, brought: Parts) -> tuple[Part, ...]:
    """Return the attachments that came apart; the manifest lists each of them.

    Raises:
        AttachmentMissingError: one was not brought by this system.
    """
    if not signature.apart:
        return ()
    listed = {one.content_id: (place, one) for place, one in enumerate(envelope.manifest)}
    found = []
    for attachment in signature.apart:
        here = brought.get((attachment.digest_name, attachment.digest))
        position, reference = listed.get(attachment.content_id, (len(listed), None))
        if here is None:
            raise AttachmentMissingError(expected=f"cid:{attachment.content_id}", got="–", apart=1)
        found.append(
            Part(
                content_id=attachment.content_id,
                position=position,
                name=reference.attachment_name if reference else None,
                content_type=reference.content_type if reference else None,
                sha256=here.sha256,
                size_bytes=here.size_bytes,
            )
        )
    return tuple(sorted(found, key=lambda part: part.position))


def _lane(envelope: Envelope) -> Lane:
    """Return the lane; a message that has an order among others never overtakes them."""
    if isinstance(envelope, StatusEnvelope):
        return Lane.EXPRESS
    return Lane.NORMAL if envelope.order_key is not None else lane_of(envelope.priority)


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


def _is_peer(system_id: str | None, directory: Directory) -> bool:
    system = directory.systems().get(system_id or "")
    return system is not None and system.receives_by == ReceivesBy.PEER


def _is_here(route: Route, directory: Directory) -> bool:
    return not _is_peer(route.system_id, directory)


def _served_here(
    routes: tuple[Route, ...], *, directory: Directory, system_id: str
) -> tuple[Route, ...]:
    """Return the ways that do not lead to another axis.

    What one axis brings never goes on to a third, nor back: its own axis sends it to each, so there
    are no loops, and nobody gets it twice.

    Raises:
        NobodyHereError: none is left.
    """
    here = tuple(route for route in routes if _is_here(route, directory))
    if not here:
        addresses = ", ".join(route.address for route in routes[:5])
        raise NobodyHereError(system_id=system_id, addresses=addresses)
    return here


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
