"""Tasks whose due day was put off, in the league and in the report of 17:00."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.clock.due import Due
from axis.delivery.states import State
from axis.errors import Fault, Refusal
from axis.ledger.entry import Sealer
from axis.ledger.events import Event
from axis.reports.daily import Day
from axis.reports.days import take_day
from axis.reports.messages import Standing, league
from axis.reports.periods import Kind, parse_period
from axis.settings import ClockSettings
from axis.store.deliveries import DeliveryRecord
from axis.store.engine import transaction
from axis.store.leagues import asked, due_between
from axis.store.messages import MessageRecord, add_messages, add_stories
from axis.store.packages import PackageRecord
from axis.store.tables.ledger import LEDGER_INBOX
from axis.store.tables.life import REMINDER
from axis.store.types import load_types, roles, save_type, set_state
from axis.types.book import State as TypeState
from axis.types.folder import files_of, folder_of
from tests.reports.rows import at, delivery, keep, package, status

KEY = "VPCP-2026-00127"


def added(engine: sa.Engine, *names: str) -> None:
    with transaction(engine) as connection:
        for name in names:
            save_type(connection, name, "1", files_of(folder_of(name, "1")), at=at("01 08:00"))
            set_state(connection, name, "1", TypeState.ACTIVE, at=at("01 08:00"))


def said(
    engine: sa.Engine, step: str, by: str, to: tuple[str, ...], when: str, due: str = ""
) -> tuple[PackageRecord, list[DeliveryRecord]]:
    """A message of the task, which every receiver has confirmed at once."""
    own = package(by, at(when), kind="task", business_type=None, sign=KEY)
    sent = [
        delivery(own, one, place, confirmed_at=at(when), state=State.CONFIRMED)
        for place, one in enumerate(to)
    ]
    keep(engine, own, *sent)
    message = MessageRecord(
        package_id=own.id,
        type="task",
        version="1",
        sender_office=by,
        content=own.digest,
        step=step,
        order_key=f"{KEY} {own.id}",
        revision=1,
        due_at=at(due) if due else None,
    )
    with transaction(engine) as connection:
        add_messages(connection, [message])
        add_stories(connection, {own.id: [("task", KEY)]})
    return own, sent


def day_of(engine: sa.Engine, day: str, now: datetime) -> dict[tuple[str, str], Day]:
    report = take_day(engine, parse_period(Kind.DAILY, f"2026-11-{day}"), now=now)
    return {(one.place.office_id, one.type): one.tally for one in report.lines}


def test_more_time_moves_the_due_day_and_completed_means_an_answer_or_status_06(
    engine: sa.Engine,
) -> None:
    added(engine, "task")
    _, sent = said(engine, "assign", "vpcp", ("h41", "h14", "h37"), "09 09:00", due="20 17:00")
    said(engine, "give-extension", "vpcp", ("h41",), "18 09:00", due="25 17:00")
    said(engine, "give-extension", "h37", ("h37",), "18 09:00", due="30 17:00")  # not its to give
    keep(engine, status("05", sent[0], at("19 09:00")), status("06", sent[0], at("25 16:59")))
    said(engine, "complete", "h14", ("vpcp",), "20 17:01")
    with transaction(engine) as connection:
        rules = load_types(connection).ruling("task")
        found = {one.office_id: one for one in asked(connection, rules, [KEY])}
        before = asked(connection, rules, [KEY], as_of=at("17 12:00"))
        soon = due_between(
            connection, rules, since=at("18 12:00"), until=at("21 12:00"), as_of=at("18 12:00")
        )
        assert roles(connection).papers == ("document", "task")
        assert roles(connection).letters == ("document",)
    assert {one.due_at for one in before} == {at("20 17:00")}
    assert {one.office_id for one in soon} == {"h14", "h37"}
    assert (found["h41"].asked_due_at, found["h41"].due_at) == (at("20 17:00"), at("25 17:00"))
    assert found["h41"].answered_at == at("25 16:59")
    standings = {
        one.office_id: (place, how)
        for place, one, how in league(found.values(), now=at("26 09:00"))
    }
    assert standings == {
        "h41": (1, Standing.IN_TIME),
        "h14": (2, Standing.LATE),
        "h37": (None, Standing.MISSING),
    }
    # The report of 17:00 has each on the day on which it is due, as it was known then.
    day = day_of(engine, "20", at("27 09:00"))
    assert ("h41", "task") not in day
    assert (day["h14", "task"].due, day["h14", "task"].late) == (1, 1)
    assert day["h37", "task"].why == {"not-answered": 1}
    day = day_of(engine, "25", at("27 09:00"))
    assert (day["h41", "task"].due, day["h41", "task"].in_time) == (1, 1)
    assert all(name != "status" for _, name in day)


def test_who_got_more_time_is_reminded_of_the_new_day_too(engine: sa.Engine) -> None:
    added(engine, "task")
    _, (first, second) = said(engine, "assign", "vpcp", ("h41", "h14"), "09 09:00", due="20 17:00")

    def remind(now: str) -> set[tuple[UUID, str]]:
        """Let the clock look at an instant; return whom it has reminded so far, and of what."""
        due = Due(
            engine=engine,
            settings=ClockSettings(),
            sealer=Sealer(bytes(32)),
            clock=lambda: at(now),
        )
        due.round()
        with transaction(engine) as connection:
            rows = connection.execute(sa.select(REMINDER.c.delivery_id, REMINDER.c.kind))
            return {(row.delivery_id, row.kind) for row in rows}

    assert remind("17 09:00") == set()
    both = {(first.id, "due-soon"), (second.id, "due-soon")}
    assert remind("18 09:00") == both
    said(engine, "give-extension", "vpcp", ("h41",), "18 10:00", due="25 17:00")
    assert remind("19 09:00") == both
    assert remind("23 09:00") == remind("24 09:00") == both | {(first.id, "due 2026-11-25")}
    # Some hours more: the last reminder was within the three days before them.
    said(engine, "give-extension", "vpcp", ("h41",), "25 10:00", due="26 08:00")
    assert remind("25 20:00") == both | {(first.id, "due 2026-11-25")}
    with transaction(engine) as connection:
        leaves = connection.scalars(sa.select(LEDGER_INBOX.c.leaf)).all()
    events = [json.loads(leaf)["event"] for leaf in leaves]
    assert events.count(Event.DEADLINE_REMINDER.value) == 3


def test_what_was_refused_is_told_until_it_is_sent_again(engine: sa.Engine) -> None:
    added(engine, "dossier")

    def refused(document_id: str, when: str, code: str) -> PackageRecord:
        own = package("h41", at(when), kind="dossier", business_type=None)
        refusal = Refusal(code=code, fault=Fault.INPUT, facts={})
        facts = {"document_id": document_id, "accepted": False, "refusal": refusal}
        return replace(own, sender="H41", sender_office=None, **facts)  # type: ignore[arg-type]

    again = package("h41", at("20 11:00"), kind="dossier", business_type=None, document_id="D-1")
    keep(
        engine,
        refused("D-1", "20 10:00", "order.revision-early"),
        again,
        delivery(again, "g99", confirmed_at=at("20 11:05")),
        refused("D-2", "20 10:00", "order.revision-early"),
        refused("D-2", "20 12:00", "schema.element-missing"),
        refused("D-3", "20 12:00", "order.revision-known"),
    )
    day = day_of(engine, "20", at("20 18:00"))
    assert day["H41", "dossier"].refused == 1
    assert day["H41", "dossier"].why == {"schema.element-missing": 1}
    assert (day["h41", "dossier"].sent, day["g99", "dossier"].in_time) == (1, 1)
