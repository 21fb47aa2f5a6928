"""What a business status is about: the delivery of the document that it answers, and what it does.

A status package names its document by DocumentId (QCVN 102, ResponseFor), and several packages may
go by one DocumentId: the document, its update, its replacement. A status is then about the latest
of them that it advances, else the latest that it repeats; if it fits none, the latest says why.
Receivers report on what was addressed to them, heirs on what their predecessors had got; only the
sender asks for a document back (13).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from axis.delivery.course import ANSWERS, Effect, Request, answer, follow
from axis.delivery.errors import (
    StatusNotAddressedError,
    StatusNotSenderError,
    StatusUnknownDocumentError,
)
from axis.delivery.states import State
from axis.errors import AxisError

#: Statuses that the document's sender gives; all others are the receivers'.
FROM_SENDER: Final = frozenset({"13"})

RECALL: Final = 1  #: BussinessDocType of a recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One delivery of a document package, as far as statuses and changes need to know it."""

    package_id: UUID
    delivery_id: UUID
    document_id: str
    sender_office: str  #: of the document
    business_type: int
    office_id: str  #: the office that is served
    address: str  #: OrganId as the document's sender wrote it
    state: State = State.ROUTED
    status_code: str | None = None  #: where the course is
    redirect_of: UUID | None = None
    type: str  #: the message type of its package


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a status is about and what it does."""

    package_id: UUID  #: the document package
    delivery_id: UUID
    effect: Effect
    request: Request | None = None  #: 15, 16: the request that is answered
    asks: tuple[Addressed, ...] = ()  #: 13: all that is asked back from this receiver


def relate(
    *,
    status_code: str,
    document_id: str,
    reporter: str,
    reporter_office: str,
    target_office: str | None,
    deliveries: Sequence[Addressed],
    requests: Mapping[str, Sequence[Request]],
    heir_of: Collection[str] = (),
) -> Meaning:
    """Return what a status is about and what it does.

    Args:
        status_code: two digits.
        document_id: the DocumentId in ResponseFor.
        reporter: OrganId in From.
        reporter_office: the office behind ``reporter``.
        target_office: the office behind ResponseFor/OrganId, if the directory knows it.
        deliveries: all deliveries of accepted document packages with this DocumentId, oldest first.
        requests: by office, the changes asked of it about these documents, oldest first.
        heir_of: offices that ended and whose affairs the reporter goes on with.

    Raises:
        StatusUnknownDocumentError: no such document was accepted.
        StatusNotAddressedError: the document was never addressed to the office.
        StatusNotSenderError: a recall that is not the sender's.
        AxisError: the status contradicts what was said before, by its code.
    """
    if not deliveries:
        raise StatusUnknownDocumentError(document_id=document_id)
    if status_code in FROM_SENDER:
        return _ask_back(
            document_id, reporter, {reporter_office, *heir_of}, target_office, deliveries
        )
    # An heir reports on what its predecessor got, but first of all on what it got itself.
    own = [d for d in deliveries if d.office_id == reporter_office]
    own = own or [d for d in deliveries if d.office_id in heir_of]
    if not own:
        raise StatusNotAddressedError(document_id=document_id, reporter=reporter)
    if status_code in ANSWERS:
        asked = {d.office_id: requests.get(d.office_id, ()) for d in own}
        effect, request = answer(
            [request for some in asked.values() for request in some],
            comes=status_code,
            document_id=document_id,
            reporter=reporter,
        )
        return Meaning(
            package_id=request.target_package_id,
            delivery_id=request.delivery_id,
            effect=effect,
            request=request,
        )
    return _report(status_code, document_id, reporter, own)


def _report(status_code: str, document_id: str, reporter: str, own: Sequence[Addressed]) -> Meaning:
    repeats: Meaning | None = None
    refusal: AxisError | None = None
    for one in reversed(own):
        try:
            effect = follow(
                one.status_code,
                comes=status_code,
                state=one.state,
                document_id=document_id,
                reporter=reporter,
            )
        except AxisError as error:
            refusal = refusal or error
            continue
        meaning = Meaning(package_id=one.package_id, delivery_id=one.delivery_id, effect=effect)
        if effect is Effect.ADVANCE:
            return meaning
        repeats = repeats or meaning
    if repeats is None:
        assert refusal is not None  # noqa: S101  each of them was refused
        raise refusal
    return repeats


def _ask_back(
    document_id: str,
    reporter: str,
    senders: Collection[str],
    target_office: str | None,
    deliveries: Sequence[Addressed],
) -> Meaning:
    sent = [d for d in deliveries if d.sender_office in senders]
    if not sent:
        raise StatusNotSenderError(document_id=document_id, reporter=reporter)
    asked = [d for d in sent if d.office_id == target_office]
    if not asked:
        raise StatusNotAddressedError(document_id=document_id, reporter=reporter)
    documents = tuple(d for d in asked if d.business_type != RECALL) or (asked[-1],)
    return Meaning(
        package_id=documents[-1].package_id,
        delivery_id=documents[-1].delivery_id,
        effect=Effect.ADVANCE,
        asks=documents,
    )
