"""The AsyncAPI document is valid, complete, and says what really travels."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from adapters.amqp.asyncapi import document
from adapters.amqp.permissions import SYSTEM, SYSTEM_TOPICS
from tests.amqp.door import Door
from tests.relay.papers import G22, package
from tests.relay.papers import document as paper

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "integrate" / "amqp.asyncapi.yaml"


@pytest.fixture(scope="module")
def said() -> dict:
    return yaml.safe_load(PAGE.read_text(encoding="utf-8"))


def test_it_is_a_valid_asyncapi_3_document(said: dict):
    schema = json.loads((HERE / "asyncapi-3.0.0.json").read_text())
    errors = [
        f"{list(one.instance_path)}: {one.message}"
        for one in jsonschema_rs.validator_for(schema).iter_errors(said)
    ]
    assert errors == []
    broken = {**said, "channels": {"x": {"messages": []}}}
    assert not jsonschema_rs.validator_for(schema).is_valid(broken)


def test_every_reference_leads_somewhere(said: dict):
    def lookup(path: str) -> object:
        found: object = said
        for step in path.removeprefix("#/").split("/"):
            assert isinstance(found, dict), path
            found = found[step]
        return found

    references = set(re.findall(r"'?\$ref'?: '?(#/[^'\s]+)", PAGE.read_text(encoding="utf-8")))
    assert len(references) > 20
    for reference in references:
        assert lookup(reference) is not None


def test_what_it_lets_a_system_send_and_take_is_what_rabbitmq_lets_it(said: dict):
    def address(operation: dict) -> str:
        name = operation["channel"]["$ref"].rpartition("/")[2]
        return said["channels"][name]["address"]

    for operation in said["operations"].values():
        if operation["action"] == "send":
            assert re.fullmatch(SYSTEM_TOPICS.write, address(operation))
        else:
            assert re.fullmatch(SYSTEM.read, address(operation))


async def test_real_messages_fit_their_schemas(door: Door, said: dict):
    """What the door really publishes is held to the document, message by message."""

    def check(name: str, body: bytes) -> None:
        root = {"$ref": f"#/components/schemas/{name}", "components": said["components"]}
        errors = [
            e.message for e in jsonschema_rs.validator_for(root).iter_errors(json.loads(body))
        ]
        assert errors == [], name

    signed = door.axis.sign(G22, package(paper()))
    async with door.serving(), door.system("vpcp") as sender, door.system("nghean") as receiver:
        await sender.submit(signed)
        event, message = await sender.event()
        check("Accepted", message.body)
        await sender.submit(signed[:-30])
        check("Refused", (await sender.event())[1].body)
        delivery, told = await receiver.delivery()
        check("Delivery", told.body)
        piece = await receiver.ask("fetch", delivery_id=delivery["delivery_id"])
        headers = said["components"]["messages"]["Piece"]["headers"]
        assert jsonschema_rs.validator_for(headers).is_valid(dict(piece.headers))
        for request, fields, answer in (
            ("confirm", {"delivery_id": delivery["delivery_id"]}, "Done"),
            ("confirm", {}, "RequestRefused"),
        ):
            check(answer, (await receiver.ask(request, **fields)).body)
        proof = await sender.ask("receipt", package_id=event["package_id"])
        check("Proof", proof.body)
        foreign = await receiver.ask("receipt", package_id=event["package_id"])
        assert json.loads(foreign.body)["why"]["code"] == "document.unknown"


def test_the_page_is_the_document(said: dict):
    assert said == document()
