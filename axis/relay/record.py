"""Writes down what was judged: the package, its deliveries, its ledger entries. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from axis.admission.admit import Admission, Route
from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.statuses import Meaning
from axis.envelope.values import DocumentEnvelope, Envelope, Message, StatusEnvelope
from axis.errors import Refusal
from axis.intake.identity import delivery_id_of
from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event, event_of_status
from axis.relay.judge import Judged
from axis.store.deliveries import DeliveryRecord
from axis.store.messages import MessageRecord
from axis.store.packages import PackageRecord
from axis.store.parts import PackagePart

#: No document that was accepted has a longer DocumentId.
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All that one package adds to the records."""

    package: PackageRecord
    deliveries: tuple[DeliveryRecord, ...]
    entries: tuple[SealedEntry, ...]
    about: tuple[UUID, UUID] | None  #: a status: the delivery that it is about, and its new entry
    parts: tuple[PackagePart, ...] = ()  #: attachments that came apart
    answers: frozenset[str] = frozenset()  #: DocumentIds that a document says it answers
    message: MessageRecord | None = None  #: of a message of another type than edXML's own
    stories: frozenset[tuple[str, str]] = frozenset()  #: what it belongs to: type and key


def write_accepted(
    judged: Judged,
    admission: Admission,
    sealer: Sealer,
    *,
    about: Meaning | None,
    follows: UUID | None,
    now: datetime,
) -> Records:
    """Return the records of an accepted package.

    Args:
        about: of a status, the delivery that it is about.
        follows: of a status, the last entry about that delivery.
    """
    notice, envelope = judged.notice, admission.envelope
    digest = bytes.fromhex(notice.digest)
    document_id = envelope.named
    acceptance = sealer.seal(
        Entry(
            event=Event.SUBMISSION_ACCEPTANCE,
            at=now,
            package_id=notice.package_id,
            body_sha256=digest,
            sender=envelope.sender.organ_id,
            system=notice.system_id,
            document=document_id,
            weak=admission.weak,
            facts=_facts(judged, admission),
            parts=(
                *(attachment.sha256 for attachment in envelope.attachments),
                *(part.sha256 for part in admission.parts),
            ),
        )
    )
    entries = [acceptance]
    deliveries = []
    for position, route in enumerate(admission.routes):
        delivery_id = delivery_id_of(notice.package_id, route.address)
        entry = _consignment(route, delivery_id, judged, sealer, acceptance.entry_id, now)
        entries.append(entry)
        deliveries.append(
            _delivery(route, delivery_id, position, admission.lane, entry.entry_id, judged, now)
        )
    told: tuple[UUID, UUID] | None = None
    if about is not None and isinstance(envelope, StatusEnvelope):
        status = sealer.seal(
            Entry(
                event=event_of_status(envelope.status_code.value),
                at=now,
                package_id=about.package_id,
                delivery_id=about.delivery_id,
                occurrence=str(notice.package_id),
                prev=follows,
                status=envelope.status_code.value,
                body_sha256=digest,
                sender=envelope.sender.organ_id,
                document=document_id,
            )
        )
        entries.append(status)
        told = (about.delivery_id, status.entry_id)
    return Records(
        package=_accepted_package(judged, admission, document_id, about, now),
        deliveries=tuple(deliveries),
        entries=tuple(entries),
        about=told,
        parts=tuple(
            PackagePart(
                package_id=notice.package_id,
                content_id=part.content_id,
                position=part.position,
                name=part.name,
                content_type=part.content_type,
                digest=part.sha256,
                size_bytes=part.size_bytes,
            )
            for part in admission.parts
        ),
        answers=frozenset(one for one in envelope.answers if len(one) <= _LONGEST_ID),
        message=_message(judged, admission),
        stories=frozenset(one for one in envelope.stories if len(one[1]) <= _LONGEST_ID),
    )


def _facts(judged: Judged, admission: Admission) -> dict[str, str | int] | None:
    """Return what everyone may know: the lists believed, and the other axis's entry."""
    facts: dict[str, str | int] = {}
    if admission.lists:
        facts["lists"] = ",".join(admission.lists)
    if admission.from_peer and judged.notice.relayed:
        facts["relayed"] = judged.notice.relayed
    return facts or None


