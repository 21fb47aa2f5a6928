"""The statistics feed for operations centres: counts per office, level, type and hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from adapters.gateway.errors import ParameterError
from adapters.rest.answer import Answer, as_json
from adapters.rest.call import Call
from adapters.rest.operation import Content, Operation, Parameter
from adapters.rest.shapes import Shape
from axis.access.values import Scope
from axis.directory.errors import OfficeUnknownError
from axis.directory.values import parse_moment
from axis.figures.feed import By, Row, as_csv, ask, whole_hours
from axis.store.engine import transaction

CSV: Final = "text/csv"


class Statistics(Shape, frozen=True):
    """The counts of whole hours."""

    since: datetime
    until: datetime
    counted_at: datetime
    items: list[Row]


async def statistics(call: Call) -> Answer:
    """Answer with the counts, as JSON or as CSV."""
    now = call.now
    until = _instant(call, "until") or now
    since = _instant(call, "since") or until - timedelta(hours=1)
    by = call.text("by") or By.OFFICE.value
    if by not in set(By):
        raise ParameterError(name="by", reason=" | ".join(By))
    since, until = whole_hours(since, until)

    def read() -> list[Row]:
        directory = call.installation.offices.current().directory
        code = call.text("office", most=64)
        office = directory.find(code, now) if code else None
        if code and office is None:
            raise OfficeUnknownError(code=code, at=f"{now:%Y-%m-%d}")
        with transaction(call.installation.engine) as connection:
            return ask(
                connection,
                directory,
                since=since,
                until=until,
                by=By(by),
                kind=call.text("type", most=16),
                office=office,
                code=code,
            )

    rows = await call.installation.in_thread(read)
    if CSV in (call.header("accept") or ""):
        return Answer(
            body=as_csv(rows),
            headers={"content-type": "text/csv; charset=utf-8", "cache-control": "no-store"},
        )
    whole = Statistics(since=since, until=until, counted_at=now, items=rows)
    return as_json(whole, headers={"cache-control": "no-store"})


def _instant(call: Call, name: str) -> datetime | None:
    text = call.text(name)
    if text is None:
        return None
    try:
        return parse_moment(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ParameterError(name=name, reason="a day such as 2025-06-30, or an instant") from error


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/statistics",
        name="showStatistics",
        group="Statistics",
        summary="Count what offices sent and got, by hour, level and message type",
        handler=statistics,
        scope=Scope.STATISTICS,
        query=(
            Parameter(name="since", meaning="A day or an instant; default: an hour before `until`"),
            Parameter(name="until", meaning="A day or an instant; default: now"),
            Parameter(
                name="by",
                meaning="What makes a row, beside hour and type",
                schema={"type": "string", "enum": [each.value for each in By], "default": "office"},
            ),
            Parameter(name="type", meaning="One message type only", example="dossier"),
            Parameter(name="office", meaning="One office only, by its code", example="H41"),
        ),
        answers={200: Content(meaning="The counts", shape=Statistics)},
        description=(
            "At most 31 days; two where all offices have rows of their own. With "
            "`Accept: text/csv` the same rows come as CSV in UTF-8."
        ),
    ),
)
