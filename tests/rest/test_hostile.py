"""What comes over the wire and is no request, or not one that may be answered with more than no."""

from __future__ import annotations

import asyncio
import re

import pytest

from adapters.gateway.errors import CutOffError
from adapters.rest.call import Call
from tests.relay.papers import H14, document, package
from tests.rest.gateway import EDXML, Gateway, gateway_of


def _status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3})", answer)
    return int(found[1]) if found else 0


def _code(answer: bytes) -> str | None:
    found = re.search(rb'"code":"([a-z.-]+)"', answer)
    return found[1].decode() if found else None


HEAD = b"POST /v1/packages HTTP/1.1\r\nhost: axis\r\nauthorization: Bearer %TOKEN%\r\n"
TYPE = b"content-type: application/xml\r\n"

#: Bytes on the wire, whether the sender ends there, the status, and the code of the answer.
WIRE: dict[str, tuple[bytes, bool, int, str | None]] = {
    "no request at all": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", False, 400, "http.malformed"),
    "two lengths": (
        HEAD + TYPE + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        False,
        400,
        "http.malformed",
    ),
    "a length and chunks": (
        HEAD + TYPE + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        False,
        400,
        "http.malformed",
    ),
    "a length that is no number": (
        HEAD + TYPE + b"content-length: 0x10\r\n\r\nhello",
        False,
        400,
        "http.malformed",
    ),
    "a length below nothing": (
        HEAD + TYPE + b"content-length: -5\r\n\r\nhello",
        False,
        400,
        "http.malformed",
    ),
    "a chunk size that is no number": (
        HEAD + TYPE + b"transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        False,
        400,
        "http.malformed",
    ),
    "chunks whose framing outweighs them": (
        HEAD
        + TYPE
        + b"transfer-encoding: chunked\r\n\r\n"
        + (b"1;x=" + b"y" * 2000 + b"\r\nA\r\n") * 100,
        False,
        400,
        "http.malformed",
    ),
    "one header without end": (
        b"GET /v1/me HTTP/1.1\r\nhost: axis\r\nx: " + b"a" * 300_000,
        False,
        431,
        "http.head-too-long",
    ),
    "very many headers": (
        b"GET /v1/me HTTP/1.1\r\nhost: axis\r\n"
        + b"".join(b"x-%d: y\r\n" % number for number in range(20_000)),
        False,
        431,
        "http.head-too-long",
    ),
    "a target without end": (
        b"GET /v1/" + b"a" * 300_000,
        False,
        431,
        "http.head-too-long",
    ),
    "a head that is too long and comes at once": (
        b"GET /v1/me HTTP/1.1\r\nhost: axis\r\nx: "
        + b"a" * 40_000
        + b"\r\nconnection: close\r\n\r\n",
        False,
        431,
        "http.head-too-long",
    ),
    "a return in a header": (
        b"GET /v1/me HTTP/1.1\r\nhost: axis\r\nx: a\rb\r\n\r\n",
        False,
        400,
        "http.malformed",
    ),
    "a folded header": (
        b"GET /v1/me HTTP/1.1\r\nhost: axis\r\nx: a\r\n b\r\n\r\n",
        False,
        400,
        "http.malformed",
    ),
    "a blank before the colon": (
        b"GET /v1/me HTTP/1.1\r\nhost: axis\r\ncontent-length : 5\r\n\r\nhello",
        False,
        400,
        "http.malformed",
    ),
    "fewer bytes than announced": (
        HEAD + TYPE + b"content-length: 500\r\n\r\nhello",
        True,
        0,
        None,
    ),
    "a compressed body": (
        HEAD
        + TYPE
        + b"content-encoding: gzip\r\nconnection: close\r\ncontent-length: 2\r\n\r\n\x1f\x8b",
        False,
        415,
        "http.compressed",
    ),
    "a body of no known kind": (
        HEAD + b"connection: close\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi",
        False,
        415,
        "http.media-type",
    ),
    "more than may be, announced": (
        HEAD + TYPE + b"connection: close\r\ncontent-length: 999999999999\r\n\r\n",
        False,
        413,
        "http.body-too-large",
    ),
    "two tokens": (
        (
            b"GET /v1/me HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %TOKEN%\r\n"
            b"authorization: Bearer %TOKEN%\r\nconnection: close\r\n\r\n"
        ),
        False,
        401,
        "access.denied",
    ),
    "a token in a trailer": (
        b"POST /v1/packages HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"
        b"connection: close\r\n" + TYPE + b"\r\n0\r\nauthorization: Bearer %TOKEN%\r\n\r\n",
        False,
        401,
        "access.denied",
    ),
    "a way up in the path": (
        (
            b"GET /v1/../../etc/passwd HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %TOKEN%\r\n"
            b"connection: close\r\n\r\n"
        ),
        False,
        404,
        "http.not-found",
    ),
    "a way up in an id": (
        (
            b"GET /v1/deliveries/..%2f..%2fetc/body HTTP/1.1\r\nhost: a\r\n"
            b"authorization: Bearer %TOKEN%\r\nconnection: close\r\n\r\n"
        ),
        False,
        404,
        "http.not-found",
    ),
    "an id that is none": (
        (
            b"GET /v1/deliveries/%00/body HTTP/1.1\r\nhost: a\r\n"
            b"authorization: Bearer %TOKEN%\r\nconnection: close\r\n\r\n"
        ),
        False,
        400,
        "http.parameter",
    ),
    "a return in an id": (
        (
            b"GET /v1/offices/a%0d%0aset-cookie:%20x HTTP/1.1\r\nhost: a\r\n"
            b"authorization: Bearer %TOKEN%\r\nconnection: close\r\n\r\n"
        ),
        False,
        400,
        "http.parameter",
    ),
    "a way up in a digest": (
        (
            b"GET /v1/parts/..%2e%2e HTTP/1.1\r\nhost: a\r\n"
            b"authorization: Bearer %TOKEN%\r\nconnection: close\r\n\r\n"
        ),
        False,
        400,
        "http.parameter",
    ),
    "a door that is not there": (
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        False,
        404,
        "http.not-found",
    ),
    "a method of no path": (
        (
            b"DELETE /v1/mailbox HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %TOKEN%\r\n"
            b"connection: close\r\n\r\n"
        ),
        False,
        405,
        "http.method",
    ),
}


