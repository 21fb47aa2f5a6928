"""A status finds the one delivery that it is about, or is refused with the reason."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest

from axis.delivery.course import Effect, Kind, Outcome, Request
from axis.delivery.states import State
from axis.delivery.statuses import Addressed, Meaning, relate
from axis.errors import AxisError

NAMESPACE = UUID(int=7)
DOCUMENT = "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"


def addressed(
    office: str,
    *,
    sender: str = "g22",
    package: str = "first",
    status: str | None = None,
    business: int = 0,
    state: State = State.CONFIRMED,
) -> Addressed:
    package_id = uuid5(NAMESPACE, package)
    return Addressed(
        package_id=package_id,
        delivery_id=uuid5(package_id, office),
        document_id=DOCUMENT,
        sender_office=sender,
        business_type=business,
        office_id=office,
        address=office.upper(),
        type="document",
        state=state,
        status_code=status,
    )


def about(
    status: str,
    reporter: str,
    target: str | None,
    *deliveries: Addressed,
    requests: tuple[Request, ...] = (),
    heir_of: tuple[str, ...] = (),
) -> Meaning:
    return relate(
        status_code=status,
        document_id=DOCUMENT,
        reporter=reporter,
        reporter_office=reporter,
        target_office=target,
        deliveries=deliveries,
        requests=dict.fromkeys((reporter, *heir_of), requests),
        heir_of=heir_of,
    )


@pytest.mark.parametrize("status", ["01", "02", "03"])
def test_an_addressee_reports_on_its_own_delivery(status: str) -> None:
    own = addressed("h41")
    meaning = about(status, "h41", "g22", addressed("h14"), own)
    assert (meaning.delivery_id, meaning.effect) == (own.delivery_id, Effect.ADVANCE)


def test_the_sender_asks_one_addressee_for_its_document_back() -> None:
    asked = addressed("h41")
    assert about("13", "g22", "h41", addressed("h14"), asked).asks == (asked,)


def test_the_sender_asks_for_every_package_of_the_document_but_not_for_its_recall() -> None:
    papers = (
        addressed("h41"),
        addressed("h41", package="update", business=2),
        addressed("h41", package="recall", business=1),
    )
    assert about("13", "g22", "h41", *papers).asks == papers[:2]


def test_of_several_packages_the_latest_is_meant() -> None:
    latest = addressed("h41", package="update")
    assert about("03", "h41", "g22", addressed("h41"), latest).delivery_id == latest.delivery_id


def test_a_status_that_the_latest_package_has_seen_is_about_the_one_before() -> None:
    before = addressed("h41")
    latest = addressed("h41", package="update", status="03")
    assert about("02", "h41", "g22", before, latest).delivery_id == before.delivery_id
    assert about("04", "h41", "g22", before, latest).delivery_id == latest.delivery_id


def test_a_late_arrival_is_recorded_and_changes_nothing() -> None:
    own = addressed("h41", status="06")
    assert about("01", "h41", "g22", own).effect is Effect.REPEAT


def test_an_answer_is_about_the_delivery_that_was_asked_for() -> None:
    own = addressed("h41")
    asked = Request(
        package_id=UUID(int=1),
        target_package_id=own.package_id,
        delivery_id=own.delivery_id,
        kind=Kind.RECALL,
        outcome=Outcome.PENDING,
    )
    meaning = about("15", "h41", "g22", own, requests=(asked,))
    assert (meaning.delivery_id, meaning.request) == (own.delivery_id, asked)


def test_an_heir_reports_on_what_its_predecessor_got() -> None:
    old = addressed("old", status="03")
    meaning = about("06", "heir", "g22", addressed("h14"), old, heir_of=("old",))
    assert (meaning.delivery_id, meaning.effect) == (old.delivery_id, Effect.ADVANCE)
    with pytest.raises(AxisError) as caught:
        about("06", "another", "g22", old, heir_of=("older",))
    assert caught.value.code == "status.not-addressed"


def test_an_heir_reports_first_of_all_on_what_it_got_itself() -> None:
    own = addressed("heir")
    meaning = about("03", "heir", "g22", own, addressed("old"), heir_of=("old",))
    assert meaning.delivery_id == own.delivery_id


def test_an_heir_answers_what_its_predecessor_was_asked() -> None:
    old = addressed("old")
    asked = Request(
        package_id=UUID(int=1),
        target_package_id=old.package_id,
        delivery_id=old.delivery_id,
        kind=Kind.RECALL,
        outcome=Outcome.PENDING,
    )
    meaning = about("15", "heir", "g22", old, requests=(asked,), heir_of=("old",))
    assert (meaning.delivery_id, meaning.request) == (old.delivery_id, asked)


@pytest.mark.parametrize(
    ("status", "reporter", "target", "deliveries", "code"),
    [
        ("03", "h41", "g22", [], "status.unknown-document"),
        ("13", "g22", "h41", [], "status.unknown-document"),
        ("03", "h99", "g22", [addressed("h41")], "status.not-addressed"),
        ("03", "g22", "h41", [addressed("h41")], "status.not-addressed"),
        ("15", "h99", "g22", [addressed("h41")], "status.not-addressed"),
        ("13", "h41", "g22", [addressed("h41")], "status.not-sender"),
        ("13", "h14", "h41", [addressed("h41")], "status.not-sender"),
        ("13", "g22", "h99", [addressed("h41")], "status.not-addressed"),
        ("13", "g22", None, [addressed("h41")], "status.not-addressed"),
        ("15", "h41", "g22", [addressed("h41")], "status.no-request"),
        ("06", "h41", "g22", [addressed("h41")], "status.before-registration"),
        ("03", "h41", "g22", [addressed("h41", status="02")], "status.refused-before"),
        ("02", "h41", "g22", [addressed("h41", status="05")], "status.registered-before"),
        ("01", "h41", "g22", [addressed("h41", state=State.RECALLED)], "status.never-given"),
    ],
)
def test_what_a_status_cannot_be_about_is_refused(
    status: str, reporter: str, target: str | None, deliveries: list[Addressed], code: str
) -> None:
    with pytest.raises(AxisError) as caught:
        about(status, reporter, target, *deliveries)
    assert caught.value.code == code
