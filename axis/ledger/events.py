"""What an entry can tell. Names are those of ETSI EN 319 522; ours fill what it does not name.

The ETSI events are URIs ``http://uri.etsi.org/19522/Event/<name>``. Steps that the standard has no
word for are our own sub-events under ``urn:axis:event:``; each says which ETSI group it refines.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

_ETSI: Final = "http://uri.etsi.org/19522/Event/"
_OWN: Final = "urn:axis:event:"


class Event(StrEnum):
    """The events, by their URI."""

    # A: submission
    SUBMISSION_ACCEPTANCE = _ETSI + "SubmissionAcceptance"  #: valid and durably stored
    SUBMISSION_REJECTION = _ETSI + "SubmissionRejection"  #: refused; ``reason`` says why
    # B: relay between axes
    RELAY_ACCEPTANCE = _ETSI + "RelayAcceptance"
    RELAY_REJECTION = _ETSI + "RelayRejection"
    RELAY_FAILURE = _ETSI + "RelayFailure"
    # C: consent of the receiver
    CONSIGNMENT_ACCEPTANCE = _ETSI + "ConsignmentAcceptance"  #: the receiver registered it (03)
    CONSIGNMENT_REJECTION = _ETSI + "ConsignmentRejection"  #: the receiver refused it (02)
    ACCEPTANCE_REJECTION_EXPIRY = _ETSI + "AcceptanceRejectionExpiry"  #: no answer in time
    # D: consignment
    CONTENT_CONSIGNMENT = _ETSI + "ContentConsignment"  #: routed into the receiver's mailbox
    CONTENT_CONSIGNMENT_FAILURE = _ETSI + "ContentConsignmentFailure"  #: cannot be delivered
    CONSIGNMENT_NOTIFICATION = _ETSI + "ConsignmentNotification"
    CONSIGNMENT_NOTIFICATION_FAILURE = _ETSI + "ConsignmentNotificationFailure"
    CONSIGNMENT_HELD = _OWN + "ConsignmentHeld"  #: D: held and shown; ``reason`` says why
    CONSIGNMENT_RELEASED = _OWN + "ConsignmentReleased"  #: D: no longer held
    CONSIGNMENT_PARKED = _OWN + "ConsignmentParked"  #: D: set aside; ``reason`` says why
    CONSIGNMENT_RECALLED = _OWN + "ConsignmentRecalled"  #: D: stopped before anybody took it
    CONSIGNMENT_REDIRECTED = _OWN + "ConsignmentRedirected"  #: D: another delivery in its place
    # E: handover
    CONTENT_FETCH = _OWN + "ContentFetch"  #: E: the bytes were given out, not yet confirmed
    CONTENT_HANDOVER = _ETSI + "ContentHandover"  #: the receiver's system confirmed
    CONTENT_HANDOVER_FAILURE = _ETSI + "ContentHandoverFailure"
    # what offices say about a document afterwards (QCVN 102:2016); ``status`` has the number
    BUSINESS_STATUS = _OWN + "BusinessStatus"
    CHANGE_REQUEST = _OWN + "ChangeRequest"  #: a recall, update or replacement of what it has
    DEADLINE_REMINDER = _OWN + "DeadlineReminder"  #: late by the service level; somebody was told
    # what the axis keeps
    BODY_PURGE = _OWN + "BodyPurge"  #: the bytes were removed; digest and entries stay
    LEGAL_HOLD = _OWN + "LegalHold"  #: the bytes must stay
    LEGAL_HOLD_LIFTED = _OWN + "LegalHoldLifted"
    # the ledger about itself
    LEDGER_CONTINUATION = _OWN + "LedgerContinuation"  #: first entry of a log: end of the last one
    LEDGER_EXPORT = _OWN + "LedgerExport"  #: an auditor was given an export
    # what people did to the axis itself
    ADMINISTRATIVE_ACT = _OWN + "AdministrativeAct"  #: somebody gave a command; ``facts`` name it


#: Business statuses that ETSI has an event for; all others are :attr:`Event.BUSINESS_STATUS`.
EVENT_OF_STATUS: Final[Mapping[str, Event]] = {
    "02": Event.CONSIGNMENT_REJECTION,
    "03": Event.CONSIGNMENT_ACCEPTANCE,
}


def event_of_status(status_code: str) -> Event:
    """Return the event that records a business status such as ``"03"``."""
    return EVENT_OF_STATUS.get(status_code, Event.BUSINESS_STATUS)
