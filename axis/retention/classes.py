"""The classes of bodies and how long each is kept after all is over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from axis.settings import RetentionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """One class of packages."""

    name: str
    kind: str | None
    accepted: bool
    days: int  #: 0: for ever


def classes(settings: RetentionSettings, keeps: Mapping[str, str]) -> tuple[Retention, ...]:
    """Return the classes; every package is in one of them.

    Args:
        settings: how long each class is kept.
        keeps: the class of each message type, by its rules.
    """
    days = {"documents": settings.documents_days, "statuses": settings.statuses_days}
    return (
        *(
            Retention(name=name, kind=kind, accepted=True, days=days[name])
            for kind, name in keeps.items()
        ),
        *(
            Retention(name="refused", kind=kind, accepted=False, days=settings.refused_days)
            for kind in (*keeps, None)
        ),
    )
