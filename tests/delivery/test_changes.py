"""A recall, an update and a replacement find what they are about, and only the sender's."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid5

import pytest
from msgspec import structs

from axis.delivery.changes import NOTHING, Plan, named_in, plan_change
from axis.delivery.course import Kind
from axis.delivery.statuses import Addressed
from axis.envelope.values import (
    Business,
    BusinessType,
    DocumentEnvelope,
    DocumentId,
    OrganId,
    Receiver,
    ReceiverType,
    Replacement,
    ResponseFor,
)
from axis.errors import AxisError
from tests.relay.papers import document

OLD, OTHER = DocumentId("old"), DocumentId("other")


def sent(
    address: str, *, document_id: str = OLD, by: str = "g22", package: str = "first", business=0
) -> Addressed:
    package_id = uuid5(UUID(int=3), f"{document_id} {package}")
    return Addressed(
        package_id=package_id,
        delivery_id=uuid5(package_id, address),
        document_id=document_id,
        sender_office=by,
        business_type=business,
        office_id=f"office of {address}",
        address=address,
        type="document",
    )


def change(kind: BusinessType, *, to=("H41", "H14"), answers=(), **business) -> DocumentEnvelope:
    return structs.replace(
        document(to=to),
        document_id=DocumentId("own"),
        business=Business(doc_type=kind, **business),
        response_for=tuple(ResponseFor(document_id=one) for one in answers),
    )


def plan(envelope: DocumentEnvelope, *known: Addressed, offices=()) -> Plan:
    by_id: dict[str, list[Addressed]] = {}
    for one in known:
        by_id.setdefault(one.document_id, []).append(one)
    return plan_change(envelope, sender_office="g22", offices=offices, known=by_id)


def concerned(plan: Plan) -> dict[str, str]:
    return {asked.target.address: asked.kind.value for asked in plan.asked}


def test_a_recall_concerns_the_receivers_that_it_is_sent_to() -> None:
    recall = change(BusinessType.RECALL, document_id=OLD, to=("H41", "H14"))
    found = plan(recall, sent("H41"), sent("H14"), sent("H99"))
    assert concerned(found) == {"H41": "recall", "H14": "recall"}


def test_a_recall_follows_a_receiver_whose_code_has_changed() -> None:
    recall = change(BusinessType.RECALL, document_id=OLD, to=("H41-new",))
    assert concerned(plan(recall, sent("H41"), offices={"office of H41"})) == {"H41": "recall"}


def test_a_recall_reaches_the_delivery_that_stands_in_for_another() -> None:
    first = sent("H41")
    instead = replace(sent("H50"), redirect_of=first.delivery_id)
    recall = change(BusinessType.RECALL, document_id=OLD, to=("H41",))
    assert set(concerned(plan(recall, first, instead))) == {"H41", "H50"}


def test_a_recall_of_a_recall_is_none() -> None:
    recall = change(BusinessType.RECALL, document_id=OLD)
    earlier = sent("H41", package="recall", business=1)
    assert concerned(plan(recall, sent("H41"), earlier)) == {"H41": "recall"}
    with pytest.raises(AxisError) as caught:
        plan(recall, earlier)
    assert caught.value.code == "change.not-sender"


@pytest.mark.parametrize(
    ("named", "answers", "known", "target"),
    [
        (OLD, (), (sent("H41"),), OLD),
        (OLD, (OTHER,), (sent("H41"), sent("H41", document_id=OTHER)), OLD),
        (OLD, (OTHER,), (sent("H41", document_id=OTHER),), OTHER),
        (None, (OTHER,), (sent("H41", document_id=OTHER),), OTHER),
        (None, (OTHER,), (sent("H41", document_id="own"),), "own"),
        (OLD, (), (sent("H41", document_id="own"),), "own"),
        (None, (OTHER,), (sent("H41", document_id=OTHER, by="h14"),), None),
        (OLD, (), (sent("H41", document_id="own", by="h14"),), None),
        (OLD, (), (), None),
        (None, (), (), None),
    ],
)
def test_a_target_is_named_or_answered_or_the_documents_own(
    named: DocumentId | None, answers: tuple, known: tuple[Addressed, ...], target: str | None
) -> None:
    found = plan(change(BusinessType.RECALL, document_id=named, answers=answers), *known)
    if target is None:
        assert found == NOTHING
    else:
        assert {asked.target.document_id for asked in found.asked} == {target}


@pytest.mark.parametrize("kind", [BusinessType.RECALL, BusinessType.UPDATE])
@pytest.mark.parametrize(
    ("named", "known"),
    [
        (OLD, sent("H41", by="h14")),
        (None, sent("H41", document_id="own", by="h14")),
    ],
)
def test_somebody_elses_document_is_neither_recalled_nor_updated(
    kind: BusinessType, named: DocumentId | None, known: Addressed
) -> None:
    with pytest.raises(AxisError) as caught:
        plan(change(kind, document_id=named), known)
    assert caught.value.code == "change.not-sender"


def test_a_name_that_another_office_took_first_changes_nothing_of_its_document() -> None:
    recall = change(BusinessType.RECALL)
    name = DocumentId(f"{recall.sender.organ_id},2015/09/30,7816/VPCP-TTĐT")
    assert plan(
        structs.replace(recall, document_id=name), sent("H41", document_id=name, by="h14")
    ) == (NOTHING)


def test_an_update_adds_and_removes_receivers_and_asks_the_others() -> None:
    update = change(
        BusinessType.UPDATE,
        document_id=OLD,
        to=("H41", "H14", "H77"),
        receivers=(
            Receiver(organ_id=OrganId("H14"), receiver_type=ReceiverType.REMOVED),
            Receiver(organ_id=OrganId("H77"), receiver_type=ReceiverType.ADDED),
            Receiver(organ_id=OrganId("H41"), receiver_type=ReceiverType.ADDED),
        ),
    )
    original = sent("H41")
    found = plan(update, original, sent("H14"))
    assert concerned(found) == {"H14": "removal", "H41": "update"}
    assert [(one.package_id, code) for one, code in found.added] == [(original.package_id, "H77")]


def test_who_was_taken_off_and_is_added_again_gets_the_version_of_now() -> None:
    gone, there = sent("H14"), sent("H41")
    update = change(
        BusinessType.UPDATE,
        to=("H41",),
        document_id=OLD,
        receivers=(
            Receiver(organ_id=OrganId("H14"), receiver_type=ReceiverType.ADDED),
            Receiver(organ_id=OrganId("H41"), receiver_type=ReceiverType.ADDED),
            Receiver(organ_id=OrganId("G17"), receiver_type=ReceiverType.ADDED),
        ),
    )
    found = plan_change(
        update,
        sender_office="g22",
        offices=(),
        known={OLD: [gone, there]},
        taken_off={gone.delivery_id},
    )
    assert found.back == ("H14",)
    assert found.added == ((there, "G17"),)
    assert concerned(found) == {"H41": "update"}


@pytest.mark.parametrize("kind", [BusinessType.RECALL, BusinessType.UPDATE, BusinessType.REPLACE])
def test_an_heir_speaks_for_the_office_that_ended_and_nobody_else_does(kind: BusinessType) -> None:
    named = {"replacements": (Replacement(document_id=OLD),)}
    envelope = change(kind, **(named if kind is BusinessType.REPLACE else {"document_id": OLD}))
    theirs = {OLD: [sent("H41", by="ended")]}
    facts = {"offices": (), "known": theirs}
    found = plan_change(envelope, sender_office="heir", heir_of={"ended"}, **facts)
    assert [asked.target.address for asked in found.asked] == ["H41"]
    with pytest.raises(AxisError) as caught:
        plan_change(envelope, sender_office="other", heir_of={"something else"}, **facts)
    assert caught.value.code == "change.not-sender"


def test_a_replacement_concerns_whom_it_names_of_each_document() -> None:
    replacement = change(
        BusinessType.REPLACE,
        replacements=(
            Replacement(document_id=OLD, organ_ids=(OrganId("H41"),)),
            Replacement(document_id=OTHER),
            Replacement(document_id=DocumentId("never seen")),
        ),
    )
    found = plan(
        replacement,
        sent("H41"),
        sent("H14"),
        sent("H41", document_id=OTHER),
        sent("H14", document_id=OTHER),
    )
    assert [(a.target.document_id, a.target.address, a.kind) for a in found.asked] == [
        (OLD, "H41", Kind.REPLACE),
        (OTHER, "H41", Kind.REPLACE),
        (OTHER, "H14", Kind.REPLACE),
    ]


def test_somebody_elses_document_is_not_replaced() -> None:
    replacement = change(BusinessType.REPLACE, replacements=(Replacement(document_id=OLD),))
    with pytest.raises(AxisError) as caught:
        plan(replacement, sent("H41", by="h14"))
    assert caught.value.code == "change.not-sender"


def test_every_name_that_may_be_meant_is_looked_up() -> None:
    update = change(BusinessType.UPDATE, document_id=OLD, answers=(OTHER, None))
    assert named_in(update) == ("own", OLD, OTHER)
