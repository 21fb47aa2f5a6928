"""One push over the network: to a public address, without redirects, within bounds.

The name is resolved here, each of its addresses is judged, and the connection goes to the one that
was judged: what the name leads to a moment later does not matter. TLS is verified for the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore

from axis.courier.errors import AddressRefusedError, PushFailedError, WebhookUrlError
from axis.courier.notice import Signed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CONNECT_S: Final = 5.0
#: No more of an answer than this is read; only its status counts.
ANSWER_BYTES: Final = 64 * 1024
URL_MOST: Final = 2000


def demand_url(url: str) -> str:
    """Return a URL that can be pushed to, whatever its name leads to.

    Raises:
        WebhookUrlError: it cannot.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookUrlError(url=url[:200], reason="it is no address") from error
    if parts.scheme != "https":
        raise WebhookUrlError(url=url[:200], reason="it is not https")
    if parts.username or parts.password or parts.fragment or not parts.hostname or port == 0:
        raise WebhookUrlError(url=url[:200], reason="user, password, fragment or no host")
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > URL_MOST:
        raise WebhookUrlError(url=url[:200], reason="letters that an address has not")
    return url


def is_allowed(address: str, allow: Sequence[Network]) -> bool:
    """Say whether an address is pushed to: it is public, or the operator has named its network."""
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    one = mapped or found
    if any(one in network for network in allow if network.version == one.version):
        return True
    # What carries another address inside (6to4, Teredo, NAT64) could lead inside.
    carries = getattr(one, "sixtofour", None) or getattr(one, "teredo", None)
    if carries or (one.version == 6 and one in _NAT64):
        return False
    return one.is_global and not one.is_multicast


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def networks_of(words: Iterable[str]) -> Sequence[Network]:
    """Return the networks of the settings.

    Raises:
        ValueError: a word is none.
    """
    return [ipaddress.ip_network(word, strict=False) for word in words]


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens connections only to addresses that were judged."""

    def __init__(self, allow: Sequence[Network]) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow = allow

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the library's word
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection.

        Raises:
            AddressRefusedError: the name leads where nothing is pushed to.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError) as error:
            raise httpcore.ConnectError(f"the name {host} leads nowhere") from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        for address in addresses:
            if not is_allowed(address, self._allow):
                raise AddressRefusedError(host=host, got=address)
        failure: Exception = httpcore.ConnectError(f"the name {host} leads nowhere")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  the library's word
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open nothing: no webhook is a file."""
        del timeout, socket_options
        raise httpcore.ConnectError(path)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Reach:
    """Pushes requests; connections to endpoints are kept and used again."""

    def __init__(self, *, allow: Iterable[str], timeout_s: float, ca: Path | None = None) -> None:
        """Set up.

        Args:
            allow: networks beyond the public ones.
            timeout_s: for a whole push.
            ca: PEM file of authorities beside the system's.
        """
        context = ssl.create_default_context()
        if ca is not None:
            context.load_verify_locations(ca)
        self._timeout_s = timeout_s
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=64,
            max_keepalive_connections=16,
            keepalive_expiry=30.0,
            network_backend=_Backend(networks_of(allow)),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def push(self, request: Signed) -> int:
        """Push, and return the status, which is 2xx.

        Raises:
            PushFailedError: it was not taken; also a redirect, which is never followed.
            AddressRefusedError: nothing is pushed there.
        """
        bounds = {"connect": CONNECT_S, "read": self._timeout_s, "write": self._timeout_s}
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._pool.stream(
                    request.method,
                    request.url,
                    headers=[(name, value) for name, value in request.headers.items()],
                    content=request.body,
                    extensions={"timeout": bounds | {"pool": self._timeout_s}},
                ) as response,
            ):
                status = int(response.status)
                read = 0
                async for piece in response.aiter_stream():
                    read += len(piece)
                    if read > ANSWER_BYTES:
                        break
        except TimeoutError as error:
            raise self._failed(request, "no answer in time") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            reason = f"{type(error).__name__} {error}".strip()[:200]
            raise self._failed(request, reason) from error
        except (OSError, ssl.SSLError) as error:
            raise self._failed(request, str(error)[:200]) from error
        if not 200 <= status < 300:
            raise self._failed(request, f"HTTP {status}")
        return status

    def _failed(self, request: Signed, reason: str) -> PushFailedError:
        return PushFailedError(url=request.url, reason=reason, timeout_s=int(self._timeout_s))
