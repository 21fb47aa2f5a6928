"""Where a delivery goes now, by the directory of now. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from axis.directory.errors import RecipientNotYetError, RecipientUnknownError
from axis.directory.snapshot import Directory
from axis.directory.values import Held
from axis.store.deliveries import DeliveryRecord


@dataclass(frozen=True, slots=True)
class Way:
    """Where a delivery goes."""

    delivery: DeliveryRecord  #: with the office and the system that take it
    served: str | None  #: the code of that office, where it is not the one written


def route_now(delivery: DeliveryRecord, directory: Directory, now: datetime) -> Way | None:
    """Return the way of a delivery by the directory of now, or None: nobody takes it."""
    try:
        resolution = directory.resolve(delivery.address, now)
    except (RecipientUnknownError, RecipientNotYetError):
        return None
    if isinstance(resolution, Held):
        return None
    system = directory.system_of(resolution.office_id, now)
    if system is None or not system.connected:
        return None
    return Way(
        replace(delivery, office_id=resolution.office_id, system_id=system.system_id),
        served=resolution.code if resolution.office_id != resolution.written_office_id else None,
    )
