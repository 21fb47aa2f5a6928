"""Held deliveries go when somebody takes them; what nobody took in time ends with evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from axis.clock.due import Due
from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.directory.acts import Act, Successor
from axis.directory.succession import plan_reorganisation
from axis.directory.systems import plan_assign
from axis.directory.values import SuccessionKind, micros
from axis.dispatch.acts import Act as Do
from axis.dispatch.acts import Order, perform
from axis.ledger.events import Event
from axis.ledger.opening import open_entry
from axis.settings import ClockSettings
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from tests.clock.papers import put
from tests.clock.test_tell import Time
from tests.relay.installation import Installation, _change
from tests.relay.papers import H14

AWAY = "000.09.09.H41"


def due_of(axis: Installation, time: Time) -> Due:
    return Due(engine=axis.engine, settings=ClockSettings(), sealer=axis.sealer, clock=time)


def one(axis: Installation, delivery):
    with transaction(axis.engine) as connection:
        return deliveries_of(connection, [delivery.package_id])[0]


def test_a_held_delivery_goes_by_itself_when_its_office_connects(axis: Installation) -> None:
    start = datetime.now(UTC)
    (held,) = put(
        axis, 1, at=start, system=None, state=State.HELD, address=AWAY, held_reason="no-system"
    )
    due = due_of(axis, Time(start + timedelta(minutes=1)))
    due.round()
    assert one(axis, held).state is State.HELD
    _change(
        axis.engine,
        start,
        lambda d: plan_assign(d, "khac", [AWAY], start=None, now=start),
        kind="system",
    )
    due.round()
    released = one(axis, held)
    assert (released.state, released.system_id, released.held_reason) == (
        State.ROUTED,
        "khac",
        None,
    )
    with transaction(axis.engine) as connection:
        (entry,) = entries_of(connection, [held.package_id])
    assert Event.CONSIGNMENT_RELEASED in entry.leaf.decode()
    assert released.last_entry == entry.entry_id


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_is_released_to_an_heir_names_the_office_that_is_served(
    axis_on_postgresql: Installation, by_hand: bool
) -> None:
    axis, start = axis_on_postgresql, datetime.now(UTC)
    (held,) = put(
        axis, 1, at=start, system=None, state=State.HELD, address=AWAY, held_reason="no-system"
    )
    act = Act(
        kind=SuccessionKind.MERGE,
        old=(AWAY,),
        new=(Successor(code=H14),),
        at=micros(start - timedelta(days=1)),
        legal_basis="NQ 1/2026",
    )
    _change(axis.engine, start, lambda d: plan_reorganisation(d, [act], source="test"), kind="act")
    if by_hand:
        order = Order(act=Do.RELEASE, who="Lan", why="thử", to=None)
        now = start + timedelta(minutes=1)
        perform(axis.engine, axis.sealer, order, [held.id], chosen={}, act_id=uuid4(), now=now)
    else:
        due_of(axis, Time(start + timedelta(minutes=1))).release()
    assert one(axis, held).system_id == "khac"
    with transaction(axis.engine) as connection:
        (entry,) = entries_of(connection, [held.package_id])
    opened = open_entry(entry.leaf, entry.salt, entry.opening)
    assert (opened["to"], opened["served"]) == (AWAY, H14)


def test_urgent_deliveries_expire_sooner_and_each_has_its_evidence(axis: Installation) -> None:
    start = datetime.now(UTC)
    (urgent,) = put(axis, 1, at=start, lane=Lane.EXPRESS, system="khac", address=H14)
    (normal,) = put(axis, 1, at=start, system="khac", address=H14, first=1)
    time = Time(start + timedelta(days=14, hours=23))
    due = due_of(axis, time)
    due.expire()
    assert one(axis, urgent).state is State.ROUTED
    time.at = start + timedelta(days=15, minutes=1)
    for _ in range(2):
        due.expire()
    ended = one(axis, urgent)
    assert (ended.state, ended.ended_at, ended.held_reason) == (State.EXPIRED, time.at, "expired")
    assert one(axis, normal).state is State.ROUTED
    with transaction(axis.engine) as connection:
        (entry,) = entries_of(connection, [urgent.package_id])
    assert Event.CONTENT_CONSIGNMENT_FAILURE in entry.leaf.decode()
    assert '"reason":"expired"' in entry.leaf.decode()


def test_what_is_late_is_told_of_once_and_escalated_once(axis: Installation) -> None:
    start = datetime(2026, 11, 20, 8, tzinfo=UTC)  # a Friday afternoon in Vietnam
    (urgent,) = put(axis, 1, at=start, lane=Lane.EXPRESS, system="khac", address=H14)
    (normal,) = put(axis, 1, at=start, system="khac", address=H14, first=1)
    settings = ClockSettings(contact="truc-ban@axis.example")
    time = Time(start + timedelta(minutes=59))
    due = Due(engine=axis.engine, settings=settings, sealer=axis.sealer, clock=time)

    def told() -> list[tuple[str, str]]:
        due.round()
        due.round()
        with transaction(axis.engine) as connection:
            rows = connection.execute(
                sa.text(
                    "select d.lane, r.kind from reminder r join delivery d on d.id = r.delivery_id"
                )
            )
            return sorted((row.lane, row.kind) for row in rows)

    assert told() == []
    time.at = start + timedelta(minutes=61)
    assert told() == [("express", "remind")]
    time.at = start + timedelta(hours=26)  # Saturday: only what is urgent is late
    assert told() == [("express", "escalate"), ("express", "remind")]
    time.at = start + timedelta(days=3, hours=-2)  # Monday, one in the afternoon
    assert told()[-1] == ("normal", "remind")
    time.at = start + timedelta(days=4)
    assert told()[-2:] == [("normal", "escalate"), ("normal", "remind")]
    with transaction(axis.engine) as connection:
        entries = entries_of(connection, [urgent.package_id, normal.package_id])
    assert sum("DeadlineReminder" in entry.leaf.decode() for entry in entries) == 4
    assert one(axis, normal).last_entry in {entry.entry_id for entry in entries}


def test_a_clock_that_jumps_back_ends_nothing(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    start = datetime.now(UTC)
    (delivery,) = put(axis, 1, at=start, system="khac", address=H14)
    due_of(axis, Time(start - timedelta(days=400))).round()
    assert one(axis, delivery).state is State.ROUTED
