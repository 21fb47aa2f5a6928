"""Real packages through the real relay, taken, reported on and answered; then counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from axis.delivery.workdays import VIETNAM
from axis.envelope.dates import write_date
from axis.envelope.values import ResponseFor, StatusCode
from axis.mailbox import confirm, fetch, waiting
from axis.reports.closing import take
from axis.reports.periods import Kind, period_of
from axis.reports.tally import COUNTS
from tests.relay.conftest import axis
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package, status

__all__ = ["axis"]

NOT_CONNECTED = "000.09.09.H41"


async def test_a_circular_its_receipts_and_its_answers_are_counted(axis: Installation) -> None:
    today = datetime.now(VIETNAM).date()
    asks = replace(document(to=(H41, H14, NOT_CONNECTED), priority=1), due_date=write_date(today))
    replies = replace(
        document(1, sender=H14, to=(G22,)),
        response_for=(ResponseFor(document_id=asks.document_id),),
    )
    async with axis.running():

        async def goes_through(code: str, paper: bytes, system: str) -> None:
            ticket = await axis.submit(axis.sign(code, paper), system=system)
            assert (await axis.verdict(ticket.package_id)).accepted

        await goes_through(G22, package(asks), "vpcp")
        for system in ("nghean", "khac"):
            (one,) = waiting(axis.engine, system)
            now, mine = datetime.now(UTC), {"delivery_id": one.delivery.id, "system_id": system}
            fetch(axis.engine, axis.bodies, axis.sealer, now=now, **mine)
            confirm(axis.engine, axis.sealer, now=now, **mine)
        for code in (StatusCode.REGISTERED, StatusCode.COMPLETED):
            await goes_through(H41, status(code, asks, reporter=H41, target=G22), "nghean")
        await goes_through(H14, package(replies), "khac")
    now = datetime.now(UTC)
    report = take(axis.engine, period_of(Kind.MONTHLY, today), now=now, express=timedelta(hours=1))
    figures = {
        line.place.code: {name: n for name in COUNTS if (n := getattr(line.tally, name))}
        for line in report.lines
    }
    # Signed in 2015, so sent late; the answer is addressed to G22 and waits there.
    assert figures == {
        G22: {"documents": 1, "sent_late": 1, "strong": 1, "sends": 3, "came": 1, "under_way": 1},
        H41: {"came": 1, "express": 1, "in_time": 1, "asked": 1, "answered_in_time": 1},
        H14: {
            "documents": 1, "sent_late": 1, "strong": 1, "sends": 1,
            "came": 1, "express": 1, "in_time": 1, "asked": 1, "answered_in_time": 1,
        },
        NOT_CONNECTED: {"came": 1, "express": 1, "under_way": 1, "asked": 1, "awaited": 1},
    }  # fmt: skip
    assert {line.place.province for line in report.lines} == {"", H41, H14}
