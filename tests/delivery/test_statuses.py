"""A status finds the one delivery that it is about, or is refused with the reason."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest

from axis.delivery.statuses import Addressed, relate
from axis.errors import AxisError

NAMESPACE = UUID(int=7)
DOCUMENT = "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"


def addressed(office: str, *, sender: str = "g22", package: str = "first") -> Addressed:
    package_id = uuid5(NAMESPACE, package)
    return Addressed(
        package_id=package_id,
        delivery_id=uuid5(package_id, office),
        sender_office=sender,
        office_id=office,
        address=office.upper(),
    )


def about(status: str, reporter: str, target: str | None, *deliveries: Addressed) -> Addressed:
    return relate(
        status_code=status,
        document_id=DOCUMENT,
        reporter=reporter,
        reporter_office=reporter,
        target_office=target,
        deliveries=deliveries,
    )


@pytest.mark.parametrize("status", ["01", "02", "03", "04", "05", "06", "15", "16"])
def test_an_addressee_reports_on_its_own_delivery(status: str) -> None:
    own = addressed("h41")
    assert about(status, "h41", "g22", addressed("h14"), own) == own


def test_the_sender_asks_one_addressee_for_its_document_back() -> None:
    asked = addressed("h41")
    assert about("13", "g22", "h41", addressed("h14"), asked) == asked


def test_of_several_packages_the_latest_is_meant() -> None:
    latest = addressed("h41", package="update")
    assert about("03", "h41", "g22", addressed("h41"), latest) == latest


@pytest.mark.parametrize(
    ("status", "reporter", "target", "deliveries", "code"),
    [
        ("03", "h41", "g22", [], "status.unknown-document"),
        ("13", "g22", "h41", [], "status.unknown-document"),
        ("03", "h99", "g22", [addressed("h41")], "status.not-addressed"),
        ("03", "g22", "h41", [addressed("h41")], "status.not-addressed"),
        ("13", "h41", "g22", [addressed("h41")], "status.not-sender"),
        ("13", "g22", "h99", [addressed("h41")], "status.not-addressed"),
        ("13", "g22", None, [addressed("h41")], "status.not-addressed"),
    ],
)
def test_what_a_status_cannot_be_about_is_refused(
    status: str, reporter: str, target: str | None, deliveries: list[Addressed], code: str
) -> None:
    with pytest.raises(AxisError) as caught:
        about(status, reporter, target, *deliveries)
    assert caught.value.code == code
