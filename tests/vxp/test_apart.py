"""Attachments that came apart, for clients that know whole files only."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
from msgspec import structs

from axis.delivery.states import State
from axis.envelope.limits import Limits
from axis.envelope.reader import attachment_bytes
from axis.envelope.tree import parse_tree
from axis.examine.inspect import inspect
from axis.mailbox import fetch_part, parts, waiting
from axis.store.alarms import alarms
from axis.store.engine import transaction
from axis.trust.values import Shape
from tests.parts.packages import apart, bring
from tests.relay.installation import Installation
from tests.relay.papers import G22, H41
from tests.rest.gateway import Gateway, gateway_of
from tests.vxp.client import JavaClient, signed_headers
from tests.vxp.conftest import SECRET, SYSTEM

FILES = {
    "công văn.txt": b"inside " * 20_000,
    "phụ lục <1>.txt": bytes(range(256)) * 2000 + b"x",
    "phụ lục 2.txt": b"",
    "phụ lục 3.txt": b"y" * 400_001,
}
KEPT = "công văn.txt"
APART = [content for name, content in FILES.items() if name != KEPT]


async def send_apart(gateway: Gateway, client: JavaClient, **more: object) -> bytes:
    await bring(gateway.axis, *APART, system=SYSTEM)
    body = apart(gateway.axis, FILES, **more)
    said = await client.send(body, sender=G22)
    assert said["status"] == "OK", said
    return body


async def test_a_client_gets_one_file_in_which_the_signature_holds(
    gateway: Gateway, client: JavaClient
):
    await taken_whole(gateway, client, await send_apart(gateway, client, keep=(KEPT,)))
    # And where all of them came apart.
    await bring(gateway.axis, FILES[KEPT], system=SYSTEM)
    await taken_whole(gateway, client, await send_apart(gateway, client, number=2))


async def taken_whole(gateway: Gateway, client: JavaClient, body: bytes) -> None:
    (listed,) = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    got = await client.ask("getEdoc", docId=listed["docId"], filePath="xml")
    whole = base64.b64decode(got["data"], validate=True)
    # What was signed is there, byte for byte, and the signature covers all that was put beside it.
    end = body.index(b"edXMLEnvelope>", body.index(b"edXMLBody>"))
    assert whole[:end] == body[:end]
    verified = inspect(whole, limits=Limits(), second_opinion=True).verified()
    assert verified.shape is Shape.MANIFEST
    assert verified.apart == ()
    root = parse_tree(whole)
    found = [b"".join(attachment_bytes(root, str(n))) for n in (1, 2, 3, 4)]
    assert found == list(FILES.values())
    # The same as a file, in ranges too.
    raw = await client.call("downloadEdoc", method="GET", docId=listed["docId"], filePath="xml")
    assert (raw.status_code, raw.content) == (200, whole)
    headers = signed_headers({"systemid": SYSTEM, "docId": listed["docId"]}, SECRET)
    async with httpx.AsyncClient(trust_env=False) as plain:
        for first, last in ((0, 0), (end - 3, end + 700), (len(whole) - 5, len(whole) + 9)):
            piece = await plain.get(
                f"{client.url}/downloadEdoc",
                headers=[*((n.encode(), v.encode()) for n, v in headers),
                         (b"Range", f"bytes={first}-{last}".encode())],
            )  # fmt: skip
            assert (piece.status_code, piece.content) == (206, whole[first : last + 1])
    done = await client.ask("updateStatus", docId=listed["docId"], status="done")
    assert done["status"] == "OK"
    assert gateway.axis.count("alarm") == 0


@pytest.fixture
async def narrow(own: Installation) -> AsyncIterator[Gateway]:
    """A gateway whose packages may have 400 kB."""
    limits = structs.replace(own.settings.limits, package_bytes=400_000)
    own.settings = structs.replace(own.settings, limits=limits)
    async with own.running(), gateway_of(own) as gateway:
        yield gateway


async def test_what_is_too_large_is_named_and_shown_to_the_operator(narrow: Gateway):
    axis, client = narrow.axis, JavaClient(f"{narrow.url}/vxp", SYSTEM, SECRET)
    await send_apart(narrow, client, keep=(KEPT,))
    (listed,) = (await client.ask("getReceivedEdocList", messagetype="edoc"))["data"]
    assert "phần mềm tại đơn vị" in listed["status_desc"]
    for _ in range(2):
        refused = await client.ask("getEdoc", docId=listed["docId"], filePath="xml")
        assert (refused["status"], refused["ErrorCode"]) == ("FAIL", "21")
        assert "vxp.parts-too-large" in refused["ErrorDesc"]
    raw = await client.call("downloadEdoc", method="GET", docId=listed["docId"], filePath="xml")
    assert raw.status_code == 422
    # Nothing says that it was given out; the operator sees it, once.
    (one,) = waiting(axis.engine, SYSTEM)
    assert (one.delivery.address, one.delivery.state) == (H41, State.ROUTED)
    with transaction(axis.engine) as connection:
        (alarm,) = alarms(connection)
    assert (alarm.code, alarm.subject, alarm.times) == (
        "vxp.parts-too-large",
        str(one.delivery.id),
        3,
    )
    # Another door has it.
    words = {"delivery_id": one.delivery.id, "system_id": SYSTEM}
    listed_parts = parts(axis.engine, **words)
    assert [part.size_bytes for part in listed_parts] == [len(content) for content in APART]
    _, pieces = fetch_part(
        axis.engine,
        axis.bodies,
        axis.sealer,
        content_id=listed_parts[0].content_id,
        now=one.delivery.routed_at,
        **words,
    )
    assert b"".join(pieces) == APART[0]
