"""The demo's systems as today's clients: the VXP API over HTTP, with all its habits."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx

from adapters.demo.country import SYSTEMS
from adapters.vxp.hashfile import short_hex
from adapters.vxp.signature import PREFIX, sign_text
from axis.access.sealing import seal_secret
from axis.access.values import SharedSecret, Term
from axis.ledger.keys import read_key_file
from axis.settings import Settings
from axis.store.access import add_secret
from axis.store.engine import open_engine, transaction

_SECRETS: Final[dict[str, bytes]] = {}
_TIMEOUT_S: Final = 120


def prepare(settings: Settings) -> None:
    """Give each system a shared secret."""
    key = read_key_file(settings.path(settings.access.key))
    engine = open_engine(settings.database_url)
    now = datetime.now(UTC)
    with transaction(engine) as connection:
        for system in SYSTEMS:
            secret, secret_id = secrets.token_hex(32).encode(), secrets.token_hex(8)
            _SECRETS[system.system_id] = secret
            sealed = seal_secret(key, secret, secret_id=secret_id, system_id=system.system_id)
            add_secret(
                connection,
                SharedSecret(
                    id=secret_id,
                    system_id=system.system_id,
                    sealed=sealed,
                    term=Term(created_at=now, expires_at=now + timedelta(days=1)),
                    note="demo",
                    created_by="demo",
                ),
            )
    engine.dispose()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[VxpDoor]:
    """Open the door of the gateway that runs; it may still be starting."""
    transport = httpx.AsyncHTTPTransport(retries=8)
    url = f"http://127.0.0.1:{settings.gateway.port}/vxp"
    async with httpx.AsyncClient(
        base_url=url, transport=transport, timeout=_TIMEOUT_S, trust_env=False
    ) as client:
        yield VxpDoor(client)


class VxpDoor:
    """Speaks as the Java client does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, system_id: str, package: bytes) -> bool:
        """Send with a short hash, and a line end after the file."""
        said = await self._ask(
            system_id,
            "sendEdoc",
            package + b"\r\n",
            {"messagetype": "edoc", "hash-file": short_hex(hashlib.sha256(package).digest())},
        )
        return bool(said["status"] == "OK")

    async def receive(self, system_id: str, count: int) -> list[tuple[UUID, bytes]]:
        """Poll both lists until so many came."""
        received: list[tuple[UUID, bytes]] = []
        while len(received) < count:
            for kind in ("edoc", "status"):
                said = await self._ask(
                    system_id, "getReceivedEdocList", b"{}", {"messagetype": kind}
                )
                for one in said["data"]:
                    doc_id = {"docId": one["docId"]}
                    got = await self._ask(system_id, "getEdoc", b"{}", doc_id)
                    done = doc_id | {"status": "done"}
                    await self._ask(system_id, "updateStatus", b"{}", done)
                    received.append((UUID(one["docId"]), base64.b64decode(got["data"])))
        return received

    async def _ask(
        self, system_id: str, operation: str, body: bytes, parameters: dict[str, str]
    ) -> Any:
        named = {PREFIX + name: value for name, value in parameters.items()}
        named[f"{PREFIX}systemid"] = system_id
        text = json.dumps(named, separators=(",", ":"))
        headers = named | {
            "XroadVnpt-sign-header-key": ";".join(name.removeprefix(PREFIX) for name in named),
            "XroadVnpt-sign-header": text,
            "XroadVnpt-hash-header": sign_text(_SECRETS[system_id], text.encode()),
        }
        answer = await self._client.post(f"/{operation}", headers=headers, content=body)
        return answer.raise_for_status().json()
