"""The classes of bodies and how long each is kept after all is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from axis.settings import RetentionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """One class of packages."""

    name: str
    kind: str | None
    accepted: bool
    days: int  #: 0: for ever


def classes(settings: RetentionSettings) -> tuple[Retention, ...]:
    """Return the classes; every package is in one of them."""
    return (
        Retention(name="documents", kind="document", accepted=True, days=settings.documents_days),
        Retention(name="statuses", kind="status", accepted=True, days=settings.statuses_days),
        *(
            Retention(name="refused", kind=kind, accepted=False, days=settings.refused_days)
            for kind in _KINDS
        ),
    )


_KINDS: Final = ("document", "status", None)
