"""What doors ask of the records about deliveries and systems, on both databases."""

from __future__ import annotations

from uuid import UUID, uuid4

from axis.directory.values import ReceivesBy
from axis.store.engine import transaction
from axis.store.offers import (
    count_waiting,
    deliveries_between,
    packages_between,
    still_waiting,
    systems_receiving_by,
    way_of_system,
)
from tests.relay.conftest import axis
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package

__all__ = ["axis"]


async def test_deliveries_are_found_by_their_system_and_by_the_beginning_of_their_id(
    axis: Installation,
):
    signed = axis.sign(G22, package(document(to=(H41, H14))))
    async with axis.running():
        ticket = await axis.submit(signed, system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
    with transaction(axis.engine) as connection:
        assert count_waiting(connection, "nghean") == {"document": 1}
        assert count_waiting(connection, "vpcp") == {}
        everything = (UUID(int=0), UUID(int=2**128 - 1))
        (delivery_id,) = deliveries_between(connection, "nghean", *everything)
        assert packages_between(connection, "vpcp", *everything) == [ticket.package_id]
        assert packages_between(connection, "nghean", *everything) == []
        for found, between, system in (
            (delivery_id, deliveries_between, "nghean"),
            (ticket.package_id, packages_between, "vpcp"),
        ):
            first = UUID(hex=found.hex[:24] + "0" * 8)
            last = UUID(hex=found.hex[:24] + "f" * 8)
            assert between(connection, system, first, last) == [found]
            assert between(connection, "khac", first, last) == []
        told = still_waiting(connection, "nghean", [delivery_id, uuid4()])
        assert set(told) == {delivery_id}
        assert told[delivery_id].digest == ticket.digest
        assert still_waiting(connection, "khac", [delivery_id]) == {}


async def test_systems_are_found_by_the_way_in_which_they_receive(axis: Installation):
    with transaction(axis.engine) as connection:
        assert systems_receiving_by(connection, ReceivesBy.AMQP) == {"nghean"}
        assert systems_receiving_by(connection, ReceivesBy.WEBHOOK) == frozenset()
        assert way_of_system(connection, "vpcp") is ReceivesBy.POLL
        assert way_of_system(connection, "nobody") is None
