"""Names of offices as the console shows them, from the directory that the process has in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from adapters.console.visit import Visit
from axis.directory.snapshot import Directory


class Named(NamedTuple):
    """An office: what letters are addressed to, and what people call it."""

    code: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.code})" if self.name else self.code


def directory_of(visit: Visit) -> Directory:
    """Return the directory of now.

    Raises:
        DatabaseUnavailableError: the records cannot be reached.
    """
    return visit.installation.offices.current().directory


def by_code(directory: Directory, at: datetime) -> Callable[[str], Named]:
    """Return what names the office that has, or last had, a code."""

    def name(code: str) -> Named:
        office = directory.find(code, at)
        if office is None:
            holders = directory.holders(code)
            office = directory.office(holders[-1].office_id, at) if holders else None
        return Named(code, office.name if office else "")

    return name


def by_id(directory: Directory, at: datetime) -> Callable[[str], Named]:
    """Return what names an office by its key."""

    def name(office_id: str) -> Named:
        office = directory.office(office_id, at)
        return Named(office.code, office.name) if office else Named(office_id, "")

    return name
