"""What is urgent does not wait behind what is not, from the intake on."""

from __future__ import annotations

from axis.bus.topology import INTAKE_EXPRESS_QUEUE, INTAKE_QUEUE
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package
from tests.relay.test_pipeline import until_depth


async def test_urgent_packages_wait_in_a_queue_of_their_own(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    for number, priority in ((1, 0), (2, 3), (3, 0)):
        paper = package(document(number, to=(H14,), priority=priority))
        await axis.submit(axis.sign(G22, paper), system="vpcp")
    await until_depth(axis, INTAKE_QUEUE, 2)
    await until_depth(axis, INTAKE_EXPRESS_QUEUE, 1)


async def test_an_urgent_package_overtakes_a_long_queue(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    normal = [axis.sign(G22, package(document(n, to=(H41, H14)))) for n in range(150)]
    waiting = await axis.submit_all(normal, system="vpcp")
    urgent = axis.sign(G22, package(document("khan", to=(H14,), priority=4)))
    ticket = await axis.submit(urgent, system="vpcp")
    async with axis.running():
        decided = (await axis.verdict(ticket.package_id)).decided_at
        last = max([(await axis.verdict(one.package_id)).decided_at for one in waiting])
    assert decided < last
