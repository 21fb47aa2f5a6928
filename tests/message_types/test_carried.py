"""Messages of other types than edXML's own go the whole way, by their rules alone."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from axis.envelope.values import DocumentId, StatusCode
from axis.mailbox import fetch, waiting
from axis.store.engine import transaction
from axis.store.messages import messages_by_id, stories_of
from axis.store.packages import PackageRecord
from axis.types.compose import File
from tests.message_types.writing import activate, dossier, framed
from tests.relay.installation import Installation
from tests.relay.papers import G22, H41, document, status

A = "H41-260302-0001"


def code_of(answer: PackageRecord) -> str | None:
    return answer.refusal.code if answer.refusal else None


async def judged(axis: Installation, code: str, payload: bytes, type_id: str, system: str, *files):
    ticket = await axis.submit(axis.sign(code, framed(payload, type_id, *files)), system=system)
    return await axis.verdict(ticket.package_id, timeout_s=120)


async def test_a_dossier_is_carried_once_in_order_and_to_those_who_take_it(
    axis: Installation,
) -> None:
    async with axis.running():
        # A type is unknown, then added and not active, then active and not taken, then carried.
        first = axis.sign(H41, framed(dossier(A, 1, step="submission"), "dossier/1"))
        unknown = await axis.submit(first, system="nghean")
        answer = await axis.verdict(unknown.package_id, timeout_s=120)
        assert code_of(answer) == "type.unknown"
        assert answer.refusal.facts["expected"] == "document/1.0, status/1.0"

        activate(axis, "dossier")
        again = await judged(axis, H41, dossier(A, 1, step="submission"), "dossier/1", "nghean")
        assert code_of(again) == "type.not-accepted"
        assert again.refusal.facts["accepts"] == "document/1.0, status/1.0"

        activate(axis, "dossier", systems=("vpcp",))
        file = File(content_id="don", name="don.pdf", data=b"%PDF" * 4000)
        whole = await judged(
            axis, H41, dossier(A, 1, step="submission"), "dossier/1", "nghean", file
        )
        assert whole.accepted, whole.refusal
        assert (whole.kind, whole.sign, whole.sender) == ("dossier", A, H41)
        assert whole.document_id == f"dossier:{H41}:{A}:1"
        assert whole.subject == "Đăng ký khai sinh"

        # Its number and revision are taken once, whatever the bytes around the content.
        known = await judged(axis, H41, dossier(A, 1, step="submission"), "dossier/1", "nghean")
        assert code_of(known) == "order.revision-known"
        assert known.refusal.facts["package_id"] == str(whole.id)
        taken = await judged(axis, H41, dossier(A, 1, title="Khác"), "dossier/1", "nghean")
        assert code_of(taken) == "order.revision-taken"

        # Revisions in one batch are put in order, and what comes too early is heard again.
        early = axis.sign(H41, framed(dossier(A, 5), "dossier/1"))
        ticket = await axis.submit(early, system="nghean")
        answer = await axis.verdict(ticket.package_id, timeout_s=120)
        assert code_of(answer) == "order.revision-early"
        assert answer.refusal.facts["expected"] == 2
        wrong = await judged(axis, H41, dossier(A, 2, state="lost"), "dossier/1", "nghean")
        assert code_of(wrong) == "schema.invalid-value"
        assert wrong.refusal.place is not None
        assert (wrong.refusal.place.xpath or "").endswith("/Payload/Dossier/State")
    rest = [axis.sign(H41, framed(dossier(A, n), "dossier/1")) for n in (4, 3, 2)]
    tickets = await axis.submit_all(rest, system="nghean")
    async with axis.running():
        verdicts = [await axis.verdict(one.package_id, timeout_s=120) for one in tickets]
        assert [one.accepted for one in verdicts] == [True, True, True]
        assert (await axis.submit(early, system="nghean")).package_id == ticket.package_id
        last = await judged(axis, H41, dossier(A, 6, step="result"), "dossier/1", "nghean")
        assert last.accepted, last.refusal
    listed = [one.delivery.package_id for one in waiting(axis.engine, "vpcp")]
    with transaction(axis.engine) as connection:
        found = messages_by_id(connection, listed)
        assert stories_of(connection, listed[:1]) == {whole.id: [("dossier", A)]}
    assert [found[one].revision for one in listed] == [1, 2, 3, 4, 5, 6]
    assert found[last.id].step == "result"
    assert dict(found[last.id].facts)["procedure"] == "1.001193"

    # What is fetched is what was signed; the statuses of the type can be told, others cannot.
    one = waiting(axis.engine, "vpcp")[-2]
    _, body = fetch(
        axis.engine,
        axis.bodies,
        axis.sealer,
        delivery_id=one.delivery.id,
        system_id="vpcp",
        now=datetime.now(UTC),
    )
    assert body == early
    about = replace(document(sender=H41), document_id=DocumentId(f"dossier:{H41}:{A}:6"))
    async with axis.running():
        for code, refusal in (("01", None), ("04", "type.status-not-used")):
            told = axis.sign(G22, status(StatusCode(code), about, reporter=G22, target=H41))
            answer = await axis.verdict((await axis.submit(told, system="vpcp")).package_id)
            assert code_of(answer) == refusal, code
