"""What is open of a type and why, and who has answered: as rows for lists. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from axis.delivery.causes import CAUSES
from axis.errors import Fault, Lang, Refusal
from axis.store.leagues import Asked
from axis.store.message_figures import Open


class Standing(StrEnum):
    """How an office stands that was asked for something."""

    IN_TIME = "in-time"
    LATE = "late"
    WAITS = "waits"  #: not answered, and not due yet
    MISSING = "missing"  #: not answered, and due


#: Why a message that is under way has not arrived, where nothing holds it.
_WAITS: Final = {
    "routed": ("its system has not taken it", "hệ thống nơi nhận chưa lấy về"),
    "fetched": ("its system has not confirmed it", "hệ thống nơi nhận chưa xác nhận"),
}


def row_of_open(one: Open, *, lang: Lang, name_of: Callable[[str], str]) -> dict[str, object]:
    """Return what is not synced and why, with who must act."""
    which = 1 if lang == "vi" else 0
    cause = CAUSES.get(one.cause or "")
    if one.state == "refused":
        refusal = Refusal(code=one.cause or "", fault=Fault.INPUT, facts=one.facts)
        why, owner = refusal.text(lang), "sender"
    elif cause is not None:
        why, owner = (cause.vi if which else cause.en), cause.owner.value
    else:
        why, owner = _WAITS.get(one.state, (one.state,) * 2)[which], "receiver"
    return {
        "type": one.type,
        "number": one.number,
        "revision": one.revision,
        "step": one.step,
        "sender": name_of(one.sender) if one.sender else None,
        "recipient": name_of(one.recipient) if one.recipient else None,
        "since": one.since,
        "state": one.state,
        "code": one.cause or f"waits-{one.state}",
        "why": why,
        "owner": owner,
        "package_id": one.package_id,
    }


def standing(one: Asked, *, now: datetime) -> Standing:
    """Return how an office stands that was asked."""
    if one.answered_at is not None:
        late = one.due_at is not None and one.answered_at > one.due_at
        return Standing.LATE if late else Standing.IN_TIME
    return Standing.MISSING if one.due_at is not None and now > one.due_at else Standing.WAITS


def league(asked: Iterable[Asked], *, now: datetime) -> list[tuple[int | None, Asked, Standing]]:
    """Return who was asked, the first to answer first, with the place of those who have answered.

    Who has not answered comes last: what is missing, then what still has time, by code.
    """
    told = [(one, standing(one, now=now)) for one in asked]
    done = sorted(
        ((one, how) for one, how in told if one.answered_at is not None),
        key=lambda pair: (pair[1] is Standing.LATE, pair[0].answered_at, pair[0].address),
    )
    rest = sorted(
        ((one, how) for one, how in told if one.answered_at is None),
        key=lambda pair: (pair[1] is Standing.WAITS, pair[0].address),
    )
    placed = [(place, one, how) for place, (one, how) in enumerate(done, 1)]
    return [*placed, *((None, one, how) for one, how in rest)]
