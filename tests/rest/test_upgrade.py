"""Who offers another protocol, as Java's client does over plain HTTP, is served in this one."""

from __future__ import annotations

from tests.relay.papers import H14, document, package
from tests.rest.gateway import Gateway

OFFER = (
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
)
LAST = "GET /v1/errors/http.rate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def head(gateway: Gateway, *fields: str) -> bytes:
    own = ("Host: x", f"Authorization: Bearer {gateway.tokens['vpcp']}", *fields)
    return ("POST /v1/packages HTTP/1.1\r\n" + "\r\n".join(own) + f"\r\n{OFFER}\r\n").encode()


def statuses(answers: bytes) -> list[bytes]:
    return [one[:3] for one in answers.split(b"HTTP/1.1 ")[1:]]


async def test_a_body_after_an_offer_is_the_body(gateway: Gateway):
    for framing in ("length", "chunked"):
        body = gateway.axis.sign("000.00.00.G22", package(document(framing, to=(H14,))))
        sent = body
        fields = ["Content-Type: application/vnd.edxml+xml", f"Content-Length: {len(body)}"]
        if framing == "chunked":
            sent = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
            fields[1] = "Transfer-Encoding: chunked"
        answers = await gateway.raw(head(gateway, *fields) + sent + LAST.encode())
        assert statuses(answers) == [b"201", b"200"], framing
        assert b'"state":"accepted"' in answers
    # Without a body, too.
    asked = f"GET /v1/errors/http.rate HTTP/1.1\r\nHost: x\r\n{OFFER}\r\n{LAST}".encode()
    assert statuses(await gateway.raw(asked)) == [b"200", b"200"]


async def test_a_request_within_the_body_is_no_request(gateway: Gateway):
    """What a proxy takes for a body must be one here, or one caller could speak for another."""
    inner = b"GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n"
    fields = ("Content-Type: application/xml", f"Content-Length: {len(inner)}")
    answers = await gateway.raw(head(gateway, *fields) + inner + LAST.encode())
    assert statuses(answers) == [b"422", b"200"]
    assert b"envelope." in answers
    # And an offer makes no wrong framing right.
    for framing in (
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: -5",
    ):
        answers = await gateway.raw(head(gateway, framing) + b"hello" + LAST.encode())
        assert statuses(answers) == [b"400"], framing
