"""The VXP door, for the contract suite."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from msgspec import structs

from adapters.vxp.hashfile import short_hex
from axis.settings import LimitSettings
from tests.doors.door import Door, DoorError, Listed, Outcome, Sent
from tests.relay.installation import SYSTEMS, Installation
from tests.rest.gateway import Gateway, gateway_of
from tests.vxp.client import JavaClient, signed_headers
from tests.vxp.secrets import give_secret

SECRET = b"a secret of every system"


class VxpDoor(Door):
    """Speaks as the Java client does."""

    unknown = "vxp.document-unknown"
    oversize = "http.body-too-large"

    def __init__(self, gateway: Gateway) -> None:
        self.axis = gateway.axis
        self._gateway = gateway

    def _of(self, system: str | None, default: str) -> JavaClient:
        return JavaClient(f"{self._gateway.url}/vxp", system or default, SECRET)

    async def submit(self, package: bytes, *, system: str | None = None) -> Sent:
        said = await self._of(system, self.sender).send(package)
        if said["status"] == "OK":
            outcome = Outcome.WAITING if "getSentEdocList" in said["ErrorDesc"] else None
            return Sent(outcome=outcome or Outcome.ACCEPTED, package=said["DocId"])
        outcome = Outcome.LATER if said["ErrorCode"] == "20" else Outcome.REFUSED
        return Sent(outcome=outcome, code=_code(said))

    async def submit_half(self, package: bytes) -> None:
        where = urlsplit(self._gateway.url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        parameters = {
            "systemid": self.sender,
            "messagetype": "edoc",
            "hash-file": short_hex(hashlib.sha256(package).digest()),
        }
        lines = [f"{n}: {v}" for n, v in signed_headers(parameters, SECRET)]
        head = ["POST /vxp/sendEdoc HTTP/1.1", "host: axis", *lines]
        head += [f"content-length: {len(package) + 2}", "", ""]
        writer.write("\r\n".join(head).encode() + package[: len(package) // 2])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def mailbox(self, *, system: str | None = None) -> list[Listed]:
        said = await self._of(system, self.receiver).ask("getReceivedEdocList", messagetype="edoc")
        return [Listed(id=one["docId"], address=one["to"]) for one in said["data"]]

    async def fetch(self, delivery: str, *, system: str | None = None) -> bytes:
        client = self._of(system, self.receiver)
        answer = await client.call("downloadEdoc", method="GET", docId=delivery)
        if answer.status_code != 200:
            raise DoorError(_code(answer.json()))
        return answer.content

    async def confirm(self, delivery: str, *, system: str | None = None) -> None:
        client = self._of(system, self.receiver)
        said = await client.ask("updateStatus", docId=delivery, status="done")
        if said["status"] != "OK":
            raise DoorError(_code(said))


def _code(said: dict[str, Any]) -> str:
    """The axis's code, which stands at the end of every ErrorDesc."""
    code: str = said["ErrorDesc"].rpartition("[")[2].rstrip("]")
    return code


@asynccontextmanager
async def open_vxp(axis: Installation, *, package_bytes: int) -> AsyncIterator[Door]:
    """Open the door beside a relay that the suite runs; ``package_bytes`` is the limit."""
    axis.settings = structs.replace(
        axis.settings, limits=LimitSettings(package_bytes=package_bytes)
    )
    for system_id in SYSTEMS:
        give_secret(axis, system_id, SECRET)
    async with gateway_of(axis) as gateway:
        yield VxpDoor(gateway)
