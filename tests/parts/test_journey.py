"""Attachments that travel apart, from their sender to their receiver."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from axis.consistency.check import check
from axis.errors import AxisError
from axis.intake.answer import wait_for_verdicts
from axis.ledger.events import Event
from axis.mailbox import confirm, fetch, fetch_part, parts, waiting
from axis.parts.collect import YOUNG_S, collect
from axis.retention.classes import Retention
from axis.retention.hold import hold, lift
from axis.retention.purge import purge
from axis.settings import PartSettings
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.store.packages import PackageRecord
from tests.parts.packages import apart, bring
from tests.relay.installation import Installation
from tests.relay.papers import H14

FILES = {"phụ lục 1.pdf": b"%PDF one" * 1000, "phụ lục 2.pdf": b"%PDF two" * 2000}
TO_KHAC = {"to": (H14,)}
SETTINGS = PartSettings()
DOCUMENTS = (Retention(name="documents", kind="document", accepted=True, days=30),)


def now() -> datetime:
    return datetime.now(UTC)


def late() -> float:
    return time.time() + 2 * YOUNG_S


async def send(axis: Installation, package: bytes, system: str = "vpcp") -> PackageRecord:
    """Hand a package over and wait for the answer to this very handing over."""
    since = now()
    ticket = await axis.submit(package, system=system)
    for _ in range(300):
        found = wait_for_verdicts(axis.engine, [ticket.package_id], timeout_s=0, since=since)
        verdict = found.get(ticket.package_id)
        if verdict is not None and verdict.decided_at >= since:
            return verdict
        await _breathe()
    raise AssertionError("no verdict")


async def _breathe() -> None:
    import asyncio

    await asyncio.sleep(0.05)


def take(axis: Installation, package_id, content_id: str, system: str = "khac") -> bytes:
    delivery_id = delivery_of(axis, package_id, system)
    _, stream = fetch_part(
        axis.engine,
        axis.bodies,
        axis.sealer,
        delivery_id=delivery_id,
        system_id=system,
        content_id=content_id,
        now=now(),
    )
    return b"".join(stream)


def delivery_of(axis: Installation, package_id, system: str = "khac"):
    (found,) = [
        one.delivery.id
        for one in waiting(axis.engine, system)
        if one.delivery.package_id == package_id
    ]
    return found


async def test_what_was_brought_apart_arrives_byte_for_byte(axis: Installation) -> None:
    await bring(axis, *FILES.values())
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    assert answer.accepted
    delivery_id = delivery_of(axis, answer.id)
    listed = parts(axis.engine, delivery_id=delivery_id, system_id="khac")
    assert [(one.name, one.content_type, one.size_bytes) for one in listed] == [
        (name, "text/plain", len(data)) for name, data in FILES.items()
    ]
    for one, data in zip(listed, FILES.values(), strict=True):
        assert one.digest == hashlib.sha256(data).digest()
        assert take(axis, answer.id, one.content_id) == data
    delivery, _ = fetch(
        axis.engine, axis.bodies, axis.sealer, delivery_id=delivery_id, system_id="khac", now=now()
    )
    confirm(axis.engine, axis.sealer, delivery_id=delivery.id, system_id="khac", now=now())
    with transaction(axis.engine) as connection:
        leaves = [one.leaf.decode() for one in entries_of(connection, [answer.id])]
    assert sum(Event.CONTENT_FETCH in leaf for leaf in leaves) == 1  # taking again is no news


async def test_some_may_come_inside_and_some_apart(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    inside, outside = FILES
    await bring(axis, FILES[outside])
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, keep=(inside,), **TO_KHAC))
    assert answer.accepted
    listed = parts(axis.engine, delivery_id=delivery_of(axis, answer.id), system_id="khac")
    assert [one.name for one in listed] == [outside]


async def test_the_same_package_passes_once_its_attachments_have_come(axis: Installation) -> None:
    package = apart(axis, FILES, **TO_KHAC)
    async with axis.running():
        first = await send(axis, package)
        assert first.refusal is not None
        assert first.refusal.code == "attachment.missing"
        one, two = FILES.values()
        await bring(axis, one)
        again = await send(axis, package)
        assert again.refusal is not None
        assert again.refusal.code == "attachment.missing"
        await bring(axis, two)
        last = await send(axis, package)
    assert (last.id, last.accepted, last.refusal) == (first.id, True, None)
    assert len(waiting(axis.engine, "khac")) == 1
    with transaction(axis.engine) as connection:
        leaves = [entry.leaf.decode() for entry in entries_of(connection, [last.id])]
    assert sum(Event.SUBMISSION_REJECTION in leaf for leaf in leaves) == 1
    assert sum(Event.SUBMISSION_ACCEPTANCE in leaf for leaf in leaves) == 1


async def test_a_refusal_for_another_reason_stands(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    package = apart(axis, FILES, to=("000.00.00.XXX",))
    await bring(axis, *FILES.values())
    async with axis.running():
        first = await axis.submit(package, system="vpcp")
        refused = await axis.verdict(first.package_id)
        await axis.submit(package, system="vpcp")
        good = await send(axis, apart(axis, FILES, number=2, **TO_KHAC))
    assert refused.refusal is not None
    assert refused.refusal.code == "recipient.unknown"
    assert good.accepted
    with transaction(axis.engine) as connection:
        assert len(entries_of(connection, [refused.id])) == 1


async def test_what_another_system_brought_does_not_help(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    await bring(axis, *FILES.values(), system="nghean")
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    assert answer.refusal is not None
    assert answer.refusal.code == "attachment.missing"


async def test_other_bytes_under_the_name_do_not_help(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    one, two = FILES.values()
    await bring(axis, one, two + b" changed")
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    assert answer.refusal is not None
    assert answer.refusal.code == "attachment.missing"


async def test_only_the_addressee_can_take_a_part(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    await bring(axis, *FILES.values())
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    delivery_id = delivery_of(axis, answer.id)
    more = {"content_id": "1", "now": now()}
    for system, content_id, code in (
        ("vpcp", "1", "delivery.unknown"),
        ("khac", "3", "part.unknown"),
    ):
        with pytest.raises(AxisError) as caught:
            fetch_part(
                axis.engine,
                axis.bodies,
                axis.sealer,
                delivery_id=delivery_id,
                system_id=system,
                **more | {"content_id": content_id},
            )
        assert caught.value.code == code
    with pytest.raises(AxisError) as caught:
        parts(axis.engine, delivery_id=delivery_id, system_id="vpcp")
    assert caught.value.code == "delivery.unknown"


async def test_a_download_goes_on_where_it_broke_off(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    data = FILES["phụ lục 2.pdf"]
    await bring(axis, *FILES.values())
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    _, rest = fetch_part(
        axis.engine,
        axis.bodies,
        axis.sealer,
        delivery_id=delivery_of(axis, answer.id),
        system_id="khac",
        content_id="2",
        now=now(),
        start=7_000,
    )
    assert b"".join(rest) == data[7_000:]


async def test_a_part_that_changed_in_the_store_is_not_given_out_whole(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    stored, _ = await bring(axis, *FILES.values())
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    axis.bodies.path_of(stored.digest).write_bytes(b"something else")
    with pytest.raises(AxisError) as caught:
        take(axis, answer.id, "1")
    assert caught.value.code == "body.corrupt"


@pytest.mark.parametrize(
    ("deep", "spoil", "what"),
    [
        (False, lambda path, _: path.unlink(), "part-missing"),
        (False, lambda path, _: path.write_bytes(b"shorter"), "part-corrupt"),
        (True, lambda path, _: path.write_bytes(bytes(path.stat().st_size)), "part-corrupt"),
        (True, lambda path, other: path.write_bytes(other.read_bytes()), "part-corrupt"),
    ],
    ids=["missing", "shorter", "changed", "swapped"],
)
async def test_a_part_that_is_missing_or_another_is_found_by_name(
    axis_on_postgresql: Installation, deep: bool, spoil, what: str
) -> None:
    axis = axis_on_postgresql
    one, two = await bring(axis, *FILES.values())
    async with axis.running():
        answer = await send(axis, apart(axis, FILES, **TO_KHAC))
    assert list(check(axis.engine, axis.bodies, axis.sealer, deep=True)) == []
    spoil(axis.bodies.path_of(one.digest), axis.bodies.path_of(two.digest))
    (found,) = check(axis.engine, axis.bodies, axis.sealer, deep=deep)
    assert (found.what, found.invariant) == (what, "I1")
    assert found.name == f"{answer.id} cid:1"


# --- what goes, and when --------------------------------------------------------------------------


def sweep(axis: Installation, *, later: timedelta = timedelta(hours=80)):
    return collect(axis.engine, axis.bodies, SETTINGS, now=now() + later, wall=late)


def files(axis: Installation) -> int:
    return sum(path.is_file() for path in axis.bodies.root.glob("??/??/*"))


async def test_what_no_package_names_goes_after_its_time(axis: Installation) -> None:
    await bring(axis, *FILES.values())
    assert sweep(axis, later=timedelta(hours=70)).removed == 0
    done = sweep(axis)
    assert (done.ended, done.removed, files(axis)) == (2, 2, 0)
    assert axis.count("part") == 0


async def test_bytes_that_two_systems_brought_stay_for_the_other(axis: Installation) -> None:
    one = FILES["phụ lục 1.pdf"]
    await bring(axis, one)
    await bring(axis, one, system="khac")
    with transaction(axis.engine) as connection:
        from axis.store.parts import parts_brought

        later = now() + timedelta(hours=60)
        digest = hashlib.sha256(one).digest()
        parts_brought(connection, "khac", [("sha256", digest)], now=later)
    done = sweep(axis)
    assert (done.ended, done.removed, files(axis), axis.count("part")) == (1, 0, 1, 1)


async def test_a_file_that_came_a_moment_ago_stays_whatever_the_record_says(
    axis: Installation,
) -> None:
    await bring(axis, *FILES.values())
    done = collect(axis.engine, axis.bodies, SETTINGS, now=now() + timedelta(hours=80))
    assert (done.ended, done.removed, files(axis)) == (2, 0, 2)
    await bring(axis, *FILES.values())  # and bringing it again takes the mark away
    assert axis.count("part", "ended_at is null") == 2


async def test_a_part_goes_with_the_last_package_that_names_it(axis: Installation) -> None:
    await bring(axis, *FILES.values())
    async with axis.running():
        first = await send(axis, apart(axis, FILES, number=1, **TO_KHAC))
        second = await send(axis, apart(axis, FILES, number=2, **TO_KHAC))
    assert first.accepted
    assert second.accepted
    finish(axis, first)
    run(axis, later=timedelta(days=40))
    assert axis.count("body_purge") == 1
    assert files(axis) == 3  # the second envelope and its two parts
    with pytest.raises(AxisError) as caught:
        take_anyway(axis, first)
    assert caught.value.code == "delivery.purged"
    finish(axis, second)
    hold(axis.engine, axis.sealer, str(second.id), who="a", why="b", now=now())
    run(axis, later=timedelta(days=80))
    assert files(axis) == 3
    lift(axis.engine, axis.sealer, str(second.id), who="a", why="b", now=now())
    run(axis, later=timedelta(days=80))
    assert files(axis) == 0


def run(axis: Installation, *, later: timedelta) -> None:
    at = now() + later
    purge(axis.engine, axis.bodies, axis.sealer, DOCUMENTS, now=at, wall=late)
    collect(axis.engine, axis.bodies, SETTINGS, now=at, wall=late)


def finish(axis: Installation, package: PackageRecord) -> None:
    delivery_id = delivery_of(axis, package.id)
    at = {"delivery_id": delivery_id, "system_id": "khac", "now": now()}
    fetch(axis.engine, axis.bodies, axis.sealer, **at)
    confirm(axis.engine, axis.sealer, **at)


def take_anyway(axis: Installation, package: PackageRecord) -> None:
    from axis.store.deliveries import deliveries_of

    with transaction(axis.engine) as connection:
        (delivery,) = deliveries_of(connection, [package.id])
    fetch_part(
        axis.engine,
        axis.bodies,
        axis.sealer,
        delivery_id=replace(delivery).id,
        system_id="khac",
        content_id="1",
        now=now(),
    )


def test_uploads_that_rest_too_long_go(axis: Installation) -> None:
    from axis.parts import create_upload

    create_upload(axis.engine, axis.bodies, system_id="vpcp", settings=SETTINGS, now=now())
    assert sweep(axis, later=timedelta(hours=70)).uploads == 0
    assert sweep(axis).uploads == 1
    assert axis.count("part_upload") == 0
    assert not list((axis.bodies.root / "uploads").iterdir())
