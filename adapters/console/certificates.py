"""Certificates by the month in which they end."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Final

from adapters.console.answer import Answer
from adapters.console.naming import by_id, directory_of
from adapters.console.render import page
from adapters.console.visit import Visit
from axis.delivery.workdays import VIETNAM
from axis.store.engine import transaction
from axis.store.trust import list_certificates
from axis.trust.registry import RegisteredCertificate

#: Certificates on the page, those that end first.
SHOWN: Final = 300
_AHEAD: Final = timedelta(days=400)
_SOON: Final = ((7, "bad"), (30, "bad"), (60, "warn"))


def certificates(visit: Visit) -> Answer:
    """Show which certificates end when, those of the past month first."""
    now = visit.now
    with transaction(visit.installation.engine) as connection:
        known = list_certificates(connection, expiring_before=now + _AHEAD)
    valid = [one for one in known if one.revoked_at is None]
    shown = [one for one in valid if one.not_after > now - timedelta(days=31)]

    def month(one: RegisteredCertificate) -> str:
        return one.not_after.astimezone(VIETNAM).strftime("%m/%Y")

    def alarm(one: RegisteredCertificate) -> str:
        left = one.not_after - now
        if left < timedelta(0):
            return "over"
        return next((name for days, name in _SOON if left < timedelta(days=days)), "")

    name = by_id(directory_of(visit), now)
    soon = [
        (
            days,
            sum(1 for one in shown if timedelta(0) <= one.not_after - now < timedelta(days=days)),
        )
        for days, _ in _SOON
    ]
    return page(
        visit,
        "certificates.html",
        months=[(key, list(group)) for key, group in groupby(shown[:SHOWN], key=month)],
        more=max(0, len(shown) - SHOWN),
        soon=soon,
        alarm=alarm,
        offices_of=lambda one: [
            name(binding.office_id)
            for binding in one.bindings
            if binding.valid_to is None or binding.valid_to > now
        ],
    )