async def test_what_is_wrong_on_the_wire_is_refused_with_its_code(quiet: Gateway):
    token = quiet.tokens["vpcp"].encode()
    answers = {}
    for name, (data, end, *_) in WIRE.items():
        answers[name] = await quiet.raw(data.replace(b"%TOKEN%", token), end=end)
    said = {name: (_status(answer), _code(answer)) for name, answer in answers.items()}
    assert said == {name: (status, code) for name, (_, _, status, code) in WIRE.items()}
    for answer in answers.values():
        assert b"Traceback" not in answer
        assert b".py" not in answer
    # And the gateway serves those who ask well.
    assert (await quiet.of("vpcp").get("/v1/me")).status_code == 200


async def test_who_sends_a_head_too_slowly_is_cut_off(axis_on_postgresql):
    async with gateway_of(axis_on_postgresql, head_s=0.3) as gateway:
        for begun in (b"", b"GET /v1/me HTTP/1.1\r\nhost: a\r\n"):
            answer = await gateway.raw(begun)
            assert (_status(answer), _code(answer)) == (408, "http.too-slow")


async def test_who_sends_a_body_too_slowly_is_cut_off_and_nothing_is_kept(axis_on_postgresql):
    async with gateway_of(axis_on_postgresql, body_s=0.3) as gateway:
        token = gateway.tokens["vpcp"].encode()
        head = HEAD.replace(b"%TOKEN%", token) + TYPE
        answer = await gateway.raw(head + b"connection: close\r\ncontent-length: 500\r\n\r\nhello")
        assert (_status(answer), _code(answer)) == (408, "http.too-slow")
        kept = [path for path in gateway.axis.bodies.root.rglob("*") if path.is_file()]
        assert kept == []


async def test_a_body_that_goes_on_after_its_refusal_is_not_read_for_ever(axis_on_postgresql):
    async with gateway_of(axis_on_postgresql) as gateway:
        answer = await gateway.raw(
            b"POST /v1/packages HTTP/1.1\r\nhost: a\r\ncontent-length: 60000000\r\n\r\n"
            + b"x" * 1000
        )
        assert (_status(answer), _code(answer)) == (401, "access.denied")


