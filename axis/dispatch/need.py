"""Which deliveries need a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from axis.settings import ClockSettings
from axis.store.choosing import Filter, Late


def in_need(clock: ClockSettings, *, now: datetime) -> Filter:
    """Return what chooses the deliveries that do not go on by themselves, or too slowly.

    They are held or set aside, or their system's queue takes nothing, or they are late: express
    ones after ``late_express_minutes``, others after ``escalate_hours``.
    """
    return Filter(
        in_need=Late(
            express=now - timedelta(minutes=clock.late_express_minutes),
            normal=now - timedelta(hours=clock.escalate_hours),
        )
    )
