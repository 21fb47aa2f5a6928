"""An axis at work contradicts nothing; each way to break its records is found and named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from axis.consistency.check import INVARIANTS, check
from axis.mailbox import confirm, fetch, waiting
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.store.engine import open_engine, transaction
from axis.store.ledger import sequence, take_over
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package

AWAY = "000.09.09.H41"


async def at_work(axis: Installation) -> None:
    """A day: papers accepted, refused, held, taken, confirmed; and the notary's work."""
    async with axis.running():
        for number in range(4):
            paper = package(document(number, to=(H41, H14, AWAY)))
            ticket = await axis.submit(axis.sign(G22, paper), system="vpcp")
            await axis.verdict(ticket.package_id)
        ticket = await axis.submit(b"no XML", system="vpcp")
        await axis.verdict(ticket.package_id)
    now = datetime.now(UTC)
    for one in waiting(axis.engine, "khac")[:3]:
        facts = {"delivery_id": one.delivery.id, "system_id": "khac", "now": now}
        fetch(axis.engine, axis.bodies, axis.sealer, **facts)
        confirm(axis.engine, axis.sealer, **facts)
    with transaction(axis.engine) as connection:
        epoch = take_over(connection, "test", now)
        sequence(connection, log=now.year, epoch=epoch, limit=12)


def findings(axis: Installation, **facts: object) -> set[str]:
    return {one.what for one in check(axis.engine, axis.bodies, axis.sealer, **facts)}  # type: ignore[arg-type]


def sql(*statements: str) -> Callable[[Installation], None]:
    """Break the records as their administrator can: without triggers, keys and constraints."""

    def run(axis: Installation) -> None:
        with transaction(axis.engine) as connection:
            connection.execute(sa.text("set local session_replication_role = replica"))
            for statement in statements:
                done = connection.execute(sa.text(statement))
            assert done.rowcount > 0

    return run


def damage_body(axis: Installation) -> None:
    path = next(p for p in sorted(axis.bodies.root.glob("*/*/*")) if p.stat().st_size > 100)
    path.write_bytes(b"x" * path.stat().st_size)


def shorten_body(axis: Installation) -> None:
    next(p for p in sorted(axis.bodies.root.glob("*/*/*")) if p.stat().st_size > 100).write_bytes(
        b""
    )


def lose_body(axis: Installation) -> None:
    next(p for p in sorted(axis.bodies.root.glob("*/*/*")) if p.stat().st_size > 100).unlink()


FIRST_ACCEPTED = "(select id from package where accepted order by id limit 1)"

#: How the records are broken → what is found.
BROKEN: dict[str, tuple[Callable[[Installation], None], str]] = {
    "an acceptance is forgotten": (
        sql("delete from ledger_entry where leaf_index = 0"),
        "acceptance-without-evidence",
    ),
    "an entry is cut out": (sql("delete from ledger_entry where leaf_index = 3"), "ledger-gap"),
    "the log is cut off": (sql("update ledger_head set size = size + 1"), "ledger-gap"),
    "an entry's hash is changed": (
        sql("update ledger_entry set leaf_hash = salt where leaf_index = 2"),
        "ledger-hash",
    ),
    "a package turns refused": (
        sql(f"update package set accepted = false where id = {FIRST_ACCEPTED}"),
        "delivery-of-a-refused-package",
    ),
    "a refusal turns accepted": (
        sql("update package set accepted = true where not accepted"),
        "accepted-with-reason",
    ),
    "deliveries are lost": (
        sql(f"delete from delivery where package_id = {FIRST_ACCEPTED}"),
        "accepted-without-delivery",
    ),
    "a delivery refers to no entry": (
        sql("update delivery set last_entry = package_id where state = 'held'"),
        "delivery-without-evidence",
    ),
    "a delivery is confirmed by hand": (
        sql("update delivery set state = 'confirmed' where state = 'routed'"),
        "state-without-its-instant",
    ),
    "time runs backwards": (
        sql("update delivery set fetched_at = null where state = 'confirmed'"),
        "state-without-its-instant",
    ),
    "a recalled delivery was given out": (
        sql("update delivery set state = 'recalled' where state = 'confirmed'"),
        "recalled-and-given-out",
    ),
    "a redirection leads nowhere": (
        sql("update delivery set state = 'redirected' where state = 'held'"),
        "redirected-without-another",
    ),
    "a refusal loses its reason": (
        sql("update package set refusal = null where not accepted"),
        "refused-without-reason",
    ),
    "a delivery is recorded again beside the unique key": (
        sql(
            "alter table delivery drop constraint uq_delivery_package_id_address",
            """insert into delivery (id, package_id, position, address, office_id, system_id, lane,
                 state, routed_at, offered_at, fetched_at, confirmed_at, last_entry)
               select package_id, package_id, position, address, office_id, system_id, lane,
                 state, routed_at, offered_at, fetched_at, confirmed_at, last_entry
               from delivery where state = 'confirmed'""",
        ),
        "delivered-twice",
    ),
    "an entry is written again beside the unique key": (
        sql(
            "alter table ledger_entry drop constraint uq_ledger_entry_entry_id",
            """insert into ledger_entry
               select log, leaf_index + 1000, entry_id, package_id, delivery_id,
                 leaf, leaf_hash, salt, opening from ledger_entry where leaf_index = 1""",
        ),
        "entry-twice",
    ),
    "an entry is about a delivery that nobody made": (
        sql(
            "update ledger_entry set delivery_id = entry_id where delivery_id is not null"
            " and leaf_index = (select max(leaf_index) from ledger_entry"
            " where delivery_id is not null)"
        ),
        "entry-without-package",
    ),
    "a refused package asks for a change": (
        sql(
            """insert into change_request (package_id, delivery_id, target_package_id,
                 office_id, kind, outcome, asked_at)
               select p.id, d.id, d.package_id, d.office_id, 'recall', 'asked', p.decided_at
               from package p, delivery d
               where not p.accepted and d.state = 'confirmed' limit 1"""
        ),
        "request-without-package",
    ),
    "a checkpoint promises entries that are not there": (
        sql(
            """insert into ledger_checkpoint (log, size, root, note, signed_at)
               select h.log, h.size + 1, e.leaf_hash, 'a note', p.decided_at
               from ledger_head h, ledger_entry e, package p where e.leaf_index = 0 limit 1"""
        ),
        "checkpoint-beyond-ledger",
    ),
    "a confirmation is older than the fetch": (
        sql(
            "update delivery set confirmed_at = fetched_at - interval '1 second'"
            " where state = 'confirmed'"
        ),
        "confirmed-before-fetched",
    ),
    "a rejection is forgotten": (
        sql(
            "with gone as (delete from ledger_inbox where package_id in"
            " (select id from package where not accepted) returning 1)"
            " delete from ledger_entry where package_id in"
            " (select id from package where not accepted) or exists (select 1 from gone)"
        ),
        "rejection-without-evidence",
    ),
    "a body is lost": (lose_body, "body-missing"),
    "a body is cut off": (shorten_body, "body-corrupt"),
    "a body is changed": (damage_body, "body-corrupt"),
}


