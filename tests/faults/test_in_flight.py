"""What changes while a document is on its way: certificates, offices, disks, queues."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from axis.bodies import DiskBodies
from axis.bodies.errors import BodyStoreFullError
from axis.bus.connection import connected, open_channel
from axis.bus.notices import IntakeNotice, encode_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import INTAKE_QUEUE, declare_topology, system_queue
from axis.consistency.check import check
from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.directory.acts import Act, Successor
from axis.directory.succession import plan_reorganisation
from axis.directory.systems import plan_assign
from axis.directory.values import SuccessionKind, micros
from axis.envelope.values import StatusCode
from axis.intake import package_id_of
from axis.mailbox import confirm, fetch, waiting
from axis.store.deliveries import deliveries_of
from axis.store.directory_changes import change_directory
from axis.store.engine import transaction
from axis.store.trust import list_certificates, revoke_certificate
from tests.relay.installation import Installation, _change
from tests.relay.papers import G22, H14, H41, document, package, status
from tests.relay.test_pipeline import until_depth

G17 = "000.00.00.G17"


def now() -> datetime:
    return datetime.now(UTC)


async def test_a_certificate_revoked_in_flight_is_judged_as_it_is_at_acceptance(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    before = await axis.submit(axis.sign(G22, package(document(1))), system="vpcp")
    async with axis.running():
        assert (await axis.verdict(before.package_id)).accepted
    after = await axis.submit(axis.sign(G22, package(document(2))), system="vpcp")
    with transaction(axis.engine) as connection:
        for one in list_certificates(connection):
            revoke_certificate(connection, one.sha256, at=now(), reason="key-compromise")
    async with axis.running():
        answer = await axis.verdict(after.package_id)
        again = await axis.submit(axis.sign(G22, package(document(1))), system="vpcp")
        assert answer.refusal is not None
        assert answer.refusal.code == "certificate.revoked"
        assert again.package_id
    assert axis.count("package", "accepted") == 1


async def test_an_office_that_changes_its_system_in_flight_gets_its_document_there(
    axis: Installation,
) -> None:
    ticket = await axis.submit(axis.sign(G22, package(document(to=(H41,)))), system="vpcp")
    _change(
        axis.engine,
        now(),
        lambda d: plan_assign(d, "khac", [H41], start=None, now=now()),
        kind="system",
    )
    async with axis.running():
        await axis.verdict(ticket.package_id)
    assert [one.delivery.address for one in waiting(axis.engine, "khac")] == [H41]
    assert waiting(axis.engine, "nghean") == []


async def test_notices_that_come_twice_and_out_of_order_have_the_effect_of_once(
    axis: Installation,
) -> None:
    papers = [axis.sign(G22, package(document(n, to=(H41, H14)))) for n in range(8)]
    tickets = await axis.submit_all(papers, system="vpcp")
    notices = [
        IntakeNotice(
            package_id=package_id_of("vpcp", ticket.digest),
            system_id="vpcp",
            digest=ticket.digest.hex(),
            size_bytes=ticket.size_bytes,
            door="test",
            received_at=now() - timedelta(hours=number),
        )
        for number, ticket in enumerate(tickets)
    ]
    async with axis.running():
        async with connected(axis.settings.amqp.url, name="test") as connection:
            channel = await open_channel(connection, confirms=True)
            await declare_topology(channel)
            publisher = Publisher(channel, window=20, timeout_s=10)
            for notice in (*reversed(notices), *notices):
                await publisher.publish(encode_notice(notice), routing_key=INTAKE_QUEUE)
        for ticket in tickets:
            assert (await axis.verdict(ticket.package_id)).accepted
        await until_depth(axis, INTAKE_QUEUE, 0)
        await until_depth(axis, system_queue("nghean", Lane.NORMAL), 8)
    assert axis.count("package") == 8
    assert axis.count("delivery") == 16
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []


async def test_a_clock_that_jumps_hours_back_and_forth_loses_and_doubles_nothing(
    axis: Installation,
) -> None:
    jumps = iter([3, -5, 26, -400, 0])
    shift = {"hours": 0}

    def clock() -> datetime:
        return now() + timedelta(hours=shift["hours"])

    # Never before the certificates begin: a signature is judged at the instant of acceptance.
    async with axis.running(axis.make_worker(clock)):
        for number, jump in enumerate(jumps):
            shift["hours"] = max(0, jump)
            paper = axis.sign(G22, package(document(number, to=(H14,))))
            ticket = await axis.submit(paper, system="vpcp")
            assert (await axis.verdict(ticket.package_id)).accepted
    ids = [one.delivery.package_id for one in waiting(axis.engine, "khac")]
    with transaction(axis.engine) as connection:
        assert len(deliveries_of(connection, ids)) == 5
    assert list(check(axis.engine, axis.bodies, axis.sealer)) == []


def reorganise(axis: Installation, kind: str, old: str, *new: str, **rest: str) -> None:
    """Let an act of reorganisation take effect at this instant."""
    at = now()
    act = Act(
        kind=SuccessionKind(kind),
        old=(old,),
        at=micros(at),
        legal_basis="NQ 1/2026",
        new=tuple(Successor(code=code) for code in new),
        **rest,
    )
    change_directory(
        axis.engine,
        lambda directory: plan_reorganisation(directory, [act], source="test"),
        kind="succession",
        by="test",
        at=at,
    )


@pytest.mark.parametrize(
    ("kind", "new", "rest"),
    [("merge", (H41,), {}), ("split", (H41, G17), {"default": H41})],
)
async def test_a_succession_in_flight_delivers_each_document_once_to_who_serves_it_then(
    axis: Installation, kind: str, new: tuple[str, ...], rest: dict[str, str]
) -> None:
    """Judged before it, a document stays where it is; judged after it, it goes to the heir."""
    papers = [axis.sign(G22, package(document(n, to=(H14,)))) for n in range(6)]
    async with axis.running():
        for ticket in await axis.submit_all(papers[:3], system="vpcp"):
            assert (await axis.verdict(ticket.package_id)).accepted
    in_flight = await axis.submit_all(papers[3:], system="vpcp")
    reorganise(axis, kind, H14, *new, **rest)
    async with axis.running():
        for ticket in (*in_flight, *await axis.submit_all(papers, system="vpcp")):
            assert (await axis.verdict(ticket.package_id)).accepted
    stayed, moved = waiting(axis.engine, "khac"), waiting(axis.engine, "nghean")
    assert (len(stayed), len(moved)) == (3, 3)
    assert {one.delivery.address for one in (*stayed, *moved)} == {H14}
    assert {one.delivery.package_id for one in moved} == {one.package_id for one in in_flight}
    for system, deliveries in (("khac", stayed), ("nghean", moved)):
        for one in deliveries:
            facts = {"delivery_id": one.delivery.id, "system_id": system, "now": now()}
            fetch(axis.engine, axis.bodies, axis.sealer, **facts)
            assert confirm(axis.engine, axis.sealer, **facts).state is State.CONFIRMED
    # The heir goes on with what its predecessor had got, and nobody else does.
    about = document(0, to=(H14,))
    async with axis.running():
        for reporter, system, code, said in (
            (H41, "nghean", StatusCode.REGISTERED, None),
            (H41, "nghean", StatusCode.COMPLETED, None),
            (G22, "vpcp", StatusCode.COMPLETED, "status.not-addressed"),
        ):
            paper = status(code, about, reporter=reporter, target=G22)
            ticket = await axis.submit(axis.sign(reporter, paper), system=system)
            refusal = (await axis.verdict(ticket.package_id)).refusal
            assert (refusal and refusal.code) == said
    with transaction(axis.engine) as connection:
        own = [one.delivery.package_id for one in stayed]
        courses = [d.status_code for d in deliveries_of(connection, own)]
    assert sorted(courses, key=str) == ["06", None, None]
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []


async def test_a_division_in_flight_that_a_person_decides_about_holds_and_shows(
    axis: Installation,
) -> None:
    ticket = await axis.submit(axis.sign(G22, package(document(to=(H14,)))), system="vpcp")
    reorganise(axis, "split", H14, H41, G17, hold="Bà C")
    async with axis.running():
        assert (await axis.verdict(ticket.package_id)).accepted
    assert axis.count("delivery", "state = 'held'") == 1
    assert waiting(axis.engine, "khac") == waiting(axis.engine, "nghean") == []
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_takes_nothing_and_serves_again_when_there_is_room(
    axis_on_postgresql: Installation, small_disk: Path
) -> None:
    axis = replace(axis_on_postgresql, bodies=DiskBodies(small_disk))
    worker = replace(axis.make_worker(), bodies=axis.bodies)
    filler = small_disk / "filler"
    paper = axis.sign(G22, package(document(to=(H14,)), content=b"x" * 200_000))
    async with axis.running(worker):
        filler.write_bytes(b"x" * 900_000)
        with pytest.raises(BodyStoreFullError) as caught:
            await axis.submit(paper, system="vpcp")
        assert caught.value.code == "body.store-unavailable"
        assert not list((small_disk / "incoming").iterdir())
        assert axis.count("package") == 0
        filler.unlink()
        ticket = await axis.submit(paper, system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted


async def test_a_full_queue_of_one_receiver_holds_up_nobody_else(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    queue = system_queue("nghean", Lane.NORMAL)
    async with axis.running():
        first = await axis.submit(axis.sign(G22, package(document(1))), system="vpcp")
        await axis.verdict(first.package_id)
        await until_depth(axis, queue, 1)
        async with connected(axis.settings.amqp.url, name="test") as connection:
            # Unbound, the queue is as good as one that refuses: the notice comes back unroutable.
            channel = await open_channel(connection, confirms=False)
            await channel.queue_unbind(queue, "axis.delivery", routing_key=queue)
        ticket = await axis.submit(
            axis.sign(G22, package(document(2, to=(H41, H14)))), system="vpcp"
        )
        async with asyncio.timeout(120):
            assert (await axis.verdict(ticket.package_id)).accepted
        await until_depth(axis, INTAKE_QUEUE, 0)
    assert [one.delivery.address for one in waiting(axis.engine, "khac")] == [H14]
