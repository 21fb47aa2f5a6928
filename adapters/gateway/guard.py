"""The server's HTTP protocol with guards that cost nothing to who behaves.

What the parser (llhttp) accepts and the server would wait for or gather without bound is cut here:
heads that are long or slow, chunks whose framing outweighs their bytes, headers that come after the
body. An offer to upgrade is passed over, as RFC 9110 §7.8 allows: the parser would take the body
for the next request. The certificate of a TLS client is put where the ASGI TLS extension has it.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, ClassVar, Final

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from adapters.gateway.errors import BadRequestError, HeadTooLongError, TooSlowError
from axis.errors import AxisError
from axis.settings import GatewaySettings

#: Framing of chunks that nobody is asked about.
FRAMING_FREE: Final = 64 * 1024
#: A body that goes on after its answer is read on for so long (s), so that the answer arrives.
LINGER_S: Final = 3.0


class GuardedProtocol(HttpToolsProtocol):
    """One connection; :func:`guarded` makes the class for an installation's settings."""

    head_bytes: ClassVar[int] = 32 * 1024
    head_s: ClassVar[float] = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_fed = 0  #: bytes since the head began, in whole pieces
        self._head_size = 0  #: bytes of target and headers of this head
        self._body_fed = 0
        self._body_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._tls: dict[str, Any] | None = None
        self._upgrade_offered = False  #: the parser stopped behind a head with such an offer
        self._again = False  #: the new parser reads what the old one was told already
        self._refused = False  #: what still comes is thrown away until the caller has the answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin: a head must come."""
        super().connection_made(transport)
        self._tls = _tls_extension(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._disarm()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and cut off what grows without being a request."""
        if self._refused or self.transport.is_closing():
            return
        if self._in_head:
            if self._head_fed == 0 and self._head_timer is None:
                self._arm()
            self._head_fed += len(data)
        else:
            self._body_fed += len(data)
        self._feed(data)
        if self._refused or self.transport.is_closing():
            return
        if self._in_head and self._head_fed > self.head_bytes:
            self._refuse(431, HeadTooLongError(limit=self.head_bytes))
        elif self._body_fed - self._body_bytes > FRAMING_FREE + self._body_bytes:
            self._refuse(400, BadRequestError(reason="framing outweighs the body"))

    def _feed(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._pass_over(data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("")

    def _pass_over(self, rest: bytes) -> None:
        """Go on behind a head that offers to upgrade, as if it did not."""
        framing = (b"content-length", b"transfer-encoding")
        head = [b"POST / HTTP/1.1", *(b"%b: %b" % one for one in self.headers if one[0] in framing)]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as the server has it
        self._upgrade_offered, self._again = False, True
        self._feed(b"\r\n".join([*head, b"", b""]))
        self._again = False
        if rest and not self._refused:
            self._feed(rest)

    def on_message_begin(self) -> None:
        """Begin a head."""
        if self._again:
            return
        super().on_message_begin()
        self._in_head = True
        self._head_size = 0
        if self._tls is not None:
            self.scope["extensions"] = {"tls": self._tls}  # type: ignore[dict-item]

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        if self._again:
            return
        self._head_size += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body is no header."""
        if not self._in_head or self._again:
            return
        self._head_size += len(name) + len(value) + 4
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head; the front refuses one that came at once and is too long."""
        if self._again:
            return
        self._upgrade_offered = self.parser.should_upgrade()
        self._in_head = False
        self._head_fed = 0
        self._body_fed = self._body_bytes = 0
        self._disarm()
        self.scope["state"]["head_size"] = self._head_size
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; the next one begins with a head."""
        if self._upgrade_offered:
            return  # only the parser is done: the body comes
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None
        super().on_message_complete()
        self._in_head = True
        self._head_fed = 0
        self._body_fed = self._body_bytes = 0

    def on_response_complete(self) -> None:
        """End an answer; what is left of its request is not read for ever."""
        super().on_response_complete()
        if not self._in_head and not self.transport.is_closing():
            self._linger_timer = self.loop.call_later(LINGER_S, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request."""
        self._refuse(400, BadRequestError(reason="the parser stopped"))

    def _refuse(self, status: int, error: AxisError) -> None:
        self._disarm()
        refusal = error.refusal
        body = msgspec.json.encode(
            {
                "type": f"/v1/errors/{refusal.code}",
                "title": refusal.text("en"),
                "status": status,
                "code": refusal.code,
                "fault": refusal.fault.value,
                "hint": refusal.hint("en"),
            }
        )
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(
                b"".join(
                    (
                        STATUS_LINE[status],
                        b"content-type: application/problem+json\r\ncontent-length: ",
                        str(len(body)).encode(),
                        b"\r\nconnection: close\r\n\r\n",
                        body,
                    )
                )
            )
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        self._refused = True
        self._unset_keepalive_if_required()
        # To close at once while bytes still come would take the answer away from the caller too.
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._linger_timer = self.loop.call_later(LINGER_S, self.transport.close)
        else:
            self.transport.close()

    def _arm(self) -> None:
        self._head_timer = self.loop.call_later(self.head_s, self._too_slow)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._refuse(408, TooSlowError(limit=int(self.head_s)))


def guarded(settings: GatewaySettings) -> type[GuardedProtocol]:
    """Return the protocol with the bounds of the settings."""
    bounds = {"head_bytes": settings.head_bytes, "head_s": settings.head_s}
    return type("Guarded", (GuardedProtocol,), bounds)


def _tls_extension(transport: asyncio.Transport) -> dict[str, Any] | None:
    """Return what the ASGI TLS extension says of a connection; None without TLS.

    The chain has only the client's own certificate: Python 3.11 does not give the others.
    """
    tls = transport.get_extra_info("ssl_object")
    if tls is None:
        return None
    der = tls.getpeercert(binary_form=True)
    chain = [ssl.DER_cert_to_PEM_cert(der)] if der else []
    return {
        "server_cert": None,
        "client_cert_chain": chain,
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": None,
        "cipher_suite": None,
    }
