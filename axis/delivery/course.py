"""What clerks say about a delivery (statuses 01 … 06, 13, 15, 16), as tables of their own.

The course is beside the transport: a status never moves a delivery's state, and a transport step
never sets a status. A status that comes again, or late, is recorded and changes nothing; one that
contradicts what was said before is refused with its code (QCVN 102:2016; QĐ 28/2018/QĐ-TTg).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from axis.delivery.errors import (
    StatusAnsweredError,
    StatusDeliveryOverError,
    StatusNoRequestError,
    StatusRefusedBeforeError,
    StatusRegisteredBeforeError,
    StatusUnregisteredError,
)
from axis.delivery.states import UNDELIVERED, State
from axis.errors import AxisError


class Effect(StrEnum):
    """What a status does to the course."""

    ADVANCE = "advance"  #: the course is now at this status
    REPEAT = "repeat"  #: accepted and recorded; nothing changes


Cell = Effect | type[AxisError]

_ADVANCE, _REPEAT = Effect.ADVANCE, Effect.REPEAT
_UNREGISTERED = StatusUnregisteredError
_REGISTERED = StatusRegisteredBeforeError
_REFUSED = StatusRefusedBeforeError

#: The receiver's statuses: (where the course is, what comes) → what it does.
COURSE: Final[Mapping[str | None, Mapping[str, Cell]]] = {
    None: {
        "01": _ADVANCE,
        "02": _ADVANCE,
        "03": _ADVANCE,
        "04": _UNREGISTERED,
        "05": _UNREGISTERED,
        "06": _UNREGISTERED,
    },
    "01": {
        "01": _REPEAT,
        "02": _ADVANCE,
        "03": _ADVANCE,
        "04": _UNREGISTERED,
        "05": _UNREGISTERED,
        "06": _UNREGISTERED,
    },
    "02": {
        "01": _REPEAT,  # late
        "02": _REPEAT,
        "03": _REFUSED,
        "04": _REFUSED,
        "05": _REFUSED,
        "06": _REFUSED,
    },
    "03": {
        "01": _REPEAT,
        "02": _REGISTERED,
        "03": _REPEAT,
        "04": _ADVANCE,
        "05": _ADVANCE,
        "06": _ADVANCE,
    },
    "04": {
        "01": _REPEAT,
        "02": _REGISTERED,
        "03": _REPEAT,
        "04": _REPEAT,  # assigned to somebody else
        "05": _ADVANCE,
        "06": _ADVANCE,
    },
    "05": {
        "01": _REPEAT,
        "02": _REGISTERED,
        "03": _REPEAT,
        "04": _REPEAT,
        "05": _REPEAT,
        "06": _ADVANCE,
    },
    "06": {
        "01": _REPEAT,
        "02": _REGISTERED,
        "03": _REPEAT,
        "04": _REPEAT,
        "05": _REPEAT,
        "06": _REPEAT,
    },
}

#: The receiver's answers to a recall, an update or a replacement.
ANSWERS: Final = frozenset({"15", "16"})


class Outcome(StrEnum):
    """What became of a request to change what a receiver has or was to get."""

    PENDING = "pending"  #: the receiver has the document; 15 or 16 is to come
    STOPPED = "stopped"  #: the receiver never got the document; there is nothing to answer
    AGREED = "agreed"  #: 15
    REFUSED = "refused"  #: 16
    MOOT = "moot"  #: the delivery had ended otherwise before the request came


class Kind(StrEnum):
    """What is asked of a receiver."""

    RECALL = "recall"  #: a package with BussinessDocType 1
    UPDATE = "update"  #: BussinessDocType 2
    REMOVAL = "removal"  #: an update that takes the receiver off the list
    REPLACE = "replace"  #: BussinessDocType 3
    TAKE_BACK = "take-back"  #: status 13


#: Kinds that stop what is not delivered yet.
STOPS: Final = frozenset({Kind.RECALL, Kind.REMOVAL, Kind.TAKE_BACK})


#: (what became of the request, the answer) → what the answer does.
ANSWERING: Final[Mapping[Outcome | None, Mapping[str, Cell]]] = {
    None: {"15": StatusNoRequestError, "16": StatusNoRequestError},
    Outcome.PENDING: {"15": _ADVANCE, "16": _ADVANCE},
    Outcome.STOPPED: {"15": _REPEAT, "16": _REPEAT},
    Outcome.AGREED: {"15": _REPEAT, "16": StatusAnsweredError},
    Outcome.REFUSED: {"15": StatusAnsweredError, "16": _REPEAT},
    Outcome.MOOT: {"15": _REPEAT, "16": _REPEAT},
}

#: States in which a receiver cannot have the document, unless it has said before that it does.
NEVER_GIVEN_OUT: Final = frozenset(
    {State.HELD, State.PARKED, State.RECALLED, State.REDIRECTED, State.UNDELIVERABLE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A recall, update or replacement as it concerns one delivery."""

    package_id: UUID  #: of the package that asks
    target_package_id: UUID
    delivery_id: UUID  #: of the target
    kind: Kind
    outcome: Outcome

    def goes_with(self, other: Request) -> bool:
        """Say whether one answer answers both: all that asks for a document back is one request."""
        both_stop = self.kind in STOPS and other.kind in STOPS
        return both_stop or self.package_id == other.package_id


