"""A delivery to another office than its sender wrote: what the axis's own ledger says of it. Pure.

A sender signs whom it writes to. Where an administrator has given the delivery to another office,
or an heir is served for an office that has ended, only the axis can say so, and it says so in the
ledger: entries that everybody sees, in a log that cannot take them back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from axis.ledger.events import Event
from axis.ledger.receipt import VerifiedReceipt

#: What must be signed before the ledger can be asked; our own fetch, which is newest, need not.
STEPS: Final = frozenset(
    event.value
    for event in (
        Event.SUBMISSION_ACCEPTANCE,
        Event.CONTENT_CONSIGNMENT,
        Event.CONSIGNMENT_HELD,
        Event.CONSIGNMENT_RELEASED,
        Event.CONSIGNMENT_REDIRECTED,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """Who gets a delivery instead of whom, by the ledger."""

    written: str  #: whom the sender signed as addressee
    served: str  #: the office that gets it
    at: str  #: when it was decided, as the entry has it
    who: str | None = None  #: the person who redirected it; None: the directory names an heir
    why: str | None = None  #: in that person's words

    @property
    def is_redirected(self) -> bool:
        """Whether a person gave it to another office; else the office written has an heir."""
        return self.who is not None


def instead_of(
    receipts: Iterable[VerifiedReceipt],
    *,
    delivery_id: UUID,
    address: str,
    named: Collection[str],
    offices: Collection[str],
) -> Instead | None:
    """Return who gets a delivery instead of whom, where the ledger has every step of the way.

    Args:
        receipts: of the delivery, verified and about the package at hand.
        delivery_id: the delivery.
        address: whom the axis says that it is for.
        named: whom the sender signed as addressees.
        offices: our codes; with none, whoever is served is ours.
    """
    found = list(receipts)
    # 1. From the office that is served to the address of the delivery.
    served, at = address, ""
    if offices and address not in offices:
        heir = next((one for one in found if _serves(one, delivery_id, address, offices)), None)
        if heir is None:
            return None
        served, at = heir.values["served"], heir.leaf.time
    # 2. From that address to the one that was signed, back over every redirection.
    steps = {one.values.get("served"): one for one in found if _is_redirection(one)}
    written, who, why = address, None, None
    while written not in named:
        step = steps.pop(written, None)
        if step is None:
            return None
        written = step.values["to"]
        at, who, why = step.leaf.time, step.values.get("who", ""), step.values.get("why")
    return Instead(written=written, served=served, at=at, who=who, why=why)


def _serves(
    one: VerifiedReceipt, delivery_id: UUID, address: str, offices: Collection[str]
) -> bool:
    return (
        one.values.get("delivery") == str(delivery_id)
        and one.values.get("to") == address
        and one.values.get("served") in offices
        and one.leaf.event != Event.CONSIGNMENT_REDIRECTED.value
    )


def _is_redirection(one: VerifiedReceipt) -> bool:
    event = one.leaf.event == Event.CONSIGNMENT_REDIRECTED.value
    return event and "to" in one.values and "served" in one.values
