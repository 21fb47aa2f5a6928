"""The sample packages that ship with today's client go through, signed, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from axis.envelope.package import parse
from axis.envelope.values import DocumentEnvelope
from axis.errors import AxisError
from axis.mailbox import confirm, fetch, waiting
from axis.trace.gather import gather
from axis.trace.timeline import tell
from tests.relay.installation import SYSTEM_OF, SYSTEMS, Installation

#: Documents first, then what offices say about them, as it happens in life.
ORDER = (
    "edoc_new",
    "edoc_revocation",
    "edoc_update",
    "edoc_replacement",
    "status",
    "status_inbox_01",
    "status_acceptance_03",
    "status_assignment_04",
    "status_processing_05",
    "status_finish_06",
    "status_rejection_02",
    "status_cancellation_13",
    "status_change-acceptance_15",
    "status_change-rejection_16",
)
#: Statuses that contradict the course above are refused with their reason.
CONTRADICT: dict[str, str] = {"status_change-rejection_16": "status.answered-before"}


async def test_every_well_formed_sample_is_sent_delivered_and_traced(
    axis: Installation, shared: Path
) -> None:
    folder = shared / "data" / "edxml"
    readable = {path.stem for path in folder.glob("*.edxml")} - {"edoc"}
    assert readable == set(ORDER)
    sent: dict[str, bytes] = {}
    async with axis.running():
        for stem in ORDER:
            package = (folder / f"{stem}.edxml").read_bytes()
            sender = parse(package).envelope.sender.organ_id
            signed = axis.sign(sender, package)
            ticket = await axis.submit(signed, system=SYSTEM_OF[sender])
            answer = await axis.verdict(ticket.package_id)
            if stem in CONTRADICT:
                assert answer.refusal is not None
                assert answer.refusal.code == CONTRADICT[stem]
                continue
            assert answer.accepted, (stem, answer.refusal)
            sent[stem] = signed
    received = [body for system in SYSTEMS for body in take_all(axis, system)]
    expected = [body for body in sent.values() for _ in range(receivers(body))]
    assert sorted(map(digest, received)) == sorted(map(digest, expected))
    story = gather(axis.engine, "7816/VPCP-TTĐT")
    chapters = tell(story, lang="vi", name_of=lambda code: code)
    assert len(chapters) == len(ORDER)
    lines = [line.text for chapter in chapters for line in chapter.lines]
    assert "000.00.00.H41 báo 03, đã tiếp nhận, vào sổ" in lines
    assert "hệ thống của 000.00.00.H14 xác nhận đã nhận" in lines


def test_the_sample_that_no_parser_takes_is_refused_with_its_place(shared: Path) -> None:
    with pytest.raises(AxisError) as caught:
        parse((shared / "data" / "edxml" / "edoc.edxml").read_bytes())
    assert caught.value.code == "envelope.comment"
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.xpath) == (4, "/edXML/edXMLEnvelope")


def take_all(axis: Installation, system: str) -> list[bytes]:
    bodies = []
    for one in waiting(axis.engine, system, limit=1000):
        _, body = fetch(
            axis.engine,
            axis.bodies,
            axis.sealer,
            delivery_id=one.delivery.id,
            system_id=system,
            now=datetime.now(UTC),
        )
        confirm(
            axis.engine,
            axis.sealer,
            delivery_id=one.delivery.id,
            system_id=system,
            now=datetime.now(UTC),
        )
        bodies.append(body)
    return bodies


def receivers(body: bytes) -> int:
    envelope = parse(body).envelope
    return len(envelope.recipients) if isinstance(envelope, DocumentEnvelope) else 1


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


async def test_a_refused_recall_is_delivered_where_it_is_the_answer(
    axis_on_postgresql: Installation, shared: Path
) -> None:
    axis = axis_on_postgresql
    folder = shared / "data" / "edxml"
    async with axis.running():
        for stem in ("edoc_replacement", "status_cancellation_13", "status_change-rejection_16"):
            package = (folder / f"{stem}.edxml").read_bytes()
            sender = parse(package).envelope.sender.organ_id
            signed = axis.sign(sender, package)
            ticket = await axis.submit(signed, system=SYSTEM_OF[sender])
            assert (await axis.verdict(ticket.package_id)).accepted, stem
            if stem == "edoc_replacement":
                take_all(axis, "nghean")
    assert take_all(axis, "vpcp") == [signed]
