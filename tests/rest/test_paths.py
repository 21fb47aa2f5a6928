"""The paths beside the round trip: ranges, parts, uploads, offices, proofs, the description."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json

import httpx
import pytest

from axis.directory.listing import open_seal
from axis.ledger.checkpoint import verify_checkpoint
from axis.ledger.keys import make_notary_key
from axis.ledger.merkle import verify_consistency
from axis.ledger.note import parse_verifier_key
from axis.ledger.receipt import verify_about, verify_receipt
from axis.notary.process import sequence_pending
from axis.notary.signing import signer_named
from tests.relay.papers import H14, document, package
from tests.rest.gateway import EDXML, Gateway

TUS = {"tus-resumable": "1.0.0"}
OFFSETS = TUS | {"content-type": "application/offset+octet-stream"}


async def _delivered(gateway: Gateway, content: bytes = b"%PDF-1.4 content") -> tuple[bytes, str]:
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,)), content))
    sent = await gateway.of("vpcp").post("/v1/packages", content=signed, headers=EDXML)
    assert sent.status_code == 201, sent.text
    return signed, sent.json()["recipients"][0]["delivery_id"]


@pytest.mark.parametrize("size", [1000, 700_000])
async def test_a_body_comes_in_ranges_and_not_again_where_it_is_known(gateway: Gateway, size: int):
    signed, delivery = await _delivered(gateway, bytes(size))
    receiver, path = gateway.of("khac"), f"/v1/deliveries/{delivery}/body"
    head = await receiver.head(path)
    assert int(head.headers["content-length"]) == len(signed)
    assert (await receiver.get(f"/v1/deliveries/{delivery}")).json()["fetched_at"] is None
    etag, end = head.headers["etag"], len(signed)
    digest = base64.b64encode(hashlib.sha256(signed).digest()).decode()
    for asked, first, last in (
        ("bytes=0-99", 0, 100),
        ("bytes=500-", 500, end),
        ("bytes=-10", end - 10, end),
        (f"bytes=10-{end * 2}", 10, end),
    ):
        part = await receiver.get(path, headers={"range": asked})
        assert part.status_code == 206
        assert part.content == signed[first:last]
        assert part.headers["content-range"] == f"bytes {first}-{last - 1}/{end}"
        assert part.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert "content-digest" not in part.headers
    for asked in (f"bytes={end}-", "bytes=-0"):
        none = await receiver.get(path, headers={"range": asked})
        assert (none.status_code, none.headers["content-range"]) == (416, f"bytes */{end}")
    for headers in (
        {"range": "bytes=5-2"},
        {"range": "bytes=0-1,3-4"},
        {"range": "lines=1-2"},
        {"range": "bytes=0-1", "if-range": '"other"'},
    ):
        whole = await receiver.get(path, headers=headers)
        assert (whole.status_code, whole.content) == (200, signed)
        assert whole.headers["content-digest"] == f"sha-256=:{digest}:"
    known = await receiver.get(path, headers={"if-none-match": f'"x", {etag}'})
    assert (known.status_code, known.content) == (304, b"")


async def test_a_damaged_body_is_not_given_out_and_nothing_says_that_it_was(gateway: Gateway):
    signed, delivery = await _delivered(gateway)
    path = gateway.axis.bodies.path_of(hashlib.sha256(signed).digest())
    path.write_bytes(signed.replace(b"7816", b"7817"))
    receiver = gateway.of("khac")
    answer = await receiver.get(f"/v1/deliveries/{delivery}/body")
    assert (answer.status_code, answer.json()["code"]) == (500, "body.corrupt")
    assert (await receiver.get(f"/v1/deliveries/{delivery}")).json()["state"] == "routed"
    confirmed = await receiver.post(f"/v1/deliveries/{delivery}/confirm")
    assert (confirmed.status_code, confirmed.json()["code"]) == (409, "delivery.transition")


async def test_many_are_confirmed_at_once_each_with_its_own_answer(gateway: Gateway):
    receiver = gateway.of("khac")
    _, delivery = await _delivered(gateway)
    await receiver.get(f"/v1/deliveries/{delivery}/body")
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = await receiver.post(
        "/v1/deliveries/confirm", json={"delivery_ids": [delivery, unknown]}
    )
    first, second = answer.json()["items"]
    assert first["state"] == "confirmed"
    assert second["refusal"]["code"] == "delivery.unknown"
    for wrong in ({}, {"delivery_ids": []}, {"delivery_ids": ["x"]}, {"delivery_ids": 1, "y": 2}):
        refused = await receiver.post("/v1/deliveries/confirm", json=wrong)
        assert (refused.status_code, refused.json()["code"]) == (400, "http.parameter")


async def test_a_system_refuses_what_it_cannot_take_and_the_sender_sees_it(gateway: Gateway):
    _, delivery = await _delivered(gateway)
    receiver = gateway.of("khac")
    empty = await receiver.post(f"/v1/deliveries/{delivery}/refuse", json={"why": " "})
    assert empty.json()["code"] == "http.parameter"
    said = await receiver.post(f"/v1/deliveries/{delivery}/refuse", json={"why": "hỏng tệp"})
    assert said.json()["state"] == "refused"
    over = await receiver.get(f"/v1/deliveries/{delivery}/body")
    assert (over.status_code, over.json()["code"]) == (409, "delivery.over")
    sent = (await gateway.of("vpcp").get("/v1/packages")).json()["items"][0]
    assert sent["recipient_states"] == {"refused": 1}


async def test_what_was_sent_is_listed_page_by_page(gateway: Gateway):
    sender = gateway.of("vpcp")
    for number in range(5):
        paper = gateway.axis.sign("000.00.00.G22", package(document(number, to=(H14,))))
        await sender.post("/v1/packages", content=paper, headers=EDXML)
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        page = (await sender.get(f"/v1/packages?limit=2&cursor={cursor}")).json()
        seen += [item["sign"] for item in page["items"]]
        cursor, pages = page["cursor"], pages + 1
    assert pages == 3
    assert seen == [f"{number}/VPCP-TTĐT" for number in (4, 3, 2, 1, 0)]
    assert len((await sender.get("/v1/packages?open=true")).json()["items"]) == 5


async def test_a_cursor_shows_only_what_came_since_until_it_starts_over(gateway: Gateway):
    receiver = gateway.of("khac")
    await _delivered(gateway)
    first = (await receiver.get("/v1/mailbox?limit=1")).json()
    assert len(first["items"]) == 1
    again = (await receiver.get("/v1/mailbox", params={"cursor": first["cursor"]})).json()
    assert again["items"] == []
    urgent = gateway.axis.sign("000.00.00.G22", package(document(9, to=(H14,), priority=2)))
    await gateway.of("vpcp").post("/v1/packages", content=urgent, headers=EDXML)
    since = (await receiver.get("/v1/mailbox", params={"cursor": again["cursor"]})).json()
    assert [item["lane"] for item in since["items"]] == ["express"]
    assert [item["lane"] for item in (await receiver.get("/v1/mailbox")).json()["items"]] == [
        "express",
        "normal",
    ]
    old = json.loads(base64.urlsafe_b64decode(since["cursor"] + "=="))
    old["since"] -= 400 * 1_000_000
    stale = base64.urlsafe_b64encode(json.dumps(old).encode()).decode().rstrip("=")
    assert len((await receiver.get("/v1/mailbox", params={"cursor": stale})).json()["items"]) == 2
    none = await receiver.get("/v1/mailbox?office=000.00.00.G17")
    assert none.json()["items"] == []
    wrong = await receiver.get("/v1/mailbox?office=nobody")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "office.unknown")


async def test_an_upload_is_resumed_where_it_broke_off(quiet: Gateway):
    sender, content = quiet.of("vpcp"), bytes(range(256)) * 2000
    digest = hashlib.sha256(content)
    named = base64.b64encode(digest.hexdigest().encode()).decode()
    begun = await sender.post(
        "/v1/uploads",
        headers=TUS
        | {"upload-length": str(len(content)), "upload-metadata": f"name eA==,sha256 {named}"},
    )
    assert begun.status_code == 201
    where = begun.headers["location"]
    half = len(content) // 2
    # The line breaks: more is announced than comes.
    token = quiet.tokens["vpcp"]
    await quiet.raw(
        f"PATCH {where} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n"
        "tus-resumable: 1.0.0\r\ncontent-type: application/offset+octet-stream\r\n"
        f"upload-offset: 0\r\ncontent-length: {len(content)}\r\n\r\n".encode()
        + content[:half],
        end=True,
    )
    async with asyncio.timeout(120):
        while (offset := await _offset(sender, where)) != half:
            await asyncio.sleep(0.02)
    wrong = await sender.patch(where, headers=OFFSETS | {"upload-offset": "7"}, content=b"x")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "part.upload-offset")
    rest = await sender.patch(
        where, headers=OFFSETS | {"upload-offset": str(offset)}, content=content[offset:]
    )
    assert (rest.status_code, int(rest.headers["upload-offset"])) == (204, len(content))
    assert rest.headers["repr-digest"].startswith("sha-256=:")
    known = await sender.get(f"/v1/parts/{digest.hexdigest()}")
    assert known.json()["size_bytes"] == len(content)
    # Completing again, after a lost answer, is the same answer; to another it never was.
    again = await sender.post(f"{where}/complete")
    assert again.json() == known.json()
    for method, path in (("GET", f"/v1/parts/{digest.hexdigest()}"), ("HEAD", where)):
        foreign = await quiet.of("khac").request(method, path, headers=TUS)
        assert foreign.status_code == 404


async def test_an_upload_speaks_the_protocol(quiet: Gateway):
    sender = quiet.of("vpcp")
    spoken = await sender.options("/v1/uploads")
    assert (spoken.status_code, spoken.headers["tus-version"]) == (204, "1.0.0")
    older = await sender.post("/v1/uploads", headers={"upload-length": "5"})
    assert (older.status_code, older.json()["code"]) == (412, "http.tus-version")
    without = await sender.post("/v1/uploads", headers=TUS)
    assert (without.status_code, without.json()["code"]) == (400, "http.header")
    begun = await sender.post("/v1/uploads", headers=TUS | {"upload-defer-length": "1"})
    where = begun.headers["location"]
    await sender.patch(where, headers=OFFSETS | {"upload-offset": "0"}, content=b"abc")
    assert (await sender.head(where, headers=TUS)).headers["upload-defer-length"] == "1"
    wrong = await sender.post(f"{where}/complete?sha256={'0' * 64}")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "part.mismatch")
    assert (await sender.head(where, headers=TUS)).status_code == 404
    begun = await sender.post("/v1/uploads", headers=TUS | {"upload-length": "5"})
    gone = await sender.delete(begun.headers["location"], headers=TUS)
    assert gone.status_code == 204
    assert (await sender.delete(begun.headers["location"], headers=TUS)).status_code == 404


async def test_a_whole_part_is_brought_under_its_digest(quiet: Gateway):
    sender = quiet.of("vpcp")
    digest = hashlib.sha256(b"part").hexdigest()
    bytes_ = {"content-type": "application/octet-stream"}
    put = await sender.put(f"/v1/parts/{digest}", content=b"part", headers=bytes_)
    assert (put.status_code, put.json()) == (201, {"sha256": digest, "size_bytes": 4})
    other = await sender.put(f"/v1/parts/{digest}", content=b"trap", headers=bytes_)
    assert (other.status_code, other.json()["code"]) == (400, "part.mismatch")
    missing = await sender.get(f"/v1/parts/{'0' * 64}")
    assert (missing.status_code, missing.json()["code"]) == (404, "part.not-brought")


async def test_the_directory_is_listed_followed_searched_and_looked_up(quiet: Gateway):
    client = quiet.of("vpcp")
    first = await client.get("/v1/offices?limit=4")
    rest = await client.get(f"/v1/offices?limit=4&after={first.json()['next']}")
    names = [item["name"] for page in (first, rest) for item in page.json()["items"]]
    assert len(names) == len(set(names)) == 7
    assert rest.json()["next"] is None
    version = first.json()["version"]
    assert (await client.get(f"/v1/offices?since={version}")).json()["items"] == []
    for path in ("/v1/offices?limit=4", "/v1/offices.jsonl"):
        etag = (await client.get(path)).headers["etag"]
        known = await client.get(path, headers={"if-none-match": etag})
        assert (known.status_code, known.content) == (304, b"")
    lines = (await client.get("/v1/offices.jsonl")).text.splitlines()
    assert sorted(json.loads(line)["name"] for line in lines) == sorted(names)
    found = (await client.get("/v1/offices/search", params={"q": "xa hoa son"})).json()
    assert [item["code"] for item in found["items"]] == ["28.22.H17"]
    looked = (await client.get("/v1/offices/000.00.00.H41?at=2025-06-30")).json()
    assert looked["now"]["served"]["system"] == "nghean"
    nobody = await client.get("/v1/offices/no.such")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "office.unknown")


async def test_the_signed_list_of_offices_can_be_relied_on(quiet: Gateway):
    settings = quiet.axis.settings
    make_notary_key(settings.path(settings.notary.key))
    client = quiet.of("vpcp")
    taken = await client.get("/v1/offices/snapshot")
    assert taken.status_code == 200
    key = signer_named(settings, settings.notary.origin).verifier
    opened = open_seal(taken.content, [key], quiet.installation.now())
    assert len(opened.entries) == 7
    again = await client.get(
        "/v1/offices/snapshot", headers={"if-none-match": taken.headers["etag"]}
    )
    assert again.status_code == 304


async def test_receipts_verify_offline_and_checkpoints_only_grow(gateway: Gateway):
    settings = gateway.axis.settings
    nothing = await gateway.of(None).get("/v1/ledger/checkpoint")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "ledger.no-checkpoint")
    make_notary_key(settings.path(settings.notary.key))
    signed, delivery = await _delivered(gateway)
    _notarise(gateway)
    first = (await gateway.of(None).get("/v1/ledger/checkpoint")).text
    await gateway.of("khac").get(f"/v1/deliveries/{delivery}/body")
    _notarise(gateway)
    second = (await gateway.of(None).get("/v1/ledger/checkpoint")).text
    key = parse_verifier_key((await gateway.of(None).get("/v1/ledger/key")).text.strip())
    old, new = (verify_checkpoint(note, key).checkpoint for note in (first, second))
    assert new.size > old.size
    grown = (await gateway.of(None).get(f"/v1/ledger/consistency?old={old.size}")).json()
    path = [base64.b64decode(one) for one in grown["path"]]
    verify_consistency(old.size, grown["new"], path, old.root, new.root)
    beyond = await gateway.of(None).get(f"/v1/ledger/consistency?old={new.size + 1}")
    assert (beyond.status_code, beyond.json()["code"]) == (400, "http.parameter")

    steps = (await gateway.of("khac").get(f"/v1/deliveries/{delivery}/receipts")).json()
    assert steps["count"] == 3
    receipts = [verify_receipt(one["receipt"].encode(), key) for one in steps["items"]]
    verify_about(receipts[0], signed, receipts)
    single = await gateway.of("khac").get(
        f"/v1/ledger/entries/{steps['items'][0]['entry_id']}/receipt"
    )
    assert single.text == steps["items"][0]["receipt"]
    page = await gateway.of("khac").get(f"/v1/deliveries/{delivery}/receipts?skip=1&limit=1")
    assert [one["entry_id"] for one in page.json()["items"]] == [steps["items"][1]["entry_id"]]


async def test_a_package_without_verdict_is_followed_at_its_location(quiet: Gateway):
    sender = quiet.of("vpcp")
    taken = await sender.post("/v1/packages", content=b"<x/>", headers=EDXML | {"prefer": "wait=0"})
    assert taken.status_code == 202
    followed = await sender.get(taken.headers["location"])
    assert (followed.status_code, followed.json()["state"]) == (200, "waiting")
    stranger = await quiet.of("khac").get(taken.headers["location"])
    assert (stranger.status_code, stranger.json()["code"]) == (404, "package.unknown")
    asked = asyncio.create_task(sender.get(taken.headers["location"] + "&wait=20"))
    async with quiet.axis.running():
        assert (await asked).json()["state"] == "refused"


async def test_the_description_and_the_codes_are_open_to_all(quiet: Gateway):
    nobody = quiet.of(None)
    said = (await nobody.get("/v1/openapi.json")).json()
    assert said["openapi"] == "3.1.0"
    operations = [one for path in said["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) > 30
    explained = (await nobody.get("/v1/errors/http.digest-mismatch")).json()
    assert explained["fault"] == "input"
    assert not explained["vi"].isascii()
    unknown = await nobody.get("/v1/errors/no.such")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "http.not-found")


def _notarise(gateway: Gateway) -> None:
    """Give places and sign, once, as the notary does."""
    sequence_pending(gateway.axis.engine, gateway.axis.settings)


async def _offset(client: httpx.AsyncClient, where: str) -> int:
    return int((await client.head(where, headers=TUS)).headers["upload-offset"])
