"""Recalls, updates, replacements and statuses act: on the records, in the ledger, at the door."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from axis.consistency.check import check
from axis.delivery.course import Kind, Outcome
from axis.delivery.states import State
from axis.directory.acts import Act, Successor
from axis.directory.succession import plan_reorganisation
from axis.directory.values import SuccessionKind, micros
from axis.envelope.values import (
    Business,
    BusinessType,
    DocumentEnvelope,
    DocumentId,
    OrganId,
    Receiver,
    ReceiverType,
    Replacement,
    StatusCode,
)
from axis.errors import AxisError
from axis.ledger.events import Event
from axis.mailbox import confirm, fetch, refuse, waiting
from axis.store.deliveries import DeliveryRecord, deliveries_of
from axis.store.directory_changes import change_directory
from axis.store.engine import transaction
from axis.store.ledger import entries_of
from axis.store.packages import PackageRecord
from axis.store.requests import requests_among
from axis.trace.gather import gather
from axis.trace.timeline import tell
from tests.relay.installation import SYSTEM_OF, Installation
from tests.relay.papers import G22, H14, H41, document, package, status

G17 = "000.00.00.G17"
AWAY = "000.09.09.H41"


def now() -> datetime:
    return datetime.now(UTC)


async def send(axis: Installation, envelope: DocumentEnvelope) -> PackageRecord:
    code = envelope.sender.organ_id
    ticket = await axis.submit(axis.sign(code, package(envelope)), system=SYSTEM_OF[code])
    return await axis.verdict(ticket.package_id)


async def report(
    axis: Installation, code: str, about: DocumentEnvelope, *, by: str = H41, to: str = G22
) -> PackageRecord:
    signed = axis.sign(by, status(StatusCode(code), about, reporter=by, target=to))
    ticket = await axis.submit(signed, system=SYSTEM_OF[by])
    return await axis.verdict(ticket.package_id)


def deliveries(axis: Installation, *packages: PackageRecord) -> dict[str, DeliveryRecord]:
    with transaction(axis.engine) as connection:
        found = deliveries_of(connection, [one.id for one in packages])
    return {one.address: one for one in found}


def states(axis: Installation, *packages: PackageRecord) -> dict[str, str]:
    return {
        address: State.ROUTED.value if one.state is State.OFFERED else one.state.value
        for address, one in deliveries(axis, *packages).items()
    }


def outcomes(axis: Installation, paper: PackageRecord) -> set[tuple[str, Kind, Outcome]]:
    with transaction(axis.engine) as connection:
        requests = requests_among(connection, [paper.id])
        addresses = {
            one.id: one.address
            for one in deliveries_of(connection, [r.target_package_id for r in requests])
        }
    return {(addresses[r.delivery_id], r.kind, r.outcome) for r in requests}


def take(axis: Installation, delivery: DeliveryRecord, *, keep: bool = True) -> None:
    facts = {"delivery_id": delivery.id, "system_id": delivery.system_id, "now": now()}
    fetch(axis.engine, axis.bodies, axis.sealer, **facts)
    if keep:
        confirm(axis.engine, axis.sealer, **facts)


def events(axis: Installation, package_id: UUID) -> list[str]:
    with transaction(axis.engine) as connection:
        leaves = [entry.leaf.decode() for entry in entries_of(connection, [package_id])]
    return [event.name for leaf in leaves for event in Event if f'"{event.value}"' in leaf]


def change(
    kind: BusinessType, about: DocumentEnvelope, *, number: int = 99, to=(), **business
) -> DocumentEnvelope:
    recipients = tuple(one.organ_id for one in about.recipients)
    return replace(
        document(number, to=to or recipients, sender=about.sender.organ_id),
        business=Business(doc_type=kind, document_id=about.document_id, **business),
    )


async def test_a_recalled_document_is_never_given_out_to_who_has_not_taken_it(
    axis: Installation,
) -> None:
    paper = document(to=(H41, H14, G17, AWAY))
    async with axis.running():
        sent = await send(axis, paper)
        before = deliveries(axis, sent)
        take(axis, before[H14])
        recall = await send(axis, change(BusinessType.RECALL, paper))
        assert recall.accepted
        assert states(axis, sent) == {
            H41: "recalled",
            H14: "confirmed",
            G17: "recalled",
            AWAY: "recalled",
        }
        assert outcomes(axis, recall) == {
            (H41, Kind.RECALL, Outcome.STOPPED),
            (H14, Kind.RECALL, Outcome.PENDING),
            (G17, Kind.RECALL, Outcome.STOPPED),
            (AWAY, Kind.RECALL, Outcome.STOPPED),
        }
        for address in (H41, G17):
            with pytest.raises(AxisError) as caught:
                take(axis, before[address])
            assert caught.value.code == "delivery.over"
        assert (await report(axis, "15", paper, by=H14)).accepted
        assert (H14, Kind.RECALL, Outcome.AGREED) in outcomes(axis, recall)
        answer = await report(axis, "16", paper, by=H14)
        assert answer.refusal is not None
        assert answer.refusal.code == "status.answered-before"
    assert events(axis, sent.id).count("CONSIGNMENT_RECALLED") == 3
    assert events(axis, sent.id).count("CHANGE_REQUEST") == 1
    assert {w.delivery.package_id for w in waiting(axis.engine, "khac")} == {recall.id}


async def test_a_recall_that_comes_a_moment_after_its_document_stops_it(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    paper = document(to=(H41, H14))
    packages = [package(paper), package(change(BusinessType.RECALL, paper))]
    tickets = await axis.submit_all([axis.sign(G22, one) for one in packages], system="vpcp")
    async with axis.running():
        sent, recall = [await axis.verdict(ticket.package_id) for ticket in tickets]
    assert states(axis, sent) == {H41: "recalled", H14: "recalled"}
    assert states(axis, recall) == {H41: "routed", H14: "routed"}


async def test_somebody_elses_document_is_not_recalled(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    paper = document(to=(H14,))
    async with axis.running():
        sent = await send(axis, paper)
        theirs = replace(
            change(BusinessType.RECALL, paper),
            sender=replace(paper.sender, organ_id=OrganId(H41)),
        )
        answer = await send(axis, theirs)
        assert answer.refusal is not None
        assert answer.refusal.code == "change.not-sender"
        answer = await report(axis, "13", paper, by=H41, to=H14)
        assert answer.refusal is not None
        assert answer.refusal.code == "status.not-sender"
    assert states(axis, sent) == {H14: "routed"}


async def test_a_status_13_asks_one_receiver_before_and_after_it_has_completed(
    axis: Installation,
) -> None:
    paper = document(to=(H41, H14))
    async with axis.running():
        sent = await send(axis, paper)
        take(axis, deliveries(axis, sent)[H41])
        for code in ("03", "06"):
            assert (await report(axis, code, paper)).accepted
        assert deliveries(axis, sent)[H41].status_code == "06"
        asks = await report(axis, "13", paper, by=G22, to=H41)
        assert asks.accepted
        assert outcomes(axis, asks) == {(H41, Kind.TAKE_BACK, Outcome.PENDING)}
        assert (await report(axis, "16", paper)).accepted
        assert outcomes(axis, asks) == {(H41, Kind.TAKE_BACK, Outcome.REFUSED)}
        again = await report(axis, "13", paper, by=G22, to=H14)
        assert outcomes(axis, again) == {(H14, Kind.TAKE_BACK, Outcome.STOPPED)}
    assert states(axis, sent) == {H41: "confirmed", H14: "recalled"}
    assert deliveries(axis, sent)[H41].status_code == "06"


async def test_an_update_adds_and_removes_receivers(axis: Installation) -> None:
    paper = document(to=(H41, H14))
    update = change(
        BusinessType.UPDATE,
        paper,
        to=(H41,),
        receivers=(
            Receiver(organ_id=OrganId(H14), receiver_type=ReceiverType.REMOVED),
            Receiver(organ_id=OrganId(G17), receiver_type=ReceiverType.ADDED),
            Receiver(organ_id=OrganId(AWAY), receiver_type=ReceiverType.ADDED),
        ),
    )
    async with axis.running():
        sent = await send(axis, paper)
        changed = await send(axis, update)
    assert states(axis, sent) == {H41: "routed", H14: "recalled", G17: "routed", AWAY: "held"}
    assert outcomes(axis, changed) == {
        (H41, Kind.UPDATE, Outcome.PENDING),
        (H14, Kind.REMOVAL, Outcome.STOPPED),
    }
    take(axis, deliveries(axis, sent)[G17])
    assert events(axis, sent.id).count("CONTENT_CONSIGNMENT") == 3


@pytest.mark.parametrize("had_it", [False, True])
async def test_who_is_taken_off_and_added_again_gets_the_version_of_now(
    axis: Installation, had_it: bool
) -> None:
    paper = document(to=(H41, H14))

    def listed(number: int, kind: ReceiverType) -> DocumentEnvelope:
        listing = (Receiver(organ_id=OrganId(H14), receiver_type=kind),)
        return change(BusinessType.UPDATE, paper, number=number, to=(H41,), receivers=listing)

    async with axis.running():
        sent = await send(axis, paper)
        if had_it:
            take(axis, deliveries(axis, sent)[H14])
        await send(axis, listed(98, ReceiverType.REMOVED))
        now_version = await send(axis, listed(99, ReceiverType.ADDED))
    assert states(axis, sent)[H14] == ("confirmed" if had_it else "recalled")
    assert states(axis, now_version) == {H41: "routed", H14: "routed"}
    back = deliveries(axis, now_version)[H14]
    assert (back.position, back.fetched_at, back.confirmed_at) == (1, None, None)
    take(axis, back)
    assert list(check(axis.engine, axis.bodies, axis.sealer)) == []


async def test_an_heir_recalls_what_the_office_before_it_sent_and_others_do_not(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    paper = document(sender=H14, to=(G17,))
    async with axis.running():
        sent = await send(axis, paper)
        act = Act(
            kind=SuccessionKind.MERGE,
            old=(H14,),
            at=micros(now()),
            legal_basis="NQ 1/2026",
            new=(Successor(code=H41),),
        )
        change_directory(
            axis.engine,
            lambda directory: plan_reorganisation(directory, [act], source="test"),
            kind="succession",
            by="test",
            at=now(),
        )
        stranger = replace(
            change(BusinessType.RECALL, paper),
            sender=replace(paper.sender, organ_id=OrganId(G22)),
        )
        answer = await send(axis, stranger)
        assert answer.refusal is not None
        assert answer.refusal.code == "change.not-sender"
        answer = await report(axis, "13", paper, by=G22, to=G17)
        assert answer.refusal is not None
        assert answer.refusal.code == "status.not-sender"
        heir = replace(stranger, sender=replace(paper.sender, organ_id=OrganId(H41)))
        assert (await send(axis, heir)).accepted
    assert states(axis, sent) == {G17: "recalled"}


async def test_an_update_for_a_receiver_that_nobody_knows_is_refused(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    paper = document(to=(H14,))
    added = Receiver(organ_id=OrganId("000.00.00.X99"), receiver_type=ReceiverType.ADDED)
    async with axis.running():
        sent = await send(axis, paper)
        answer = await send(axis, change(BusinessType.UPDATE, paper, receivers=(added,)))
    assert answer.refusal is not None
    assert answer.refusal.code == "recipient.unknown"
    assert states(axis, sent) == {H14: "routed"}


async def test_a_replacement_asks_and_the_story_shows_the_whole_family(
    axis: Installation,
) -> None:
    first, second = document(1, to=(H41,)), document(2, to=(H41,))
    third = replace(
        document(3, to=(H41,)),
        business=Business(
            doc_type=BusinessType.REPLACE,
            replacements=(Replacement(document_id=DocumentId(second.document_id)),),
        ),
    )
    second = replace(
        second,
        business=Business(
            doc_type=BusinessType.REPLACE,
            replacements=(Replacement(document_id=DocumentId(first.document_id)),),
        ),
    )
    async with axis.running():
        sent = [await send(axis, one) for one in (first, second, third)]
        assert outcomes(axis, sent[2]) == {(H41, Kind.REPLACE, Outcome.PENDING)}
        assert (await report(axis, "15", second)).accepted
        assert outcomes(axis, sent[2]) == {(H41, Kind.REPLACE, Outcome.AGREED)}
        assert outcomes(axis, sent[0]) == {(H41, Kind.REPLACE, Outcome.PENDING)}
    story = gather(axis.engine, "1/VPCP-TTĐT")
    assert {one.id for one in sent} <= {one.id for one in story.packages}
    lines = [line.text for chapter in tell(story, lang="en", name_of=str) for line in chapter.lines]
    assert f"{H41} is asked: replacement" in lines


async def test_an_answer_that_nobody_asked_for_is_refused(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    paper = document(to=(H41,))
    async with axis.running():
        await send(axis, paper)
        for code, expected in (
            ("15", "status.no-request"),
            ("05", "status.before-registration"),
            ("02", None),
            ("03", "status.refused-before"),
            ("01", None),
        ):
            answer = await report(axis, code, paper)
            assert (answer.refusal.code if answer.refusal else None) == expected


async def test_a_status_on_what_was_recalled_is_refused(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    paper = document(to=(H41,))
    async with axis.running():
        await send(axis, paper)
        await send(axis, change(BusinessType.RECALL, paper))
        answer = await report(axis, "03", paper)
    assert answer.refusal is not None
    assert answer.refusal.code == "status.never-given"


async def test_a_system_that_cannot_take_a_package_says_so_once(axis: Installation) -> None:
    paper = document(to=(H14,))
    async with axis.running():
        sent = await send(axis, paper)
    delivery = deliveries(axis, sent)[H14]
    facts = {"delivery_id": delivery.id, "system_id": "khac", "why": "hỏng", "now": now()}
    for _ in range(2):
        assert refuse(axis.engine, axis.sealer, **facts).state is State.REFUSED
    with pytest.raises(AxisError) as caught:
        take(axis, delivery)
    assert caught.value.code == "delivery.over"
    assert events(axis, sent.id).count("CONTENT_HANDOVER_FAILURE") == 1
    assert deliveries(axis, sent)[H14].held_reason == "refused-by-system"


async def test_contradictory_statuses_in_one_batch_get_one_yes_and_one_no(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    paper = document(to=(H41,))
    async with axis.running():
        await send(axis, paper)
    codes = (StatusCode.REGISTERED, StatusCode.REFUSED)
    signed = [axis.sign(H41, status(code, paper, reporter=H41, target=G22)) for code in codes]
    tickets = await axis.submit_all(signed, system="nghean")
    async with axis.running():
        answers = [await axis.verdict(ticket.package_id) for ticket in tickets]
    assert [answer.accepted for answer in answers] == [True, False]
    assert answers[1].refusal is not None
    assert answers[1].refusal.code == "status.registered-before"
