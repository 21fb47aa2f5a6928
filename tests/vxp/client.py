"""The Java client in tests: what it puts on the wire, with its habits; and raw requests."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from adapters.vxp.hashfile import short_hex
from adapters.vxp.signature import sign_text

Header = tuple[str, str]

#: Sent by the client without being signed.
UNSIGNED = (
    ("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"),
    ("XroadVnpt-version", "3.0.201608"),
)


def signed_headers(parameters: dict[str, str], secret: bytes) -> list[Header]:
    """The parameters as headers, with the signature over them."""
    text = json.dumps(
        {f"XroadVnpt-{name}": value for name, value in parameters.items()},
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return [
        *((f"XroadVnpt-{name}", value) for name, value in parameters.items()),
        ("XroadVnpt-sign-header-key", ";".join(parameters)),
        ("XroadVnpt-sign-header", text),
        ("XroadVnpt-hash-header", sign_text(secret, text.encode())),
        *UNSIGNED,
    ]


@dataclass
class JavaClient:
    """Keeps its headers from call to call, and its timestamp for ever."""

    url: str
    system_id: str
    secret: bytes
    sticky: dict[str, str] = field(default_factory=dict)

    async def call(
        self, operation: str, body: bytes = b"{}", *, method: str = "POST", **parameters: str
    ) -> httpx.Response:
        self.sticky |= {"systemid": self.system_id, "timestamp": "21112026T214450+0670"}
        self.sticky |= {name.replace("_", "-"): value for name, value in parameters.items()}
        self.sticky["Content-Type"] = "application/json"
        headers = signed_headers(self.sticky, self.secret)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            return await client.request(
                method,
                f"{self.url}/{operation}",
                headers=[(n.encode(), v.encode()) for n, v in headers],
                content=None if method == "GET" else body,
            )

    async def ask(self, operation: str, **parameters: str) -> dict[str, Any]:
        answer = await self.call(operation, **parameters)
        assert answer.status_code == 200, answer.text
        assert answer.content.isascii()
        return answer.json()

    async def send(
        self, package: bytes, *, sender: str = "", kind: str = "edoc", **parameters: str
    ) -> dict[str, Any]:
        """Send as the client does: short hash of the file, CRLF after it."""
        answer = await self.call(
            "sendEdoc",
            package + b"\r\n",
            **{"from": sender},
            servicetype="eDoc",
            messagetype=kind,
            **({"hash_file": short_hex(hashlib.sha256(package).digest())} | parameters),
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


async def exchange(
    url: str, method: str, path: str, headers: Iterable[Sequence[str]], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Write a request as it is; wait for 100 Continue where it says so."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers]
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode())
        async with asyncio.timeout(60):
            if any(name.lower() == "expect" for name, _ in headers):
                assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            got = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            if "content-length" in got:
                content = await reader.readexactly(int(got["content-length"]))
            else:
                content = await _chunks(reader)
    finally:
        writer.close()
    return int(head[0].split()[1]), got, content


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    content = b""
    while size := int(await reader.readline(), 16):
        content += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return content
