"""The native HTTP door, for the contract suite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
from msgspec import structs

from axis.settings import LimitSettings
from tests.doors.door import Door, DoorError, Listed, Outcome, Sent
from tests.relay.installation import Installation
from tests.rest.gateway import EDXML, Gateway, gateway_of


class RestDoor(Door):
    """Speaks the native HTTP API."""

    unknown = "delivery.unknown"
    oversize = "http.body-too-large"

    def __init__(self, gateway: Gateway) -> None:
        self.axis = gateway.axis
        self._gateway = gateway
        self._clients: dict[str, httpx.AsyncClient] = {}

    def _of(self, system: str | None, default: str) -> httpx.AsyncClient:
        name = system or default
        if name not in self._clients:
            self._clients[name] = self._gateway.of(name)
        return self._clients[name]

    async def submit(self, package: bytes, *, system: str | None = None) -> Sent:
        client = self._of(system, self.sender)
        answer = await client.post("/v1/packages", content=package, headers=EDXML)
        said = answer.json()
        outcome = {
            201: Outcome.ACCEPTED,
            202: Outcome.WAITING,
            429: Outcome.LATER,
            503: Outcome.LATER,
        }.get(answer.status_code, Outcome.REFUSED)
        return Sent(outcome=outcome, package=said.get("package_id"), code=said.get("code"))

    async def submit_half(self, package: bytes) -> None:
        where = urlsplit(self._gateway.url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        head = (
            "POST /v1/packages HTTP/1.1\r\nhost: axis\r\n"
            f"authorization: Bearer {self._gateway.tokens[self.sender]}\r\n"
            f"content-type: {EDXML['content-type']}\r\ncontent-length: {len(package)}\r\n\r\n"
        )
        writer.write(head.encode() + package[: len(package) // 2])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def mailbox(self, *, system: str | None = None) -> list[Listed]:
        answer = await self._of(system, self.receiver).get("/v1/mailbox")
        return [
            Listed(id=one["delivery_id"], address=one["address"]) for one in answer.json()["items"]
        ]

    async def fetch(self, delivery: str, *, system: str | None = None) -> bytes:
        client = self._of(system, self.receiver)
        answer = await client.get(f"/v1/deliveries/{delivery}/body")
        if answer.status_code != 200:
            raise DoorError(answer.json()["code"])
        return answer.content

    async def confirm(self, delivery: str, *, system: str | None = None) -> None:
        client = self._of(system, self.receiver)
        answer = await client.post(f"/v1/deliveries/{delivery}/confirm")
        if answer.status_code != 200:
            raise DoorError(answer.json()["code"])


@asynccontextmanager
async def open_rest(axis: Installation, *, package_bytes: int) -> AsyncIterator[Door]:
    """Open the door beside a relay that the suite runs; ``package_bytes`` is the limit."""
    axis.settings = structs.replace(
        axis.settings, limits=LimitSettings(package_bytes=package_bytes)
    )
    async with gateway_of(axis) as gateway:
        yield RestDoor(gateway)
