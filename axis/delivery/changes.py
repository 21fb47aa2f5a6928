"""Recall, update and replacement by document package (BussinessDocType 1, 2, 3), decided. Pure.

A change names its target in Bussiness/DocumentId. Where that is missing or names nothing known, a
ResponseFor that this sender sent is meant, else the package's own DocumentId. Only the sender, or
the office that goes on with its affairs, changes a document; a change of something that the axis
never carried is an ordinary package.

A receiver that an update adds gets the latest version that was sent before; one that was taken off
the list and is added again gets the package of the update itself, which is the version of now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from axis.delivery.course import Kind
from axis.delivery.errors import ChangeNotSenderError
from axis.delivery.statuses import RECALL, Addressed
from axis.envelope.values import BusinessType, DocumentEnvelope, ReceiverType


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One delivery that a change concerns."""

    kind: Kind
    target: Addressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a change does."""

    asked: tuple[Asked, ...] = ()
    added: tuple[tuple[Addressed, str], ...] = ()  #: a delivery of the original, the new address
    back: tuple[str, ...] = ()  #: addresses that were taken off before and get this package


NOTHING = Plan()


def named_in(envelope: DocumentEnvelope) -> tuple[str, ...]:
    """Return every DocumentId that may be meant by a change, to look them up at once."""
    business = envelope.business
    ids = [envelope.document_id, business.document_id or ""]
    ids += [answered.document_id or "" for answered in envelope.response_for]
    ids += [replacement.document_id for replacement in business.replacements]
    return tuple(dict.fromkeys(one for one in ids if one))


def plan_change(
    envelope: DocumentEnvelope,
    *,
    sender_office: str,
    offices: Collection[str],
    known: Mapping[str, Sequence[Addressed]],
    heir_of: Collection[str] = (),
    taken_off: Collection[UUID] = (),
) -> Plan:
    """Return what a change package does to what was sent before.

    Args:
        envelope: a package of type 1, 2 or 3.
        sender_office: the office behind From.
        offices: the offices behind To, as they are served now.
        known: by DocumentId, the deliveries of accepted documents, oldest first, without those of
            this package.
        heir_of: offices that ended and whose affairs the sender goes on with.
        taken_off: deliveries whose receivers an update has taken off the list.

    Raises:
        ChangeNotSenderError: the document is somebody else's.
    """
    senders = {sender_office, *heir_of}
    own = {
        document_id: [d for d in deliveries if d.sender_office in senders]
        for document_id, deliveries in known.items()
    }
    addresses = {recipient.organ_id for recipient in envelope.recipients}
    if envelope.business.doc_type is BusinessType.REPLACE:
        return _replace(envelope, own=own, known=known)
    target = _target(envelope, own=own, known=known)
    if target is None:
        return NOTHING
    documents = [d for d in own[target] if d.business_type != RECALL]
    if envelope.business.doc_type is BusinessType.RECALL:
        concerned = _concerned(documents, addresses, offices)
        return Plan(asked=tuple(Asked(kind=Kind.RECALL, target=d) for d in concerned))
    return _update(envelope, documents, addresses, offices, taken_off)


def _target(
    envelope: DocumentEnvelope,
    *,
    own: Mapping[str, Sequence[Addressed]],
    known: Mapping[str, Sequence[Addressed]],
) -> str | None:
    named = envelope.business.document_id
    if named and known.get(named):
        if not _documents(own.get(named, ())):
            raise ChangeNotSenderError(sender=envelope.sender.organ_id, document_id=named)
        return named
    for answered in envelope.response_for:
        if answered.document_id and _documents(own.get(answered.document_id, ())):
            return answered.document_id
    itself = envelope.document_id
    if _documents(own.get(itself, ())):
        return itself
    # What the id itself calls this sender's may bear the same name as a paper of another.
    foreign = not itself.startswith(f"{envelope.sender.organ_id},")
    if not named and foreign and _documents(known.get(itself, ())):
        raise ChangeNotSenderError(sender=envelope.sender.organ_id, document_id=itself)
    return None


def _update(
    envelope: DocumentEnvelope,
    documents: Sequence[Addressed],
    addresses: Collection[str],
    offices: Collection[str],
    taken_off: Collection[UUID],
) -> Plan:
    receivers = envelope.business.receivers
    removed = {r.organ_id for r in receivers if r.receiver_type is ReceiverType.REMOVED}
    added = [r.organ_id for r in receivers if r.receiver_type is ReceiverType.ADDED]
    off = [d for d in documents if d.address in removed]
    was_off = {d.address for d in documents if d.delivery_id in taken_off}
    stays = [
        d
        for d in _concerned(documents, addresses, offices)
        if d not in off and d.delivery_id not in taken_off
    ]
    has = {d.address for d in documents if d.delivery_id not in taken_off} - removed
    wanted = [code for code in dict.fromkeys(added) if code not in has]
    original = documents[-1]
    return Plan(
        asked=(
            *(Asked(kind=Kind.REMOVAL, target=d) for d in off if d.delivery_id not in taken_off),
            *(Asked(kind=Kind.UPDATE, target=d) for d in stays),
        ),
        added=tuple((original, code) for code in wanted if code not in was_off),
        back=tuple(code for code in wanted if code in was_off and code not in addresses),
    )


def _replace(
    envelope: DocumentEnvelope,
    *,
    own: Mapping[str, Sequence[Addressed]],
    known: Mapping[str, Sequence[Addressed]],
) -> Plan:
    asked: dict[UUID, Asked] = {}
    for replacement in envelope.business.replacements:
        if not known.get(replacement.document_id):
            continue
        documents = _documents(own.get(replacement.document_id, ()))
        if not documents:
            raise ChangeNotSenderError(
                sender=envelope.sender.organ_id, document_id=replacement.document_id
            )
        for_whom = set(replacement.organ_ids)
        for one in documents:
            if not for_whom or one.address in for_whom:
                asked[one.delivery_id] = Asked(kind=Kind.REPLACE, target=one)
    return Plan(asked=tuple(asked.values()))


def _concerned(
    documents: Sequence[Addressed], addresses: Collection[str], offices: Collection[str]
) -> list[Addressed]:
    """Return the deliveries to these addresses, however they are served, and what replaced them."""
    chosen: list[Addressed] = []
    ids = set()
    for one in documents:
        if one.address in addresses or one.office_id in offices or one.redirect_of in ids:
            chosen.append(one)
            ids.add(one.delivery_id)
    return chosen


def _documents(deliveries: Sequence[Addressed]) -> list[Addressed]:
    return [d for d in deliveries if d.business_type != RECALL]
