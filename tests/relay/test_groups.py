"""A letter to a group goes to whoever is in it at acceptance, and that is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from axis.store.deliveries import deliveries_of
from axis.store.directory_groups import set_group
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package

GROUP = "nhom.cac-tinh"


def make_group(axis: Installation, rule: str) -> None:
    now = datetime.now(UTC)
    set_group(
        axis.engine,
        GROUP,
        start=now - timedelta(days=1),
        by="test",
        at=now,
        name="Các tỉnh",
        rule=rule,
    )


async def test_a_group_is_expanded_at_acceptance(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    make_group(axis, "level=provincial")
    async with axis.running():
        paper = package(document(to=(H14, GROUP)))
        ticket = await axis.submit(axis.sign(G22, paper), system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
    with transaction(axis.engine) as connection:
        deliveries = deliveries_of(connection, [ticket.package_id])
        leaves = [one.leaf.decode() for one in entries_of(connection, [ticket.package_id])]
    assert sorted(one.address for one in deliveries) == sorted([H14, H41])
    named = [leaf for leaf in leaves if f'"facts":{{"group":"{GROUP}"}}' in leaf]
    assert len(named) == 1  # H14 was addressed by name


async def test_a_group_that_nobody_set_is_an_unknown_recipient(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document(to=(GROUP,)))), system="vpcp")
        answer = await axis.verdict(ticket.package_id)
    assert answer.refusal is not None
    assert answer.refusal.code == "recipient.unknown"
