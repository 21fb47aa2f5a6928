"""Plots where people look rather than read; each is a table, too, and works without a script."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from adapters.console.answer import Answer
from adapters.console.naming import Named, by_id, directory_of
from adapters.console.overview import Flow
from adapters.console.render import page
from adapters.console.visit import Visit
from adapters.gateway.errors import ParameterError
from axis.delivery.lanes import Lane
from axis.delivery.workdays import VIETNAM
from axis.directory.values import Level
from axis.reports.days import kept_day
from axis.reports.periods import Kind, period_of
from axis.reports.scope import By, Scope
from axis.reports.sheets import Sheet, day_sheet_of, shown
from axis.store.engine import transaction
from axis.store.figures import Left, backlog, traffic

MOST_DAYS: Final = 92
OFFICES: Final = 20
#: Shades of the heat map.
SHADES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """An office's backlog by the hour of the day: the most of the days looked at."""

    name: Named
    hours: list[tuple[int, int]]  #: waiting, and its shade


def reports(visit: Visit) -> Answer:
    """Show what was carried in some days."""
    last = visit.day("to") or visit.now.astimezone(VIETNAM).date()
    first = visit.day("from") or last - timedelta(days=13)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise ParameterError(name="from", reason=f"1 … {MOST_DAYS} days")
    since, until = _begin(first), _begin(last + timedelta(days=1))
    with transaction(visit.installation.engine) as connection:
        rows = traffic(connection, since=since, until=until)
        left = backlog(connection, since=max(since, until - timedelta(days=14)), until=until)
        closing = backlog(connection, since=since, until=until, total=True)
    days = {
        first + timedelta(days=n): {lane: Flow() for lane in ("*", *Lane)}
        for n in range((last - first).days + 1)
    }
    between: Counter[tuple[str, str]] = Counter()
    for row in rows:
        day = days[row.hour.astimezone(VIETNAM).date()]
        day[row.lane].add(row)
        day["*"].add(row)
        if row.bucket >= -2:
            between[row.sender_level, row.receiver_level] += row.deliveries
    name = by_id(directory_of(visit), visit.now)
    most = max(between.values(), default=0)
    return page(
        visit,
        "reports.html",
        first=first,
        last=last,
        days=days,
        lanes=list(Lane),
        at_five=_at_five(visit, last),
        at_closing={
            one.hour.astimezone(VIETNAM).date(): one.waiting
            for one in closing
            if one.hour.astimezone(VIETNAM).hour == 17
        },
        heats=heats_of(left, name),
        levels=_levels(between),
        between=between,
        shade=lambda count: shade_of(count, most),
        cell=lambda column, value: shown(column, value, visit.lang),
    )


def _at_five(visit: Visit, last: date) -> Sheet | None:
    """Return the report of 17:00 of the last day by message type; None: it is not closed."""
    period = period_of(Kind.DAILY, last)
    kept = kept_day(visit.installation.engine, period)
    if kept is None:
        return None
    return day_sheet_of(kept, period, scope=Scope(), by=By.TYPE, lang=visit.lang)


def heats_of(left: list[Left], name: object) -> list[Heat]:
    """Return the offices with the largest backlog, by hour of the day."""
    hours: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for one in left:
        hour = one.hour.astimezone(VIETNAM).hour
        hours[one.office_id][hour] = max(hours[one.office_id][hour], one.waiting)
    worst = sorted(hours, key=lambda key: (-max(hours[key].values()), key))[:OFFICES]
    most = max((max(hours[key].values()) for key in worst), default=0)
    return [
        Heat(
            name=name(key),  # type: ignore[operator]
            hours=[(hours[key][hour], shade_of(hours[key][hour], most)) for hour in range(24)],
        )
        for key in worst
    ]


def shade_of(count: int, most: int) -> int:
    """Return how dark a cell is: 0 for nothing, else 1 to the darkest."""
    if not count or not most:
        return 0
    return 1 + min(SHADES - 2, (SHADES - 1) * count // (most + 1))


def _levels(between: Counter[tuple[str, str]]) -> list[str]:
    known = {level for pair in between for level in pair}
    return [level for level in (*Level, "") if level in known]


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM).astimezone(UTC)
