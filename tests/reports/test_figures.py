"""A week of hand-made rows, counted by both databases, figure by figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.workdays import Workdays
from axis.reports.closing import close, correct, take
from axis.reports.errors import PeriodInFutureError, PeriodOpenError
from axis.reports.figures import Report
from axis.reports.periods import Kind, parse_period
from axis.reports.tally import COUNTS, Tally
from axis.store.engine import transaction
from axis.store.tables.delivery import DELIVERY
from axis.store.tables.life import CHANGE_REQUEST
from tests.reports.rows import at, delivery, keep, package, status

WEEK = parse_period(Kind.WEEKLY, "2026-W46")  # Monday 9 to Sunday 15; closed Monday 16 at noon
EXPRESS = timedelta(hours=1)
DAYS = Workdays()
LATER = at("22 10:00")


def taken(engine: sa.Engine, now: datetime = LATER) -> dict[str, Tally]:
    return by_office(take(engine, WEEK, now=now, express=EXPRESS))


def by_office(report: Report) -> dict[str, Tally]:
    return {line.place.office_id: line.tally for line in report.lines}


def told(tally: Tally) -> dict[str, int]:
    """The counts that are not 0."""
    return {name: getattr(tally, name) for name in COUNTS if getattr(tally, name)}


def adds_up(report: Report) -> None:
    for tally in [line.tally for line in report.lines]:
        assert tally.documents == tally.sent_in_time + tally.sent_late + tally.undated
        assert tally.documents == tally.strong + tally.weak + tally.unsigned
        ended = tally.recalled + tally.refused + tally.lapsed
        assert tally.came == (
            tally.in_time + tally.late + tally.not_taken + tally.under_way + ended
        )
        answered = tally.answered_in_time + tally.answered_late
        assert tally.asked == answered + tally.declined + tally.unanswered + tally.awaited
        assert sum(sum(lane.values()) for lane in tally.times.values()) == (
            tally.in_time + tally.late
        )
    total = Tally.sum(line.tally for line in report.lines)
    assert total.sends == total.came


def test_what_is_sent_is_judged_by_the_morning_after_its_signing(engine: sa.Engine) -> None:
    friday = date(2026, 11, 6)
    keep(
        engine,
        package("a", at("09 12:00"), signed=friday),  # noon sharp is still the morning
        package("a", at("09 12:00:00.000001"), signed=friday),
        package("a", at("15 23:59:59"), signed=date(2026, 11, 13), weak="legacy-sha1"),
        package("a", at("10 00:00"), signed=date(2026, 11, 9), business_type=3),
        package("a", at("11 08:00"), document_id="9fbfbad2-f1f8", weak="legacy-unsigned"),
        package("a", at("11 08:00"), document_id="G22,2026/02/30,1/VPCP"),
        # Judged in this week, received before it began: the deadline asks when it came.
        replace(package("a", at("09 13:00"), signed=friday), received_at=at("08 23:00")),
        package("a", at("08 23:59:59.999999")),  # the week before
        package("a", at("16 00:00")),  # the week after
        replace(package("a", at("10 08:00")), accepted=False),
    )
    assert {name: told(tally) for name, tally in taken(engine).items()} == {
        "a": {
            "documents": 7,
            "changes": 1,
            "sent_in_time": 4,
            "sent_late": 1,
            "undated": 2,
            "strong": 5,
            "weak": 1,
            "unsigned": 1,
        }
    }


def test_each_delivery_counts_once_by_what_became_of_it_until_the_close(
    engine: sa.Engine,
) -> None:
    paper = [package("a", at("12 09:00")) for _ in range(3)]
    urgent = package("a", at("12 09:00"), priority=2)
    friday = package("a", at("13 16:00"))
    express = {"lane": Lane.EXPRESS}
    keep(
        engine,
        *paper,
        urgent,
        friday,
        delivery(paper[0], "b", 0, confirmed_at=at("13 12:00")),
        delivery(paper[0], "c", 1, confirmed_at=at("13 12:00:00.000001")),
        delivery(paper[0], "d", 2, confirmed_at=at("16 12:00:01")),  # after the close
        delivery(paper[0], "e", 3, state=State.HELD),
        delivery(paper[1], "b", 0, state=State.RECALLED, ended_at=at("12 10:00")),
        delivery(paper[1], "c", 1, state=State.REFUSED, ended_at=at("14 10:00")),
        delivery(paper[1], "d", 2, state=State.EXPIRED, ended_at=at("15 10:00")),
        delivery(paper[1], "e", 3, state=State.UNDELIVERABLE, ended_at=at("17 10:00")),
        delivery(paper[2], "b", 0, state=State.REDIRECTED, ended_at=at("12 15:00")),
        delivery(
            paper[2], "c", 1, routed_at=at("12 15:00"), confirmed_at=at("12 15:10"),
            redirect_of=delivery(paper[2], "b").id,
        ),
        delivery(urgent, "b", 0, confirmed_at=at("12 10:00"), **express),
        delivery(urgent, "c", 1, confirmed_at=at("12 10:00:01"), **express),
        delivery(urgent, "d", 2, **express),
        delivery(friday, "b", 0, confirmed_at=at("16 12:00")),  # Monday's morning is in time
    )  # fmt: skip
    report = take(engine, WEEK, now=LATER, express=EXPRESS)
    adds_up(report)
    figures = by_office(report)
    assert {name: told(tally) for name, tally in figures.items()} == {
        "a": {
            "documents": 5, "sent_in_time": 5, "strong": 5, "sends": 13,
        },
        "b": {"came": 4, "express": 1, "in_time": 3, "recalled": 1, "redirected": 1},
        "c": {"came": 4, "express": 1, "in_time": 1, "late": 2, "refused": 1},
        "d": {"came": 3, "express": 1, "not_taken": 2, "lapsed": 1},
        "e": {"came": 2, "not_taken": 2},
    }  # fmt: skip
    assert report.closed
    assert figures["c"].took("express", "p50") == pytest.approx(5400, abs=1800)
    assert figures["d"].took("normal", "p50") is None


def test_an_answer_is_a_status_or_a_document_by_the_end_of_the_day(engine: sa.Engine) -> None:
    due = [package("a", at("02 09:00"), due_on=date(2026, 11, 12)) for _ in range(3)]
    other = package("a", at("02 09:00"), due_on=date(2026, 11, 16))
    recall = package("a", at("03 09:00"), due_on=date(2026, 11, 12), business_type=1)
    b, c, d = (delivery(due[0], name, n) for n, name in enumerate("bcd"))
    e, f, g = (delivery(due[1], name, n) for n, name in enumerate("efg"))
    gone = delivery(due[2], "b", 0, state=State.RECALLED, ended_at=at("03 10:00"))
    refused = delivery(due[2], "c", 1, state=State.REFUSED, ended_at=at("03 10:00"))
    given_back = delivery(due[2], "d", 2, confirmed_at=at("03 10:00"))
    reply = package("e", at("12 09:00"))
    late_reply = package("g", at("13 09:00"))
    stranger = package("f", at("12 09:00"))
    keep(
        engine,
        *due, other, recall, b, c, d, e, f, g, gone, refused, given_back,
        delivery(other, "b"), delivery(recall, "b"),
        reply, late_reply, stranger,
        status("03", b, at("03 09:00")),
        status("06", b, at("12 23:59:59")),
        status("06", b, at("14 09:00")),  # said again
        status("06", c, at("13 00:00")),
        status("05", d, at("12 09:00")),
        status("02", f, at("12 09:00")),
        answers={
            reply: due[1].document_id or "",
            late_reply: due[1].document_id or "",
            stranger: due[0].document_id or "",  # nobody asked f about that one
        },
    )  # fmt: skip
    with transaction(engine) as connection:
        connection.execute(
            sa.insert(CHANGE_REQUEST).values(
                package_id=recall.id,
                delivery_id=given_back.id,
                target_package_id=due[2].id,
                office_id="d",
                kind="recall",
                outcome="agreed",
                asked_at=at("03 09:00"),
                answered_at=at("04 09:00"),
            )
        )
    report = take(engine, WEEK, now=LATER, express=EXPRESS)
    adds_up(report)
    asked = {name: told(tally) for name, tally in by_office(report).items() if tally.asked}
    documents = {"documents": 1, "sent_in_time": 1, "strong": 1}
    assert asked == {
        "b": {"asked": 1, "answered_in_time": 1},
        "c": {"asked": 2, "answered_late": 1, "declined": 1},
        "d": {"asked": 1, "unanswered": 1},
        "e": {"asked": 1, "answered_in_time": 1} | documents,
        "f": {"asked": 1, "declined": 1} | documents,
        "g": {"asked": 1, "answered_late": 1} | documents,
    }


def test_what_is_over_stays_and_what_goes_on_is_provisional(engine: sa.Engine) -> None:
    paper = package("a", at("13 09:00"), due_on=date(2026, 11, 15))
    one = delivery(paper, "b")
    keep(engine, paper, one)
    with pytest.raises(PeriodInFutureError) as future:
        taken(engine, at("08 23:59"))
    assert future.value.code == "report.period-in-future"
    going_on = take(engine, WEEK, now=at("14 09:00"), express=EXPRESS)
    assert not going_on.closed
    assert told(by_office(going_on)["b"]) == {"came": 1, "under_way": 1, "asked": 1, "awaited": 1}
    with pytest.raises(PeriodOpenError) as early:
        close(engine, WEEK, now=at("16 11:59"), express=EXPRESS, days=DAYS)
    assert early.value.code == "report.period-open"
    before = taken(engine)
    assert told(before["b"]) == {"came": 1, "not_taken": 1, "asked": 1, "unanswered": 1}
    # Taken and answered after the close: that is told of no earlier week.
    with transaction(engine) as connection:
        connection.execute(
            sa.update(DELIVERY).values(state="confirmed", confirmed_at=at("18 09:00"))
        )
    keep(engine, status("06", one, at("18 10:00")))
    assert taken(engine) == before
    with pytest.raises(PeriodOpenError):
        correct(engine, WEEK, now=LATER, express=EXPRESS, who="lan", why="nothing is closed")
    closed = close(engine, WEEK, now=LATER, express=EXPRESS, days=DAYS)
    assert closed.revision == 1
    assert by_office(closed) == before
    # Rows that should never have come: what is kept does not change, a correction does.
    keep(engine, package("z", at("12 09:00")))
    assert "z" not in taken(engine)
    assert close(engine, WEEK, now=LATER, express=EXPRESS, days=DAYS) == closed
    again = correct(engine, WEEK, now=LATER, express=EXPRESS, who="lan", why="rows were missing")
    assert (again.revision, again.why) == (2, "rows were missing")
    assert told(taken(engine)["z"])["documents"] == 1


def test_a_week_without_a_document_has_no_lines(tmp_path: Path, engine: sa.Engine) -> None:
    assert take(engine, WEEK, now=LATER, express=EXPRESS).lines == []
