"""What the spool holds, as the operations of the VXP API take it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from adapters.client import Delivery as Announced
from adapters.folder.spool import Delivery, Job, Told
from adapters.vxp.behind import Came, Reached, Went
from adapters.vxp.codes import Said, number_of, written
from adapters.vxp.kinds import type_of
from axis.delivery.states import State
from axis.errors import Fault, Refusal
from axis.structs import ready

#: States of a delivery once the eOffice was offered it.
_STATES: Final = {
    "offered": State.ROUTED,
    "agreed": State.CONFIRMED,
    "confirmed": State.CONFIRMED,
    "stored": State.CONFIRMED,
    "done": State.CONFIRMED,
    "declined": State.REFUSED,
    "refused": State.REFUSED,
}
SEEN: Final = frozenset(_STATES)
#: Those in which its bytes are still there.
GIVEN: Final = frozenset({"offered", "agreed", "confirmed", "stored"})

_WAITS: Final = {
    "taken": "Đang chờ ký và gửi lên trục",
    "ready": "Đã ký, đang chờ gửi lên trục",
}


def state_of(one: Delivery) -> State:
    """Return how far a delivery is for the eOffice."""
    if one.state == "offered" and one.given_at is not None:
        return State.FETCHED
    return _STATES[one.state]


def came_of(one: Delivery) -> Came:
    """Return what waits."""
    facts = msgspec.convert(one.facts, ready(Announced), strict=False)
    given_at = datetime.fromisoformat(one.given_at) if one.given_at else None
    assert facts.routed_at is not None  # noqa: S101  the axis names it of every delivery
    return Came(
        delivery_id=facts.delivery_id,
        kind=type_of(facts.kind),
        sender=facts.sender or "",
        address=facts.address,
        state=state_of(one),
        routed_at=facts.routed_at,
        fetched_at=given_at,
    )


def went_of(job: Job) -> Went:
    """Return what the eOffice sent, and how far it is."""
    at = datetime.fromisoformat(job.made_at)
    refused = why_of(job)
    waits = None
    if refused is None and job.package_id is None:
        waits = _WAITS.get(job.state, "")
        if job.told is not None:
            waits += f": {job.told.text} [{job.told.code}]"
    return Went(
        package_id=UUID(job.id),
        kind=job.about.get("kind"),
        sender=job.about.get("sender", ""),
        subject=job.about.get("subject", ""),
        sign=job.about.get("sign", ""),
        received_at=at,
        at=at,
        waits=waits,
        refused=refused,
        recipients=[
            Reached(
                delivery_id=UUID(one["delivery_id"]),
                address=one["address"],
                state=State(one["state"]),
                status_code=one["status_code"],
                confirmed_at=(
                    datetime.fromisoformat(one["confirmed_at"]) if one["confirmed_at"] else None
                ),
            )
            for one in job.recipients
        ],
    )


def why_of(job: Job) -> Said | None:
    """Return why a job was refused for good, or None."""
    is_over = job.state == "refused" or (job.state == "done" and job.package_id is None)
    return _said(job.told) if is_over and job.told is not None else None


def _said(told: Told) -> Said:
    number = number_of(Refusal(code=told.code, fault=Fault.INPUT))
    return Said(number, written([told.text, *told.more], told.hint, told.code))