def write_refused(judged: Judged, refusal: Refusal, sealer: Sealer, *, now: datetime) -> Records:
    """Return the records of a refused package; what could be read of it is kept for the answer."""
    notice = judged.notice
    envelope = judged.inspection.envelope if judged.inspection else None
    document_id = envelope.named if envelope else None
    entry = sealer.seal(
        Entry(
            event=Event.SUBMISSION_REJECTION,
            at=now,
            package_id=notice.package_id,
            body_sha256=bytes.fromhex(notice.digest),
            system=notice.system_id,
            document=document_id,
            reason=refusal.code,
        )
    )
    package = PackageRecord(
        id=notice.package_id,
        system_id=notice.system_id,
        digest=bytes.fromhex(notice.digest),
        size_bytes=notice.size_bytes,
        door=notice.door,
        received_at=notice.received_at,
        decided_at=now,
        accepted=False,
        refusal=refusal,
        kind=envelope.type if envelope else None,
        document_id=document_id,
        sign=envelope.sign if envelope else None,
        subject=envelope.title if envelope else None,
        sender=envelope.sender.organ_id if envelope else None,
    )
    return Records(package=package, deliveries=(), entries=(entry,), about=None)


def _consignment(
    route: Route,
    delivery_id: UUID,
    judged: Judged,
    sealer: Sealer,
    acceptance: UUID,
    now: datetime,
) -> SealedEntry:
    held = route.held_reason is not None
    return sealer.seal(
        Entry(
            event=Event.CONSIGNMENT_HELD if held else Event.CONTENT_CONSIGNMENT,
            at=now,
            package_id=judged.notice.package_id,
            delivery_id=delivery_id,
            prev=acceptance,
            recipient=route.address,
            served=route.served,
            system=route.system_id,
            reason=route.held_reason,
            facts={"group": route.group} if route.group else None,
        )
    )


def _delivery(
    route: Route,
    delivery_id: UUID,
    position: int,
    lane: Lane,
    entry_id: UUID,
    judged: Judged,
    now: datetime,
) -> DeliveryRecord:
    return DeliveryRecord(
        id=delivery_id,
        package_id=judged.notice.package_id,
        position=position,
        address=route.address,
        office_id=route.office_id,
        system_id=route.system_id,
        lane=lane,
        state=State.ROUTED if route.held_reason is None else State.HELD,
        held_reason=route.held_reason,
        routed_at=now,
        last_entry=entry_id,
    )


def _accepted_package(
    judged: Judged,
    admission: Admission,
    document_id: str,
    about: Meaning | None,
    now: datetime,
) -> PackageRecord:
    notice, envelope = judged.notice, admission.envelope
    document = envelope if isinstance(envelope, DocumentEnvelope) else None
    status = envelope if isinstance(envelope, StatusEnvelope) else None
    return PackageRecord(
        id=notice.package_id,
        system_id=notice.system_id,
        digest=bytes.fromhex(notice.digest),
        size_bytes=notice.size_bytes,
        door=notice.door,
        received_at=notice.received_at,
        decided_at=now,
        accepted=True,
        kind=envelope.type,
        document_id=document_id,
        sign=envelope.sign,
        subject=envelope.title,
        sender=envelope.sender.organ_id,
        sender_office=admission.sender_office,
        about_package_id=about.package_id if about else None,
        about_delivery_id=about.delivery_id if about else None,
        business_type=document.business.doc_type.value if document else None,
        status_code=status.status_code.value if status else None,
        priority=None if status else _priority(envelope),
        due_on=envelope.due_on,
        certificate=admission.certificate,
        weak=admission.weak,
    )


def _priority(envelope: Envelope) -> int | None:
    return None if isinstance(envelope, StatusEnvelope) else envelope.priority


def _message(judged: Judged, admission: Admission) -> MessageRecord | None:
    envelope = admission.envelope
    if not isinstance(envelope, Message):
        return None
    return MessageRecord(
        package_id=judged.notice.package_id,
        type=envelope.type,
        version=envelope.version,
        sender_office=admission.sender_office,
        content=envelope.content_sha256,
        step=envelope.step,
        order_key=envelope.order_key,
        revision=envelope.revision,
        due_at=envelope.due_at,
        facts=dict(envelope.facts),
    )
