"""What a business status is about: the one delivery of the one document that it answers.

A status package names its document by DocumentId (QCVN 102, ResponseFor). Receivers report on what
was addressed to them; only the sender asks for a document back (13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from axis.delivery.errors import (
    StatusNotAddressedError,
    StatusNotSenderError,
    StatusUnknownDocumentError,
)

#: Statuses that the document's sender gives; all others are the receivers'.
FROM_SENDER: Final = frozenset({"13"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One delivery of a document package, as far as statuses need to know it."""

    package_id: UUID
    delivery_id: UUID
    sender_office: str  #: of the document
    office_id: str  #: the office that is served
    address: str  #: OrganId as the document's sender wrote it


def relate(
    *,
    status_code: str,
    document_id: str,
    reporter: str,
    reporter_office: str,
    target_office: str | None,
    deliveries: Sequence[Addressed],
) -> Addressed:
    """Return the delivery that a status is about; of several packages, the latest.

    Args:
        status_code: two digits.
        document_id: the DocumentId in ResponseFor.
        reporter: OrganId in From.
        reporter_office: the office behind ``reporter``.
        target_office: the office behind ResponseFor/OrganId, if the directory knows it.
        deliveries: all deliveries of accepted document packages with this DocumentId, oldest first.

    Raises:
        StatusUnknownDocumentError: no such document was accepted.
        StatusNotAddressedError: the document was never addressed to the office.
        StatusNotSenderError: a recall that is not the sender's.
    """
    if not deliveries:
        raise StatusUnknownDocumentError(document_id=document_id)
    if status_code in FROM_SENDER:
        own = [d for d in deliveries if d.sender_office == reporter_office]
        if not own:
            raise StatusNotSenderError(document_id=document_id, reporter=reporter)
        matches = [d for d in own if d.office_id == target_office]
    else:
        matches = [d for d in deliveries if reporter_office == d.office_id]
    if not matches:
        raise StatusNotAddressedError(document_id=document_id, reporter=reporter)
    return matches[-1]
