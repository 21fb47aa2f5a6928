"""A document from one system to another over HTTP."""

from __future__ import annotations

import asyncio
import hashlib

from tests.relay.papers import H14, H41, document, package
from tests.rest.gateway import EDXML, Gateway


async def test_a_document_goes_from_system_to_system_byte_for_byte(gateway: Gateway):
    sender, receiver = gateway.of("vpcp"), gateway.of("khac")
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,))))
    sent = await sender.post("/v1/packages", content=signed, headers=EDXML)
    assert sent.status_code == 201, sent.text
    assert sent.json()["state"] == "accepted"
    assert sent.json()["sha256"] == hashlib.sha256(signed).hexdigest()
    assert [one["address"] for one in sent.json()["recipients"]] == [H14]

    listed = (await receiver.get("/v1/mailbox")).json()
    assert len(listed["items"]) == 1
    delivery_id = listed["items"][0]["delivery_id"]
    fetched = await receiver.get(f"/v1/deliveries/{delivery_id}/body")
    assert fetched.content == signed
    assert fetched.headers["etag"] == f'"{hashlib.sha256(signed).hexdigest()}"'
    for _ in range(2):
        confirmed = await receiver.post(f"/v1/deliveries/{delivery_id}/confirm")
        assert confirmed.json()["state"] == "confirmed"
    assert (await receiver.get("/v1/mailbox")).json()["items"] == []

    followed = (await sender.get(sent.headers["location"])).json()
    assert [one["state"] for one in followed["recipients"]] == ["confirmed"]
    history = (await sender.get(f"{sent.headers['location']}/history")).json()
    assert len(history["items"]) == 4
    listed = (await sender.get("/v1/packages?limit=1")).json()
    assert listed["items"][0]["recipient_states"] == {"confirmed": 1}


async def test_who_waits_for_a_mailbox_gets_what_comes(gateway: Gateway):
    sender, receiver = gateway.of("vpcp"), gateway.of("khac")
    waiting = asyncio.create_task(receiver.get("/v1/mailbox?wait=20"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H14,))))
    await sender.post("/v1/packages", content=signed, headers=EDXML)
    listed = (await waiting).json()
    assert [one["address"] for one in listed["items"]] == [H14]
    nothing = await receiver.get(f"/v1/mailbox?cursor={listed['cursor']}&wait=1")
    assert nothing.json()["items"] == []
    assert len((await receiver.get("/v1/mailbox")).json()["items"]) == 1


async def test_a_refusal_names_everything_that_is_wrong(gateway: Gateway):
    sender = gateway.of("vpcp", headers={"accept-language": "vi"})
    refused = await sender.post("/v1/packages", content=b"<nothing/>", headers=EDXML)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["errors"]
    assert not problem["title"].isascii()
    assert refused.headers["location"].endswith(problem["package_id"])


async def test_the_same_bytes_again_are_the_same_package(gateway: Gateway):
    sender = gateway.of("vpcp")
    signed = gateway.axis.sign("000.00.00.G22", package(document(to=(H41,))))
    answers = [await sender.post("/v1/packages", content=signed, headers=EDXML) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    said = [{name: one.json()[name] for name in ("package_id", "decided_at")} for one in answers]
    assert said[0] == said[1]
