"""What was written to another office, and is ours by the axis's ledger: it is in ``inbox``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.client.vouched import instead_of
from adapters.folder.spool import Job
from axis.directory.acts import Act as Merging
from axis.directory.acts import Successor
from axis.directory.succession import plan_reorganisation
from axis.directory.values import SuccessionKind, micros
from axis.dispatch.acts import Act, Order, perform
from axis.ledger.entry import Leaf
from axis.ledger.events import Event
from axis.ledger.receipt import VerifiedReceipt
from axis.store.directory_changes import change_directory
from tests.client.running import Running
from tests.folder.office import Office, open_office
from tests.folder.test_journey import is_done, jobs
from tests.relay.papers import H14, H41, document, package

G17 = "000.00.00.G17"


def send(sender: Office, to: str, number: int) -> Job:
    sender.drop(f"{number}.edxml", package(document(number, to=(to,))))
    sender.send(until=lambda: len(sender.names("sent")) == 1 and not sender.names("outbox"))
    return next(job for job in jobs(sender) if job.name == str(number))


def note_in(folder: Path) -> str:
    lines = (folder / "thong-tin.txt").read_text(encoding="utf-8-sig").splitlines()
    return next(line for line in lines if line.startswith("LƯU Ý"))


def all_sent(office: Office) -> Callable[[], bool]:
    return lambda: all(job.state == "done" for job in jobs(office))


def test_what_an_administrator_redirects_to_us_is_shown_with_a_note(
    tmp_path: Path, world: Running, sender: Office, receiver: Office
) -> None:
    other = open_office(tmp_path / "khac", world, H14, "khac")
    send(sender, H41, 7)
    axis = world.axis
    with sender.world.client("vpcp") as client:
        (sent,) = client.sent()
    first = sent.recipients[0].delivery_id
    order = Order(act=Act.REDIRECT, who="an", why="gửi nhầm, QĐ 12", to=H14)
    done = perform(
        axis.engine,
        axis.sealer,
        order,
        [first],
        chosen={},
        act_id=uuid4(),
        now=datetime.now(UTC),
    )
    assert not done.refused

    other.take(until=lambda: is_done(other))
    came = other.only("inbox")
    assert not other.names("suspect")
    assert all(part in note_in(came) for part in (H41, H14, "chuyển", "gửi nhầm, QĐ 12"))
    assert len(list(came.glob("*ConsignmentRedirected.tlog-proof"))) == 1
    # 01 goes back in our own name, and the axis takes it.
    other.send(until=all_sent(other))
    assert [(job.name, job.told) for job in jobs(other)] == [("01", None)]


def test_what_is_for_the_office_that_ours_succeeds_is_shown_with_a_note(
    tmp_path: Path, world: Running, sender: Office
) -> None:
    now = datetime.now(UTC)
    merged = Merging(
        kind=SuccessionKind.MERGE,
        old=(G17,),
        new=(Successor(code=H14),),
        at=micros(now),
        legal_basis="QĐ 1",
    )
    change_directory(
        world.axis.engine,
        lambda directory: plan_reorganisation(directory, [merged], source="test"),
        kind="merge",
        by="test",
        at=now,
    )
    heir = open_office(tmp_path / "khac", world, H14, "khac")
    send(sender, G17, 8)
    heir.take(until=lambda: is_done(heir))
    came = heir.only("inbox")
    assert not heir.names("suspect")
    assert all(part in note_in(came) for part in (G17, H14, "tiếp nhận thay"))
    heir.send(until=all_sent(heir))
    assert [(job.name, job.told) for job in jobs(heir)] == [("01", None)]


ADDRESSED, TO, SERVED = "H1", "H2", "H3"
DELIVERY = UUID(int=1)


def entry(event: Event, delivery: int, **values: str) -> VerifiedReceipt:
    leaf = Leaf(event=event.value, id="-", time="2026-11-22T00:00:00.000Z", v=1)
    return VerifiedReceipt(
        leaf=leaf,
        values={"delivery": str(UUID(int=delivery)), **values},
        index=0,
        signed=None,  # type: ignore[arg-type]
    )


REDIRECTED = entry(Event.CONSIGNMENT_REDIRECTED, 2, to=ADDRESSED, served=TO, who="an")
AGAIN = entry(Event.CONSIGNMENT_REDIRECTED, 3, to=TO, served=SERVED, who="an")
HEIR = entry(Event.CONTENT_CONSIGNMENT, 1, to=ADDRESSED, served=SERVED)


@pytest.mark.parametrize(
    ("address", "receipts", "written"),
    [
        (ADDRESSED, [HEIR], ADDRESSED),
        (TO, [REDIRECTED], ADDRESSED),
        (SERVED, [AGAIN, REDIRECTED], ADDRESSED),
        # A step is missing, is about another delivery, or leads in a circle.
        (ADDRESSED, [], None),
        (ADDRESSED, [entry(Event.CONTENT_CONSIGNMENT, 9, to=ADDRESSED, served=SERVED)], None),
        (ADDRESSED, [entry(Event.CONTENT_CONSIGNMENT, 1, to=ADDRESSED, served="H9")], None),
        (SERVED, [AGAIN], None),
        (TO, [entry(Event.CONSIGNMENT_REDIRECTED, 2, to=TO, served=TO, who="an")], None),
        (TO, [entry(Event.CONTENT_CONSIGNMENT, 1, to=ADDRESSED, served=TO)], None),
    ],
)
def test_only_a_way_that_the_ledger_has_step_by_step_counts(
    address: str, receipts: list[VerifiedReceipt], written: str | None
) -> None:
    offices = {TO, SERVED}
    found = instead_of(
        receipts, delivery_id=DELIVERY, address=address, named=[ADDRESSED], offices=offices
    )
    assert (found.written if found else None) == written
