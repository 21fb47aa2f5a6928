"""Which offices a report is about, and how they are counted together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from axis.directory.snapshot import Directory
from axis.directory.values import Level
from axis.reports.errors import NotAProvinceError, ReportOfficeUnknownError
from axis.reports.places import Place, place_of


class By(StrEnum):
    """What is counted together."""

    OFFICE = "office"
    LEVEL = "level"
    PROVINCE = "province"
    TYPE = "type"  #: message type; of days only, whose every row is of one type


class HasPlace(Protocol):
    """A line of a report."""

    @property
    def place(self) -> Place:
        """The office it is about."""


L = TypeVar("L", bound=HasPlace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Some offices; without anything said, all."""

    office_id: str = ""
    province_id: str = ""
    level: str = ""
    name: str = ""  #: how it is called in titles and in names of files
    place: Place | None = None  #: of the one office

    def has(self, place: Place) -> bool:
        """Say whether an office belongs to it."""
        if self.office_id:
            return place.office_id == self.office_id
        if self.province_id:
            return place.province_id == self.province_id
        return not self.level or place.level == self.level


def scope_of(
    directory: Directory | None,
    *,
    at: datetime,
    office: str = "",
    province: str = "",
    level: str = "",
) -> Scope:
    """Return the scope that one of the three names.

    Args:
        directory: in which codes are looked up; a level needs none.
        at: the instant at which a code is meant; one that ended before is known, too.
        office: code of one office.
        province: code of a province: it and all below it.
        level: one level.

    Raises:
        ReportOfficeUnknownError: nobody has or had the code.
        NotAProvinceError: the office of the code is none.
    """
    if directory is None or not (office or province):
        return Scope(level=level, name=level)
    code = office or province
    found = directory.find(code, at)
    holders = directory.holders(code) or directory.holders(code.strip().upper())
    office_id = found.office_id if found else (holders[-1].office_id if holders else None)
    if office_id is None:
        raise ReportOfficeUnknownError(office=code)
    place = place_of(directory, office_id, at=at)
    if office:
        return Scope(office_id=office_id, name=place.code or code, place=place)
    if place.province_id != place.office_id:
        raise NotAProvinceError(office=code, name=place.name, level=place.level or "–")
    return Scope(province_id=place.province_id, name=place.code or code, place=place)


def key_of(by: By) -> Callable[[Place], tuple[str, ...]]:
    """Return what puts an office among those that it is counted with; it sorts them, too."""
    if by is By.LEVEL:
        order = {level.value: str(number) for number, level in enumerate(Level)}
        return lambda place: (order.get(place.level, "9"), place.level)
    if by is By.TYPE:
        return lambda place: ()
    if by is By.PROVINCE:
        return lambda place: (place.province, place.province_name, place.province_id)
    return lambda place: (place.code, place.name, place.office_id)


def grouped(lines: Iterable[L], scope: Scope, by: By) -> list[tuple[Place, list[L]]]:
    """Return the lines of a scope in groups, each with the place of its first office."""
    key = key_of(by)
    groups: dict[tuple[str, ...], list[L]] = {}
    for line in lines:
        if scope.has(line.place):
            groups.setdefault(key(line.place), []).append(line)
    return [(groups[one][0].place, groups[one]) for one in sorted(groups)]