def follow(
    status_code: str | None, *, comes: str, state: State, document_id: str, reporter: str
) -> Effect:
    """Return what a receiver's status (01 … 06) does to the course of a delivery.

    Args:
        status_code: where the course is; None before the first status.
        comes: two digits.
        state: of the delivery; a document that was never given out has no course.
        document_id: for the refusal.
        reporter: OrganId, for the refusal.

    Raises:
        AxisError: the status contradicts what was said before, by its code.
    """
    if status_code is None and state in NEVER_GIVEN_OUT:
        raise StatusDeliveryOverError(
            document_id=document_id, reporter=reporter, status=comes, state=state.value
        )
    return _effect(COURSE[status_code][comes], status_code, comes, document_id, reporter)


def answer(
    requests: Sequence[Request], *, comes: str, document_id: str, reporter: str
) -> tuple[Effect, Request]:
    """Return what 15 or 16 does, and which request it answers: the latest that waits for one.

    Args:
        requests: to this receiver about this document, oldest first.
        comes: 15 or 16.
        document_id: for the refusal.
        reporter: OrganId, for the refusal.

    Raises:
        StatusNoRequestError: nothing was asked.
        StatusAnsweredError: the opposite was answered before.
    """
    waits = [request for request in requests if request.outcome is Outcome.PENDING]
    same = Outcome.AGREED if comes == "15" else Outcome.REFUSED
    known = [
        request for request in requests if request.outcome in {same, Outcome.STOPPED, Outcome.MOOT}
    ]
    meant = waits or known or list(requests)
    outcome = meant[-1].outcome if meant else None
    effect = _effect(ANSWERING[outcome][comes], outcome, comes, document_id, reporter)
    return effect, meant[-1]


def is_delivered(state: State, status_code: str | None) -> bool:
    """Say whether a receiver has a document: by the transport, or by its own word."""
    return state in {State.FETCHED, State.CONFIRMED} or status_code is not None


def asked(kind: Kind, state: State, status_code: str | None) -> Outcome:
    """Return what becomes of a request for a delivery in this state, at the moment it comes."""
    if is_delivered(state, status_code):
        return Outcome.PENDING
    if state in UNDELIVERED:
        return Outcome.STOPPED if kind in STOPS else Outcome.PENDING
    return Outcome.STOPPED if state is State.RECALLED and kind in STOPS else Outcome.MOOT


def statuses() -> Collection[str]:
    """Return the receiver's statuses that the course knows."""
    return COURSE[None].keys()


def _effect(cell: Cell, before: str | None, comes: str, document_id: str, reporter: str) -> Effect:
    if isinstance(cell, Effect):
        return cell
    raise cell(document_id=document_id, reporter=reporter, status=comes, before=before)
