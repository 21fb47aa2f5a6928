"""Deadlines and the report of 17:00, counted from lines."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from click.testing import CliRunner

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.workdays import VIETNAM, Workdays
from axis.reports.daily import Days, add_due, add_refused, count
from axis.reports.deadlines import Kept, measure, signed_on
from axis.store.leagues import Asked
from axis.store.message_figures import Refused
from axis.store.reports import Line
from cli import axis as command
from tests.clock.papers import put
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import Installation
from tests.relay.papers import H14

__all__ = ["axis", "axis_on_postgresql"]

FRIDAY = date(2026, 11, 20)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=VIETNAM)


def line(routed: str, **facts: object) -> Line:
    values: dict[str, object] = {
        "office_id": "receiver",
        "address": "H14",
        "type": "document",
        "sender_office": "sender",
        "sender": "G22",
        "document_id": "G22,2026/11/20,7/VPCP",
        "sign": "7/VPCP",
        "lane": Lane.NORMAL,
        "state": State.ROUTED,
        "cause": None,
        "received_at": at(routed),
        "routed_at": at(routed),
        "confirmed_at": None,
        "due_on": None,
        "status_code": None,
    }
    return Line(**(values | facts))  # type: ignore[arg-type]


def kept(*lines: Line, now: str) -> dict[str, Kept]:
    return measure(lines, now=at(now), express=timedelta(hours=1), days=Workdays())


def test_each_office_is_measured_by_what_it_sent_and_what_it_took() -> None:
    confirmed = {"state": State.CONFIRMED}
    figures = kept(
        line("20 09:00", confirmed_at=at("20 17:00"), **confirmed),
        line("20 09:00", confirmed_at=at("23 13:00"), **confirmed),
        line("20 09:00", lane=Lane.EXPRESS, confirmed_at=at("20 10:30"), **confirmed),
        line("20 09:00", lane=Lane.EXPRESS),
        line("23 12:30"),
        line("20 09:00", state=State.EXPIRED),
        line("20 09:00", due_on=FRIDAY, status_code="06"),
        line("20 09:00", due_on=FRIDAY, status_code="05"),
        now="23 12:00",
    )
    assert figures["sender"] == Kept(sent=8, sent_late=1)
    assert figures["receiver"] == Kept(
        came=8, taken_in_time=1, taken_late=2, open_late=1, due=2, done=1
    )


@pytest.mark.parametrize(
    ("document_id", "day"),
    [
        ("000.00.00.G22,2015/09/30,7816/VPCP-TTĐT", date(2015, 9, 30)),
        ("000.00.00.G22,2014/02/30,7806/VPCP-TTĐT", None),
        ("9fbfbad2-f1f8-4256-a2eb-50fb1061cddb", None),
        (None, None),
    ],
)
def test_the_day_of_signing_stands_in_the_documents_name(document_id, day) -> None:
    assert signed_on(document_id) == day


def test_what_is_left_at_five_has_a_cause_and_an_owner() -> None:
    found = count(
        [
            line("20 09:00", state=State.CONFIRMED),
            line("20 10:00", state=State.RECALLED),
            line("20 11:00"),
            line("20 12:00", state=State.HELD, cause="no-successor"),
            line("19 17:00", state=State.CONFIRMED),  # arose after 17:00: of this day
            line("20 17:00"),  # of the next
            line("19 10:00", state=State.PARKED, cause="not-taken"),
            line("19 10:00", state=State.CONFIRMED),
            line("20 09:00", type="task"),
        ],
        day=FRIDAY,
        day_close=["document"],
    )
    day = found["receiver", "document"]
    assert (day.arose, day.delivered, day.ended, day.left, day.backlog) == (5, 2, 1, 2, 2)
    assert (day.due, day.in_time, day.late) == (4, 2, 2)
    assert day.why == {"waits-routed": 2, "no-successor": 1, "not-taken": 1}
    assert day.owners == {"receiver": 2, "operator": 1, "axis": 1}
    assert found["sender", "document"].sent == 5
    task = found["receiver", "task"]
    assert (task.arose, task.left, task.due) == (1, 1, 0)


def test_what_was_asked_for_is_in_time_or_late_and_what_was_refused_is_its_senders() -> None:
    def asked(due: str, answered: str | None, state: State = State.CONFIRMED) -> Asked:
        return Asked(
            story="T",
            office_id="receiver",
            address="H14",
            delivery_id=uuid4(),
            package_id=uuid4(),
            sender_office="sender",
            state=state,
            asked_at=at("10 09:00"),
            due_at=at(due),
            answered_at=at(answered) if answered else None,
        )

    found: Days = {}
    add_due(
        found,
        "task",
        [
            asked("20 17:00", "20 17:00"),
            asked("20 17:00", "20 17:01"),
            asked("20 17:00", None),
            asked("20 17:00", None, State.ROUTED),
            asked("20 17:00", None, State.RECALLED),
        ],
    )
    refused = [Refused(type="task", sender="H14", code="order.revision-early", packages=2)]
    add_refused(found, refused, {"H14": "receiver"})
    day = found["receiver", "task"]
    assert (day.due, day.in_time, day.late, day.refused) == (4, 1, 3, 2)
    assert day.why == {"not-answered": 1, "order.revision-early": 2}
    assert day.owners == {"receiver": 1, "sender": 2}


def test_the_reports_are_read_from_the_records(axis: Installation) -> None:
    now = datetime.now(VIETNAM)
    put(axis, 3, at=now - timedelta(days=3), system="khac", address=H14)
    config = Path(axis.settings.home) / "axis.toml"
    config.write_bytes(msgspec.toml.encode(axis.settings))

    def call(*words: str) -> list[dict[str, object]]:
        done = CliRunner().invoke(command, ["--config", str(config), "report", *words, "--json"])
        assert done.exit_code == 0, done.output
        return [json.loads(one) for one in done.stdout.splitlines()]

    assert sum(row["backlog"] for row in call("daily")) == 3
    (row,) = call("daily", "--by", "province")
    assert (row["type"], row["why"]) == ("document", {"waits-routed": 3})
    (by_type,) = call("daily", "--by", "type")
    assert (by_type["type"], by_type["backlog"]) == ("document", 3)
    since = f"{now - timedelta(days=4):%Y-%m-%d}"
    figures = call("deadlines", "--from", since, "--to", f"{now:%Y-%m-%d}")
    assert sum(row["came"] for row in figures) == 3
