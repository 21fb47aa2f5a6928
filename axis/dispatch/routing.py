"""Where a delivery goes now, by the directory of now. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from axis.directory.errors import RecipientNotYetError, RecipientUnknownError
from axis.directory.snapshot import Directory
from axis.directory.values import Held
from axis.store.deliveries import DeliveryRecord


def route_now(
    delivery: DeliveryRecord, directory: Directory, now: datetime
) -> DeliveryRecord | None:
    """Return a delivery with the office and the system that take it now, or None: nobody does."""
    try:
        resolution = directory.resolve(delivery.address, now)
    except (RecipientUnknownError, RecipientNotYetError):
        return None
    if isinstance(resolution, Held):
        return None
    system = directory.system_of(resolution.office_id, now)
    if system is None or not system.connected:
        return None
    return replace(delivery, office_id=resolution.office_id, system_id=system.system_id)