async def test_a_caller_that_goes_while_it_waits_leaves_nothing_behind(quiet: Gateway):
    token = quiet.tokens["khac"].encode()
    reader, writer = await asyncio.open_connection(*quiet.url.removeprefix("http://").split(":"))
    writer.write(
        b"GET /v1/mailbox?wait=30 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
        + token
        + b"\r\n\r\n"
    )
    await _until(lambda: quiet.installation.arrivals.count == 1)
    writer.close()
    await _until(lambda: quiet.installation.arrivals.count == 0)
    assert await reader.read() == b""


async def test_a_body_that_is_not_the_one_announced_is_not_kept(quiet: Gateway):
    sender = quiet.of("vpcp")
    for digest in ("sha-256=:" + "A" * 43 + "=:", "sha-512=:" + "A" * 86 + "==:"):
        answer = await sender.post(
            "/v1/packages", content=b"<x/>", headers=EDXML | {"content-digest": digest}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "http.digest-mismatch")
    answer = await sender.post(
        "/v1/packages", content=b"<x/>", headers=EDXML | {"content-digest": "md5=:AAAA:"}
    )
    assert answer.json()["code"] == "http.header"
    assert [path for path in quiet.axis.bodies.root.rglob("*") if path.is_file()] == []


async def test_a_key_that_comes_again_with_other_bytes_is_refused(gateway: Gateway):
    sender = gateway.of("vpcp")
    papers = [
        gateway.axis.sign("000.00.00.G22", package(document(number, to=(H14,))))
        for number in (1, 2)
    ]
    key = EDXML | {"idempotency-key": "2f1c-77"}
    answers = [
        await sender.post("/v1/packages", content=paper, headers=key)
        for paper in (papers[0], papers[0], papers[1])
    ]
    assert [one.status_code for one in answers] == [201, 201, 422]
    assert answers[2].json()["code"] == "http.key-reused"
    assert answers[0].json()["package_id"] in answers[2].json()["title"]
    assert gateway.axis.count("package") == 1


async def test_a_bug_of_ours_says_nothing_of_itself(quiet: Gateway, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError("secret of the machine")

    monkeypatch.setattr(quiet.installation.offices, "current", broken)
    answer = await quiet.of("vpcp").get("/v1/offices/search?q=a")
    assert answer.status_code == 500
    assert answer.json()["code"] == "axis.error"
    assert "secret" not in answer.text
    assert answer.json()["instance"].removeprefix("urn:axis:request:") in str(
        [getattr(record, "request", "") for record in caplog.records]
    )


async def test_an_outage_tells_the_caller_nothing_of_our_machines(quiet: Gateway, caplog):
    path = str(quiet.axis.settings.path(quiet.axis.settings.notary.key))
    answer = await quiet.of("vpcp").get("/v1/offices/snapshot")
    assert (answer.status_code, answer.json()["code"]) == (503, "ledger.key-unreadable")
    assert path not in answer.text
    assert path in str([getattr(record, "facts", "") for record in caplog.records])


async def test_parameters_out_of_bounds_are_refused_by_name(quiet: Gateway):
    caller = quiet.of("vpcp")
    for path in (
        "/v1/mailbox?limit=0",
        "/v1/mailbox?limit=1e3",
        "/v1/mailbox?wait=-1",
        "/v1/mailbox?cursor=%00",
        "/v1/mailbox?cursor=bm90aGluZw",
        "/v1/packages?open=yes",
        "/v1/packages?cursor=e30",
        "/v1/packages/0",
        "/v1/offices?since=x",
        "/v1/offices?after=abc",
        "/v1/offices/search",
        "/v1/offices/search?q=a&at=never",
        "/v1/ledger/entries/x/receipt",
    ):
        answer = await caller.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "http.parameter"), path


async def _until(condition) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_caller_that_goes_in_the_middle_has_sent_nothing(quiet: Gateway):
    """On a socket nobody is there to read the answer; so the body is asked for directly."""
    messages = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive():
        return messages.pop(0)

    call = Call(
        scope={"headers": [], "query_string": b""},
        receive=receive,
        installation=quiet.installation,
        limits=None,
        path={},
    )
    with pytest.raises(CutOffError) as caught:
        await call.body(limit=100)
    assert caught.value.code == "http.cut-off"
