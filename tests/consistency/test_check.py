"""An axis at work contradicts nothing; each way to break its records is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from axis.consistency.check import INVARIANTS, check
from axis.mailbox import confirm, fetch, waiting
from axis.store.engine import transaction
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


def sql(statement: str) -> Callable[[Installation], None]:
    def run(axis: Installation) -> None:
        with transaction(axis.engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("set local session_replication_role = replica"))
            else:
                for (name,) in connection.execute(
                    sa.text("select name from sqlite_master where type = 'trigger'")
                ).all():
                    connection.execute(sa.text(f"drop trigger {name}"))
                connection.execute(sa.text("pragma defer_foreign_keys = on"))
            assert connection.execute(sa.text(statement)).rowcount > 0

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
    "a body is lost": (lose_body, "body-missing"),
    "a body is cut off": (shorten_body, "body-corrupt"),
    "a body is changed": (damage_body, "body-corrupt"),
}


async def test_an_axis_at_work_contradicts_nothing(axis: Installation) -> None:
    await at_work(axis)
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []
    assert findings(axis, queues={"notice-parked": 0, "notice-unrouted": 2}) == {"notice-unrouted"}


async def test_each_way_to_break_the_records_is_found_and_named(
    axis_on_postgresql: Installation,
) -> None:
    """One after the other on the same records: every break adds its own finding."""
    axis = axis_on_postgresql
    await at_work(axis)
    found: set[str] = set()
    for name, (break_, expected) in BROKEN.items():
        if expected in {"body-missing", "body-corrupt"} or expected in found:
            continue
        break_(axis)
        now_found = findings(axis)
        assert expected in now_found, name
        found |= now_found


@pytest.mark.parametrize("name", ["a body is lost", "a body is cut off", "a body is changed"])
async def test_each_damage_to_the_bodies_is_found(axis: Installation, name: str) -> None:
    await at_work(axis)
    break_, expected = BROKEN[name]
    break_(axis)
    assert findings(axis, deep=True) == {expected}


def test_every_finding_belongs_to_an_invariant() -> None:
    assert {expected for _, expected in BROKEN.values()} <= set(INVARIANTS)
    assert set(INVARIANTS.values()) == {f"I{n}" for n in range(1, 8)}
