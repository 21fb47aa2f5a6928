"""What a client does all day, with its habits, through a gateway on a real socket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.vxp.hashfile import short_hex
from axis.envelope.values import StatusCode
from axis.store.packages import PackageRecord
from tests.relay.installation import Installation
from tests.relay.papers import G22, H14, H41, document, package, status
from tests.rest.gateway import Gateway, gateway_of
from tests.vxp.client import JavaClient
from tests.vxp.conftest import SECRET, SYSTEM
from tests.vxp.secrets import give_secret


async def test_a_document_is_sent_listed_taken_and_confirmed(gateway: Gateway, client: JavaClient):
    content = b"%PDF-1.4 " + bytes(range(256)) * 3000  # more than one piece, no whole threes
    paper = document(to=(H41, H14), content=content)
    signed = gateway.axis.sign(G22, package(paper, content))
    said = await client.send(signed, sender=G22)
    assert said == {
        "status": "OK",
        "ErrorCode": "0",
        "ErrorDesc": "Thanh cong",
        "DocId": said["DocId"],
    }
    listed = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    listed.sort(key=lambda one: one["to"], reverse=True)  # both came at the same instant
    assert [(one["from"], one["to"], one["status"]) for one in listed] == [
        (G22, H41, "initial"),
        (G22, H14, "initial"),
    ]
    assert (await client.ask("countReceiveEdoc"))["count"] == 2
    assert (await client.ask("countReceiveStatus"))["count"] == 0
    assert (await client.ask("getReceivedEdocList", messagetype="status"))["data"] == []
    for one in listed:
        got = await client.ask("getEdoc", docId=one["docId"], filePath="xml")
        assert base64.b64decode(got["data"], validate=True) == signed
        raw = await client.call("downloadEdoc", method="GET", docId=one["docId"], filePath="xml")
        assert (raw.status_code, raw.content) == (200, signed)
    assert (await client.ask("updateStatus", docId=listed[0]["docId"], status="processing"))[
        "status"
    ] == "OK"
    left = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    assert [one["status"] for one in left] == ["processing", "processing"]
    for _ in range(2):  # a confirmation again is no news
        done = await client.ask("updateStatus", docId=listed[0]["docId"], status="done")
        assert done["status"] == "OK"
    failed = await client.ask("updateStatus", docId=listed[1]["docId"], status="fail")
    assert failed["status"] == "OK"
    assert (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"] == []
    rows = (await client.ask("getSentEdocList", docId=said["DocId"]))["data"]
    assert {(one["toCode"], one["receiveStatus"]) for one in rows} == {
        (H41, "done"),
        (H14, "fail"),
    }
    assert {one["senderDocId"] for one in rows} == {said["DocId"]}
    assert [one["receiverDocId"] for one in rows] == [one["docId"] for one in listed]
    assert rows[0]["notation"] == "7816/VPCP-TTĐT"
    assert rows[0]["receivedTime"] > rows[0]["sentTime"][:10]
    report = status(StatusCode.ARRIVED, paper, reporter=H41, target=G22)
    assert (await client.send(gateway.axis.sign(H41, report), kind="status"))["status"] == "OK"
    told = (await client.ask("getReceivedEdocList", messagetype="status"))["data"]
    assert [one["messageType"] for one in told] == ["status"]
    rows = (await client.ask("getSentEdocList", messagetype="edoc", docId=said["DocId"]))["data"]
    assert rows[0]["receiveStatusDesc"].endswith("01 Đã đến")


async def test_the_same_file_again_is_the_same_document(gateway: Gateway, client: JavaClient):
    signed = gateway.axis.sign(G22, package(document()))
    first = await client.send(signed)
    again = await client.send(signed)
    plain = await client.call("sendEdoc", signed, hash_file=hashlib.sha256(signed).hexdigest())
    assert first["DocId"] == again["DocId"] == plain.json()["DocId"]
    assert gateway.axis.count("package") == gateway.axis.count("delivery") == 1


async def test_headers_left_over_from_other_calls_are_not_this_calls(
    gateway: Gateway, client: JavaClient
):
    signed = gateway.axis.sign(G22, package(document()))
    await client.send(signed, sender=G22)
    (one,) = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    # hash-file and from are left from sendEdoc; status and docId from the calls before.
    client.sticky |= {"status": "fail", "to": '["000.00.00.H14"]'}
    got = await client.ask("getEdoc", docId=one["docId"])
    assert base64.b64decode(got["data"]) == signed
    assert len((await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]) == 1
    assert (await client.ask("getAgenciesList"))["data"]
    assert (await client.ask("updateStatus", status="done"))["status"] == "OK"


async def test_every_reason_is_in_the_description_with_its_place(
    gateway: Gateway, client: JavaClient
):
    broken = package(document()).replace(b"<edXML:Subject>", b"<edXML:Subjekt>", 1)
    broken = broken.replace(b"</edXML:Subject>", b"</edXML:Subjekt>", 1)
    said = await client.send(broken)
    assert (said["status"], said["ErrorCode"], said["DocId"]) == ("FAIL", "22", "")
    assert "/edXML/" in said["ErrorDesc"]
    assert "dòng" in said["ErrorDesc"]
    assert not said["ErrorDesc"].isascii()


@pytest.mark.parametrize(
    ("change", "number", "code"),
    [
        ((H41, "000.99.99.X99"), "18", "recipient.unknown"),
        (("</edXML:Code>", "</edXML:Cod"), "22", "envelope."),
    ],
)
async def test_refusals_have_the_numbers_that_clients_know(
    gateway: Gateway, client: JavaClient, change: tuple[str, str], number: str, code: str
):
    text = package(document()).replace(change[0].encode(), change[1].encode())
    signed = gateway.axis.sign(G22, text) if "recipient" in code else text
    said = await client.send(signed)
    assert (said["ErrorCode"], said["DocId"]) == (number, "")
    assert code in said["ErrorDesc"]


async def test_a_body_that_is_not_the_file_of_its_hash_is_refused_and_not_kept(
    gateway: Gateway, client: JavaClient
):
    signed = gateway.axis.sign(G22, package(document()))
    said = await client.send(signed, hash_file=short_hex(hashlib.sha256(b"x").digest()))
    assert (said["status"], said["ErrorCode"], said["DocId"]) == ("FAIL", "10", "")
    assert "[vxp.hash-file]" in said["ErrorDesc"]
    assert gateway.axis.count("package") == 0
    assert not gateway.axis.bodies.has(hashlib.sha256(signed).digest())


async def test_a_wrong_secret_and_an_unknown_system_are_told_the_same(gateway: Gateway):
    answers = [
        await JavaClient(gateway.url, system_id, secret).call(operation, b"{}")
        for system_id, secret in ((SYSTEM, b"wrong"), ("nobody", SECRET), ("khac", b""))
        for operation in ("getReceivedEdocList", "noSuchThing")
    ]
    assert {one.status_code for one in answers} <= {200, 404}
    said = [one.json() for one in answers if one.status_code == 200]
    assert {one["ErrorCode"] for one in said} == {"15"}
    assert len({one["ErrorDesc"] for one in said}) == 1


async def test_a_header_swapped_after_signing_changes_nothing(gateway: Gateway, client: JavaClient):
    signed = gateway.axis.sign(G22, package(document(to=(H41, H14))))
    await client.send(signed)
    first, second = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    await client.ask("getEdoc", docId=second["docId"])
    from tests.vxp.client import signed_headers

    headers = signed_headers(
        {"systemid": SYSTEM, "docId": first["docId"], "status": "done"}, SECRET
    )
    swapped = [(n, second["docId"] if n == "XroadVnpt-docId" else v) for n, v in headers]
    async with httpx.AsyncClient(trust_env=False) as raw:
        answer = await raw.post(f"{gateway.url}/vxp/updateStatus", headers=swapped)
    assert (answer.json()["ErrorCode"], answer.json()["status"]) == ("15", "FAIL")
    assert "[vxp.headers-differ]" in answer.json()["ErrorDesc"]
    assert gateway.axis.count("delivery", "state = 'confirmed'") == 0


async def test_what_is_anothers_is_unknown(gateway: Gateway, client: JavaClient):
    give_secret(gateway.axis, "khac", b"another-secret")
    await asyncio.sleep(0)  # credentials are looked at again within a second
    signed = gateway.axis.sign(G22, package(document()))
    said = await client.send(signed)
    (one,) = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    other = JavaClient(f"{gateway.url}/vxp", "khac", b"another-secret")
    async with asyncio.timeout(120):
        while (await other.ask("getReceivedEdocList"))["ErrorCode"] == "15":
            await asyncio.sleep(0.1)
    for doc_id in (one["docId"], str(uuid4()), one["docId"].replace("-", "")[:24]):
        for operation, more in (("getEdoc", {}), ("updateStatus", {"status": "done"})):
            answer = await other.ask(operation, docId=doc_id, **more)
            assert (answer["ErrorCode"], answer["status"]) == ("10", "FAIL")
            assert "[vxp.document-unknown]" in answer["ErrorDesc"]
        lost = await other.call("downloadEdoc", method="GET", docId=doc_id)
        assert lost.status_code == 422
    for doc_id in (said["DocId"], str(uuid4())):
        answer = await other.ask("getSentEdocList", docId=doc_id)
        assert "[vxp.document-unknown]" in answer["ErrorDesc"]
    assert (await other.ask("getReceivedEdocList"))["data"] == []


async def test_24_digits_of_an_id_mean_the_same(gateway: Gateway, client: JavaClient):
    signed = gateway.axis.sign(G22, package(document()))
    said = await client.send(signed)
    (one,) = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    short = UUID(one["docId"]).hex[:24]
    assert (await client.ask("getEdoc", docId=short))["status"] == "OK"
    assert (await client.ask("updateStatus", docId=short, status="done"))["status"] == "OK"
    sent = await client.ask("getSentEdocList", docId=UUID(said["DocId"]).hex[:24])
    assert sent["data"][0]["receiveStatus"] == "done"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("updateStatus", {"status": "done"}, "vxp.parameter"),
        ("updateStatus", {"docId": "x", "status": "done"}, "vxp.document-unknown"),
        ("getReceivedEdocList", {"messagetype": "letter"}, "vxp.parameter"),
        ("getReceivedEdocList", {"fromDate": "yesterday"}, "vxp.parameter"),
        ("getReceivedEdocList", {"pageSize": "-1"}, "vxp.parameter"),
        ("getSentEdocList", {"pageSize": "10", "pageIndex": "0"}, "vxp.parameter"),
        ("getAgenciesListQD20", {"level": "one"}, "vxp.parameter"),
        ("getSynchronizeUnit", {"fromVersion": "new"}, "vxp.parameter"),
        ("deleteAgency", {}, "vxp.parameter"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    client: JavaClient, operation: str, parameters: dict[str, str], code: str
):
    said = await client.ask(operation, **parameters)
    assert said["status"] == "FAIL"
    assert f"[{code}]" in said["ErrorDesc"]


async def test_a_status_that_is_none_of_the_transports_is_refused_with_the_way_to_go(
    gateway: Gateway, client: JavaClient
):
    await client.send(gateway.axis.sign(G22, package(document())))
    (one,) = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    for word in ("03", "inbox", "DONE!"):
        said = await client.ask("updateStatus", docId=one["docId"], status=word)
        assert "[vxp.parameter]" in said["ErrorDesc"]
    # Nothing is confirmed that was never taken.
    early = await client.ask("updateStatus", docId=one["docId"], status="done")
    assert (early["ErrorCode"], "[delivery.transition]" in early["ErrorDesc"]) == ("21", True)


async def test_lists_come_in_pages_where_the_client_asks_for_them(
    gateway: Gateway, client: JavaClient
):
    for number in range(5):
        await client.send(gateway.axis.sign(G22, package(document(number))))
    whole = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    assert len(whole) == 5
    for operation in ("getReceivedEdocList", "getSentEdocList"):
        pages = [
            (await client.ask(operation, messagetype="edoc", pageSize="2", pageIndex=str(index)))[
                "data"
            ]
            for index in (1, 2, 3, 4)
        ]
        assert [len(page) for page in pages] == [2, 2, 1, 0]
        assert len({str(row) for page in pages for row in page}) == 5
    del client.sticky["pageSize"], client.sticky["pageIndex"]
    for dates, count in (
        ({"fromDate": "2020/01/01", "toDate": "2020/01/02"}, 0),
        ({"fromDate": "01/01/2020", "toDate": "2099-01-01 10:00:00"}, 5),
    ):
        for operation in ("getReceivedEdocList", "getSentEdocList"):
            assert len((await client.ask(operation, **dates))["data"]) == count


async def test_a_verdict_that_takes_longer_is_found_in_the_list_of_what_was_sent(
    own: Installation,
):
    from msgspec import structs

    own.settings = structs.replace(own.settings, vxp=structs.replace(own.settings.vxp, wait_s=0.2))
    good = own.sign(G22, package(document()))
    bad = own.sign(G22, package(document(to=("000.99.99.X99",))))
    async with gateway_of(own) as gateway:
        client = JavaClient(gateway.url, SYSTEM, SECRET)
        answers = [await client.send(one) for one in (good, bad)]
        assert [one["status"] for one in answers] == ["OK", "OK"]
        assert all("getSentEdocList" in one["ErrorDesc"] for one in answers)
        async with own.running():
            found = [await own.verdict(UUID(one["DocId"])) for one in answers]
        assert [_accepted(one) for one in found] == [True, False]
        rows = (await client.ask("getSentEdocList", messagetype="edoc"))["data"]
    by_id = {row["senderDocId"]: row for row in rows}
    assert by_id[answers[0]["DocId"]]["sendStatus"] == "done"
    refused = by_id[answers[1]["DocId"]]
    assert refused["sendStatus"] == "fail"
    assert "[recipient.unknown]" in refused["sendStatusDesc"]


async def test_a_system_that_must_sign_cannot_send_unsigned(gateway: Gateway):
    give_secret(gateway.axis, "khac", b"another-secret")
    client = JavaClient(gateway.url, "khac", b"another-secret")
    async with asyncio.timeout(120):
        while (await client.ask("getReceivedEdocList"))["ErrorCode"] == "15":
            await asyncio.sleep(0.1)
    said = await client.send(package(document(sender=H14)))
    assert (said["ErrorCode"], said["DocId"]) in {("10", ""), ("19", "")}


def _accepted(package: PackageRecord) -> bool:
    return package.accepted
