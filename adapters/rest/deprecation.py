"""What of the API goes, and when: said by every answer, by the description, and by a list.

The policy: nothing is taken away before two years after it was first said (docs/integrate/rest.md,
part "How this API changes"). Headers: ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594), ``Link``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from adapters.rest.shapes import Shape

if TYPE_CHECKING:
    from adapters.rest.operation import Operation

#: So long everything stays, at least, after an answer first said that it goes.
STAYS: Final = timedelta(days=2 * 365)
#: Where the policy and the list are, below the door.
LIST_PATH: Final = "/deprecations"
POLICY: Final = (
    "Nothing is taken away from /v1 for two years after its answers first carried Deprecation "
    "(RFC 9745) and Sunset (RFC 8594). Fields and paths are added at any time."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """That an operation goes."""

    since: date  #: since when its answers say so
    sunset: date  #: from then on it may be gone
    instead: str  #: path below the door of what takes its place, such as ``/packages``

    def __post_init__(self) -> None:
        """Hold the policy.

        Raises:
            ValueError: it would go too early.
        """
        if self.sunset - self.since < STAYS:
            raise ValueError(f"gone on {self.sunset}, less than two years after {self.since}")

    @property
    def fields(self) -> dict[str, str]:
        """The headers of every answer."""
        links = (
            f'</v1{LIST_PATH}>; rel="deprecation"; type="application/json"',
            f'</v1{self.instead}>; rel="successor-version"',
        )
        return {
            "deprecation": f"@{int(_instant(self.since).timestamp())}",
            "sunset": format_datetime(_instant(self.sunset), usegmt=True),
            "link": ", ".join(links),
        }

    @property
    def words(self) -> str:
        """What the description says."""
        return f"Deprecated since {self.since}; gone from {self.sunset}. Use {self.instead}."


class Going(Shape, frozen=True):
    """An operation that goes."""

    operation: str  #: its operationId
    method: str
    path: str
    deprecated_at: datetime
    sunset_at: datetime
    instead: str  #: the path of what takes its place


class Deprecations(Shape, frozen=True):
    """What goes, and the policy."""

    policy: str
    items: list[Going]


def going(operations: Iterable[Operation]) -> Deprecations:
    """Return what goes of a table, the soonest first."""
    marked = [(one, one.deprecated) for one in operations if one.deprecated is not None]
    return Deprecations(
        policy=POLICY,
        items=[
            Going(
                operation=one.name,
                method=one.method,
                path=f"/v1{one.path}",
                deprecated_at=_instant(said.since),
                sunset_at=_instant(said.sunset),
                instead=f"/v1{said.instead}",
            )
            for one, said in sorted(marked, key=lambda pair: (pair[1].sunset, pair[0].name))
        ],
    )


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
