"""Where a document is: told in both languages, by whatever name it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from axis.delivery.errors import DocumentAmbiguousError
from axis.delivery.states import State
from axis.envelope.values import StatusCode
from axis.errors import AxisError
from axis.store.directory_names import names_of
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages
from axis.trace.gather import candidates, gather, gather_one
from axis.trace.summary import STATES, is_summed_up, sum_up
from axis.trace.timeline import SENTENCES, STATUSES, tell
from cli import axis as axis_command
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package


async def test_a_document_is_found_by_id_document_id_and_number(axis: Installation) -> None:
    envelope = document(to=(H41, H14))
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(envelope)), system="vpcp")
        await axis.verdict(ticket.package_id)
    for name in (
        str(ticket.package_id),
        envelope.document_id,
        "7816/VPCP-TTĐT",
        " 7816/VPCP-TTĐT ",
    ):
        story = gather(axis.engine, name)
        assert [one.id for one in story.packages] == [ticket.package_id]
        assert len(story.deliveries) == 2


async def test_the_story_is_told_in_both_languages(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    async with axis.running():
        refused = await axis.submit(package(document()), system="vpcp")
        await axis.verdict(refused.package_id)
        ticket = await axis.submit(axis.sign(G22, package(document())), system="vpcp")
        await axis.verdict(ticket.package_id)
    story = gather(axis.engine, "7816/VPCP-TTĐT")
    english = tell(story, lang="en", name_of=lambda code: code)
    vietnamese = tell(story, lang="vi", name_of=lambda code: f"<{code}>")
    assert [line.text for line in english[1].lines] == [
        f"accepted by the axis from {G22}",
        f"on its way to {H41}",
    ]
    assert [line.text for line in vietnamese[1].lines] == [
        f"trục đã tiếp nhận từ <{G22}>",
        f"đã đưa vào hàng chờ giao cho <{H41}>",
    ]
    assert "signature.missing" in english[0].lines[0].text
    assert english[0].lines[0].text != vietnamese[0].lines[0].text


async def test_a_circular_is_summed_up(axis_on_postgresql: Installation) -> None:
    axis = axis_on_postgresql
    envelope = document(to=(H41, H14))
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(envelope)), system="vpcp")
        await axis.verdict(ticket.package_id)
    (chapter,) = tell(
        gather(axis.engine, str(ticket.package_id)), lang="en", name_of=lambda code: code
    )
    assert not is_summed_up(chapter)
    many = replace(
        chapter,
        deliveries=tuple(
            replace(chapter.deliveries[0], address=f"X{n}", state=state)
            for n, state in enumerate([State.CONFIRMED] * 90 + [State.FETCHED] * 30)
        ),
    )
    assert is_summed_up(many)
    lines = list(sum_up(many, lang="vi", name_of=lambda code: f"xã {code}"))
    assert lines[0] == "120 nơi nhận: 30 đã tải, chưa xác nhận, 90 đã xác nhận"
    assert lines[1] == "  xã X90: đã tải, chưa xác nhận"
    assert lines[-1] == "  … và 10 nơi khác"
    assert set(STATES) == set(State)


def test_a_name_that_nobody_knows_is_a_no(axis_on_postgresql: Installation) -> None:
    with pytest.raises(AxisError) as caught:
        gather(axis_on_postgresql.engine, "0/KHÔNG-CÓ")
    assert caught.value.code == "document.unknown"


def test_every_status_and_sentence_has_both_languages() -> None:
    assert set(STATUSES) == {code.value for code in StatusCode}
    for english, vietnamese in (*SENTENCES.values(), *STATUSES.values()):
        assert english
        assert vietnamese
        assert english != vietnamese


def test_names_are_looked_up_without_loading_the_country(axis: Installation) -> None:
    with transaction(axis.engine) as connection:
        names = names_of(connection, [G22, H41, "nobody"], at=datetime.now(UTC))
    assert names == {G22: "Văn phòng Chính phủ", H41: "UBND tỉnh Nghệ An"}


def _number_seven(sender: str, day: str, subject: str) -> PackageRecord:
    at = datetime.fromisoformat(f"{day}T08:00+07:00")
    return PackageRecord(
        id=uuid4(),
        system_id="vpcp",
        digest=uuid4().bytes * 2,
        size_bytes=1,
        door="test",
        received_at=at,
        decided_at=at,
        accepted=True,
        kind="document",
        document_id=f"{sender},{day.replace('-', '/')},7/BC",
        sign="7/BC",
        subject=subject,
        sender=sender,
    )


def test_a_number_of_several_documents_lists_them(sqlite_engine: sa.Engine) -> None:
    both = [
        _number_seven(G22, "2025-03-02", "Báo cáo quý"),
        _number_seven(H41, "2026-03-02", "Báo cáo năm"),
    ]
    with transaction(sqlite_engine) as connection:
        add_packages(connection, both[:1])
    assert [one.id for one in candidates(sqlite_engine, "7/BC")] == [both[0].id]
    with transaction(sqlite_engine) as connection:
        add_packages(connection, both[1:])
    assert [one.id for one in candidates(sqlite_engine, "7/BC")] == [one.id for one in both]
    assert candidates(sqlite_engine, str(both[0].document_id)) == []
    assert candidates(sqlite_engine, str(both[0].id)) == []
    environment = {"AXIS_DATABASE_URL": sqlite_engine.url.render_as_string(hide_password=False)}
    asked = CliRunner().invoke(axis_command, ["trace", "7/BC"], env=environment)
    assert isinstance(asked.exception, AxisError)
    assert asked.exception.code == "document.ambiguous"
    assert asked.stdout == ""
    for one in both:
        assert f"{one.document_id}  {one.sender}  {one.subject}" in asked.stderr
    with pytest.raises(DocumentAmbiguousError):
        gather_one(sqlite_engine, "7/BC")
    (own,) = gather_one(sqlite_engine, "7/BC", party=H41).packages
    assert own.id == both[1].id
    again = CliRunner().invoke(axis_command, ["trace", str(both[1].document_id)], env=environment)
    assert again.exit_code == 0
    assert "Báo cáo năm" in again.stdout
    assert "Báo cáo quý" not in again.stdout