async def test_an_axis_at_work_contradicts_nothing(axis: Installation) -> None:
    await at_work(axis)
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []
    assert findings(axis, queues={"notice-parked": 1, "notice-unrouted": 2}) == {
        "notice-parked",
        "notice-unrouted",
    }
    assert findings(axis, queues={"notice-parked": 0, "notice-unrouted": 0}) == set()


async def test_each_way_to_break_the_records_is_found_and_named(
    axis_on_postgresql: Installation, postgresql: PrivatePostgreSQL
) -> None:
    """Each on a copy of its own, so that no break hides behind another."""
    axis = axis_on_postgresql
    await at_work(axis)
    axis.engine.dispose()  # a database is copied only while nobody is in it
    template = axis.engine.url.database
    missed = []
    for number, (name, (break_, expected)) in enumerate(BROKEN.items()):
        if expected in {"body-missing", "body-corrupt"}:
            continue
        copy = f"{template}_{number}"
        url = postgresql.create_database(copy, template=template)
        engine = open_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        broken = dataclasses.replace(axis, engine=engine)
        break_(broken)
        found = findings(broken)
        if expected not in found:
            missed.append((name, expected, found))
        engine.dispose()
        postgresql.drop_database(copy)
    assert missed == []


@pytest.mark.parametrize("name", ["a body is lost", "a body is cut off", "a body is changed"])
async def test_each_damage_to_the_bodies_is_found(axis: Installation, name: str) -> None:
    await at_work(axis)
    break_, expected = BROKEN[name]
    break_(axis)
    assert findings(axis, deep=True) == {expected}


def test_every_finding_is_brought_about_by_a_test() -> None:
    brought = {expected for _, expected in BROKEN.values()}
    brought |= {"notice-parked", "notice-unrouted"}  # from the counts of queues, above
    brought |= {"part-missing", "part-corrupt"}  # tests/parts
    assert brought == set(INVARIANTS)
    assert set(INVARIANTS.values()) == {f"I{n}" for n in range(1, 8)}


AGAIN = {
    "package": """insert into package
        (id, system_id, digest, size_bytes, door, received_at, decided_at, accepted)
        select d.last_entry, p.system_id, p.digest, 1, 'x', p.received_at, p.decided_at, p.accepted
        from package p join delivery d on d.package_id = p.id limit 1""",
    "delivery": """insert into delivery
        (id, package_id, position, address, office_id, lane, state, routed_at, last_entry)
        select last_entry, package_id, 9, address, office_id, lane, 'routed', routed_at, last_entry
        from delivery limit 1""",
    "entry": """insert into ledger_entry
        select log, leaf_index + 1000, entry_id, package_id, delivery_id, leaf, leaf_hash, salt,
        opening from ledger_entry limit 1""",
}


@pytest.mark.parametrize("what", AGAIN)
async def test_the_database_itself_takes_no_package_delivery_or_entry_twice(
    axis: Installation, what: str
) -> None:
    await at_work(axis)
    with pytest.raises(sa.exc.DBAPIError) as refused, transaction(axis.engine) as connection:
        connection.execute(sa.text(AGAIN[what]))
    assert isinstance(refused.value, sa.exc.IntegrityError), refused.value
